package graph

import (
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/claim/claimtest"
	"github.com/lemma-ml/lemma/lib/rng"
	"gonum.org/v1/gonum/mat"
)

// hostOutput is Network.Output written from its doc comment, node by node.
func hostOutput(n Network, g Graph, w []*mat.Dense) float64 {
	s := newSide(g, n.Kernel.Mean)
	h, read, total := g.Features, w[n.Kernel.Blocks*n.Kernel.Layers:], 0.0
	readout := func() {
		for _, row := range h {
			for j, v := range row {
				total += read[0].At(j, 0) * v
			}
		}
		read = read[1:]
	}
	if n.Kernel.Jumping || n.Kernel.Blocks == 0 {
		readout()
	}
	layer := 0
	for b := 1; b <= n.Kernel.Blocks; b++ {
		next := make([][]float64, len(h))
		for u := range next {
			next[u] = make([]float64, len(h[0]))
			for _, v := range s.around[u] {
				for j := range next[u] {
					next[u][j] += s.weight[u] * h[v][j]
				}
			}
		}
		h = next
		for range n.Kernel.Layers {
			next := make([][]float64, len(h))
			for u := range next {
				next[u] = make([]float64, n.Width)
				for r := range next[u] {
					for j, v := range h[u] {
						next[u][r] += w[layer].At(r, j) * v
					}
					next[u][r] = math.Sqrt(2/float64(n.Width)) * max(next[u][r], 0)
				}
			}
			h = next
			layer++
		}
		if n.Kernel.Jumping || b == n.Kernel.Blocks {
			readout()
		}
	}
	return total
}

// TestNetwork compares the graph's output with loops, and autodiff's kernel with finite differences
// of those loops.
func TestNetwork(t *testing.T) {
	b := claimtest.Backend(t)
	graphs := []Graph{Path(3), Star(4)}
	r := rng.Stream(2, "features")
	for _, g := range graphs {
		for u := range g.Features {
			g.Features[u] = rng.Normals(r, 2)
		}
	}
	for _, k := range []Kernel{{Blocks: 2, Layers: 1}, {Blocks: 1, Layers: 2, Jumping: true}, {Blocks: 2, Layers: 1, Mean: true}, {Jumping: true}} {
		net := Network{Kernel: k, Inputs: 2, Width: 5}
		w, err := net.Init(r)
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewProbe(b, net, graphs)
		if err != nil {
			t.Fatal(err)
		}
		theta, f, err := p.Run(w)
		p.Close()
		if err != nil {
			t.Fatal(err)
		}
		grads := make([][]float64, len(graphs))
		for i, g := range graphs {
			if want := hostOutput(net, g, w); math.Abs(f[i]-want) > 1e-12*math.Abs(want) {
				t.Errorf("%v, graph %d: output %g, want %g", k, i, f[i], want)
			}
			for _, m := range w {
				data := m.RawMatrix().Data
				for e := range data {
					const step = 1e-6
					old := data[e]
					data[e] = old + step
					up := hostOutput(net, g, w)
					data[e] = old - step
					grads[i] = append(grads[i], (up-hostOutput(net, g, w))/(2*step))
					data[e] = old
				}
			}
		}
		for i := range graphs {
			for j := range graphs {
				want := 0.0
				for e := range grads[i] {
					want += grads[i][e] * grads[j][e]
				}
				if math.Abs(theta.At(i, j)-want) > 1e-6*math.Abs(theta.At(i, i)) {
					t.Errorf("%v: kernel %d,%d is %g, by differences %g", k, i, j, theta.At(i, j), want)
				}
			}
		}
	}
}

func TestNetworkErrors(t *testing.T) {
	b := claimtest.Backend(t)
	if _, err := NewProbe(b, Network{Inputs: 2, Width: 3}, []Graph{Path(3)}); err == nil {
		t.Error("graphs of one feature for a network of two")
	}
	if _, err := NewProbe(b, Network{Inputs: 1}, []Graph{Path(3)}); err == nil {
		t.Error("width 0")
	}
	if _, err := RunNetworks(t.Context(), b, NetworksConfig{Widths: []int{4}}); err == nil {
		t.Error("one width and four numbers of networks")
	}
	if _, err := RunNetworks(t.Context(), nil, NetworksConfig{}); err == nil {
		t.Error("no backend")
	}
}
