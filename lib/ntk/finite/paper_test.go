package finite

import (
	"context"
	"math"
	"os"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
)

// The reference's own settings, opt-in: LEMMA_PAPER=1. About 40 s of processor time on simd.
func paper(t *testing.T) {
	t.Helper()
	if os.Getenv("LEMMA_PAPER") == "" {
		t.Skip("set LEMMA_PAPER=1 for the full settings, about 40 s of processor time")
	}
}

func TestPaperLazy(t *testing.T) {
	paper(t)
	r, err := RunLazy(context.Background(), claimtest.Backend(t), PaperLazy())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range r.Widths {
		for _, c := range lazyReference(w) {
			mean, se := w.Mean(c.of)
			t.Logf("m = %d: %s %.4g ± %.2g, reference %.4g", w.Width, c.name, mean, se, c.value)
			if d := math.Abs(mean-c.value) / c.value; d > 4*c.spread*math.Sqrt(2.0/5) {
				t.Errorf("m = %d: %s is %.4g, reference %.4g", w.Width, c.name, mean, c.value)
			}
		}
	}
	for name, f := range map[string]func(LazyRun) float64{"largest movement": move, "trajectory error": trainError} {
		if s := r.Slope(f); math.Abs(s+0.5) > 0.12 {
			t.Errorf("%s: exponent %.3f, want -0.5 ± 0.12", name, s)
		} else {
			t.Logf("%s: exponent %.3f", name, s)
		}
	}
}

func TestPaperLabels(t *testing.T) {
	paper(t)
	cfg := PaperLabels()
	cfg.Widths = []int{4096}
	r, err := RunLabels(context.Background(), claimtest.Backend(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set    string
		step   int
		want   float64
		kernel float64 // random labels: in expectation
	}{
		{"true", 50, .0787, .0765}, {"true", 200, .0335, .0309}, {"true", 500, .0159, .0126},
		{"random", 50, .837, .8204}, {"random", 200, .662, .5785}, {"random", 500, .528, .3316},
		{"worst", 50, .968, .959}, {"worst", 200, .929, .844}, {"worst", 500, .899, .655},
	} {
		theory, got, err := r.At(c.set, 4096, c.step)
		if err != nil {
			t.Fatal(err)
		}
		// Random labels are another draw than the reference's: its loss differs by a few hundredths.
		tol := map[string]float64{"true": .006, "random": .06, "worst": .02}[c.set]
		t.Logf("%s labels, %d steps: %.4f, reference %.4f; kernel %.4f, reference %.4f", c.set, c.step, got, c.want, theory, c.kernel)
		if math.Abs(got-c.want) > tol {
			t.Errorf("%s labels, %d steps: %.4f, want %.4f ± %g", c.set, c.step, got, c.want, tol)
		}
		if c.set != "random" && math.Abs(theory-c.kernel) > 6e-4 {
			t.Errorf("%s labels, %d steps: the kernel gives %.4f, want %.4f", c.set, c.step, theory, c.kernel)
		}
	}
}

func TestPaperWidth(t *testing.T) {
	paper(t)
	r, err := RunWidth(context.Background(), claimtest.Backend(t), PaperWidth())
	if err != nil {
		t.Fatal(err)
	}
	for depth, want := range [][]float64{{.231, .117, .065}, {.319, .161, .089}, {.387, .221, .107}} {
		for i, m := range []int{64, 256, 1024} {
			k := r.At(depth+1, m).Kernel
			t.Logf("L = %d, m = %d: %.4f ± %.4f, reference %.4f", depth+1, m, k.Mean, k.SE(), want[i])
			// Other points: a tenth.
			if math.Abs(k.Mean-want[i]) > 0.1*want[i]+4*math.Sqrt2*k.SE() {
				t.Errorf("L = %d, m = %d: %.4f, want %.4f", depth+1, m, k.Mean, want[i])
			}
		}
		if s, _ := r.Slope(depth+1, func(p *WidthPoint) Sample { return p.Kernel }); math.Abs(s+0.5) > 0.1 {
			t.Errorf("L = %d: exponent %.3f, want -0.5 ± 0.1", depth+1, s)
		}
	}
}
