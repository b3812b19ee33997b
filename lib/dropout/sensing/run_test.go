package sensing

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"runtime"
	"testing"
	"time"

	"gonum.org/v1/gonum/mat"
)

func quick() Config {
	return Config{Size: 5, Rank: 1, Samples: 20, Draws: 3, Cases: []Case{{0, 1}, {.2, 1}, {.8, 1}}}
}

// TestRunResumes: a run that is stopped and goes on has the result of one that is not, on any number of
// processors, and results survive JSON.
func TestRunResumes(t *testing.T) {
	ctx := context.Background()
	whole, err := Run(ctx, quick())
	if err != nil {
		t.Fatal(err)
	}
	half, cancel := context.WithCancel(ctx)
	cfg := quick()
	cfg.Progress = func(done, total int) {
		if total != 9 {
			t.Errorf("%d runs in all, want 9", total)
		}
		if done == 4 {
			cancel()
		}
	}
	part, err := Run(half, cfg)
	if !errors.Is(err, context.Canceled) || part == nil || len(part.Runs) < 4 {
		t.Fatalf("stopped after 4: %v", err)
	}
	cfg = quick()
	cfg.Done = part.Runs
	computed := 0
	cfg.Progress = func(int, int) { computed++ }
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again, err := Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if computed != 9-len(part.Runs) {
		t.Errorf("%d runs computed, want %d", computed, 9-len(part.Runs))
	}
	if !reflect.DeepEqual(whole, again) {
		t.Error("stopping and going on changes the result")
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(raw, &back); err != nil || !reflect.DeepEqual(whole, &back) {
		t.Errorf("JSON changes the result: %v", err)
	}
	fig := back.Figure()
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
	if v := whole.Mean(Case{.7, 1}, func(t Trained) float64 { return t.Risk }); !math.IsNaN(v) {
		t.Errorf("mean of a case that was not run: %g", v)
	}
}

func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := Run(ctx, Config{Draws: 50}); err == nil {
		t.Error("no error")
	}
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("stopped after %v", d)
	}
}

func TestErrors(t *testing.T) {
	ctx := context.Background()
	p, f := golden()
	narrow := &Factors{Fixture(1, 4, 2), f.V}
	short := &Factors{Fixture(1, 3, 3), f.V}
	nan := &Factors{Fixture(1, 4, 3), Fixture(2, 3, 3)}
	nan.V.Set(1, 1, math.NaN())
	run := func(c Config) error { _, err := Run(ctx, c); return err }
	value := func(p *Problem, f *Factors, rate float64) error { _, err := p.Objective(f, rate); return err }
	for name, err := range map[string]error{
		"no samples":                      value(&Problem{}, f, .5),
		"a number y missing":              value(&Problem{A: p.A, Y: p.Y[:4]}, f, .5),
		"shapes that differ":              value(&Problem{A: []*mat.Dense{p.A[0], f.V}, Y: p.Y[:2]}, f, .5),
		"y is NaN":                        value(&Problem{A: p.A[:1], Y: []float64{math.NaN()}}, f, .5),
		"widths that differ":              value(p, narrow, .5),
		"too few rows":                    value(p, short, .5),
		"a factor with NaN":               value(p, nan, .5),
		"no factors":                      value(p, nil, .5),
		"rate 1":                          value(p, f, 1),
		"rate NaN":                        value(p, f, math.NaN()),
		"negative rate":                   value(p, f, -.1),
		"rank above the width":            run(Config{Width: 1}),
		"no case":                         run(Config{Cases: []Case{}}),
		"rate 1 in a case":                run(Config{Cases: []Case{{1, 1}}}),
		"a start of scale 0":              run(Config{Cases: []Case{{.5, 0}}}),
		"a negative size":                 run(Config{Size: -3}),
		"Hadamard of width 6":             second(EqualizeHadamard(Fixture(1, 3, 3), 6)),
		"equalizing with no width":        second(Equalize(Fixture(1, 3, 3), 0)),
		"equalizing above the width":      second(Equalize(Fixture(1, 3, 3), 2)),
		"equalizing NaN":                  second(Equalize(nan.V, 3)),
		"moments of another order":        second(f.PenaltyUnder(mat.NewSymDense(3, nil))),
		"a rotation search from no start": second(BestRotation(ctx, f, 0, 0)),
		"descent with λ < 0":              second(Descend(ctx, Fixture(1, 3, 3), 2, -1, DescentConfig{})),
		"descent from no start":           second(Descend(ctx, Fixture(1, 3, 3), 2, 1, DescentConfig{Starts: -1})),
		"phases with falling samples":     second(RunPhase(ctx, PhaseConfig{Samples: []int{5, 4}})),
		"a step beyond the last":          second(FigureEqualizer(&Equalized{}, 0)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	var infeasible *InfeasibleError
	if _, err := Equalize(Fixture(1, 3, 3), 2); !errors.As(err, &infeasible) || infeasible.Rank != 3 || infeasible.Width != 2 {
		t.Errorf("rank 3 at width 2: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
