package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/cmd/lemma/internal/workload"
	"github.com/lemma-ml/lemma/simd"
	"github.com/lemma-ml/lemma/widgets"
	"github.com/lemma-ml/lemma/xla"
)

// backendBench is what `lemma bench -backend` was asked for.
type backendBench struct {
	backend string
	names   []string // workloads; all if empty
	threads []int
	rounds  int
	span    time.Duration
	torch   bool
	json    bool
}

// backendReport is the JSON of `lemma bench -backend`.
type backendReport struct {
	Backend  string            `json:"backend"`
	PyTorch  string            `json:"pytorch,omitempty"`
	Without  string            `json:"without_pytorch,omitempty"` // why
	Cores    int               `json:"cores"`
	Peak     map[int]peak      `json:"peak"` // by threads
	Results  []workload.Result `json:"results"`
	Exponent []growth          `json:"growth"`
}

// peak is what the processor can do, measured just before.
type peak struct {
	Single float64 `json:"gflops_float32"`
	Double float64 `json:"gflops_float64"`
	Copy   float64 `json:"copy_gb_per_s"`
}

// run measures the workloads and prints a table of ratios. Threads are measured one number after the
// other, each on a backend of its own.
func (b backendBench) run(ctx context.Context, t terminal) error {
	chosen, err := choose(b.names, workload.All(), func(w workload.Workload) string { return w.Name })
	if err != nil {
		return err
	}
	r := backendReport{Backend: b.backend, Cores: runtime.GOMAXPROCS(0), Peak: map[int]peak{}}
	meter := widgets.NewProgress(t.Err, "bench", len(chosen)*len(b.threads))
	defer meter.Done()
	for i, threads := range b.threads {
		if err := b.measure(ctx, threads, chosen, &r, func(done int, name string) { meter.Set(i*len(chosen)+done, name) }); err != nil {
			return err
		}
	}
	meter.Done()
	r.Exponent = gemmGrowth(r.Results)
	if b.json {
		return printJSON(t.Out, r)
	}
	r.print(t)
	return nil
}

func (b backendBench) measure(ctx context.Context, threads int, chosen []workload.Workload, r *backendReport, progress func(done int, name string)) error {
	backend, _, err := xla.Open(ctx, onThreads(b.backend, threads))
	if err != nil {
		return err
	}
	defer backend.Finalize()
	var torch *workload.Torch
	if b.torch {
		if torch, err = workload.NewTorch(ctx, threads); err != nil {
			r.Without = err.Error()
		} else {
			defer torch.Close()
			r.PyTorch = torch.Version
		}
	}
	r.Peak[threads] = peak{simd.Peak(threads, false), simd.Peak(threads, true), copyRate(threads)}
	for i, w := range chosen {
		progress(i, fmt.Sprintf("%s, %s", w.Name, plural(threads, "thread")))
		result, err := workload.Compare(ctx, w, backend, torch, threads, b.rounds, b.span)
		if err != nil {
			return err
		}
		r.Results = append(r.Results, result)
	}
	progress(len(chosen), "")
	return nil
}

// onThreads adds the number of threads to a backend's configuration, where the backend has that option
// and the user did not set it.
func onThreads(config string, threads int) string {
	kind, options, _ := strings.Cut(config, ":")
	if kind != "simd" && kind != "go" || strings.Contains(options, "parallelism=") {
		return config
	}
	option := fmt.Sprintf("parallelism=%d", threads)
	if options != "" {
		option = options + "," + option
	}
	return kind + ":" + option
}

// gemmGrowth fits how the time of square products grows with n, for each number of threads and type.
func gemmGrowth(results []workload.Result) []growth {
	type kind struct {
		threads int
		double  bool
	}
	x, y := map[kind][]float64{}, map[kind][]float64{}
	var kinds []kind
	for _, r := range results {
		if r.N < 256 {
			continue // below 256 a call's overhead shows
		}
		q := kind{r.Threads, r.Double}
		if !slices.Contains(kinds, q) {
			kinds = append(kinds, q)
		}
		x[q], y[q] = append(x[q], math.Log(float64(r.N))), append(y[q], math.Log(r.Seconds))
	}
	var fits []growth
	for _, q := range kinds {
		if len(x[q]) < 2 {
			continue
		}
		name := fmt.Sprintf("square products, float32, %s", plural(q.threads, "thread"))
		if q.double {
			name = strings.Replace(name, "float32", "float64", 1)
		}
		fits = append(fits, growth{name, slope(x[q], y[q]), 3})
	}
	return fits
}

func (r backendReport) print(t terminal) {
	tab := table{head: []string{"work", "threads", "seconds", "PyTorch", "ratio", "quartiles", "floor", "rate", "", "of peak"}}
	for _, q := range r.Results {
		row := []string{q.Name, fmt.Sprint(q.Threads), fmt.Sprintf("%.3g", q.Seconds), "", "", "", "", "", "", ""}
		if q.Ratio > 0 {
			row[3], row[4], row[5] = fmt.Sprintf("%.3g", q.Torch), fmt.Sprintf("%.2fx", q.Ratio), fmt.Sprintf("%.2f-%.2f", q.Low, q.High)
			if q.Floor > 0 {
				row[6] = fmt.Sprintf("%.2f", q.Floor)
				if q.Ratio < q.Floor {
					row[6] += " missed"
				}
			}
		}
		if q.Rate > 0 {
			p := r.Peak[q.Threads]
			top := p.Single
			switch {
			case q.Unit == "GB/s":
				top = p.Copy
			case q.Double:
				top = p.Double
			}
			row[7], row[8], row[9] = fmt.Sprintf("%.3g", q.Rate), q.Unit, fmt.Sprintf("%.0f %%", 100*q.Rate/top)
		}
		tab.add(row...)
	}
	tab.write(t.Out, t.width())
	fmt.Fprintln(t.Out)
	for _, threads := range slices.Sorted(maps.Keys(r.Peak)) {
		p := r.Peak[threads]
		fmt.Fprintf(t.Out, "peak on %s: %.3g GFLOP/s float32, %.3g float64, copy %.3g GB/s read and written\n", plural(threads, "thread"), p.Single, p.Double, p.Copy)
	}
	var said []string
	for _, q := range r.Results {
		if !strings.HasPrefix(q.Name, "gemm ") && !slices.Contains(said, q.Name) { // products' names say it all
			fmt.Fprintf(t.Out, "%s: %s\n", q.Name, q.What)
			said = append(said, q.Name)
		}
	}
	for _, g := range r.Exponent {
		fmt.Fprintf(t.Out, "%s: time grows as n^%.2f (n^%g)\n", g.Name, g.Exponent, g.Theory)
	}
	fmt.Fprintln(t.Out, "On one thread seconds are of processor time, else on the clock; of each turn the fastest tenth counts.")
	if r.PyTorch != "" {
		fmt.Fprintf(t.Out, "PyTorch %s, eager; the ratio is its time over ours, the median of rounds in which both ran.\n", r.PyTorch)
	}
	if r.Without != "" {
		fmt.Fprintf(t.Out, "Without a comparison: %s\n", r.Without)
	}
}

// threadCounts reads a list such as "1,2".
func threadCounts(list string) ([]int, error) {
	var counts []int
	for _, f := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("threads: %q, want numbers of at least 1 such as 1,2", list)
		}
		counts = append(counts, n)
	}
	return counts, nil
}

// allThreads is one thread and all cores, as -threads has it.
func allThreads() string {
	if n := runtime.GOMAXPROCS(0); n > 1 {
		return fmt.Sprintf("1,%d", n)
	}
	return "1"
}
