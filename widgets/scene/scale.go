package scene

import (
	"math"

	"github.com/lemma-ml/lemma/lib/figure"
)

// Scale maps values in [Lo, Hi] to places in [A, B]; A > B for an axis that points up.
type Scale struct {
	Kind       figure.Scale
	Lo, Hi     float64
	A, B       float64
	Threshold  float64 // of SymLog, > 0
	Categories []string
}

// Place returns the place of v, NaN for NaN. What lies far outside the axis, and v ≤ 0 on a logarithmic
// one, is put a million units away: far enough to be clipped, near enough to compute with.
func (s Scale) Place(v float64) float64 {
	lo, hi := s.forward(s.Lo), s.forward(s.Hi)
	const far = 1e6
	p := s.A + (s.forward(v)/2-lo/2)/(hi/2-lo/2)*(s.B-s.A) // halves, for hi-lo may overflow
	return math.Max(-far, math.Min(far, p))
}

// Value returns the value at place p: the inverse of Place.
func (s Scale) Value(p float64) float64 {
	lo, hi := s.forward(s.Lo), s.forward(s.Hi)
	f := lo + (p-s.A)/(s.B-s.A)*(hi-lo)
	switch s.Kind {
	case figure.Log:
		return math.Pow(10, f)
	case figure.SymLog:
		if math.Abs(f) <= 1 {
			return f * s.Threshold
		}
		return math.Copysign(s.Threshold*math.Pow(10, math.Abs(f)-1), f)
	}
	return f
}

func (s Scale) forward(v float64) float64 {
	switch s.Kind {
	case figure.Log:
		if v <= 0 {
			return math.Inf(-1)
		}
		return math.Log10(v)
	case figure.SymLog:
		if math.Abs(v) <= s.Threshold {
			return v / s.Threshold
		}
		return math.Copysign(1+math.Log10(math.Abs(v)/s.Threshold), v)
	}
	return v
}

// newScale chooses the ends of an axis: those asked for, else those of the data with a little air.
func newScale(a figure.Axis, e extent, air float64) Scale {
	s := Scale{Kind: a.Scale, Threshold: a.Threshold, Categories: a.Categories}
	if s.Threshold <= 0 {
		s.Threshold = 1
	}
	if n := len(a.Categories); n > 0 {
		s.Lo, s.Hi = -0.6, float64(n)-0.4
		return s
	}
	lo, hi := e.lo, e.hi
	if s.Kind == figure.Log {
		lo = e.positive
		if !(hi > 0) {
			hi = math.Inf(-1)
		}
	}
	if !(lo <= hi) { // no data at all
		lo, hi = 0, 1
		if s.Kind == figure.Log {
			lo, hi = 1, 10
		}
		air = 0
	}
	fixedLo, fixedHi := a.Min != nil, a.Max != nil
	if fixedLo {
		lo = *a.Min
	}
	if fixedHi {
		hi = *a.Max
	}
	lo, hi = finite(lo), finite(hi)
	if s.Kind == figure.Log {
		lo, hi = math.Max(lo, 1/huge), math.Max(hi, 1/huge)
	}
	if hi-lo <= 1e-12*math.Max(math.Abs(lo), math.Abs(hi)) { // one value, or an empty range, or rounding
		lo, hi = around(lo, s.Kind)
		fixedLo, fixedHi = true, true
	}
	s.Lo, s.Hi = lo, hi
	f0, f1 := s.forward(lo), s.forward(hi)
	pad := air * (f1 - f0)
	back := Scale{Kind: s.Kind, Lo: lo, Hi: hi, A: f0, B: f1, Threshold: s.Threshold} // places are forward values
	if !fixedLo && !e.stickLo && !(s.Kind == figure.Linear && lo >= 0 && lo-pad < 0) {
		s.Lo = back.Value(f0 - pad)
	} else if !fixedLo && s.Kind == figure.Linear && lo >= 0 && lo-pad < 0 {
		s.Lo = 0 // a quantity that is never negative starts at zero
	}
	if !fixedHi && !e.stickHi {
		s.Hi = back.Value(f1 + pad)
	}
	if s.Lo, s.Hi = finite(s.Lo), finite(s.Hi); s.Lo >= s.Hi { // differences below rounding
		s.Lo, s.Hi = around(lo, s.Kind)
	}
	return s
}

// huge is beyond what any axis shows; twice it is still a number.
const huge = 1e307

func finite(v float64) float64 { return math.Max(-huge, math.Min(huge, v)) }

func around(v float64, kind figure.Scale) (lo, hi float64) {
	if kind == figure.Log {
		return v / math.Sqrt(10), v * math.Sqrt(10)
	}
	d := math.Abs(v) / 2
	if d == 0 {
		d = 0.5
	}
	return v - d, v + d
}

// extent is the range of the data along one axis. A stuck end is not given air: the base of bars,
// the edge of a heat map.
type extent struct {
	lo, hi, positive float64 // positive: the smallest value above zero
	stickLo, stickHi bool
}

func newExtent() extent {
	return extent{lo: math.Inf(1), hi: math.Inf(-1), positive: math.Inf(1)}
}

func (e *extent) add(values ...float64) {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		e.lo, e.hi = math.Min(e.lo, v), math.Max(e.hi, v)
		if v > 0 {
			e.positive = math.Min(e.positive, v)
		}
	}
}
