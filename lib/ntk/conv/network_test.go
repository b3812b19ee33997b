package conv

import (
	"context"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/rng"
)

// One layer and a linear readout have kernels of the right mean at every number of channels.
func TestNetworksOfOneLayer(t *testing.T) {
	x := patchy(11, 2, 2, 3, 4)
	r, err := RunNetworks(context.Background(), x, NetworkConfig{Depth: 1, Channels: 3, Networks: 4000, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		k Kernel
		e []Estimate
	}{{Kernel{Depth: 1}, r.V}, {Kernel{Depth: 1, Pool: true}, r.GAP}, {Kernel{Depth: 1, NNGP: true}, r.NNGPV}, {Kernel{Depth: 1, NNGP: true, Pool: true}, r.NNGP}} {
		g, err := c.k.Gram(context.Background(), x)
		if err != nil {
			t.Fatal(err)
		}
		for p, pair := range r.Pairs {
			want := g.At(pair[0], pair[1])
			// 12 comparisons, 4.5 standard errors of a mean of 4000.
			if math.Abs(c.e[p].Mean-want) > 4.5*c.e[p].SE {
				t.Errorf("%v %v: %.4g ± %.2g, want %.4g", c.k, pair, c.e[p].Mean, c.e[p].SE, want)
			}
		}
	}
}

// The gradients behind the estimates, by finite differences of the output: fold is the transpose of
// unfold, which is all that the backward pass rests on beside matrix products.
func TestFoldIsTheTranspose(t *testing.T) {
	r := rng.Stream(1, "arrays")
	for _, c := range [][4]int{{1, 4, 4, 3}, {3, 2, 5, 5}, {2, 1, 1, 3}} {
		channels, h, w, q := c[0], c[1], c[2], c[3]
		x := mat.NewDense(channels, h*w, rng.Normals(r, channels*h*w))
		y := mat.NewDense(channels*q*q, h*w, rng.Normals(r, channels*q*q*h*w))
		a, b := dot(unfold(x, h, w, q), y), dot(x, fold(y, h, w, q))
		if math.Abs(a-b) > 1e-12*(math.Abs(a)+1) {
			t.Errorf("%v: ⟨Ux, y⟩ = %g, ⟨x, Uᵀy⟩ = %g", c, a, b)
		}
	}
}

func TestNetworksAreReproducible(t *testing.T) {
	x := noise(3, 2, 1, 3, 3)
	cfg := NetworkConfig{Channels: 2, Networks: 5, Seed: 9}
	a, err := RunNetworks(context.Background(), x, cfg)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	cfg.Progress = func(done, total int) { calls++ }
	b, err := RunNetworks(context.Background(), x, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if calls != 5 || a.V[1] != b.V[1] || a.GAP[2] != b.GAP[2] {
		t.Errorf("%d calls; %v and %v", calls, a.V, b.V)
	}
}
