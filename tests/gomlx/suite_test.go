package gomlx

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const module = "github.com/gomlx/gomlx"

// packages are tested.
var packages = []string{module + "/pkg/core/graph/...", module + "/pkg/ml/..."}

// copied are the parts of GoMLX that its tests need.
var copied = []string{"go.mod", "go.sum", "backends", "internal", "pkg", "ui"}

// The tests of GoMLX call this of the backend for XLA, and nothing else.
const noXLA = "package xla\n\nfunc AutoInstall() error { return nil }\n"

const withSIMD = "package _default\n\nimport _ \"github.com/lemma-ml/lemma/simd\"\n"

// A result is the verdict of every test of one package on one backend: pass, fail or skip.
type result map[string]string

func TestGoMLX(t *testing.T) {
	if testing.Short() {
		t.Skip("GoMLX's tests take minutes")
	}
	modfile := prepare(t)
	var passes, only, both, flaky []string
	for _, p := range build(t, modfile) {
		start := time.Now()
		onSIMD := p.run(t, "simd")
		middle := time.Now()
		onGo := p.run(t, "go")
		t.Logf("%s: %.0f s on simd, %.0f s on go", p.path, middle.Sub(start).Seconds(), time.Since(middle).Seconds())
		for _, name := range slices.Sorted(maps.Keys(onSIMD)) {
			full := strings.TrimPrefix(p.path, module+"/") + " " + name
			switch g, s := onGo[name], onSIMD[name]; {
			case s == "pass" && g == "pass":
				passes = append(passes, full)
			case s == "pass":
				only = append(only, full)
			case s == "fail" && g != "pass":
				both = append(both, full)
			case s == "fail":
				// Some tests draw their numbers anew each time: bad luck does not come twice in a dozen.
				if p.passes(t, "simd", name, 12) >= 11 {
					flaky = append(flaky, full)
				} else {
					t.Errorf("%s passes on go and fails on simd:\n%s", full, p.output(t, "simd", name))
				}
			}
		}
		for name, verdict := range onGo {
			if verdict == "pass" && onSIMD[name] == "" {
				t.Errorf("%s %s passes on go and was not run on simd", p.path, name)
			}
		}
	}
	if len(passes) < 300 {
		t.Errorf("%d tests pass on both, want at least 300: are they run at all?", len(passes))
	}
	t.Logf("%d tests and subtests pass on both", len(passes))
	t.Logf("%d pass on simd only, or take too long on go:\n\t%s", len(only), strings.Join(only, "\n\t"))
	t.Logf("%d fail on both:\n\t%s", len(both), strings.Join(both, "\n\t"))
	t.Logf("%d failed on simd once and then passed eleven times of twelve or more:\n\t%s", len(flaky), strings.Join(flaky, "\n\t"))
}

// prepare copies GoMLX and returns a go.mod of this module that uses the copy.
func prepare(t *testing.T) (modfile string) {
	dir := t.TempDir()
	sources := strings.TrimSpace(command(t, "go", "list", "-m", "-f", "{{.Dir}}", module))
	root := filepath.Dir(strings.TrimSpace(command(t, "go", "env", "GOMOD")))
	target := filepath.Join(dir, "gomlx")
	for _, part := range copied {
		copyTree(t, filepath.Join(sources, part), filepath.Join(target, part))
	}
	write(t, filepath.Join(target, "backends", "xla", "xla.go"), noXLA)
	write(t, filepath.Join(target, "backends", "default", "simd.go"), withSIMD)
	modfile = filepath.Join(dir, "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	command(t, "go", "mod", "edit", "-replace", module+"="+target, modfile)
	return modfile
}

// copyTree copies files but those that bring in XLA.
func copyTree(t *testing.T, from, to string) {
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		slash := filepath.ToSlash(path)
		if d.IsDir() || strings.Contains(slash, "backends/xla/") || strings.HasSuffix(slash, "backends/default/xla.go") {
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// offline matches what the go command says where it cannot fetch a module.
var offline = regexp.MustCompile(`dial tcp|no such host|connection refused|i/o timeout|module lookup disabled|network is unreachable`)

// command runs a command and returns what it prints.
func command(t *testing.T, name string, args ...string) string {
	cmd := exec.Command(name, args...)
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		if offline.Match(errors.Bytes()) {
			t.Skipf("modules that GoMLX's tests need cannot be fetched: %s", errors.Bytes())
		}
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errors.Bytes())
	}
	return string(out)
}

// testPackage is a package and the program of its tests.
type testPackage struct{ path, dir, program string }

func build(t *testing.T, modfile string) []testPackage {
	args := []string{"-modfile=" + modfile, "-mod=mod"}
	list := append([]string{"list", "-f", "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}} {{.Dir}}{{end}}"}, args...)
	var result []testPackage
	for line := range strings.Lines(command(t, "go", append(list, packages...)...)) {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		p := testPackage{path, dir, filepath.Join(filepath.Dir(modfile), strings.ReplaceAll(path, "/", "_")+".test")}
		command(t, "go", append(append([]string{"test", "-c", "-o", p.program}, args...), path)...)
		result = append(result, p)
	}
	return result
}

// run runs all tests of the package. A test that panics takes those after it along; then each is run
// on its own.
func (p testPackage) run(t *testing.T, backend string) result {
	tests := strings.Fields(p.start(t, backend, "-test.list", "."))
	all, complete := verdicts(p.start(t, backend, "-test.v", "-test.timeout", limits[backend]))
	for _, name := range tests {
		complete = complete && all[name] != ""
	}
	if complete {
		return all
	}
	all = make(result)
	var mu sync.Mutex
	var wg sync.WaitGroup
	free := make(chan bool, runtime.NumCPU())
	for _, name := range tests {
		if !strings.HasPrefix(name, "Test") {
			continue
		}
		free <- true
		wg.Go(func() {
			one := p.one(t, backend, name)
			mu.Lock()
			maps.Copy(all, one)
			mu.Unlock()
			<-free
		})
	}
	wg.Wait()
	return all
}

// limits are what a test may take. Some train a model, for which go needs minutes; that it passes
// there in the end is not worth the wait.
var limits = map[string]string{"go": "20s", "simd": "4m"}

// one runs one test.
func (p testPackage) one(t *testing.T, backend, name string) result {
	r, _ := verdicts(p.start(t, backend, "-test.v", "-test.timeout", limits[backend], "-test.run", "^"+name+"$"))
	return r
}

// passes returns in how many of n runs a test passes.
func (p testPackage) passes(t *testing.T, backend, name string, n int) int {
	top, _, _ := strings.Cut(name, "/")
	passed := 0
	for range n {
		if p.one(t, backend, top)[name] == "pass" {
			passed++
		}
	}
	return passed
}

// output returns the last lines that a test prints.
func (p testPackage) output(t *testing.T, backend, name string) string {
	top, _, _ := strings.Cut(name, "/")
	lines := strings.Split(p.start(t, backend, "-test.v", "-test.run", "^"+top+"$"), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "\n")
}

// start runs the program of the tests in the package's folder and returns what it prints.
func (p testPackage) start(t *testing.T, backend string, args ...string) string {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.program, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOMLX_BACKEND="+backend, "GOMLX_NO_AUTO_INSTALL=1")
	out, _ := cmd.CombinedOutput() // tests that fail are what we look for
	return string(out)
}

var (
	started  = regexp.MustCompile(`^=== RUN +(\S+)`)
	finished = regexp.MustCompile(`--- (PASS|FAIL|SKIP): (\S+) \(`)
)

// verdicts reads what go test -v prints. A test that was begun and has no verdict failed; complete
// says whether there was none.
func verdicts(output string) (r result, complete bool) {
	r = make(result)
	complete = true
	lines := bufio.NewScanner(strings.NewReader(output))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if m := started.FindStringSubmatch(lines.Text()); m != nil && r[m[1]] == "" {
			r[m[1]] = "open"
		}
		for _, m := range finished.FindAllStringSubmatch(lines.Text(), -1) {
			r[m[2]] = strings.ToLower(m[1])
		}
	}
	for name, v := range r {
		if v == "open" {
			r[name] = "fail"
			complete = false
		}
	}
	return r, complete
}

func TestVerdicts(t *testing.T) {
	r, complete := verdicts("=== RUN   TestA\n=== RUN   TestA/x\n    --- PASS: TestA/x (0.00s)\n--- PASS: TestA (0.1s)\n=== RUN   TestB\npanic: no\n")
	if got := fmt.Sprint(r, complete); got != "map[TestA:pass TestA/x:pass TestB:fail] false" {
		t.Error(got)
	}
}
