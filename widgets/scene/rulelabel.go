package scene

import "math"

// ruleLabel names a rule where it stands, so that the eye need not look it up, at the one of
// several places along it that covers the least of the data.
func (out *Panel) ruleLabel(g *Group, horizontal bool) Text {
	r, w := out.Plot, Width(g.Name, SizeTick, false)
	t := Text{Label: g.Name, Size: SizeTick, Paint: PaintMuted, Halo: true}
	type place struct {
		at     Point
		anchor float64
	}
	var places []place
	if y := g.label.Y; horizontal {
		for _, at := range []float64{y - 5, y + SizeTick + 2} {
			for _, f := range []float64{1, 0, 0.75, 0.5, 0.25} {
				places = append(places, place{Point{r.X0 + 5 + f*(r.W()-9), at}, f})
			}
		}
	} else {
		x := g.label.X
		top, bottom := r.Y0+SizeTick, r.Y1-6
		places = []place{{Point{x + 5, top}, 0}, {Point{x - 5, top}, 1}, {Point{x + 5, bottom}, 0}, {Point{x - 5, bottom}, 1}}
	}
	best := math.Inf(1)
	for _, p := range places {
		box := Rect{p.at.X - p.anchor*w - 2, p.at.Y - SizeTick, p.at.X + (1-p.anchor)*w + 2, p.at.Y + 4}
		cost := out.covered(g, box)
		if box.Y0 < r.Y0-2 || box.Y1 > r.Y1+2 || box.X0 < r.X0-2 || box.X1 > r.X1+6 {
			cost += 1000
		}
		if cost < best {
			best, t.At, t.Anchor = cost, p.at, p.anchor
		}
	}
	return t
}

// covered is how much of the other layers lies in the box: dots, units of line, corners of areas.
func (out *Panel) covered(but *Group, box Rect) float64 {
	cost := 0.0
	for i := range out.Groups {
		if g := &out.Groups[i]; g == but || g.Hidden {
			continue
		}
		for _, s := range out.Groups[i].Shapes {
			switch s := s.(type) {
			case Dots:
				for _, p := range s.At {
					if inside(p, grow(box, s.R)) {
						cost += 10
					}
				}
			case Path:
				for _, line := range s.Lines {
					if s.Closed {
						if p := clipPolygon(line, box); len(p) > 2 {
							cost += 5
						}
						continue
					}
					for k := 1; k < len(line); k++ {
						if a, b, ok := clipSegment(line[k-1], line[k], box); ok {
							cost += math.Hypot(a.X-b.X, a.Y-b.Y)
						}
					}
				}
			}
		}
	}
	return cost
}
