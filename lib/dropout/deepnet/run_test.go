package deepnet

import (
	"context"
	"testing"
	"time"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	_ "github.com/lemma-ml/lemma/simd"
)

func TestProbe(t *testing.T) {
	b := claimtest.Backend(t)
	ms := append(Dropout(0, .1, .25, .5, .75), Explicit(.1, .25, .5, .75)...)
	ms = append(ms, Method{L2: 1e-3}, Method{L2: 3e-3}, Method{L1: 1e-4}, Method{L1: 3e-4})
	for _, m := range ms {
		at := time.Now()
		r, err := Run(context.Background(), b, Config{Methods: []Method{m}})
		if err != nil {
			t.Fatal(err)
		}
		o := r.Outcomes[0]
		f := o.Final().Train
		t.Logf("%-30s %.2fs R/λ %.4f half path %.4f train %.4f heldout %.4f acc %.4f cv %.3f corr %.3f | test %.4f %.4f stopped %d %.4f %.4f", m.Name(), time.Since(at).Seconds(), f.Penalty, f.HalfPath, f.Loss, o.Loss, o.Accuracy, f.Variation, f.Correlation, o.Test.Loss, o.Test.Accuracy, o.Stopped.Epoch, o.Stopped.Loss, o.Stopped.Accuracy)
	}
}
