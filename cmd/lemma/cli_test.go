package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// lemma runs the program in this process and returns what it printed and its exit code.
func lemma(t *testing.T, stdin string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(context.Background(), args, terminal{In: strings.NewReader(stdin), Out: &o, Err: &e})
	return o.String(), e.String(), code
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		reason string
		args   []string
		code   int
		want   string // in standard output if the code is 0, else in standard error
	}{
		{"help teaches with examples", []string{"-h"}, 0, "lemma verify 9"},
		{"help as a word", []string{"help"}, 0, "Commands"},
		{"help of a command", []string{"verify", "-h"}, 0, "-power"},
		{"help of a command, the other way", []string{"help", "verify"}, 0, "-power"},
		{"help of a command's command", []string{"ntk", "gram", "--help"}, 0, "-activation"},
		{"help among other arguments", []string{"verify", "9", "-h"}, 0, "-power"},
		{"no command", nil, 2, "which command?"},
		{"a command misspelt", []string{"verfy"}, 2, `did you mean "verify"?`},
		{"a command's command misspelt", []string{"ntk", "clasify"}, 2, `did you mean "classify"?`},
		{"a flag misspelt", []string{"verify", "-jsn"}, 2, `did you mean "-json"?`},
		{"a flag that does not exist", []string{"doctor", "-quiet"}, 2, "unknown flag -quiet; lemma doctor -h"},
		{"a flag before the command", []string{"-json", "verify"}, 2, `unknown flag "-json"`},
		{"a flag's value of another type", []string{"verify", "-seed", "x"}, 2, "invalid value"},
		{"a chapter that does not exist", []string{"verify", "99"}, 2, `no claim "99"`},
		{"a chapter that is not begun", []string{"verify", "2"}, 2, "has no claims yet"},
		{"agreement of one backend", []string{"verify", "-agree", "-backend", "go"}, 2, "-backend a,b"},
		{"an ID misspelt", []string{"verify", "9.L99"}, 2, "the nearest are"},
		{"a backend that does not exist, for a claim that needs none", []string{"verify", "-backend", "foo", "9.X1"}, 2, "known are"},
		{"two backends without a comparison", []string{"verify", "-backend", "go,xla", "9.X1"}, 2, "-agree"},
		{"a JUnit report into no folder", []string{"verify", "9.X1", "-junit", "/no/such/j.xml"}, 2, "-junit"},
		{"errata of a chapter that is not begun", []string{"errata", "3"}, 2, "has no claims yet"},
		{"JSON of an installation", []string{"doctor", "-json", "-install", "cpu"}, 2, "choose one"},
		{"the version", []string{"version"}, 0, "lemma "},
		{"the version with an argument", []string{"version", "9"}, 2, `"9"`},
		{"a chapter of errata out of range", []string{"errata", "19"}, 2, "1 to 18"},
		{"a plugin that cannot be installed", []string{"doctor", "-install", "rocm"}, 2, "rocm"},
		{"an argument where none is wanted", []string{"doctor", "now"}, 2, `"now"`},
		{"an unknown benchmark", []string{"bench", "gran"}, 2, `did you mean "gram"?`},
		{"run without a notebook", []string{"run"}, 2, "which notebook?"},
		{"run into itself", []string{"run", "-w", "-o", "x.html", "y.ipynb"}, 2, "choose one"},
		{"a parameter without a value", []string{"run", "-p", "depth", "y.ipynb"}, 2, "name=value"},
		{"a notebook that is not there", []string{"run", "/no/such.ipynb"}, 2, "no such file"},
		{"an output of unknown kind", []string{"run", "x.ipynb", "-o", "x.pdf"}, 2, ".ipynb or .html"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			out, errs, code := lemma(t, "", c.args...)
			if code != c.code {
				t.Errorf("lemma %s: exit code %d, want %d\n%s", strings.Join(c.args, " "), code, c.code, errs)
			}
			text := errs
			if c.code == 0 {
				text = out
			}
			if !strings.Contains(text, c.want) {
				t.Errorf("lemma %s: want %q in\n%s", strings.Join(c.args, " "), c.want, text)
			}
			if c.code != 0 && out != "" {
				t.Errorf("an error wrote to standard output: %q", out)
			}
		})
	}
}

func TestEveryCommandTeaches(t *testing.T) {
	var visit func(path []string, list []*command)
	visit = func(path []string, list []*command) {
		for _, c := range list {
			full := append(append([]string(nil), path...), c.name)
			out, _, code := lemma(t, "", append(full, "-h")...)
			if code != 0 || !strings.Contains(out, "Examples") || !strings.Contains(out, "lemma "+strings.Join(full, " ")) {
				t.Errorf("lemma %s -h: exit code %d, no examples in\n%s", strings.Join(full, " "), code, out)
			}
			if strings.Contains(strings.Join(full, " "), "ntk gram") && !strings.Contains(out, "column √d: the kernel") {
				t.Errorf("the text of -bias is damaged:\n%s", out)
			}
			visit(full, c.sub)
		}
	}
	visit(nil, commands())
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{"verfy", ` (did you mean "verify"?)`},  // a letter missing
		{"veriyf", ` (did you mean "verify"?)`}, // two letters swapped
		{"erata", ` (did you mean "errata"?)`},
		{"xyzzy", ""}, // nothing is near
		{"", ""},
	} {
		if got := didYouMean(c.got, []string{"report", "verify", "errata", "run", "ntk"}); got != c.want {
			t.Errorf("didYouMean(%q) = %q, want %q", c.got, got, c.want)
		}
	}
}

func TestTableGivesWay(t *testing.T) {
	tab := table{head: []string{"ID", "title"}, flex: []int{1}}
	tab.add("9.L2", "a title that is longer than the terminal is wide")
	for _, width := range []int{30, 40} {
		var b bytes.Buffer
		tab.write(&b, width)
		for _, line := range strings.Split(strings.TrimRight(b.String(), "\n"), "\n") {
			if n := len([]rune(line)); n > width {
				t.Errorf("%d columns on a terminal of %d: %q", n, width, line)
			}
		}
		if !strings.Contains(b.String(), "…") {
			t.Errorf("nothing shows that something was cut:\n%s", b.String())
		}
	}
	var b bytes.Buffer
	tab.write(&b, 0)
	if !strings.Contains(b.String(), "terminal is wide") {
		t.Errorf("cut in a pipe:\n%s", b.String())
	}
}

func TestCheckout(t *testing.T) {
	root, err := findCheckout()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "cmd", "lemma", "main.go")); err != nil {
		t.Errorf("%s is not the root of the checkout", root)
	}
	t.Chdir(t.TempDir())
	if _, err = findCheckout(); err == nil || !strings.Contains(err.Error(), "git clone") {
		t.Errorf("outside: got %v, want an error that says what to do", err)
	}
	if _, errs, code := lemma(t, "", "report"); code != 2 || !strings.Contains(errs, "git clone") {
		t.Errorf("report outside of a checkout: exit code %d, %s", code, errs)
	}
}

func TestDoctor(t *testing.T) {
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", t.TempDir())
	t.Setenv("GOMLX_BACKEND", "")
	t.Setenv("HOME", t.TempDir())
	out, errs, code := lemma(t, "", "doctor", "-json")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	var doc struct {
		Findings []finding
		Backend  struct{ Config, About string }
		Required int
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	seen := map[string]finding{}
	for _, f := range doc.Findings {
		seen[f.Name] = f
		if f.Status == statusMissing && (f.Mend == "" || f.UsedFor == "") {
			t.Errorf("%s is missing, and nothing says what it is for or how to get it: %+v", f.Name, f)
		}
	}
	for _, name := range []string{"go", "cgo", "kernel", "jupyter", "chromium", "processor", "plugins", "caches"} {
		if _, ok := seen[name]; !ok {
			t.Errorf("doctor does not look at %s", name)
		}
	}
	if doc.Backend.Config != "simd" || !strings.Contains(doc.Backend.About, "kernels, parallelism") || seen["plugins"].Mend != "lemma doctor -install xla" {
		t.Errorf("without plugins: backend %q, plugins %+v", doc.Backend.Config, seen["plugins"])
	}

	t.Setenv("GOMLX_BACKEND", "tensorflow")
	if out, _, code = lemma(t, "", "doctor"); code != 1 || !strings.Contains(out, "known are") {
		t.Errorf("with an unknown backend in the environment: exit code %d\n%s", code, out)
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("GOMLX_BACKEND", "")
	if out, _, code = lemma(t, "", "doctor"); code != 1 || !strings.Contains(out, "https://go.dev/dl") {
		t.Errorf("without Go: exit code %d\n%s", code, out)
	}
}

func TestSplitBackends(t *testing.T) {
	for _, c := range []struct {
		list string
		want []string
	}{
		{"go,xla", []string{"go", "xla"}},
		{"simd:passes=-fuse,-cse,parallelism=2,go", []string{"simd:passes=-fuse,-cse,parallelism=2", "go"}},
		{"go:ops_sequential,parallelism=2,go", []string{"go:ops_sequential,parallelism=2", "go"}}, // an option's comma
		{"xla:/a/b.so,xla:cuda", []string{"xla:/a/b.so", "xla:cuda"}},
		{"go", []string{"go"}},
	} {
		if got := splitBackends(c.list); strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("splitBackends(%q) = %q, want %q", c.list, got, c.want)
		}
	}
}

func TestErrata(t *testing.T) {
	for _, c := range []struct{ a, b string }{{"9.2", "9.10"}, {"8.9", "9.1"}, {"9", "9.1"}, {"9.a", "9.b"}} {
		if compareNumbers(c.a, c.b) >= 0 || compareNumbers(c.b, c.a) <= 0 || compareNumbers(c.a, c.a) != 0 {
			t.Errorf("%s does not come before %s", c.a, c.b)
		}
	}
	out, _, code := lemma(t, "", "errata", "9", "-json")
	var doc struct{ Errata []erratum }
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != 0 || len(doc.Errata) == 0 {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	for i, e := range doc.Errata {
		if e.Number == "" || e.Claim == "" || e.Printed == "" || e.Correct == "" {
			t.Errorf("an erratum is not whole: %+v", e)
		}
		if i > 0 && compareNumbers(doc.Errata[i-1].Number, e.Number) > 0 {
			t.Errorf("%s comes after %s", doc.Errata[i-1].Number, e.Number)
		}
	}
}

func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{
		Main: debug.Module{Path: modulePath, Version: "(devel)"},
		Deps: []*debug.Module{{Path: "gonum.org/v1/gonum", Version: "v0.17.0"}, {Path: "golang.org/x/net", Version: "v0.1.0"}},
		Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2025-01-02T03:04:05Z"},
			{Key: "vcs.modified", Value: "true"}, {Key: "CGO_ENABLED", Value: "1"}},
	}
	var b bytes.Buffer
	versionOf(info).print(&b)
	want := fmt.Sprintf("lemma development, revision abc of 2025-01-02T03:04:05Z, modified since\n%s %s/%s with cgo\ngonum.org/v1/gonum v0.17.0\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", &b, want)
	}
	b.Reset()
	versionOf(nil).print(&b) // a program without build information
	if !strings.HasPrefix(b.String(), "lemma unknown\n") {
		t.Errorf("got %s", &b)
	}
}

func TestDoctorWithoutHome(t *testing.T) {
	for _, name := range []string{"HOME", "XDG_CACHE_HOME"} {
		t.Setenv(name, "")
	}
	if _, err := cacheDir(); err == nil {
		t.Skip("this system finds a cache folder without HOME")
	}
	out, errs, _ := lemma(t, "", "doctor")
	if !strings.Contains(out, "no cache folder for this user") || !strings.Contains(out, "HOME") {
		t.Errorf("nothing says that HOME is not set:\n%s%s", out, errs)
	}
}
