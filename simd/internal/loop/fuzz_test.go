package loop

import (
	"math/rand/v2"
	"testing"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// FuzzPrograms compares the program that a seed draws with the interpreter.
func FuzzPrograms(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint8(seed))
	}
	pools := []*par.Pool{nil, par.New(2)}
	f.Fuzz(func(t *testing.T, seed uint64, cut uint8) {
		r := source{rand.New(rand.NewPCG(seed, 11))}
		p := r.program()
		tune := tuned
		if cut > 0 {
			tune = tuning{block: 8 + int(cut), short: int(cut), piece: 10 * float64(cut)}
		}
		if err := r.try(p, tune, pools); err != nil {
			t.Fatalf("%+v:\n%v", p, err)
		}
	})
}
