package xla

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/pkg/core/graph"

	"github.com/gomlx/gomlx/backends"
)

// bare leaves no plugin and no wish in the environment, whatever the machine has.
func bare(t *testing.T) {
	t.Helper()
	t.Setenv(Variable, "")
	t.Setenv(PathVariable, t.TempDir())
}

func TestAutoWithoutPluginsIsSIMD(t *testing.T) {
	bare(t)
	b, r, err := Open(context.Background(), "auto")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	if r.Config != "simd" || r.Platform != "simd" || len(r.Devices) != 1 || !strings.Contains(r.About, "parallelism") {
		t.Errorf("opened %+v, want simd with one device, which says its kernels and threads", r)
	}
	if len(r.Passed) != 1 || !strings.Contains(r.Passed[0].Why, "no PJRT plugin") {
		t.Errorf("passed over %v, want the reason that there is no plugin", r.Passed)
	}
	if err := firstProgram(context.Background(), b); err != nil {
		t.Errorf("a first program: %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	bare(t)
	notPlugin := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(notPlugin, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	withoutCgo := func(want string) string {
		if haveCgo {
			return want
		}
		return "without cgo"
	}
	for _, c := range []struct{ reason, name, want string }{
		{"an unknown name lists the known", "cuda", "known are auto, xla, go, simd"},
		{"a misspelt option of simd", "simd:paralelism=2", "known are parallelism=n"},
		{"a misspelt option of GoMLX's Go backend", "go:paralelism=2", "unknown configuration option"},
		{"xla without a plugin says how to get one", "xla", "lemma doctor -install xla"},
		{"a platform without a plugin", "xla:cuda", "no PJRT plugin"},
		{"a path to nothing", "xla:/no/such/plugin.so", "no such file"},
		{"a path to a folder", "xla:" + t.TempDir(), "is not a file"},
		{"a file that is no library", "xla:" + notPlugin, withoutCgo("failed to")},
		{"an alias of xla", "stablehlo:cpu", "no PJRT plugin"},
		{"nothing before the colon", ":cpu", `no backend ""`},
	} {
		t.Run(c.reason, func(t *testing.T) {
			b, r, err := Open(context.Background(), c.name)
			if err == nil {
				t.Fatalf("opened %v, want an error", b)
			}
			if b != nil || r == nil {
				t.Errorf("got backend %v, report %v; want no backend and a report", b, r)
			}
			if !strings.HasPrefix(err.Error(), `xla.Open("`) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestAutoObeysTheEnvironment(t *testing.T) {
	bare(t)
	t.Setenv(Variable, "go:ops_sequential")
	b, r, err := Open(context.Background(), "auto")
	if err != nil {
		t.Fatal(err)
	}
	b.Finalize()
	if r.Config != "go:ops_sequential" || !strings.Contains(r.Because, Variable) {
		t.Errorf("opened %s because %s", r.Config, r.Because)
	}
	t.Setenv(Variable, "tensorflow")
	if _, _, err = Open(context.Background(), ""); err == nil || !strings.Contains(err.Error(), Variable+"=tensorflow") {
		t.Errorf("got %v, want an error that names the variable", err)
	}
}

func TestAutoPassesOverWhatFails(t *testing.T) {
	bare(t)
	dir := t.TempDir()
	t.Setenv(PathVariable, dir)
	for _, name := range []string{"pjrt_c_api_cpu_plugin.so", "xla_cuda_plugin.so", "libtpu.so", "libother.so", "README"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var platforms []string
	for _, p := range Plugins() {
		platforms = append(platforms, p.Platform)
	}
	if want := []string{"cuda", "tpu", "cpu"}; !slices.Equal(platforms, want) {
		t.Errorf("found plugins for %v, want %v", platforms, want)
	}
	b, r, err := Open(context.Background(), "auto")
	if err != nil {
		t.Fatal(err)
	}
	b.Finalize()
	if r.Config != "simd" || len(r.Passed) != 3 {
		t.Errorf("opened %s after passing over %v; want simd after three", r.Config, r.Passed)
	}
	for _, p := range r.Passed {
		if p.Why == "" {
			t.Errorf("no reason for passing over %s", p.Name)
		}
	}
}

func TestOneFileUnderTwoNamesIsOnePlugin(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(PathVariable, dir)
	if err := os.WriteFile(filepath.Join(dir, "pjrt_c_api_cpu_v0.83_plugin.so"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("pjrt_c_api_cpu_v0.83_plugin.so", filepath.Join(dir, "pjrt_c_api_cpu_plugin.so")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if got := Plugins(); len(got) != 1 || got[0].Platform != "cpu" {
		t.Errorf("found %v, want one plugin for cpu", got)
	}
}

func TestRelativeFoldersAreNotSearched(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("pjrt_c_api_cpu_plugin.so", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv(PathVariable, ".:")
	if got := Plugins(); len(got) != 0 {
		t.Errorf("found %v in the current folder", got)
	}
}

func TestOpenEndsWithItsContext(t *testing.T) {
	bare(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Open(ctx, "auto"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := protect(ctx, func() (b backends.Backend, err error) { select {} })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a plugin that does not answer: got %v", err)
	}
	_, err = protect(context.Background(), func() (backends.Backend, error) { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("a plugin that panics: got %v", err)
	}
}

func TestReportRoundTripsAndReads(t *testing.T) {
	r := &Report{Asked: "auto", Config: "xla:/p/pjrt_c_api_cpu_plugin.so", Platform: "cpu", Because: "why", About: "what it is",
		Devices: []string{"one"}, Plugin: "/p/pjrt_c_api_cpu_plugin.so", Version: "PJRT API 0.83",
		Passed: []Passed{{"xla:/p/xla_cuda_plugin.so", "no NVIDIA device"}}}
	var back Report
	if err := json.Unmarshal(r.JSON(), &back); err != nil {
		t.Fatal(err)
	}
	if back.String() != r.String() {
		t.Errorf("after JSON:\n%s\nwant\n%s", &back, r)
	}
	for _, want := range []string{"why", "what it is", "device 0: one", "PJRT API 0.83", "passed over xla:/p/xla_cuda_plugin.so: no NVIDIA device"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("%q is missing from\n%s", want, r)
		}
	}
}

// What is unknown everywhere is said to be unknown, also by a program that could install nothing.
func TestInstallRefuses(t *testing.T) {
	err := Install(context.Background(), "rocm")
	if err == nil || !strings.HasPrefix(err.Error(), `xla.Install("rocm"): not known on`) || !strings.Contains(err.Error(), "known are xla, cpu") {
		t.Errorf("got %v, want an error that names what was asked and what is known", err)
	}
	if !haveCgo {
		if err := Install(context.Background(), "cuda"); !errors.Is(err, errNoCgo) {
			t.Errorf("got %v, want %v", err, errNoCgo)
		}
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Install(ctx, "cpu"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v before any download", err, context.Canceled)
	}
}

func TestProtect(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := protect(ctx, func() (int, error) { select {} }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("what does not end: got %v, want %v", err, context.DeadlineExceeded)
	}
	if v, err := protect(context.Background(), func() (int, error) { panic("no home") }); v != 0 || err == nil || err.Error() != "panic: no home" {
		t.Errorf("a panic: got %d, %v", v, err)
	}
	if v, err := protect(context.Background(), func() (int, error) { return 3, nil }); v != 3 || err != nil {
		t.Errorf("a value: got %d, %v", v, err)
	}
}

func TestInOrder(t *testing.T) {
	for config, want := range map[string]string{
		"go":                  "go:ops_sequential",
		"go:":                 "go:ops_sequential",
		"go:parallelism=2":    "go:parallelism=2,ops_sequential",
		"go:ops_parallel":     "go:ops_parallel",
		"go:ops_sequential":   "go:ops_sequential",
		"simd":                "simd",
		"simd:parallelism=2":  "simd:parallelism=2",
		"xla:cpu":             "xla:cpu",
		"gopher:parallelism=": "gopher:parallelism=",
	} {
		if got := inOrder(config); got != want {
			t.Errorf("inOrder(%q) = %q, want %q", config, got, want)
		}
	}
}

// TestManyProductsSideBySide: a program of many independent products, several of them at a time, ends.
// On GoMLX's Go backend with operations side by side each product waits for workers while it holds one.
func TestManyProductsSideBySide(t *testing.T) {
	bare(t)
	for _, name := range []string{"simd", "go"} {
		t.Run(name, func(t *testing.T) { manyProducts(t, name) })
	}
}

func manyProducts(t *testing.T, name string) {
	b, _, err := Open(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Finalize()
	sum := graph.MustNewExec(b, func(x *graph.Node) *graph.Node {
		var total *graph.Node
		for i := range 24 {
			y := graph.Einsum("bij,bjk->bik", graph.AddScalar(x, float64(i)), x)
			if total == nil {
				total = y
			} else {
				total = graph.Add(total, y)
			}
		}
		return graph.ReduceAllSum(total)
	})
	defer sum.Finalize()
	x := make([][][]float32, 8)
	for i := range x {
		x[i] = make([][]float32, 20)
		for j := range x[i] {
			x[i][j] = make([]float32, 20)
		}
	}
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for range 20 {
				out, err := sum.Exec1(x)
				if err != nil {
					t.Error(err)
					return
				}
				out.MustFinalizeAll()
			}
		})
	}
	go func() { wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("four programs side by side have not ended after 20 s")
	}
}
