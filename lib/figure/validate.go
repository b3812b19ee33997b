package figure

import (
	"errors"
	"fmt"
	"math"
)

// Validate reports every fault of the figure that would make a picture wrong or impossible: a
// missing alt text, series of different lengths, values that a logarithmic axis cannot show, an axis
// whose ends are the wrong way round, infinite values, unknown kinds, roles and scales. NaN marks a
// gap in Y, Low, High and Z; in X it is a fault. Interval ends may lie outside a logarithmic axis.
func (f *Figure) Validate() error {
	var errs []error
	bad := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("figure %q: "+format, append([]any{f.ID}, args...)...))
	}
	if f.Alt == "" {
		bad("no alt text")
	}
	if len(f.Panels) == 0 {
		bad("no panels")
	}
	for i, p := range f.Panels {
		if p.X.Label == "" || p.Y.Label == "" {
			bad("panel %d: an axis has no label", i)
		}
		if err := p.X.validate(); err != nil {
			bad("panel %d: axis X: %v", i, err)
		}
		if err := p.Y.validate(); err != nil {
			bad("panel %d: axis Y: %v", i, err)
		}
		for j, l := range p.Layers {
			if err := l.validate(p.X, p.Y); err != nil {
				bad("panel %d, layer %d (%s): %v", i, j, l.Name, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (a Axis) validate() error {
	switch a.Scale {
	case Linear, Log, SymLog:
	default:
		return fmt.Errorf("unknown scale %q", a.Scale)
	}
	for i, end := range []*float64{a.Min, a.Max} {
		name := []string{"Min", "Max"}[i]
		if end == nil {
			continue
		}
		if math.IsNaN(*end) {
			return fmt.Errorf("%s is NaN", name)
		}
		if err := onScale(name, []float64{*end}, a.Scale); err != nil {
			return err
		}
	}
	if a.Min != nil && a.Max != nil && !(*a.Min < *a.Max) {
		return fmt.Errorf("Min %g is not below Max %g", *a.Min, *a.Max)
	}
	if a.Threshold < 0 || math.IsNaN(a.Threshold) || math.IsInf(a.Threshold, 0) {
		return fmt.Errorf("threshold %g, want positive, or 0 for 1", a.Threshold)
	}
	return nil
}

func (l Layer) validate(x, y Axis) error {
	switch l.Role {
	case "", Theory, Measured, Bound, Reference, Wrong:
	default:
		return fmt.Errorf("unknown role %q", l.Role)
	}
	if err := l.Colour.validate(); err != nil {
		return fmt.Errorf("colour: %w", err)
	}
	n := len(l.X)
	same := func(name string, got int) error {
		if got != n {
			return fmt.Errorf("%s has %d values, want %d as X", name, got, n)
		}
		return nil
	}
	switch l.Kind {
	case KindLine, KindPoints, KindBars, KindSteps, KindText:
		if err := same("Y", len(l.Y)); err != nil {
			return err
		}
		if l.Kind == KindText && len(l.Text) != n {
			return same("Text", len(l.Text))
		}
		if len(l.Low) != len(l.High) {
			return fmt.Errorf("Low has %d values, High %d", len(l.Low), len(l.High))
		}
		if len(l.Low) > 0 {
			if err := same("Low", len(l.Low)); err != nil {
				return err
			}
		}
	case KindBand:
		if err := errors.Join(same("Low", len(l.Low)), same("High", len(l.High))); err != nil {
			return err
		}
	case KindHeat, KindContour:
		if !monotone(l.X) || !monotone(l.Y) {
			return errors.New("X and Y of a grid must each rise or each fall")
		}
		if len(l.Z) != len(l.Y) {
			return fmt.Errorf("Z has %d rows, want %d as Y", len(l.Z), len(l.Y))
		}
		for r, row := range l.Z {
			name := fmt.Sprintf("Z[%d]", r)
			if err := errors.Join(same(name, len(row)), onScale(name, row, l.Colour.Scale)); err != nil {
				return err
			}
		}
	case KindRule:
		if (len(l.X) == 0) == (len(l.Y) == 0) {
			return errors.New("a rule has either X or Y")
		}
	default:
		return fmt.Errorf("unknown kind %q", l.Kind)
	}
	for i, v := range l.X {
		if math.IsNaN(v) {
			return fmt.Errorf("X[%d] is NaN", i)
		}
	}
	return errors.Join(onScale("X", l.X, x.Scale), onScale("Y", l.Y, y.Scale), onScale("Low", l.Low, Linear), onScale("High", l.High, Linear))
}

func monotone(v []float64) bool {
	for i := 1; i < len(v); i++ {
		if up := v[len(v)-1] > v[0]; up != (v[i] > v[i-1]) || v[i] == v[i-1] {
			return false
		}
	}
	return true
}

func onScale(name string, v []float64, s Scale) error {
	for i, a := range v {
		switch {
		case math.IsInf(a, 0):
			return fmt.Errorf("%s[%d] is infinite", name, i)
		case s == Log && a <= 0:
			return fmt.Errorf("%s[%d] = %g on a logarithmic axis", name, i, a)
		}
	}
	return nil
}
