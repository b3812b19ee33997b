package sensing

import (
	"math"
	"slices"

	"github.com/lemma-ml/lemma/lib/claim"
)

// Claims returns the claims of sections 11.1 and 11.1.1, of the last identity of section 11.4, and of the
// population's minimum, which the book lacks.
func Claims() []claim.Claim {
	return slices.Concat(objectiveClaims(), equalizerClaims(), trainingClaims(), []claim.Claim{rankOneClaim()})
}

// golden is the problem and the factors of the golden numbers.
func golden() (*Problem, *Factors) {
	p := &Problem{}
	for k := range 5 {
		p.A = append(p.A, Fixture(10+12*float64(k), 4, 3))
		p.Y = append(p.Y, math.Cos(float64(k)))
	}
	return p, &Factors{Fixture(1, 4, 3), Fixture(2, 3, 3)}
}
