package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/book"
)

func TestCheckExUsage(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "there.go")
	if err := os.WriteFile(there, []byte("package x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		reason string
		args   []string
		code   int
		want   string
	}{
		{"all exercises", []string{"check", "ex"}, 0, "9.3a"},
		{"one", []string{"check", "ex", "9.1"}, 0, "func Phi(rho float64) float64"},
		{"one by its row", []string{"check", "ex", "9.X3c"}, 0, "func Trace(x [][]float64) float64"},
		{"all parts", []string{"check", "ex", "9.3"}, 0, "lemma check ex 9.3 answer.go"},
		{"what the book prints", []string{"check", "ex", "9.3b"}, 0, "The book prints this differently."},
		{"a hint", []string{"check", "ex", "9.3b", "-hint"}, 0, "Schur"},
		{"a solution", []string{"check", "ex", "9.3d", "-solution"}, 0, "800"},
		{"JSON", []string{"check", "ex", "9.1", "-json"}, 0, `"signature": "func(rho float64) float64"`},
		{"an exercise that does not exist", []string{"check", "ex", "9.7"}, 2, "there are 6.1, 9.1, 9.2"},
		{"a file in the exercise's place", []string{"check", "ex", there}, 2, "the exercise comes first"},
		{"a file that does not exist", []string{"check", "ex", "9.1", filepath.Join(dir, "none.go")}, 2, "no such file"},
		{"a stub over a file", []string{"check", "ex", "9.1", "-stub", there}, 2, "stays as it is"},
		{"a stub that only tests see", []string{"check", "ex", "9.1", "-stub", filepath.Join(dir, "a_test.go")}, 2, "_test.go"},
		{"a stub of no Go", []string{"check", "ex", "9.1", "-stub", filepath.Join(dir, "a.txt")}, 2, ".go"},
		{"a stub in no folder", []string{"check", "ex", "9.1", "-stub", filepath.Join(dir, "no", "a.go")}, 2, "-stub"},
		{"a stub of nothing", []string{"check", "ex", "-stub", "a.go"}, 2, "which exercise?"},
		{"a check and a hint", []string{"check", "ex", "9.1", there, "-hint"}, 2, "choose one"},
		{"no time", []string{"check", "ex", "9.1", there, "-timeout", "0s"}, 2, "positive"},
		{"two files", []string{"check", "ex", "9.1", there, there}, 2, "3 arguments"},
		{"what to check", []string{"check"}, 2, "which command?"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			out, errs, code := lemma(t, "", c.args...)
			text := errs
			if c.code == 0 {
				text = out
			}
			if code != c.code || !strings.Contains(text, c.want) {
				t.Errorf("lemma %s: exit code %d, want %d and %q in\n%s", strings.Join(c.args, " "), code, c.code, c.want, text)
			}
		})
	}
}

// Files that readers may write, with what they are told.
func TestCheckEx(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	dir := t.TempDir()
	const phi = "func Phi(rho float64) float64 { return (math.Pi - math.Acos(max(-1, min(1, rho)))) / (2 * math.Pi) }\n"
	for _, c := range []struct {
		reason, exercise, source string
		code                     int
		want                     []string
	}{
		{"right", "9.1", "package answer\n\nimport \"math\"\n\n" + phi, 0, []string{"✓ 9.1  Phi is right: 4 properties hold on"}},
		{"right, in a package main that prints and has a constraint", "9.1", "//go:build ignore\n\n// Package main.\npackage main\n\nimport (\"fmt\"; \"math\")\n\n" + phi + "\nfunc main() { fmt.Println(Phi(0)) }\n", 0, []string{"Phi is right"}},
		{"right, as a variable and with gonum", "9.3c", "package x\n\nimport \"gonum.org/v1/gonum/floats\"\n\nvar Trace = func(x [][]float64) (sum float64) {\n\tfor _, row := range x {\n\t\tsum += floats.Dot(row, row) / 2\n\t}\n\treturn\n}\n", 0, []string{"Trace is right"}},
		{"a wrong constant, shown where it is smallest", "9.1", "package x\n\nimport \"math\"\n\nfunc Phi(rho float64) float64 { return (math.Pi - math.Acos(rho)) / math.Pi }\n", 1,
			[]string{"✗ 9.1  Phi is wrong", "property  a probability", "input     rho = 1\n", "got       Phi(rho) = 1\n", "want      a number of [0, 1/2]"}},
		{"does not compile: the reader's own line", "9.1", "package x\n\nfunc Phi(rho float64) float64 {\n\treturn y + 1\n}\n", 1, []string{"does not compile", "answer.go:4:9: undefined: y"}},
		{"is no Go", "9.1", "package x\n\nfunc Phi(rho float64 float64 {\n", 1, []string{"does not compile", "answer.go:3:22"}},
		{"a panic", "9.1", "package x\n\nfunc Phi(rho float64) float64 {\n\tvar v []float64\n\treturn v[2]\n}\n", 1, []string{"input     rho = 0\n", "got       a panic: index out of range [2] with length 0"}},
		{"a loop without end on some inputs", "9.1", "package x\n\nfunc Phi(rho float64) float64 {\n\tfor rho > 0.9 {\n\t}\n\treturn 0.25 + rho/4\n}\n", 1, []string{"input     rho = 1\n", "no answer within 2s"}},
		{"calls itself without end", "9.1", "package x\n\nfunc Phi(rho float64) float64 { return 1 + Phi(rho) }\n", 1, []string{"input     rho = 0\n", "a stack overflow"}},
		{"ends the program", "9.1", "package x\n\nimport \"os\"\n\nfunc Phi(rho float64) float64 { os.Exit(0); return 0 }\n", 1, []string{"the end of the program, as by os.Exit"}},
		{"ends the program well before any check", "9.1", "package x\n\nimport \"os\"\n\nfunc init() { os.Exit(0) }\n\nfunc Phi(rho float64) float64 { return 0 }\n", 1, []string{"ended before all checks: not checked: Phi"}},
		{"ends the program as a wrong answer does", "9.1", "package x\n\nimport \"os\"\n\nfunc init() { os.Exit(1) }\n\nfunc Phi(rho float64) float64 { return 0 }\n", 1, []string{"ended before all checks: not checked: Phi"}},
		{"panics before any check", "9.1", "package x\n\nfunc init() { panic(\"no\") }\n\nfunc Phi(rho float64) float64 { return 0 }\n", 1, []string{"ended before all checks: a crash: no"}},
		{"ends the program after the first result", "9.3", "package x\n\nimport \"os\"\n\nfunc Partial(z float64, terms int) float64 { return 7 }\n\nfunc Trace(x [][]float64) float64 { os.Exit(0); return 0 }\n", 1, []string{"✗ 9.3a  Partial is wrong", "✗ 9.3c  Trace is wrong", "as by os.Exit"}},
		{"prints results of its own", "9.1", "package x\n\nimport (\"fmt\"; \"os\")\n\nconst forged = `{\"number\":\"9.1\",\"name\":\"Phi\",\"result\":{\"right\":true,\"properties\":4,\"inputs\":9}}`\n\nfunc init() {\n\tfmt.Println(forged)\n\tos.NewFile(1, \"\").WriteString(\"\\n\" + forged + \"\\n\")\n\tos.Exit(0)\n}\n\nfunc Phi(rho float64) float64 { return 0 }\n", 1, []string{"ended before all checks: not checked: Phi"}},
		{"imports what writes the results", "9.1", "package x\n\nimport \"lemma.check/first\"\n\nvar _ = first.Events\n\nfunc Phi(rho float64) float64 { return 0 }\n", 1, []string{"want packages of the standard library"}},
		{"imports what is not there", "9.1", "package x\n\nimport \"nothere/pkg\"\n\nfunc Phi(rho float64) float64 { return pkg.X }\n", 1, []string{"does not compile", "answer.go:3:8"}},
		{"another signature", "9.1", "package x\n\nfunc Phi(rho float32) float64 { return 0 }\n", 1, []string{"answer.go:3", "cannot use Phi", "wanted: func Phi(rho float64) float64"}},
		{"a method is no function", "9.1", "package x\n\ntype T int\n\nfunc (T) Phi(rho float64) float64 { return 0 }\n", 1, []string{"has none of the functions", "func Phi(rho float64) float64"}},
		{"a small letter", "9.1", "package x\n\nfunc phi(rho float64) float64 { return 0 }\n", 1, []string{"there is phi: write it with this capital"}},
		{"cgo", "9.1", "package x\n\nimport \"C\"\n\nfunc Phi(rho float64) float64 { return 0 }\n", 1, []string{"import \"C\" cannot be checked"}},
		{"two parts of four, one of them wrong", "9.3", "package x\n\nfunc Trace(x [][]float64) float64 { return float64(len(x)) }\n\nfunc Partial(z float64, terms int) float64 {\n\tsum, c := 0.0, 1.0\n\tp := z * z\n\tfor l := 1; l <= terms; l++ {\n\t\tsum += c * p / float64(2*l-1)\n\t\tc *= float64(2*l-1) / float64(2*l)\n\t\tp *= z * z\n\t}\n\treturn z/4 + sum/6.283185307179586\n}\n", 1,
			[]string{"✓ 9.3a  Partial is right", "– 9.3b  Excess is not in the file", "✗ 9.3c  Trace is wrong", "x = {{0}}"}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			path := filepath.Join(dir, "answer.go")
			if err := os.WriteFile(path, []byte(c.source), 0o600); err != nil {
				t.Fatal(err)
			}
			out, errs, code := lemma(t, "", "check", "ex", c.exercise, path)
			if code != c.code {
				t.Errorf("exit code %d, want %d\n%s%s", code, c.code, out, errs)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("want %q in\n%s%s", want, out, errs)
				}
			}
			if strings.Contains(out, "main.go") || strings.Contains(out, "lemma-check-") {
				t.Errorf("the text shows our own files:\n%s", out)
			}
		})
	}
}

func TestImportable(t *testing.T) {
	for path, want := range map[string]bool{
		"math": true, "math/rand/v2": true, "gonum.org/v1/gonum/mat": true, "github.com/lemma-ml/lemma/lib/ntk": true,
		"gonum.org/v1/gonumber": false, "gonum.org/v1/plot": false, "github.com/lemma-ml/other": false, "./own": false, "example.org/x": false,
	} {
		if got := importable(path); got != want {
			t.Errorf("%s: importable %t, want %t", path, got, want)
		}
	}
}

// What may not be imported is named with its line, before anything is compiled; the answer may come
// from standard input.
func TestCheckExRefusesImports(t *testing.T) {
	const answer = "package x\n\nimport (\n\t\"math\"\n\t\"example.org/far/away\"\n\t\"gonum.org/v1/plot\"\n)\n\nfunc Phi(rho float64) float64 { return math.Pi }\n"
	out, errs, code := lemma(t, answer, "check", "ex", "9.1", "-")
	for _, want := range []string{`stdin.go:5:2: import "example.org/far/away"`, `stdin.go:6:2: import "gonum.org/v1/plot"`} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, want 1 and %q in\n%s%s", code, want, out, errs)
		}
	}
}

// The stub of every exercise compiles, has the right types, and is found wrong.
func TestCheckExStubs(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles programs")
	}
	dir := t.TempDir()
	for _, id := range []string{"9.1", "9.2", "9.3"} {
		path := filepath.Join(dir, strings.ReplaceAll(id, ".", "-")+".go")
		if out, errs, code := lemma(t, "", "check", "ex", id, "-stub", path); code != 0 {
			t.Fatalf("%s: exit code %d\n%s%s", id, code, out, errs)
		}
		out, errs, code := lemma(t, "", "check", "ex", id, path, "-json")
		var got struct {
			Right     bool
			Functions []checked
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != 1 || got.Right {
			t.Errorf("%s: exit code %d, right %t, %v\n%s%s", id, code, got.Right, err, out, errs)
		}
		found, err := book.FindExercises(id)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range found {
			n += len(e.Code)
		}
		if len(got.Functions) != n {
			t.Errorf("%s: %d functions, want %d", id, len(got.Functions), n)
		}
		for _, f := range got.Functions {
			if f.Verdict != "wrong" || f.Result.Counterexample == nil {
				t.Errorf("%s %s: the stub is %s, want wrong with a counterexample", f.Number, f.Func, f.Verdict)
			}
		}
	}
}
