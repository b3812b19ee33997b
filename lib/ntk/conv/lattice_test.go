package conv

import (
	"context"
	"testing"
	"time"
)

func TestLatticeShow(t *testing.T) {
	for _, c := range []LatticeConfig{{}, LatticePaper()} {
		start := time.Now()
		r, err := RunLattice(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(start))
		cols, rows := r.Rows()
		t.Log(cols)
		for _, row := range rows {
			t.Log(row)
		}
	}
}
