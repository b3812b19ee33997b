package widgets

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

// waves is an explorer of two panels: lines, points with intervals and a switch that adds a layer on
// the left, a heat map with level lines on the right.
func waves() figure.Explorer {
	return figure.Explorer{
		ID: "0.X/waves", Title: "Waves of depth L", Link: "depth", Play: "depth",
		Try: "Move the depth and watch the wave shorten; its amplitude is $a = 1/L$.",
		Controls: []figure.Control{
			{Kind: figure.Slider, Name: "depth", Label: "depth L", Unit: "layers", Values: []float64{1, 2, 3, 4, 6, 8, 12}, Default: 1, Between: true},
			figure.Choose("shape", "shape", "sine", "square < wave"),
			figure.Switch("data", "measured values"),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			depth := at["depth"]
			wave := func(x float64) float64 {
				y := math.Sin(depth * x)
				if at.Int("shape") == 1 {
					y = math.Copysign(1, y)
				}
				return y / depth
			}
			var x, y, few, measured []float64
			for i := range 201 {
				x = append(x, float64(i)/32)
				y = append(y, wave(x[i]))
			}
			r := rand.New(rand.NewPCG(uint64(depth), 1))
			for i := range 12 {
				few = append(few, 0.25+float64(i)/2)
				measured = append(measured, wave(few[i])+0.05*r.NormFloat64())
			}
			layers := []figure.Layer{figure.Line("theory", 0, x, y), figure.HRule("zero", 0)}
			if at.On("data") {
				low, high := figure.PlusMinus(measured, slicesOf(0.1, len(few)))
				layers = append([]figure.Layer{figure.Points("measured", 1, few, measured, low, high)}, layers...)
			}
			var gx, gy []float64
			var z [][]float64
			for i := range 30 {
				gx, gy = append(gx, float64(i)/5), append(gy, float64(i)/5)
			}
			for _, v := range gy {
				var row []float64
				for _, u := range gx {
					row = append(row, wave(u)*wave(v))
				}
				z = append(z, row)
			}
			return figure.Figure{
				ID: "test/waves", Title: "Waves",
				Alt:     fmt.Sprintf("A wave of amplitude %.3f.", 1/depth),
				Caption: fmt.Sprintf("At depth %g the amplitude is $%.3f$.", depth, 1/depth),
				Panels: []figure.Panel{
					{Title: "The wave", X: figure.Axis{Label: "place x"}, Y: figure.Axis{Label: "height y"}, Layers: layers},
					{Title: "Its product", X: figure.Axis{Label: "u"}, Y: figure.Axis{Label: "v"}, Layers: []figure.Layer{
						figure.Heat("y(u)y(v)", gx, gy, z), figure.Contour("levels", gx, gy, z, []float64{-0.1, 0.1})}},
				},
			}, nil
		},
	}
}

func slicesOf(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func TestExploreRefuses(t *testing.T) {
	broken := errors.New("no such wave")
	for _, c := range []struct {
		why, want string
		edit      func(*figure.Explorer)
		opts      []Option
	}{
		{"a description with a fault", "no controls", func(e *figure.Explorer) { e.Controls = nil }, nil},
		{"settings that cannot be drawn are named", "depth L 12 layers, shape square < wave, measured values on: no such wave", func(e *figure.Explorer) {
			draw := e.Draw
			e.Draw = func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
				if at["depth"] == 12 && at.Int("shape") == 1 && at.On("data") {
					return figure.Figure{}, broken
				}
				return draw(ctx, at)
			}
		}, nil},
		{"a figure without words", "no alt text", func(e *figure.Explorer) {
			draw := e.Draw
			e.Draw = func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
				f, err := draw(ctx, at)
				f.Alt = ""
				return f, err
			}
		}, nil},
		{"panels that come and go", "panels, want 2", func(e *figure.Explorer) {
			draw := e.Draw
			e.Draw = func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
				f, err := draw(ctx, at)
				if at["depth"] == 12 {
					f.Panels = f.Panels[:1]
				}
				return f, err
			}
		}, nil},
		{"too large for its page", "MaxBytes(", nil, []Option{MaxBytes(2000)}},
		{"too slow", "MaxTime(", func(e *figure.Explorer) {
			draw := e.Draw
			e.Draw = func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
				time.Sleep(5 * time.Millisecond)
				return draw(ctx, at)
			}
		}, []Option{MaxTime(time.Millisecond)}},
	} {
		e := waves()
		if c.edit != nil {
			c.edit(&e)
		}
		if _, err := ExploreHTML(context.Background(), e, c.opts...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.why, err, c.want)
		}
	}
}

// Cancelling ends the work soon, with the context's error.
func TestExploreCancelled(t *testing.T) {
	e := waves()
	draw := e.Draw
	ctx, stop := context.WithCancel(context.Background())
	var n atomic.Int32
	e.Draw = func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
		if n.Add(1) == 3 {
			stop()
		}
		if err := ctx.Err(); err != nil {
			return figure.Figure{}, err
		}
		return draw(ctx, at)
	}
	if _, err := ExploreHTML(ctx, e); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestExploreIsDeterministic(t *testing.T) {
	a, err := ExploreHTML(context.Background(), waves())
	if err != nil {
		t.Fatal(err)
	}
	b, err := ExploreHTML(context.Background(), waves())
	if err != nil || a != b {
		t.Errorf("two runs differ (%d and %d bytes, %v)", len(a), len(b), err)
	}
	t.Logf("%d bytes", len(a))
}

func TestExploreText(t *testing.T) {
	s, err := ExploreText(context.Background(), waves())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Waves of depth L\n", "depth L: 1 layers, 2 layers", "shape: sine, square < wave", "measured values: off, on (here off)", "A wave of amplitude 0.500."} {
		if !strings.Contains(s, want) {
			t.Errorf("no %q in\n%s", want, s)
		}
	}
}
