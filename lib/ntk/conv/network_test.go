package conv

import (
	"context"
	"testing"
	"time"
)

func TestNetworksShow(t *testing.T) {
	im, _, _ := Digits()
	im, _ = im.Slice(0, 2)
	start := time.Now()
	for _, c := range []int{4, 8, 16} {
		r, err := RunNetworks(context.Background(), im, NetworkConfig{Channels: c, Networks: 8000 * 8 / c})
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(start), r.V, r.GAP, r.NNGPV, r.NNGP)
	}
	for _, k := range []Kernel{{Depth: 2}, {Depth: 2, Pool: true}, {Depth: 2, NNGP: true}, {Depth: 2, NNGP: true, Pool: true}} {
		g, _ := k.Gram(context.Background(), im)
		t.Log(g.At(0, 0), g.At(0, 1), g.At(1, 1))
	}
}
