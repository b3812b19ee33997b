package scene

import (
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// ramp turns values into colours: the sequential map, or the diverging one about zero where the
// values have both signs.
type ramp struct {
	scale     Scale
	diverging bool
	label     string
}

func newRamp(l figure.Layer) ramp {
	e := newExtent()
	for _, row := range l.Z {
		e.add(row...)
	}
	e.stickLo, e.stickHi = true, true
	r := ramp{scale: newScale(l.Colour, e, 0), label: l.Colour.Label}
	if r.label == "" {
		r.label = l.Name
	}
	if r.label != "" && l.Colour.Unit != "" {
		r.label += " (" + l.Colour.Unit + ")"
	}
	s := &r.scale
	if s.Kind != figure.Log && s.Lo < 0 && s.Hi > 0 {
		// A few values just below zero, as of a loss with noise, do not make two sides.
		r.diverging = math.Min(-s.Lo, s.Hi) > 0.12*math.Max(-s.Lo, s.Hi)
		// Equal distance from zero is equal strength of colour.
		if r.diverging && l.Colour.Min == nil && l.Colour.Max == nil {
			m := math.Max(-s.Lo, s.Hi)
			s.Lo, s.Hi = -m, m
		}
	}
	s.A, s.B = 0, 1
	return r
}

func (r ramp) rgb(v float64) (red, green, blue uint8) {
	t := r.scale.Place(v)
	if math.IsNaN(t) {
		t = 0
	}
	if !r.diverging {
		return Sequential(t)
	}
	zero := r.scale.Place(0)
	if t < zero {
		return Diverging((t - zero) / math.Max(zero, 1e-12))
	}
	return Diverging((t - zero) / math.Max(1-zero, 1e-12))
}
