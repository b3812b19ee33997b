package scene

import (
	"errors"
	"fmt"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Ranges are ends of axes that hold for several figures with the same panels, so that a picture that
// moves does so within one frame. They are plain data.
type Ranges struct {
	Panels []PanelRanges `json:"panels"`
}

// PanelRanges are the ends of one panel's axes: along each direction by scale, for a switch may
// turn an axis logarithmic, and for colours by what they show.
type PanelRanges struct {
	X      map[figure.Scale][2]float64 `json:"x"`
	Y      map[figure.Scale][2]float64 `json:"y"`
	Colour map[string][2]float64       `json:"colour,omitempty"`
}

// Share returns the ends under which every value of every figure is in view, with the air that New
// leaves. The figures must be valid and have equally many panels.
func Share(figures []*figure.Figure) (Ranges, error) {
	if len(figures) == 0 {
		return Ranges{}, errors.New("scene.Share: no figures")
	}
	n := len(figures[0].Panels)
	for i, f := range figures {
		if err := f.Validate(); err != nil {
			return Ranges{}, fmt.Errorf("scene.Share: figure %d: %w", i, err)
		}
		if len(f.Panels) != n {
			return Ranges{}, fmt.Errorf("scene.Share: figure %d has %d panels, want %d as the first", i, len(f.Panels), n)
		}
	}
	out := Ranges{Panels: make([]PanelRanges, n)}
	for i := range n {
		x, y := map[figure.Scale]*extent{}, map[figure.Scale]*extent{}
		colours := map[string]*figure.Layer{}
		axis := [2]map[figure.Scale]figure.Axis{{}, {}}
		for _, f := range figures {
			p := &f.Panels[i]
			ex, ey := extents(p)
			merge(x, p.X.Scale, ex)
			merge(y, p.Y.Scale, ey)
			axis[0][p.X.Scale], axis[1][p.Y.Scale] = p.X, p.Y
			for _, l := range p.Layers {
				if l.Kind != figure.KindHeat && l.Kind != figure.KindContour {
					continue
				}
				c := colours[colourKey(l)]
				if c == nil {
					c = &figure.Layer{Colour: l.Colour}
					colours[colourKey(l)] = c
				}
				c.Z = append(c.Z, l.Z...)
			}
		}
		r := PanelRanges{X: map[figure.Scale][2]float64{}, Y: map[figure.Scale][2]float64{}, Colour: map[string][2]float64{}}
		for k, e := range x {
			s := newScale(axis[0][k], *e, airX)
			r.X[k] = [2]float64{s.Lo, s.Hi}
		}
		for k, e := range y {
			s := newScale(axis[1][k], *e, airY)
			r.Y[k] = [2]float64{s.Lo, s.Hi}
		}
		for k, l := range colours {
			s := newRamp(*l).scale
			r.Colour[k] = [2]float64{s.Lo, s.Hi}
		}
		out.Panels[i] = r
	}
	return out, nil
}

func merge(to map[figure.Scale]*extent, k figure.Scale, e extent) {
	if to[k] == nil {
		to[k] = &e
		return
	}
	m := to[k]
	m.lo, m.hi, m.positive = min(m.lo, e.lo), max(m.hi, e.hi), min(m.positive, e.positive)
	m.stickLo, m.stickHi = m.stickLo || e.stickLo, m.stickHi || e.stickHi
}

// colourKey names what a layer's colours show.
func colourKey(l figure.Layer) string {
	return l.Name + "|" + l.Colour.Label + "|" + string(l.Colour.Scale)
}

// Fix returns the figure with the ends where its own axes leave them open. The data are shared with
// f, not copied.
func (r Ranges) Fix(f figure.Figure) figure.Figure {
	f.Panels = append([]figure.Panel(nil), f.Panels...)
	for i := range f.Panels {
		if i >= len(r.Panels) {
			break
		}
		p := &f.Panels[i]
		p.X, p.Y = within(p.X, r.Panels[i].X), within(p.Y, r.Panels[i].Y)
		p.Layers = append([]figure.Layer(nil), p.Layers...)
		for j := range p.Layers {
			l := &p.Layers[j]
			if l.Kind != figure.KindHeat && l.Kind != figure.KindContour {
				continue
			}
			if ends, ok := r.Panels[i].Colour[colourKey(*l)]; ok {
				l.Colour = open(l.Colour, ends)
			}
		}
	}
	return f
}

func within(a figure.Axis, ends map[figure.Scale][2]float64) figure.Axis {
	if e, ok := ends[a.Scale]; ok && len(a.Categories) == 0 {
		return open(a, e)
	}
	return a
}

// open sets the ends that are open, as far as they are the right way round.
func open(a figure.Axis, ends [2]float64) figure.Axis {
	lo, hi := ends[0], ends[1]
	if a.Min != nil {
		lo = *a.Min
	}
	if a.Max != nil {
		hi = *a.Max
	}
	if !(lo < hi) {
		return a
	}
	return a.Range(lo, hi)
}
