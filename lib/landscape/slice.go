package landscape

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/linalg"
)

// Slice is a picture of any objective: its values on a plane through a point, spanned by two directions,
// with the path of an optimiser projected on it.
type Slice struct {
	Centre     []float64
	U, V       []float64 // orthonormal
	LabelU     string
	LabelV     string
	Curvatures [2]float64 // along U and V at the centre
}

// SliceAlong returns the slice through centre along the eigenvectors of the Hessian with the largest and
// the smallest eigenvalue there: where a point is a saddle, this plane shows it. Cost some tens of
// products with the Hessian.
func SliceAlong(ctx context.Context, o *Objective, centre []float64) (*Slice, error) {
	const fn = "landscape.SliceAlong"
	if err := o.At(fn, centre); err != nil {
		return nil, err
	}
	if o.Dim < 2 {
		return nil, fmt.Errorf("%s: an objective of %d variable, want at least 2", fn, o.Dim)
	}
	s := &Slice{Centre: slices.Clone(centre)}
	op := func(dst, v []float64) { o.HessVec(dst, centre, v) }
	for i, smallest := range []bool{false, true} {
		r, err := linalg.Lanczos(ctx, op, o.Dim, 1, linalg.LanczosConfig{Tolerance: 1e-6, Smallest: smallest})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fn, err)
		}
		d := make([]float64, o.Dim)
		for k := range d {
			d[k] = r.Vectors.At(k, 0)
		}
		s.Curvatures[i] = r.Values[0]
		if i == 0 {
			s.U = d
			continue
		}
		floats.AddScaled(d, -floats.Dot(d, s.U), s.U)
		if n := floats.Norm(d, 2); n < 1e-6 {
			return nil, fmt.Errorf("%s: the Hessian is a multiple of the identity here: every plane is alike", fn)
		} else {
			floats.Scale(1/n, d)
		}
		s.V = d
	}
	s.LabelU = fmt.Sprintf("along the largest curvature, %.3g", s.Curvatures[0])
	s.LabelV = fmt.Sprintf("along the smallest, %.3g", s.Curvatures[1])
	return s, nil
}

// Project returns the coordinates of a point in the slice.
func (s *Slice) Project(x []float64) (u, v float64) {
	d := make([]float64, len(x))
	floats.SubTo(d, x, s.Centre)
	return floats.Dot(d, s.U), floats.Dot(d, s.V)
}

// Figure draws the objective within radius of the centre on side×side points, and the path, if any. The
// caption says what part of the path's length lies in the plane: what is not in it is not in the picture.
func (s *Slice) Figure(ctx context.Context, o *Objective, radius float64, side int, path [][]float64) (figure.Figure, error) {
	const fn = "landscape.Slice.Figure"
	if !(radius > 0) || side < 2 {
		return figure.Figure{}, fmt.Errorf("%s: radius %g and %d points a side, want a positive radius and 2 or more", fn, radius, side)
	}
	at := make([]float64, side)
	for i := range at {
		at[i] = radius * (2*float64(i)/float64(side-1) - 1)
	}
	z := make([][]float64, side)
	err := linalg.Parallel(ctx, side, 1, func(j, _ int) {
		z[j] = make([]float64, side)
		x := make([]float64, o.Dim)
		for i := range at {
			copy(x, s.Centre)
			floats.AddScaled(x, at[i], s.U)
			floats.AddScaled(x, at[j], s.V)
			z[j][i] = o.Value(x)
		}
	})
	if err != nil {
		return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
	}
	layers := []figure.Layer{figure.Contour("", at, at, z, nil).Coloured(figure.Axis{Label: "f"})}
	caption := "The plane through the point along the directions of largest and smallest curvature."
	if len(path) > 0 {
		var x, y []float64
		inside, all := 0.0, 0.0
		for i, p := range path {
			u, v := s.Project(p)
			x, y = append(x, u), append(y, v)
			if i > 0 {
				a, b := u-x[i-1], v-y[i-1]
				inside += a*a + b*b
				d := floats.Distance(p, path[i-1], 2)
				all += d * d
			}
		}
		layers = append(layers, figure.Line("path, projected", 1, x, y).As(figure.Measured))
		if all > 0 {
			caption += fmt.Sprintf(" %.0f%% of the squared length of the path's steps lies in it.", 100*inside/all)
		}
	}
	layers = append(layers, figure.Points("the point", 1, []float64{0}, []float64{0}, nil, nil))
	return figure.Figure{
		ID: "6.slice", Title: "A slice of " + o.Name, Alt: "Contours of the objective on a plane through a point, with the projected path of an optimiser.", Caption: caption,
		Panels: []figure.Panel{{X: figure.Axis{Label: s.LabelU}, Y: figure.Axis{Label: s.LabelV}, Layers: layers}},
	}, nil
}
