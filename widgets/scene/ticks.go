package scene

import (
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/num"
)

// Tick is one mark on an axis. A tick without a label is a minor one.
type Tick struct {
	Value float64
	Label string
}

// Ticks returns the marks of the axis in increasing order, about n of them with labels, and the
// power of ten that has been taken out of all labels (0 for none).
func (s Scale) Ticks(n int) (ticks []Tick, power int) {
	n = max(n, 2)
	if len(s.Categories) > 0 {
		for i, c := range s.Categories {
			ticks = append(ticks, Tick{float64(i), c})
		}
		return ticks, 0
	}
	switch s.Kind {
	case figure.Log:
		return s.logTicks(n), 0
	case figure.SymLog:
		ticks := s.symlogTicks(n)
		labelled := 0
		for _, t := range ticks {
			if t.Label != "" {
				labelled++
			}
		}
		if labelled >= 3 {
			return ticks, 0
		}
		// A range without its decades: inside the linear part, or within one decade.
	}
	return linearTicks(s.Lo, s.Hi, n)
}

// step returns the one of 1, 2, 5 times a power of ten that divides span into nearest to n parts (in
// ratio), and the exponent of its last digit.
func step(span float64, n int) (float64, int) {
	raw := span / float64(n)
	e := int(math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		next := map[float64]float64{1: 2, 2: 5, 5: 10}[m]
		if raw <= math.Sqrt(m*next)*math.Pow10(e) {
			return m * math.Pow10(e), e
		}
	}
	return math.Pow10(e + 1), e + 1
}

func linearTicks(lo, hi float64, n int) ([]Tick, int) {
	d, e := step(hi-lo, n)
	first, last := math.Ceil(lo/d-1e-9), math.Floor(hi/d+1e-9)
	if !(last-first <= 1000 && math.Abs(first) < 1e14) {
		return nil, 0
	}
	largest := math.Max(math.Abs(lo), math.Abs(hi))
	power := 0
	if e < -4 || largest >= 1e6 {
		power = int(math.Floor(math.Log10(largest)))
	}
	decimals := max(power-e, 0)
	var out []Tick
	for k := first; k <= last; k++ {
		v := k * d
		out = append(out, Tick{v, num.Fixed(v/math.Pow10(power), decimals)})
	}
	return out, power
}

// logTicks labels decades where there are two or more, 1-2-5 multiples where there are fewer, and
// falls back to evenly spaced values inside one decade.
func (s Scale) logTicks(n int) []Tick {
	a, b := math.Log10(s.Lo), math.Log10(s.Hi)
	first, last := int(math.Ceil(a-1e-9)), int(math.Floor(b+1e-9))
	decades := last - first + 1
	var multiples []float64
	switch {
	case decades >= 2 && b-a > 1.5 || decades > 2:
		multiples = []float64{1}
	case b-a > 0.7:
		multiples = []float64{1, 2, 5}
	default:
		ticks, power := linearTicks(s.Lo, s.Hi, min(n, 5))
		if power != 0 {
			for i := range ticks {
				ticks[i].Label = num.Format(ticks[i].Value, 4)
			}
		}
		return ticks
	}
	stride := 1
	for (decades+stride-1)/stride > n {
		stride++
	}
	plain := first >= -3 && last <= 4
	var out []Tick
	for e := int(math.Floor(a)); e <= int(math.Ceil(b)); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow10(e)
			if v < s.Lo*(1-1e-9) || v > s.Hi*(1+1e-9) {
				continue
			}
			t := Tick{Value: v}
			switch {
			case stride > 1 && m != 1:
				continue // minor ticks of skipped decades would only be noise
			case slices.Contains(multiples, m) && mod(e, stride) == 0:
				t.Label = logLabel(v, e, plain)
			}
			out = append(out, t)
		}
	}
	return out
}

func logLabel(v float64, e int, plain bool) string {
	if plain || v != math.Pow10(e) {
		return num.Format(v, 4)
	}
	return num.Power(e)
}

func (s Scale) symlogTicks(n int) []Tick {
	var out []Tick
	t := s.Threshold
	side := func(sign float64, limit float64) []Tick {
		if limit <= 0 {
			return nil
		}
		var side []Tick
		decades := int(math.Floor(math.Log10(limit/t) + 1e-9))
		stride := 1
		for decades/stride > max(n/2, 1) {
			stride++
		}
		for e := 0; e <= decades; e++ {
			v := t * math.Pow10(e)
			tick := Tick{Value: sign * v}
			if e%stride == 0 {
				tick.Label = num.Format(sign*v, 3)
			}
			side = append(side, tick)
			for m := 2.0; m < 10 && stride == 1; m++ {
				if m*v <= limit*(1+1e-9) {
					side = append(side, Tick{Value: sign * m * v})
				}
			}
		}
		return side
	}
	negative := side(-1, -s.Lo)
	slices.Reverse(negative)
	out = append(out, negative...)
	if s.Lo <= 0 && s.Hi >= 0 {
		out = append(out, Tick{0, "0"})
	}
	out = append(out, side(1, s.Hi)...)
	return slices.DeleteFunc(out, func(k Tick) bool { return k.Value < s.Lo || k.Value > s.Hi })
}

func mod(a, b int) int { return ((a % b) + b) % b }

// thin removes labels, not ticks, until no two are nearer than gap; size is a label's extent along
// the axis. It keeps every second, third, ... label so that the rest stays regular, zero included
// where there is one.
func (s Scale) thin(ticks []Tick, size func(string) float64, gap float64) []Tick {
	var labelled []int
	anchor := 0
	for i, t := range ticks {
		if t.Label != "" {
			if t.Value == 0 {
				anchor = len(labelled)
			}
			labelled = append(labelled, i)
		}
	}
	for stride := 1; stride <= len(labelled); stride++ {
		var kept []int
		for k, i := range labelled {
			if mod(k-anchor, stride) == 0 {
				kept = append(kept, i)
			}
		}
		if !s.touch(ticks, kept, size, gap) || stride == len(labelled) {
			out := slices.Clone(ticks)
			for _, i := range labelled {
				if !slices.Contains(kept, i) {
					out[i].Label = ""
				}
			}
			return out
		}
	}
	return ticks
}

func (s Scale) touch(ticks []Tick, kept []int, size func(string) float64, gap float64) bool {
	for k := 1; k < len(kept); k++ {
		a, b := ticks[kept[k-1]], ticks[kept[k]]
		if math.Abs(s.Place(b.Value)-s.Place(a.Value)) < (size(a.Label)+size(b.Label))/2+gap {
			return true
		}
	}
	return false
}
