package linreg

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

func TestPathMatchesRidgeOnItsOwn(t *testing.T) {
	src := rng.Stream(1, "test")
	x, y := mat.NewDense(20, 3, rng.Normals(src, 60)), rng.Normals(src, 20)
	r, err := Path(context.Background(), x, y, Config{NoIntercept: true, Strengths: []float64{.5, 2}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(x, y)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Ridge {
		u, err := p.Ridge(f.Strength)
		if err != nil {
			t.Fatal(err)
		}
		for j := range u {
			if math.Abs(u[j]-f.Coef[j]) > 1e-12 {
				t.Errorf("strength %v: coefficient %d is %v, want %v", f.Strength, j+1, f.Coef[j], u[j])
			}
		}
		if f.Intercept != 0 {
			t.Errorf("intercept %v without one", f.Intercept)
		}
	}
}

// More columns than rows: at rate 0 the path starts at an interpolant, the limit of small rates.
func TestPathOfWideTables(t *testing.T) {
	src := rng.Stream(2, "test")
	x, y := mat.NewDense(6, 9, rng.Normals(src, 54)), rng.Normals(src, 6)
	r, err := Path(context.Background(), x, y, Config{Rates: []float64{0, 1e-7}, Folds: 3})
	if err != nil {
		t.Fatal(err)
	}
	if r.Dropout[0].Train > 1e-20 {
		t.Errorf("training error at rate 0 is %v, want 0", r.Dropout[0].Train)
	}
	for j, v := range r.Dropout[0].Coef {
		if math.Abs(v-r.Dropout[1].Coef[j]) > 1e-4 {
			t.Errorf("coefficient %d is %v at rate 0 and %v at 1e-7", j+1, v, r.Dropout[1].Coef[j])
		}
	}
}

func TestResultRoundTrips(t *testing.T) {
	x, y, _, err := Wine()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Path(context.Background(), x, y, Config{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(*r, back) {
		t.Errorf("the result does not round-trip: %v", err)
	}
	yhat, err := r.Dropout[0].Predict(x)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, v := range yhat {
		sum += (v - y[i]) * (v - y[i]) / float64(len(y))
	}
	if math.Abs(sum-r.Dropout[0].Train) > 1e-12 {
		t.Errorf("error of the predictions is %v, of the fit %v", sum, r.Dropout[0].Train)
	}
}

func TestNoiseWithoutLimit(t *testing.T) {
	n, err := Fixture().Noise(.4, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Limit(); err == nil || !strings.Contains(err.Error(), "no limit") {
		t.Errorf("error %v, want one that says that there is no limit", err)
	}
}

// Without dropout the recursion is descent: no covariance, and the least-squares limit.
func TestNoiseAtRateZero(t *testing.T) {
	p := Fixture()
	n, err := p.Noise(0, .2)
	if err != nil {
		t.Fatal(err)
	}
	s, err := n.Limit()
	if err != nil {
		t.Fatal(err)
	}
	u, err := p.Least()
	if err != nil {
		t.Fatal(err)
	}
	for j := range u {
		if math.Abs(s.Mean[j]-u[j]) > 1e-10 {
			t.Errorf("mean %v, want least squares %v", s.Mean, u)
		}
	}
	if v := mat.Norm(s.Covariance, 2); v > 1e-12 {
		t.Errorf("covariance of size %v, want 0", v)
	}
}

func TestBadInput(t *testing.T) {
	ctx := context.Background()
	x, y := mat.NewDense(4, 2, []float64{1, 2, 3, 4, 5, 6, 7, 9}), []float64{1, 2, 3, 5}
	path := func(cfg Config) func() error {
		return func() error { _, err := Path(ctx, x, y, cfg); return err }
	}
	p := Fixture()
	for _, c := range []struct {
		want string
		run  func() error
	}{
		{"[0,1)", path(Config{Rates: []float64{0, 1}})},
		{"[0,1)", path(Config{Rates: []float64{math.NaN()}})},
		{"increasing", path(Config{Rates: []float64{.5, .2}})},
		{"increasing", path(Config{Strengths: []float64{1, 1}})},
		{"folds", path(Config{Folds: 9})},
		{"folds", path(Config{Folds: 1})},
		{"column 2", func() error {
			_, err := Path(ctx, mat.NewDense(4, 2, []float64{1, 7, 3, 7, 5, 7, 7, 7}), y, Config{Folds: 2})
			return err
		}},
		{"4 rows of X and 3 values", func() error { _, err := Path(ctx, x, y[:3], Config{}); return err }},
		{"X[0, 1] is NaN", func() error {
			_, err := New(mat.NewDense(1, 2, []float64{1, math.NaN()}), y[:1])
			return err
		}},
		{"y[1] is +Inf", func() error { _, err := New(x, []float64{1, math.Inf(1), 0, 0}); return err }},
		{"empty", func() error { _, err := New(nil, nil); return err }},
		{"2 coefficients, want 3", func() error { _, err := p.InputLoss([]float64{1, 2}, .1); return err }},
		{"width 0", func() error { _, err := p.Hidden(.1, 0); return err }},
		{"no hidden layer", func() error { _, err := p.Deep(.1); return err }},
		{"masks", func() error {
			n, err := p.Deep(.1, 20)
			if err != nil {
				return err
			}
			_, err = n.Enumerate(make([]float64, n.Params()))
			return err
		}},
		{"step", func() error { _, err := p.Noise(.1, 0); return err }},
		{"[0,1)", func() error { _, err := p.Noise(-.1, .1); return err }},
		{"strength", func() error { _, err := p.Ridge(-1); return err }},
	} {
		if err := c.run(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
	}
}

func TestPathStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x, y, _, err := Wine()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Path(ctx, x, y, Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want a cancelled context", err)
	}
}

func TestBreaks(t *testing.T) { lessontest.Breaks(t, Breaks()) }

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 1) }
