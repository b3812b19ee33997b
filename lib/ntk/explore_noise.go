package ntk

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/internal/keep"
	"gonum.org/v1/gonum/mat"
)

// Pair is a problem of two classes that ExploreNoise can show.
type Pair struct {
	Name string                      // as the select shows it, such as "MNIST 0 or 1"
	Load func(n int) (*Split, error) // n training inputs with unit rows, and test inputs
}

// digitPairs are the pairs that are always there: a hard one, an easy one, and two between.
func digitPairs() []Pair {
	var out []Pair
	for _, p := range [][2]int{{3, 8}, {0, 1}, {4, 9}, {1, 7}} {
		out = append(out, Pair{fmt.Sprintf("digits %d or %d", p[0], p[1]), func(n int) (*Split, error) { return DigitPair(p[0], p[1], n) }})
	}
	return out
}

// pairMost is the largest training size of a cached pair.
const pairMost = 400

// CachedPairs returns the pairs of figure 9.2, classes 0 and 1 of MNIST and of CIFAR-10, for those data
// sets that lie in cacheDir ("": the user's cache). Nothing is downloaded, and nothing read before a
// pair is loaded; a few hundred images are kept of it then.
func CachedPairs(cacheDir string) []Pair {
	var out []Pair
	for _, set := range []struct {
		name, title string
		read        func(string) (train, test *data.ImageSet, err error)
	}{{"mnist", "MNIST 0 or 1", data.MNIST}, {"cifar-10", "CIFAR-10 airplane or automobile", data.CIFAR10}} {
		if !data.Cached(set.name, cacheDir) {
			continue
		}
		kept := keep.New(1, func(ctx context.Context, dir string) (*Split, error) {
			train, test, err := set.read(dir)
			if err != nil {
				return nil, err
			}
			return imagePair(train, test)
		})
		out = append(out, Pair{set.title, func(n int) (*Split, error) {
			all, err := kept.Get(context.Background(), cacheDir)
			if err != nil {
				return nil, err
			}
			return all.first(n)
		}})
	}
	return out
}

// first is the split with the first n training inputs alone.
func (s *Split) first(n int) (*Split, error) {
	rows, d := s.X.Dims()
	if n < 1 || n > rows {
		return nil, fmt.Errorf("ntk: %d training images of %d, want 1 to %d", n, rows, rows)
	}
	return &Split{mat.DenseCopyOf(s.X.Slice(0, n, 0, d)), s.Y[:n:n], s.TestX, s.TestY}, nil
}

// imagePair takes the first training images of classes 0 (+1) and 1, pairMost of them, and the first
// 300 test images.
func imagePair(train, test *data.ImageSet) (*Split, error) {
	s := &Split{}
	for _, part := range []struct {
		set  *data.ImageSet
		most int
		x    **mat.Dense
		y    *[]float64
	}{{train, pairMost, &s.X, &s.Y}, {test, 300, &s.TestX, &s.TestY}} {
		var rows []int
		for i, c := range part.set.Y {
			if c <= 1 && len(rows) < part.most {
				rows = append(rows, i)
				*part.y = append(*part.y, float64(1-2*c))
			}
		}
		t, err := part.set.Table(rows)
		if err != nil {
			return nil, err
		}
		if *part.x, err = data.UnitRows(t.X); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// noiseBounds are the constants that ExploreNoise can put before √C, for trace n/2 (unit inputs).
var noiseBounds = []struct{ name, short, tex, says string }{
	{"√(2C/n), published and corrected", "√(2C/n)", `\sqrt{2C/n}`, "the corrected (9.11)"},
	{"√(2C·tr H)/n, as the book prints", "√(2C·tr H)/n", `\sqrt{2C\,\mathrm{tr}H^*}/n`, "as printed, too small by $\\sqrt2$ and no bound"},
	{"with 3√(log(2/δ)/2n), δ = 0.05", "with its confidence term", `\sqrt{2C/n}+3\sqrt{\log(2/\delta)/2n}`, "the whole bound, true with probability 0.95"},
}

// ExploreNoise is figure 9.2 to be touched: the complexity measure, the ramp loss and the errors against
// label noise, for several pairs of classes, training sizes, and constants before √C. More pairs, such
// as CachedPairs, come after the digits'.
func ExploreNoise(more ...Pair) figure.Explorer {
	pairs := append(digitPairs(), more...)
	names, bounds := make([]string, len(pairs)), make([]string, len(noiseBounds))
	for i, p := range pairs {
		names[i] = p.Name
	}
	for i, b := range noiseBounds {
		bounds[i] = b.name
	}
	type key struct{ pair, n int }
	runs := keep.New(8*len(pairs), func(ctx context.Context, k key) (*Noise, error) {
		split, err := pairs[k.pair].Load(k.n)
		if err != nil {
			return nil, err
		}
		return RunNoiseOn(ctx, NoiseConfig{}, split)
	})
	return figure.Explorer{
		ID: "9.F2/noise", Title: "The complexity of the labels tells noise from truth",
		Try: "Compare an easy pair, 0 or 1, with a hard one: with clean labels and enough inputs the bound comes below 1 and says something. Then see how the other constants change that; the order of the points they leave alone.",
		Controls: []figure.Control{
			figure.Choose("pair", "classes", names...),
			figure.Slide("n", "training inputs n", 50, 100, 200, 300).From(2),
			figure.Choose("bound", "complexity", bounds...),
		},
		Draw: func(ctx context.Context, at figure.Settings) (figure.Figure, error) {
			const fn = "ntk.ExploreNoise"
			pair, n, b := at.Int("pair"), at.Int("n"), at.Int("bound")
			switch {
			case pair < 0 || pair >= len(pairs):
				return outside(fn, "pair", at["pair"], fmt.Sprintf("0 to %d", len(pairs)-1))
			case n < 2:
				return outside(fn, "n", at["n"], "at least 2")
			case b < 0 || b >= len(noiseBounds):
				return outside(fn, "bound", at["bound"], fmt.Sprintf("0 to %d", len(noiseBounds)-1))
			}
			r, err := runs.Get(ctx, key{pair, n})
			if err != nil {
				return figure.Figure{}, fmt.Errorf("%s: %w", fn, err)
			}
			return figureNoise(r, pairs[pair].Name, b), nil
		},
	}
}

// figureNoise is Figure92 with another constant before √C.
func figureNoise(r *Noise, pair string, b int) figure.Figure {
	f := Figure92(r)
	factor, plus := 1., 0.
	switch b {
	case 1:
		factor = 1 / math.Sqrt2
	case 2:
		plus = Complexity{N: r.Config.N}.Confidence(.05)
	}
	change := func(v []float64) {
		for i := range v {
			v[i] = factor*v[i] + plus
		}
	}
	left := &f.Panels[0]
	left.Title, left.Y = "Complexity, "+noiseBounds[b].short, figure.Axis{Label: "complexity of the training labels"}.Range(0, 8)
	f.Panels[1].Y.Label = "loss on clean test inputs"
	for i := range left.Layers {
		l := &left.Layers[i]
		if l.Kind == figure.KindRule {
			continue
		}
		change(l.Y)
		change(l.Low)
		change(l.High)
	}
	clean, random := factor*r.ADH[0]+plus, factor*r.ADH[len(r.ADH)-1]+plus
	verdict := "above 1, hence vacuous as a bound on a loss in [0, 1], though its order is right"
	if clean < 1 {
		verdict = fmt.Sprintf("below 1: it says something, the ramp loss being %.3f", r.Ramp[0])
	}
	if b == 1 {
		verdict += "; but as printed it bounds nothing"
	}
	f.ID, f.Title = "9.F2.noise", fmt.Sprintf("%s, n = %d", pair, r.Config.N)
	f.Alt = fmt.Sprintf("Left: the complexity of the labels of %s, n = %d, against the probability of a random label: from %.2f with clean labels to %.2f with random ones. Right: test ramp loss from %.2f to %.2f and share of errors from %.3f to %.2f.",
		pair, r.Config.N, clean, random, r.Ramp[0], r.Ramp[len(r.Ramp)-1], r.Error[0], r.Error[len(r.Error)-1])
	f.Caption = fmt.Sprintf(`$%s$ is %.3f with clean labels, %s, and %.2f with random ones (%s). Test errors go from %.1f%% to %.0f%%. Line: the expectation over the noise; points: %d draws ± one standard deviation.`,
		noiseBounds[b].tex, clean, verdict, random, noiseBounds[b].says, 100*r.Error[0], 100*r.Error[len(r.Error)-1], r.Config.Draws)
	return f
}
