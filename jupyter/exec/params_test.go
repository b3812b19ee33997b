package exec

import (
	"errors"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

const paramCell = `[parameters] // The experiment.
var (
	width     = 64
	rate      float64 = 0.1
	name      = "none"
	on        = false
	a, b      = 1, "b"
	q, r      = div(7, 2)
	list      = []int{1}
	wait      time.Duration = time.Second
	zero      int
	small     uint8
)
const fixed = 3
const (
	first = iota
	second
)
%env X=1
func div(a, b int) (int, int) { return a / b, a % b }
%%
local := 1
fmt.Println(local)`

func TestParams(t *testing.T) {
	rows := []struct{ reason, name, value, want string }{ // want: the declaration, or part of the error after "error: "
		{"integer", "width", "128", "var width int = 128"},
		{"an expression", "width", "1 << 10", "var width int = 1 << 10"},
		{"an expression of other declarations", "width", "2 * zero", "var width int = 2 * zero"},
		{"negative", "rate", "-1e-3", "var rate float64 = -1e-3"},
		{"an integer for a float", "rate", "2", "var rate float64 = 2"},
		{"string without quotes", "name", "deep net", `var name string = "deep net"`},
		{"string with quotes", "name", `"a\nb"`, `var name string = "a\nb"`},
		{"a quote inside", "name", `say "x"`, `var name string = "say \"x\""`},
		{"empty string", "name", "", `var name string = ""`},
		{"boolean", "on", "true", "var on bool = true"},
		{"second of two", "b", "x", `var b string = "x"`},
		{"composite", "list", "[]int{4, 5}", "var list = []int{4, 5}"},
		{"duration", "wait", "1m30s", "var wait time.Duration = 90000000000"},
		{"duration as Go", "wait", "2 * time.Second", "var wait time.Duration = 2 * time.Second"},
		{"without a value of its own", "zero", "5", "var zero int = 5"},
		{"constant", "fixed", "4", "const fixed int = 4"},
		{"unknown", "wdith", "1", `error: parameter "wdith": unknown; known: a, b, first, fixed, list, name, on, q, r, rate, second, small, wait, width, zero`},
		{"a variable of the main program", "local", "1", "error: unknown"},
		{"fraction for an integer", "width", "0.5", "error: got 0.5, want a value of type int (cannot use 0.5 (untyped float constant) as int value in variable declaration (truncated))"},
		{"word for an integer", "width", "wide", "error: got wide, want a value of type int"},
		{"too large", "small", "256", "error: want a value of type uint8"},
		{"not Go", "width", "1 +", "error: got 1 +, want a Go expression of type int"},
		{"more than an expression", "width", "1\nfunc init() {}", "error: want a Go expression"},
		{"one of two results", "q", "1", "error: cannot be overridden: it is one of several results"},
		{"numbered", "first", "1", "error: cannot be overridden: it is numbered by iota"},
		{"repeats the line above", "second", "1", "error: cannot be overridden: it takes its value from the line above"},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			nb := notebook("%%\nfmt.Println(1)", paramCell, "%%\nfmt.Println(width)")
			err := inject(nb, map[string]string{row.name: row.value})
			if want, ok := strings.CutPrefix(row.want, "error: "); ok {
				var pe *ParameterError
				if !errors.As(err, &pe) || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
				if ExitCode(err) != 2 {
					t.Errorf("exit code %d, want 2", ExitCode(err))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(nb.Cells) != 4 || !nb.Cells[2].HasTag(tagInjected) || nb.Cells[2].ID == "" {
				t.Fatalf("%d cells, third %+v", len(nb.Cells), nb.Cells[2])
			}
			if got := nb.Cells[2].Source; got != "// Parameters\n"+row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestParamsOfNotebooks(t *testing.T) {
	nb := notebook("[parameters] var a = 1", "[injected-parameters] var a int = 9", "[parameters] var b = 1")
	if err := inject(nb, map[string]string{"b": "2", "a": "3"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range nb.Cells {
		got = append(got, c.Source)
	}
	want := "var a = 1|// Parameters\nvar a int = 3|var b = 1|// Parameters\nvar b int = 2"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	again := nb.Clone()
	if err := inject(again, nil); err != nil || len(again.Cells) != 2 {
		t.Errorf("an earlier run's parameters stay: %d cells, %v", len(again.Cells), err)
	}

	err := inject(notebook("var a = 1"), map[string]string{"a": "1"})
	if err == nil || !strings.Contains(err.Error(), `the notebook has none (no cell is tagged "parameters")`) {
		t.Errorf("without a tagged cell: got %v", err)
	}
	err = inject(notebook("[parameters] x := 1"), nil)
	if err == nil || !strings.Contains(err.Error(), "cell 1: the cell tagged \"parameters\" is not Go declarations") {
		t.Errorf("statements as parameters: got %v", err)
	}
	old := notebook("[parameters] var a = 1")
	old.NBFormatMinor, old.Cells[0].ID = 2, ""
	if err := inject(old, map[string]string{"a": "2"}); err != nil || old.NBFormatMinor != 2 {
		t.Errorf("a notebook without ids got some: %v", err)
	}
}

func TestLanguage(t *testing.T) {
	rows := []struct {
		reason, kernel, language string
		ok                       bool
	}{
		{"GoNB", "gonb", "go", true},
		{"GoNB under another name", "gonb_dev", "go", true},
		{"Python", "python3", "python", false},
		{"nothing said", "", "", true},
	}
	for _, row := range rows {
		t.Run(row.reason, func(t *testing.T) {
			if err := checkLanguage(ipynb.New(row.kernel, row.language)); (err == nil) != row.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}
