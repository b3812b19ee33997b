package tests

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/ntk/finite"
	"github.com/lemma-ml/lemma/widgets"
	"github.com/lemma-ml/lemma/xla"
)

var update = flag.Bool("update", false, "rewrite the generated parts of README.md")

// The chapters table is the one place where README.md quotes numbers of the library.
func TestReadmeChapters(t *testing.T) {
	r, err := book.Registry()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| | chapter | rows with a claim | claims |\n|---|---|---|---|\n")
	for _, ch := range r.Chapters() {
		rows, claims := "not begun", ""
		if len(ch.Rows) > 0 {
			rows = fmt.Sprintf("%d of %d", len(ch.Rows)-len(r.Missing(ch.Number)), len(ch.Rows))
			claims = fmt.Sprint(len(ch.Claims))
		}
		fmt.Fprintf(&table, "| %d | %s | %s | %s |\n", ch.Number, ch.Title, rows, claims)
	}
	path := filepath.Join("..", "README.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- chapters: checked by a test -->\n", "<!-- end of chapters -->"
	before, rest, ok1 := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("README.md: the marks %q and %q are gone", begin, end)
	}
	if got == table.String() {
		return
	}
	if !*update {
		t.Fatalf("README.md: the table of chapters is out of date; go test ./tests -run Readme -update rewrites it. Want:\n%s", table.String())
	}
	if err := os.WriteFile(path, []byte(before+begin+table.String()+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The Go code of README.md runs as it stands there.
func TestReadmeCode(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: compiles a program")
	}
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	code := regexp.MustCompile("(?s)```go\n(.*?)```").FindSubmatch(text)
	if code == nil {
		t.Fatal("README.md has no block of Go code")
	}
	dir, err := os.MkdirTemp("..", ".readme-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	program := "package main\n\nimport (\n\t\"fmt\"\n\t\"log\"\n\n\t\"github.com/lemma-ml/lemma/lib/ntk\"\n\t\"gonum.org/v1/gonum/mat\"\n)\n\nfunc main() {\n" + string(code[1]) + "}\n"
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "./"+filepath.Base(dir))
	cmd.Dir = ".."
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var l1, l2, l3, complexity float64
	if _, err := fmt.Sscanf(string(out), "[%g %g %g] %g", &l1, &l2, &l3, &complexity); err != nil {
		t.Fatalf("got %q, want three eigenvalues and a complexity: %v", out, err)
	}
	if trace := l1 + l2 + l3; math.Abs(trace-12) > 1e-9 { // Θ³(x,x) = 4 at each of three unit inputs
		t.Errorf("eigenvalues add up to %g, want 12", trace)
	}
}

// The picture of README.md is figure 9.1 as the library draws it. Drawing it takes a minute, so that
// it is done with -update only, and looked at.
func TestReadmePicture(t *testing.T) {
	if !*update {
		t.Skip("-update is not set: trains networks for the picture of README.md")
	}
	ctx := context.Background()
	theory, err := ntk.RunConvergence(ctx, ntk.ConvergenceConfig{})
	if err != nil {
		t.Fatal(err)
	}
	nets, err := finite.RunLabels(ctx, xla.MustOpen("auto"), finite.LabelsConfig{Widths: []int{2048}, Steps: 200, Every: 20})
	if err != nil {
		t.Fatal(err)
	}
	dots, err := nets.Dots()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("../docs", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := widgets.WriteFile(ntk.Figure91(theory, dots), "../docs/speed.svg"); err != nil {
		t.Fatal(err)
	}
}
