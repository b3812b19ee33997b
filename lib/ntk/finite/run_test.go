package finite

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/figure"
)

// small holds every experiment at a size that runs in milliseconds.
func small(ctx context.Context, b backends.Backend) map[string]func() (any, *figure.Figure, error) {
	pack := func(r any, err error, f func() *figure.Figure) (any, *figure.Figure, error) {
		if err != nil || f == nil {
			return r, nil, err
		}
		return r, f(), nil
	}
	return map[string]func() (any, *figure.Figure, error){
		"lazy": func() (any, *figure.Figure, error) {
			r, err := RunLazy(ctx, b, LazyConfig{Widths: []int{8, 16}, Seeds: 2, Train: 10, Steps: 8, Every: 4, Seed: 3})
			return pack(r, err, func() *figure.Figure { return LazyFigure(r) })
		},
		"labels": func() (any, *figure.Figure, error) {
			r, err := RunLabels(ctx, b, LabelsConfig{Widths: []int{16, 32}, Train: 20, Steps: 4, Every: 2, Seed: 3})
			return pack(r, err, func() *figure.Figure { return LabelsFigure(r) })
		},
		"deep": func() (any, *figure.Figure, error) {
			r, err := RunDeep(ctx, b, DeepConfig{Widths: []int{8, 16}, Seeds: 2, Train: 6, Steps: 4, Every: 2, Seed: 3})
			return pack(r, err, func() *figure.Figure { return DeepFigure(r) })
		},
		"students": func() (any, *figure.Figure, error) {
			r, err := RunStudents(ctx, b, StudentsConfig{Widths: []int{4, 8}, Seeds: 2, Train: 10, Steps: 20, LabelWidth: 16, LabelTrain: 4, LabelSteps: 20, Seed: 3})
			return pack(r, err, func() *figure.Figure { return StudentsFigure(r) })
		},
		"evolution": func() (any, *figure.Figure, error) {
			r, err := RunEvolution(ctx, b, EvolutionConfig{Train: 4, Width: 8, Deep: []int{4}, Steps: 2, Seed: 3})
			return pack(r, err, func() *figure.Figure { return EvolutionFigure(r) })
		},
		"width": func() (any, *figure.Figure, error) {
			r, err := RunWidth(ctx, b, WidthConfig{Depths: []int{1, 2}, Widths: []int{8, 16}, Nets: []int{4, 3}, Seed: 3})
			return pack(r, err, func() *figure.Figure { return WidthFigure(r) })
		},
		"output": func() (any, *figure.Figure, error) {
			r, err := RunOutput(ctx, b, OutputConfig{Widths: []int{3, 6}, Draws: []int{500, 500}, Seed: 3})
			return pack(r, err, func() *figure.Figure { return OutputFigure(r) })
		},
		"norms": func() (any, *figure.Figure, error) {
			r, err := RunNorms(ctx, b, NormsConfig{Widths: []int{8, 16}, Nets: []int{3, 2}, Seed: 3})
			return pack(r, err, nil)
		},
		"steps": func() (any, *figure.Figure, error) {
			r, err := RunSteps(ctx, b, StepsConfig{Width: 16, Train: 6, Time: 1, Halvings: 2, Seed: 3})
			return pack(r, err, nil)
		},
		"start": func() (any, *figure.Figure, error) {
			r, err := RunStart(ctx, b, StartConfig{Widths: []int{4}, Nets: 3, Seed: 3})
			return pack(r, err, nil)
		},
		"backward": func() (any, *figure.Figure, error) {
			r, err := RunBackward(ctx, b, BackwardConfig{Seed: 3})
			return pack(r, err, nil)
		},
	}
}

// TestResults: the same numbers at any GOMAXPROCS, a round trip through JSON, figures that validate.
func TestResults(t *testing.T) {
	b := claimtest.Backend(t)
	for name, run := range small(context.Background(), b) {
		t.Run(name, func(t *testing.T) {
			var raw [2]string
			for i, procs := range []int{1, 2} {
				old := runtime.GOMAXPROCS(procs)
				r, f, err := run()
				runtime.GOMAXPROCS(old)
				if err != nil {
					t.Fatal(err)
				}
				if f != nil {
					if err := f.Validate(); err != nil {
						t.Error(err)
					}
				}
				j, err := json.Marshal(r)
				if err != nil {
					t.Fatal(err)
				}
				raw[i] = string(j)
				back := reflect.New(reflect.TypeOf(r).Elem())
				if err := json.Unmarshal(j, back.Interface()); err != nil {
					t.Fatal(err)
				}
				if again, _ := json.Marshal(back.Interface()); string(again) != raw[i] {
					t.Errorf("the result changes in a round trip through JSON")
				}
			}
			if raw[0] != raw[1] {
				t.Errorf("results differ between GOMAXPROCS 1 and 2")
			}
		})
	}
}

// TestRunFaults: wrong configurations are errors before any work is done.
func TestRunFaults(t *testing.T) {
	b, ctx := claimtest.Backend(t), context.Background()
	for name, run := range map[string]func() error{
		"odd width":              func() error { _, err := RunLazy(ctx, b, LazyConfig{Widths: []int{7}}); return err },
		"no widths":              func() error { _, err := RunLazy(ctx, b, LazyConfig{Widths: []int{}}); return err },
		"steps not a multiple":   func() error { _, err := RunLazy(ctx, b, LazyConfig{Steps: 30, Every: 20}); return err },
		"unknown activation":     func() error { _, err := RunLazy(ctx, b, LazyConfig{Activation: "swoosh"}); return err },
		"too many digits":        func() error { _, err := RunLazy(ctx, b, LazyConfig{Train: 357}); return err },
		"step beyond 2/λ₁":       func() error { _, err := RunLazy(ctx, b, LazyConfig{LearningRate: 0.2}); return err },
		"labels: odd width":      func() error { _, err := RunLabels(ctx, b, LabelsConfig{Widths: []int{3}}); return err },
		"labels: no backend":     func() error { _, err := RunLabels(ctx, nil, LabelsConfig{}); return err },
		"deep: one seed":         func() error { _, err := RunDeep(ctx, b, DeepConfig{Seeds: 1}); return err },
		"students: negative":     func() error { _, err := RunStudents(ctx, b, StudentsConfig{Teacher: -1}); return err },
		"evolution: no step":     func() error { _, err := RunEvolution(ctx, b, EvolutionConfig{Tiny: []float64{0}}); return err },
		"width: numbers of nets": func() error { _, err := RunWidth(ctx, b, WidthConfig{Nets: []int{3}}); return err },
		"width: depth 0":         func() error { _, err := RunWidth(ctx, b, WidthConfig{Depths: []int{0}}); return err },
		"output: too few draws": func() error {
			_, err := RunOutput(ctx, b, OutputConfig{Widths: []int{5}, Draws: []int{10}})
			return err
		},
		"output: zero widths": func() error { _, err := RunOutput(ctx, b, OutputConfig{Widths: []int{}, Draws: []int{}}); return err },
		"norms: lengths":      func() error { _, err := RunNorms(ctx, b, NormsConfig{Widths: []int{5}}); return err },
		"steps: one halving":  func() error { _, err := RunSteps(ctx, b, StepsConfig{Halvings: 1}); return err },
		"start: one network":  func() error { _, err := RunStart(ctx, b, StartConfig{Nets: 1}); return err },
	} {
		if err := run(); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

func TestDots(t *testing.T) {
	r, err := RunLabels(context.Background(), claimtest.Backend(t), LabelsConfig{Widths: []int{16, 32}, Train: 20, Steps: 4, Every: 2})
	if err != nil {
		t.Fatal(err)
	}
	dots, err := r.Dots()
	if err != nil || len(dots) != 3 {
		t.Fatal(dots, err)
	}
	if d := dots[2]; d.Label != "worst" || len(d.Time) != 2 || d.Time[1] != 4*r.Config.LearningRate || d.Loss[1] != r.Sets[2].Measured[1][2] {
		t.Errorf("dots %+v", d)
	}
	if _, err := r.Dots(7); err == nil {
		t.Error("a width that was not run must be an error")
	}
	if _, _, err := r.At("true", 16, 3); err == nil {
		t.Error("a step that was not observed must be an error")
	}
}

// ExampleRunLabels trains a small network on true and on random labels: the true ones go first.
func ExampleRunLabels() {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		panic(err)
	}
	r, err := RunLabels(context.Background(), b, LabelsConfig{Widths: []int{256}, Train: 50, Steps: 20, Every: 20, LearningRate: 0.05})
	if err != nil {
		panic(err)
	}
	for _, s := range r.Sets {
		fmt.Printf("%s: kernel %.1f, network %.1f\n", s.Name, s.Theory[1], s.Measured[0][1])
	}
	// Output:
	// true: kernel 0.0, network 0.0
	// random: kernel 0.8, network 0.8
	// worst: kernel 1.0, network 1.0
}

// ExampleEmpiricalKernel shows the kernel of one wide network beside its limit 2·‖x‖².
func ExampleEmpiricalKernel() {
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		panic(err)
	}
	r, err := RunWidth(context.Background(), b, WidthConfig{Points: 2, Depths: []int{1}, Widths: []int{4096}, Nets: []int{20}})
	if err != nil {
		panic(err)
	}
	fmt.Printf("mean of 20 networks %.1f, limit %.1f\n", r.Points[0].MeanKernel[0], r.Theta[0][0])
	// Output: mean of 20 networks 2.0, limit 2.0
}
