package conv

import (
	"fmt"
	"math"
)

// McNemar compares two classifiers on the same test examples. What both get right or both get wrong
// says nothing about which is better; of the others, each is equally likely to win if they are equally
// good.
type McNemar struct {
	OnlyFirst  int     // examples that only the first gets right
	OnlySecond int     // examples that only the second gets right
	P          float64 // two-sided p-value of OnlyFirst under Binomial(OnlyFirst+OnlySecond, 1/2), exact
}

// NewMcNemar returns the exact test for the given counts,
//
//	P = min(1, 2·Σ_{k ≤ min(b,c)} C(b+c, k)/2^{b+c}),
//
// which is 1 where the two never differ. McNemar 1947; no normal approximation is made. It panics on a
// negative count.
func NewMcNemar(onlyFirst, onlySecond int) McNemar {
	if onlyFirst < 0 || onlySecond < 0 {
		panic(fmt.Errorf("conv.NewMcNemar: counts %d and %d, want >= 0", onlyFirst, onlySecond))
	}
	n := onlyFirst + onlySecond
	all, _ := math.Lgamma(float64(n + 1))
	p := 0.0
	for k := range min(onlyFirst, onlySecond) + 1 {
		a, _ := math.Lgamma(float64(k + 1))
		b, _ := math.Lgamma(float64(n - k + 1))
		p += 2 * math.Exp(all-a-b-float64(n)*math.Ln2)
	}
	return McNemar{onlyFirst, onlySecond, min(1, p)}
}

// String reads "12 to 3, p = 0.035".
func (m McNemar) String() string {
	return fmt.Sprintf("%d to %d, p = %.2g", m.OnlyFirst, m.OnlySecond, m.P)
}
