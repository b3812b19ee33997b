package figure

import (
	"errors"
	"fmt"
	"math"
)

// Validate reports every fault of the figure that would make a picture wrong or impossible: a
// missing alt text, series of different lengths, values that a logarithmic axis cannot show,
// infinite values. NaN is allowed in Y: it marks a gap.
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
		for j, l := range p.Layers {
			if err := l.validate(p.X, p.Y); err != nil {
				bad("panel %d, layer %d (%s): %v", i, j, l.Name, err)
			}
		}
	}
	return errors.Join(errs...)
}

func (l Layer) validate(x, y Axis) error {
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
		if len(l.Z) != len(l.Y) {
			return fmt.Errorf("Z has %d rows, want %d as Y", len(l.Z), len(l.Y))
		}
		for r, row := range l.Z {
			if err := same(fmt.Sprintf("Z[%d]", r), len(row)); err != nil {
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
	if err := onScale("X", l.X, x.Scale); err != nil {
		return err
	}
	return onScale("Y", l.Y, y.Scale)
}

func onScale(name string, v []float64, s Scale) error {
	for i, a := range v {
		switch {
		case math.IsInf(a, 0):
			return fmt.Errorf("%s[%d] is %g", name, i, a)
		case s == Log && a <= 0:
			return fmt.Errorf("%s[%d] = %g on a logarithmic axis", name, i, a)
		}
	}
	return nil
}
