package main

import (
	"context"
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/ntk"
	"github.com/lemma-ml/lemma/lib/rng"
	"github.com/lemma-ml/lemma/widgets"
	"gonum.org/v1/gonum/mat"
)

// benchmark measures one algorithm at several sizes.
type benchmark struct {
	name, what string
	sizes      []int
	exponent   float64 // of the cost in n, by the algorithm
	unit       string  // "GFLOP/s" or "GB/s"
	// prepare returns what is timed. It returns how often the unit of work was done, whose size in
	// floating-point operations or bytes is work(n).
	prepare func(n int) (func(context.Context) (int, error), error)
	work    func(n int) float64
}

const benchColumns, benchDepth = 64, 5

func benchmarks() []benchmark {
	return []benchmark{
		{"gram", fmt.Sprintf("Gram matrix of the NTK, ReLU, depth %d, %d columns: n²/2 pairs of 2d + 5 flops a layer, functions counted as one", benchDepth, benchColumns),
			[]int{500, 1000, 2000}, 2, "GFLOP/s", prepareGram,
			func(n int) float64 { return float64(n) * float64(n) / 2 * (2*benchColumns + 5*benchDepth) }},
		{"cholesky", "Cholesky factor of a Gram matrix: n³/3 flops",
			[]int{250, 500, 1000}, 3, "GFLOP/s", prepareCholesky,
			func(n int) float64 { return math.Pow(float64(n), 3) / 3 }},
		{"eigen", "all eigenvalues and vectors of a Gram matrix: at most 14n³/3 flops, a seventh of them bound by memory",
			[]int{256, 512, 1024}, 3, "GFLOP/s", prepareEigen,
			func(n int) float64 { return 14.0 / 3 * math.Pow(float64(n), 3) }},
		{"lanczos", "one product of Lanczos on a dense matrix: one triangle is read, 4n² bytes",
			[]int{1000, 2000, 4000}, 2, "GB/s", prepareLanczos,
			func(n int) float64 { return 4 * float64(n) * float64(n) }},
	}
}

func benchCommand() *command {
	var names []string
	for _, b := range benchmarks() {
		names = append(names, b.name)
	}
	return &command{
		name:    "bench",
		args:    "[" + strings.Join(names, " | ") + "]",
		summary: "measure the main algorithms and fit how their cost grows",
		about: `Each algorithm is timed at several sizes (the fastest of repeated runs) and the exponent of its cost
fitted by least squares of log time on log n, to compare with what the algorithm says. The rate is
compared with a floor measured on this machine at the same moment: a product of matrices that stay in
the caches for arithmetic, a copy of large slices for memory.

With -backend it is a GoMLX backend that is measured: products of matrices, elementwise work and
training steps, each beside the same work in PyTorch where a Python on the PATH has it. Both take turns;
of each turn the fastest tenth counts, as what else the machine does only takes time. On one thread
processor time is compared, on more the time on the clock. Arguments are then names of its workloads.`,
		examples: []example{
			{"lemma bench", "everything, under a minute"},
			{"lemma bench gram -json", "one, for a program"},
			{"lemma bench -backend simd", "our backend against PyTorch, on one thread and on all cores"},
			{`lemma bench -backend simd -threads 1 transformer "gemm 512x512x512"`, "two of its workloads on one thread"},
		},
		flags: func(fs *flag.FlagSet) action {
			asJSON := fs.Bool("json", false, "print JSON instead of a table")
			least := fs.Duration("time", 500*time.Millisecond, "repeat each measurement for at least `d`; with -backend: the turns of one side take so long in all")
			backend := fs.String("backend", "", "measure the backend of this `name`, such as simd or xla:cpu")
			threads := fs.String("threads", allThreads(), "with -backend: numbers of threads, separated by commas")
			rounds := fs.Int("rounds", 9, "with -backend: turns of each side, at least 1")
			torch := fs.Bool("pytorch", true, "with -backend: compare with PyTorch where it is installed")
			return func(ctx context.Context, t terminal, args []string) error {
				if *backend == "" {
					return runBenchmarks(ctx, t, args, *asJSON, *least)
				}
				counts, err := threadCounts(*threads)
				if err != nil {
					return badUsage("%v", err)
				}
				if *rounds < 1 {
					return badUsage("-rounds: %d, want at least 1", *rounds)
				}
				b := backendBench{backend: *backend, names: args, threads: counts, rounds: *rounds, span: *least / time.Duration(*rounds), torch: *torch, json: *asJSON}
				return b.run(ctx, t)
			}
		},
	}
}

// choose returns the benchmarks of these names, all of them without names.
func choose[T any](names []string, all []T, name func(T) string) ([]T, error) {
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	for _, b := range all {
		known = append(known, name(b))
	}
	var chosen []T
	for _, n := range names {
		i := slices.Index(known, n)
		if i < 0 {
			return nil, badUsage("no benchmark %q%s; known are %s", n, didYouMean(n, known), strings.Join(known, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// measurement is one row of the result.
type measurement struct {
	Name    string  `json:"name"`
	N       int     `json:"n"`
	Seconds float64 `json:"seconds"` // of one unit of work
	Rate    float64 `json:"rate"`
	Unit    string  `json:"unit"`
	OfFloor float64 `json:"of_floor"` // rate / what the machine can do
}

// growth is the fitted exponent of one benchmark.
type growth struct {
	Name     string  `json:"name"`
	Exponent float64 `json:"exponent"`
	Theory   float64 `json:"theory"`
}

func runBenchmarks(ctx context.Context, t terminal, args []string, asJSON bool, least time.Duration) error {
	chosen, err := choose(args, benchmarks(), func(b benchmark) string { return b.name })
	if err != nil {
		return err
	}
	floors := map[string]float64{"GFLOP/s": productRate(ctx), "GB/s": copyRate(runtime.GOMAXPROCS(0))}
	var rows []measurement
	var fits []growth
	total, done := 0, 0
	for _, b := range chosen {
		total += len(b.sizes)
	}
	meter := widgets.NewProgress(t.Err, "bench", total)
	for _, b := range chosen {
		var x, y []float64
		for _, n := range b.sizes {
			m, err := b.measure(ctx, n, least, floors[b.unit])
			if err != nil {
				meter.Done()
				return fmt.Errorf("%s, n = %d: %w", b.name, n, err)
			}
			rows = append(rows, m)
			x, y = append(x, math.Log(float64(n))), append(y, math.Log(m.Seconds))
			done++
			meter.Set(done, fmt.Sprintf("%s n = %d", b.name, n))
		}
		fits = append(fits, growth{b.name, slope(x, y), b.exponent})
	}
	meter.Done()
	if asJSON {
		return printJSON(t.Out, map[string]any{"measurements": rows, "growth": fits, "floors": floors, "cores": runtime.GOMAXPROCS(0)})
	}
	tab := table{head: []string{"name", "n", "seconds", "rate", "", "of floor", "exponent"}}
	i := 0
	for k, b := range chosen {
		for j := range b.sizes {
			m := rows[i]
			i++
			exponent := ""
			if j == len(b.sizes)-1 {
				exponent = fmt.Sprintf("%.2f (%g)", fits[k].Exponent, fits[k].Theory)
			}
			tab.add(m.Name, fmt.Sprint(m.N), fmt.Sprintf("%.3g", m.Seconds), fmt.Sprintf("%.3g", m.Rate), m.Unit, fmt.Sprintf("%.0f %%", 100*m.OfFloor), exponent)
		}
	}
	tab.write(t.Out, t.width())
	fmt.Fprintf(t.Out, "\nfloors of this machine, %s: matrix product %.3g GFLOP/s, copy %.3g GB/s read and written\n", plural(runtime.GOMAXPROCS(0), "core"), floors["GFLOP/s"], floors["GB/s"])
	for _, b := range chosen {
		fmt.Fprintf(t.Out, "%s: %s\n", b.name, b.what)
	}
	return nil
}

// measure returns the fastest of the runs that fit into the time, at least one.
func (b benchmark) measure(ctx context.Context, n int, least time.Duration, floor float64) (measurement, error) {
	run, err := b.prepare(n)
	if err != nil {
		return measurement{}, err
	}
	best := math.Inf(1)
	for spent := time.Duration(0); spent < least || math.IsInf(best, 1); {
		if err := ctx.Err(); err != nil {
			return measurement{}, err
		}
		start := time.Now()
		units, err := run(ctx)
		if err != nil {
			return measurement{}, err
		}
		d := time.Since(start)
		spent += d
		best = min(best, d.Seconds()/float64(units))
	}
	rate := b.work(n) / best / 1e9
	return measurement{b.name, n, best, rate, b.unit, rate / floor}, nil
}

// slope is the least-squares slope of y on x.
func slope(x, y []float64) float64 {
	var mx, my, xy, xx float64
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(y))
	}
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}

func benchRows(n int) *mat.Dense {
	return mat.NewDense(n, benchColumns, rng.Normals(rng.Stream(1, "bench"), n*benchColumns))
}

func prepareGram(n int) (func(context.Context) (int, error), error) {
	x := benchRows(n)
	k := ntk.Kernel{Depth: benchDepth}
	return func(ctx context.Context) (int, error) {
		_, err := k.GramContext(ctx, x)
		return 1, err
	}, nil
}

func prepareCholesky(n int) (func(context.Context) (int, error), error) {
	g, err := ntk.Kernel{Depth: benchDepth}.Gram(benchRows(n))
	return func(ctx context.Context) (int, error) {
		_, err := linalg.CholeskyContext(ctx, g)
		return 1, err
	}, err
}

func prepareEigen(n int) (func(context.Context) (int, error), error) {
	g, err := ntk.Kernel{Depth: benchDepth}.Gram(benchRows(n))
	return func(ctx context.Context) (int, error) {
		_, _, err := linalg.EigenSymContext(ctx, g)
		return 1, err
	}, err
}

func prepareLanczos(n int) (func(context.Context) (int, error), error) {
	g, err := ntk.Kernel{Depth: 1}.Gram(benchRows(n))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (int, error) {
		r, err := linalg.Lanczos(ctx, linalg.SymOp(g), n, 3, linalg.LanczosConfig{MaxSteps: 20, Seed: 1})
		if err != nil {
			return 0, err
		}
		return r.Products, nil
	}, nil
}

// productRate is the arithmetic floor in GFLOP/s: the fastest product of two matrices in a tenth of a
// second.
func productRate(ctx context.Context) float64 {
	const n, d = 512, 512
	x := mat.NewDense(n, d, rng.Normals(rng.Stream(1, "product"), n*d))
	best := 0.0
	for start := time.Now(); time.Since(start) < 100*time.Millisecond; {
		once := time.Now()
		if _, err := linalg.CrossGram(ctx, x, x); err != nil {
			return best // the context is done: nobody will read this
		}
		best = max(best, 2*n*n*d/time.Since(once).Seconds()/1e9)
	}
	return best
}

// copyRate is the memory floor in GB/s, read plus written, of that many goroutines: what they copy
// together in the best 5 of 200 ms.
func copyRate(threads int) float64 {
	const n, piece = 1 << 22, 1 << 17 // 32 MiB, beyond the caches of a core, and 1 MiB of them
	const span, window = 200 * time.Millisecond, 5 * time.Millisecond
	var copied atomic.Int64 // pieces
	var ready, wg sync.WaitGroup
	ready.Add(threads)
	best := 0.0
	var done atomic.Bool
	for i := range threads {
		wg.Go(func() {
			from, to := make([]float64, n), make([]float64, n)
			copy(to, from) // the first touch of a page is the system's time, not the memory's
			ready.Done()
			ready.Wait()
			start, before := time.Now(), copied.Load()
			for begin := start; !done.Load(); {
				for at := 0; at < n; at += piece {
					copy(to[at:at+piece], from[at:at+piece])
					now := copied.Add(1)
					if i > 0 {
						continue
					}
					if took := time.Since(start); took >= window { // the first goroutine looks at the clock for all
						best = max(best, float64(now-before)*16*piece/took.Seconds()/1e9)
						start, before = time.Now(), copied.Load()
					}
				}
				if i == 0 {
					done.Store(time.Since(begin) >= span)
				}
			}
		})
	}
	wg.Wait()
	return best
}
