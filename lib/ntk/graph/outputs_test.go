package graph

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/rng"
)

// The forward pass of the host against that of the backend, for the same weights.
func TestForward(t *testing.T) {
	b := claimtest.Backend(t)
	graphs := NetworksConfig{}.withDefaults().Graphs
	all := Union(graphs...)
	for _, k := range []Kernel{{}, {Blocks: 2, Layers: 1}, {Blocks: 1, Layers: 2, Jumping: true}, {Blocks: 2, Layers: 2, Mean: true}} {
		net := Network{Kernel: k, Inputs: 3, Width: 16}
		p, err := NewProbe(b, net, graphs)
		if err != nil {
			t.Fatal(err)
		}
		w, err := net.Init(rng.Stream(0, "weights"))
		if err != nil {
			t.Fatal(err)
		}
		_, want, err := p.Run(w)
		p.Close()
		if err != nil {
			t.Fatal(err)
		}
		nodes, u := net.forward(fromRows(mixer(all, k.Mean)), fromRows(all.Features), w), 0
		for i, g := range graphs {
			got := 0.0
			for range g.Nodes() {
				got += nodes[u]
				u++
			}
			if math.Abs(got-want[i]) > 1e-10*(1+math.Abs(want[i])) {
				t.Errorf("%s, graph %d: output %.15g, want %.15g", k, i, got, want[i])
			}
		}
	}
}

func TestOutputsErrors(t *testing.T) {
	net := Network{Kernel: Kernel{Blocks: 1, Layers: 1}, Inputs: 1, Width: 4}
	for _, c := range []struct {
		reason string
		cfg    OutputsConfig
		want   string
	}{
		{"no draws", OutputsConfig{Network: net, Graphs: []Graph{Path(3)}}, "0 draws, want at least 1"},
		{"no width", OutputsConfig{Network: Network{Inputs: 1}, Graphs: []Graph{Path(3)}, Draws: 1}, "width 0"},
		{"other features", OutputsConfig{Network: net, Graphs: distinguished(Path(3)), Draws: 1}, "2 features a node, want 1"},
	} {
		if _, err := RunOutputs(context.Background(), c.cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := RunOutputs(ctx, OutputsConfig{Network: net, Graphs: []Graph{Path(3)}, Draws: 100}); err == nil {
		t.Error("a cancelled run ended well")
	}
}

// The kernels passed on the way are those of fewer blocks, to the last bit.
func TestGramsOfFewerBlocks(t *testing.T) {
	graphs := NetworksConfig{}.withDefaults().Graphs
	for _, k := range []Kernel{{Blocks: 3, Layers: 2}, {Blocks: 3, Layers: 1, Jumping: true}, {Blocks: 2, Layers: 0, NNGP: true}} {
		all, err := k.grams(context.Background(), "test", graphs, 0)
		if err != nil {
			t.Fatal(err)
		}
		for b, got := range all {
			one := k
			one.Blocks = b
			want, err := one.Gram(context.Background(), graphs)
			if err != nil {
				t.Fatal(err)
			}
			for i := range graphs {
				for j := range graphs {
					if got.At(i, j) != want.At(i, j) {
						t.Errorf("%s on the way to %s, graphs %d and %d: %g, want %g", one, k, i, j, got.At(i, j), want.At(i, j))
					}
				}
			}
		}
	}
}
