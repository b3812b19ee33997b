package widgets

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure"
)

// moving is an explorer of frames figures with points points each, of one series.
func moving(id string, frames, points int, layer func(t float64, n int) figure.Layer) figure.Explorer {
	v := make([]float64, frames)
	for i := range v {
		v[i] = float64(i)
	}
	return figure.Explorer{ID: id, Title: "Frames", Controls: []figure.Control{figure.Slide("t", "time t", v...)}, Play: "t",
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			t := at["t"] / float64(frames)
			return figure.Figure{ID: id, Title: "Frames", Alt: fmt.Sprintf("A curve at %.4f.", t), Caption: fmt.Sprintf("At time %g the mean is $%.4f$.", at["t"], math.Exp(-t)),
				Panels: []figure.Panel{{X: figure.Axis{Label: "x"}, Y: figure.Axis{Label: "y"}, Layers: []figure.Layer{layer(t, points)}}}}, nil
		}}
}

// An explorer of 200 figures with 500 points each takes less than 300 kB, whatever the points are.
func TestGoldenSizes(t *testing.T) {
	line := func(f func(x, t float64) float64) func(float64, int) figure.Layer {
		return func(t float64, n int) figure.Layer {
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i] = float64(i) / float64(n-1)
				y[i] = f(x[i], t)
			}
			return figure.Line("curve", 0, x, y)
		}
	}
	for _, c := range []struct {
		why   string
		layer func(float64, int) figure.Layer
		limit int // bytes
	}{
		{"a smooth curve that moves", line(func(x, t float64) float64 { return math.Exp(-20*(x-t)*(x-t)) + 0.3*math.Sin(9*x+5*t) }), 100_000},
		{"noise that stays while its size grows", line(func(x, t float64) float64 { return t * rand.New(rand.NewPCG(math.Float64bits(x), 1)).NormFloat64() }), 200_000},
		{"noise drawn anew in every figure", line(func(x, t float64) float64 {
			return rand.New(rand.NewPCG(math.Float64bits(x), math.Float64bits(t))).NormFloat64()
		}), 300_000},
		{"points that drift apart", func(t float64, n int) figure.Layer {
			r := rand.New(rand.NewPCG(1, 2))
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i], y[i] = r.NormFloat64()+3*t*r.NormFloat64(), r.NormFloat64()+3*t*r.NormFloat64()
			}
			return figure.Points("points", 0, x, y, nil, nil)
		}, 300_000},
		{"points drawn anew in every figure", func(t float64, n int) figure.Layer {
			r := rand.New(rand.NewPCG(math.Float64bits(t), 2))
			x, y := make([]float64, n), make([]float64, n)
			for i := range x {
				x[i], y[i] = r.NormFloat64(), r.NormFloat64()
			}
			return figure.Points("points", 0, x, y, nil, nil)
		}, 300_000},
		{"a map of 20 by 25 values", func(t float64, n int) figure.Layer {
			x, y := make([]float64, 25), make([]float64, n/25)
			var z [][]float64
			for i := range x {
				x[i] = float64(i)
			}
			for j := range y {
				y[j] = float64(j)
				row := make([]float64, len(x))
				for i := range row {
					row[i] = math.Sin(x[i]/4+6*t) * math.Cos(y[j]/3-3*t)
				}
				z = append(z, row)
			}
			return figure.Heat("z", x, y, z)
		}, 300_000},
	} {
		x, err := explore(context.Background(), moving("size", 200, 500, c.layer), newLimits([]Option{MaxBytes(1 << 24)}), nil)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if n := x.data.Size(); x.cost.bytes < n/2 || x.cost.bytes > 2*n {
			t.Errorf("%s: %d bytes, and they were estimated at %d", c.why, n, x.cost.bytes)
		}
		if n := x.data.Size(); n > c.limit {
			t.Errorf("%s: %d bytes, want at most %d", c.why, n, c.limit)
		}
		t.Logf("%s: %d bytes (estimate %d), %d of texts, in %v", c.why, x.data.Size(), x.cost.bytes, x.data.Size()-len(x.data.Bits), x.took)
		if dir := os.Getenv("LEMMA_PREVIEW"); dir != "" {
			_ = os.WriteFile(dir+"/size.html", []byte(x.html()), 0o644)
		}
	}
}
