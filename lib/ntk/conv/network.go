package conv

import (
	"context"
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/lemma-ml/lemma/lib/linalg"
	"github.com/lemma-ml/lemma/lib/rng"
)

// NetworkConfig describes random convolutional networks of finite width, whose mean kernels tend to
// those of Kernel. The zero value takes about 2 s of one processor for two digits.
type NetworkConfig struct {
	Depth    int    // convolutional layers; 0 means 2
	Filter   int    // side of a filter, odd; 0 means 3
	Channels int    // C of every hidden layer; 0 means 32
	Networks int    // 0 means 800
	Seed     uint64 // network k is the stream "network k"

	Progress func(done, total int) `json:"-"` // may be nil; called by one goroutine at a time
}

// Estimate is the mean of a quantity over networks with its standard error.
type Estimate struct{ Mean, SE float64 }

// Networks is the result: one estimate for each pair i <= j of images, in the order (0,0), (0,1), ...
type Networks struct {
	Config NetworkConfig
	Pairs  [][2]int
	V      []Estimate // ⟨∂f(x)/∂w, ∂f(x')/∂w⟩ over all weights, vectorised readout
	GAP    []Estimate // the same with global average pooling
	NNGPV  []Estimate // E[f(x)f(x')] given the hidden layers, vectorised readout
	NNGP   []Estimate // the same with global average pooling
}

func (c NetworkConfig) withDefaults() (NetworkConfig, error) {
	if c.Depth == 0 {
		c.Depth = 2
	}
	if c.Filter == 0 {
		c.Filter = 3
	}
	if c.Channels == 0 {
		c.Channels = 32
	}
	if c.Networks == 0 {
		c.Networks = 800
	}
	if c.Depth < 1 || c.Channels < 1 || c.Networks < 2 || c.Filter < 1 || c.Filter%2 == 0 {
		return c, fmt.Errorf("conv.RunNetworks: depth %d, %d channels, %d networks, filter %d: want at least 1, 1 and 2, and an odd filter", c.Depth, c.Channels, c.Networks, c.Filter)
	}
	return c, nil
}

// RunNetworks draws networks and measures their kernels at the start by gradients, nothing of the
// recursion being used. Cost about 10·C²·q²·H·W multiplications an image, layer and network.
func RunNetworks(ctx context.Context, x *Images, cfg NetworkConfig) (*Networks, error) {
	const fn = "conv.RunNetworks"
	if err := x.Validate(); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Networks{Config: cfg}
	for i := range x.N {
		for j := i; j < x.N; j++ {
			r.Pairs = append(r.Pairs, [2]int{i, j})
		}
	}
	samples := make([][4][]float64, cfg.Networks) // [network][quantity][pair]
	var lock sync.Mutex
	done := 0
	err = linalg.Parallel(ctx, cfg.Networks, 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			samples[k] = oneNetwork(x, cfg, k, r.Pairs)
			if cfg.Progress != nil {
				lock.Lock()
				done++
				cfg.Progress(done, cfg.Networks)
				lock.Unlock()
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	for q, to := range []*[]Estimate{&r.V, &r.GAP, &r.NNGPV, &r.NNGP} {
		for p := range r.Pairs {
			values := make([]float64, cfg.Networks)
			for k := range values {
				values[k] = samples[k][q][p]
			}
			mean, sd := stat.MeanStdDev(values, nil)
			*to = append(*to, Estimate{mean, sd / math.Sqrt(float64(cfg.Networks))})
		}
	}
	return r, nil
}

// oneNetwork returns the four kernels of network k at the pairs.
func oneNetwork(x *Images, cfg NetworkConfig, k int, pairs [][2]int) (out [4][]float64) {
	r := rng.Stream(cfg.Seed, fmt.Sprintf("network %d", k))
	places, taps := x.H*x.W, cfg.Filter*cfg.Filter
	scale := math.Sqrt(2 / float64(cfg.Channels*taps)) // √(c_σ/(C_h q²))
	weights := make([]*mat.Dense, cfg.Depth)           // C_h × C_{h-1}q²
	for h := range weights {
		in := cfg.Channels
		if h == 0 {
			in = x.C
		}
		weights[h] = mat.NewDense(cfg.Channels, in*taps, rng.Normals(r, cfg.Channels*in*taps))
	}
	vector := mat.NewDense(cfg.Channels, places, rng.Normals(r, cfg.Channels*places)) // readout V
	pooled := mat.NewDense(cfg.Channels, places, nil)                                 // readout GAP
	for c, w := range rng.Normals(r, cfg.Channels) {
		for p := range places {
			pooled.Set(c, p, w/float64(places))
		}
	}
	type gradients struct {
		last  *mat.Dense      // x^{(L)}, C × places: the gradient of readout V
		mean  []float64       // its means over places: that of readout GAP
		inner [2][]*mat.Dense // of the filters, for V and for GAP
	}
	all := make([]gradients, x.N)
	for i := range all {
		patches := make([]*mat.Dense, cfg.Depth) // C_{h-1}q² × places
		z := make([]*mat.Dense, cfg.Depth)
		now := mat.NewDense(x.C, places, x.Data[i*x.C*places:(i+1)*x.C*places])
		for h, w := range weights {
			patches[h] = unfold(now, x.H, x.W, cfg.Filter)
			z[h] = mat.NewDense(cfg.Channels, places, nil)
			z[h].Mul(w, patches[h])
			now = mat.NewDense(cfg.Channels, places, nil)
			now.Apply(func(c, p int, v float64) float64 { return scale * max(0, v) }, z[h])
		}
		g := gradients{last: now, mean: make([]float64, cfg.Channels)}
		for c := range g.mean {
			g.mean[c] = stat.Mean(now.RawRowView(c), nil)
		}
		for q, readout := range []*mat.Dense{vector, pooled} {
			back := readout
			g.inner[q] = make([]*mat.Dense, cfg.Depth)
			for h := cfg.Depth - 1; h >= 0; h-- {
				delta := mat.NewDense(cfg.Channels, places, nil)
				delta.Apply(func(c, p int, v float64) float64 {
					if v <= 0 {
						return 0
					}
					return scale * back.At(c, p)
				}, z[h])
				g.inner[q][h] = &mat.Dense{}
				g.inner[q][h].Mul(delta, patches[h].T())
				if h > 0 {
					var cols mat.Dense
					cols.Mul(weights[h].T(), delta)
					back = fold(&cols, x.H, x.W, cfg.Filter)
				}
			}
		}
		all[i] = g
	}
	for _, pair := range pairs {
		a, b := all[pair[0]], all[pair[1]]
		nngp := [2]float64{dot(a.last, b.last)}
		for c, m := range a.mean {
			nngp[1] += m * b.mean[c]
		}
		for q := range 2 {
			sum := nngp[q]
			for h := range weights {
				sum += dot(a.inner[q][h], b.inner[q][h])
			}
			out[q] = append(out[q], sum)
			out[2+q] = append(out[2+q], nngp[q])
		}
	}
	return out
}

// dot is Σ a_ij·b_ij.
func dot(a, b *mat.Dense) float64 {
	sum := 0.0
	n, _ := a.Dims()
	for i := range n {
		row := b.RawRowView(i)
		for j, v := range a.RawRowView(i) {
			sum += v * row[j]
		}
	}
	return sum
}

// unfold lays out the q×q patches around each place, 0 beyond the border: row (c·q+a)·q+b holds
// channel c of the place moved by (a, b).
func unfold(x *mat.Dense, h, w, q int) *mat.Dense {
	c, places := x.Dims()
	out := mat.NewDense(c*q*q, places, nil)
	patches(h, w, q, func(tap, place, from int) {
		for k := range c {
			out.Set(k*q*q+tap, place, x.At(k, from))
		}
	})
	return out
}

// fold is the transpose of unfold: it adds up what each place gave to patches.
func fold(cols *mat.Dense, h, w, q int) *mat.Dense {
	rows, places := cols.Dims()
	c := rows / (q * q)
	out := mat.NewDense(c, places, nil)
	patches(h, w, q, func(tap, place, from int) {
		for k := range c {
			out.Set(k, from, out.At(k, from)+cols.At(k*q*q+tap, place))
		}
	})
	return out
}

// patches visits the taps of every place that lie inside.
func patches(h, w, q int, visit func(tap, place, from int)) {
	r := q / 2
	for i := range h {
		for j := range w {
			for a := -r; a <= r; a++ {
				for b := -r; b <= r; b++ {
					if y, x := i+a, j+b; y >= 0 && y < h && x >= 0 && x < w {
						visit((a+r)*q+b+r, i*w+j, y*w+x)
					}
				}
			}
		}
	}
}
