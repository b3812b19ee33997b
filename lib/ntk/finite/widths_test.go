package finite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/rng"
)

// TestCorrectionFit: a weighted fit finds the power and the coefficient of exact data, its standard
// errors are those of repeated noisy data, and a precise width outweighs others.
func TestCorrectionFit(t *testing.T) {
	exact := Correction{Exponent: -.5}
	for _, m := range []int{10, 100, 1000} {
		exact.add(m, 3/math.Sqrt(float64(m)), .01)
	}
	exact.Fit()
	if math.Abs(exact.Slope+.5) > 1e-12 || math.Abs(exact.Fitted-3) > 1e-12 {
		t.Errorf("exponent %g, coefficient %g, want -0.5 and 3", exact.Slope, exact.Fitted)
	}
	noise := rng.Stream(1, "noise")
	const draws, rel = 2000, .02
	var slopes, coefficients, slopeSE, fittedSE float64
	for range draws {
		k := Correction{Exponent: -1}
		for _, m := range []int{16, 64, 256} {
			v := 5 / float64(m)
			k.add(m, v*(1+rel*noise.NormFloat64()), v*rel)
		}
		k.Fit()
		slopes += math.Pow(k.Slope+1, 2) / draws
		coefficients += math.Pow(k.Fitted-5, 2) / draws
		slopeSE, fittedSE = k.SlopeSE, k.FittedSE
	}
	if q := math.Sqrt(slopes) / slopeSE; math.Abs(q-1) > .1 {
		t.Errorf("spread of the exponent over its standard error %g, want 1", q)
	}
	if q := math.Sqrt(coefficients) / fittedSE; math.Abs(q-1) > .1 {
		t.Errorf("spread of the coefficient over its standard error %g, want 1", q)
	}
	precise := Correction{Exponent: -1}
	precise.add(10, .3, 1e-6) // 3/m
	precise.add(100, .05, 1)  // says 5/m, knows nothing
	precise.Fit()
	if math.Abs(precise.Fitted-3) > 1e-3 {
		t.Errorf("coefficient %g, want the precise width's 3", precise.Fitted)
	}
}

func TestPlusMinus(t *testing.T) {
	for _, tt := range []struct {
		v, se float64
		want  string
	}{{2.9999, .00598, "2.9999 ± 0.0060"}, {15.23, .213, "15.23 ± 0.21"}, {68.41, 2.94, "68.4 ± 2.9"}, {812, 31, "812 ± 31"}, {1, 0, "1 ± 0"}} {
		if got := plusMinus(tt.v, tt.se); got != tt.want {
			t.Errorf("%g ± %g: got %q, want %q", tt.v, tt.se, got, tt.want)
		}
	}
}

// TestMeanGate: p(1-p) and p² add up to p, so ΣK²p - ΣK²p(1-p) = Σ(Kp)² = ‖H*‖²_F.
func TestMeanGate(t *testing.T) {
	sum, err := meanGate(context.Background(), 20)
	if err != nil {
		t.Fatal(err)
	}
	if sum < 65.54 || sum > 400 {
		t.Errorf("ΣK²p = %g, want more than ΣK²p(1-p) = 65.54 and at most n²", sum)
	}
}

func TestCorrectionsStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunCorrections(ctx, claimtest.Backend(t), CorrectionsConfig{Seed: 77}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// TestCorrections: rows, figure and JSON of the collection; its numbers are the claim's.
func TestCorrections(t *testing.T) {
	if testing.Short() {
		t.Skip("trains what the claims of half a chapter train")
	}
	c, err := RunCorrections(context.Background(), claimtest.Backend(t), CorrectionsConfig{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	columns, rows := c.Rows()
	if len(rows) != len(c.List) {
		t.Errorf("%d rows of %d corrections", len(rows), len(c.List))
	}
	for i, row := range rows {
		if len(row) != len(columns) {
			t.Errorf("row %d has %d entries, want %d", i, len(row), len(columns))
		}
		t.Log(row...)
	}
	f := CorrectionsFigure(c)
	if err := f.Validate(); err != nil {
		t.Error(err)
	}
	if c.Find("nothing of that name") != nil {
		t.Error("a quantity that is not there was found")
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Corrections
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again) != string(raw) {
		t.Error("the result changes in a round trip through JSON")
	}
}

// The law of a correction from three widths.
func ExampleCorrection_Fit() {
	k := Correction{
		Quantity: "excess kurtosis of the output", Exponent: -1,
		Widths: []float64{5, 20, 100}, Value: []float64{3.0, .76, .15}, SE: []float64{.05, .02, .01},
	}
	k.Fit()
	fmt.Printf("exponent %.2f ± %.2f, coefficient %.2f ± %.2f\n", k.Slope, k.SlopeSE, k.Fitted, k.FittedSE)
	// Output: exponent -1.00 ± 0.02, coefficient 15.05 ± 0.21
}
