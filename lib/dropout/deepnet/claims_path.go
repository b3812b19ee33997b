package deepnet

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/data"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

func pathClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.E3", Kind: claim.Theorem, Title: "ReLU and symmetric inputs: the path norm", Ref: "Proposition 11.2.2, Eq. 11.10",
			Statement: `Two layers of ReLU, inputs with $P(x)=P(-x)$ and $\mathbb E[xx^\top]=I$: $R(w)=\frac\lambda2\sum_{i_0,i_1,i_2}W_2(i_2,i_1)^2W_1(i_1,i_0)^2$, half the squared path norm; with second moment $C$, $\frac\lambda2\sum_j\|W_2(:,j)\|^2W_1(j,:)CW_1(j,:)^\top$. Without symmetry it fails.`,
			Source:    "deepnet.Net.PathNorm, deepnet.Net.Expected",
			Check:     checkPath(pathVariant{factor: .5}),
			Alternatives: []claim.Alternative{
				{Name: "the whole path norm", Check: checkPath(pathVariant{factor: 1})},
				{Name: "inputs that are not symmetric", Check: checkPath(pathVariant{factor: .5, skewed: true})},
				{Name: "inputs that are not isotropic", Check: checkPath(pathVariant{factor: .5, raw: true})},
			},
		},
		{
			ID: "11.E4", Kind: claim.Lemma, Title: "Half of a symmetric variable's second moment", Ref: "Section 11.2, proof of Proposition 11.2.2",
			Statement: `For $z$ and $-z$ of one law, $\mathbb E[\max(z,0)^2]=\frac12\mathbb E[z^2]$, atoms at 0 included. For $z$ exponential less its mean it is $\frac2e=0.7358$ and not $\frac12$, though the mean is 0.`,
			Source:    "deepnet.HalfMoment",
			Check:     checkHalf(.5, false),
			Alternatives: []claim.Alternative{
				{Name: "mean 0 in place of symmetry", Check: checkHalf(.5, true)},
				{Name: "a factor of 1", Check: checkHalf(1, false)},
			},
		},
		{
			ID: "11.E5", Kind: claim.Remark, Title: "The same for deep linear networks", Ref: "Section 11.2, after Mianjy, Arora and Vidal",
			Statement: `With the identity for $\sigma$, $\frac{R}{\lambda}=\sum_j\|W_k(:,j)\|^2\|(W_{k-1}\cdots W_1)(j,:)\|^2$ for every law with $\mathbb E[xx^\top]=I$, symmetric or not: the factor is 1. It is the squared path norm for $k=2$ only; a deeper product adds paths before squaring.`,
			Source:    "deepnet.Net.Expected",
			Check:     checkLinear(1, false),
			Alternatives: []claim.Alternative{
				{Name: "the factor ½ of ReLU", Check: checkLinear(.5, false)},
				{Name: "the path norm at depth three", Check: checkLinear(1, true)},
			},
		},
	}
}

// HalfMoment returns mean max(z,0)² over mean z² of a sample or of the atoms of a law with equal
// weights: 1/2 if z and -z have one law. No or only zero entries are an error.
func HalfMoment(z []float64) (float64, error) {
	positive, all := 0.0, 0.0
	for _, v := range z {
		all += v * v
		if v > 0 {
			positive += v * v
		}
	}
	if !(all > 0) {
		return 0, fmt.Errorf("deepnet.HalfMoment: second moment %g of %d values, want a positive one", all, len(z))
	}
	return positive / all, nil
}

func checkHalf(factor float64, centred bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		r := rng.Stream(env.Seed, "half")
		z := rng.Normals(r, 1000)
		for i := range z {
			z[i] = math.Exp(z[i]) // any positive law
		}
		mirrored := append(append([]float64(nil), z...), 0, 0, 0)
		for _, v := range z {
			mirrored = append(mirrored, -v)
		}
		// The exponential law in equal steps of its quantile; the error of the rule is that of the last atom.
		const atoms = 200000
		var exponential []float64
		for i := range atoms {
			exponential = append(exponential, -math.Log1p(-(float64(i)+.5)/atoms)-1)
		}
		laws := []struct {
			name string
			z    []float64
			tol  claim.Tolerance
		}{
			{"fair sign", []float64{-1, 1}, claim.Exact},
			{"an atom at 0 and two at ±3", []float64{-3, 0, 0, 0, 3}, claim.Exact},
			{"lognormal with a fair sign and an atom at 0, 2003 atoms", mirrored, claim.Rounding(1, 1000)},
		}
		if centred {
			laws = append(laws, laws[0])
			laws[3].name, laws[3].z = "exponential less its mean", exponential
		}
		for _, l := range laws {
			got, err := HalfMoment(l.z)
			if err != nil {
				return nil, err
			}
			f.Add(claim.Equals("E max(z,0)²/E z²: "+l.name, factor, got, l.tol))
		}
		const draws = 40000
		for _, name := range []string{"normal", "uniform"} {
			v, positive := make([]float64, draws), make([]float64, draws)
			for i := range v {
				if v[i] = r.NormFloat64(); name == "uniform" {
					v[i] = math.Sqrt(3) * (2*r.Float64() - 1)
				}
				positive[i] = max(v[i], 0) * max(v[i], 0)
			}
			f.Add(claim.Equals("E max(z,0)², E z² = 1: "+name+" draws", factor, stat.Mean(positive, nil), claim.Sampling(stat.StdDev(positive, nil), draws)))
		}
		got, err := HalfMoment(exponential)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("exponential less its mean", 2/math.E, got, claim.Because(2e-4, "200,000 atoms in place of a density")))
		return f, nil
	}
}

type pathVariant struct {
	factor      float64
	skewed, raw bool
}

// spread returns the columns of the digits whose standard deviation exceeds 1.
func spread() (*mat.Dense, error) {
	t, err := data.Digits()
	if err != nil {
		return nil, err
	}
	var columns []int
	for j := range t.Width() {
		if _, sd := stat.PopMeanStdDev(mat.Col(nil, j, t.X), nil); sd > 1 {
			columns = append(columns, j)
		}
	}
	x := mat.NewDense(t.Len(), len(columns), nil)
	for k, j := range columns {
		x.SetCol(k, mat.Col(nil, j, t.X))
	}
	return x, nil
}

// printed is the network of the golden numbers: W1[i,j] = sin(1+48i+j), 5×48, and W2 = cos(0..14), 3×5.
func printed() Net {
	w1, w2 := mat.NewDense(5, 48, nil), mat.NewDense(3, 5, nil)
	for t := range 5 * 48 {
		w1.Set(t/48, t%48, math.Sin(1+float64(t)))
	}
	for t := range 15 {
		w2.Set(t/5, t%5, math.Cos(float64(t)))
	}
	return Net{Weights: []*mat.Dense{w1, w2}}
}

// law draws an entry of an input with mean 0 and variance 1.
type law struct {
	name string
	draw func(r *rand.Rand) float64
}

func laws() []law {
	return []law{
		{"normal", (*rand.Rand).NormFloat64},
		{"signs", func(r *rand.Rand) float64 { return float64(2*r.IntN(2) - 1) }},
		{"uniform", func(r *rand.Rand) float64 { return math.Sqrt(3) * (2*r.Float64() - 1) }},
	}
}

func skewed() law {
	return law{"exponential less 1", func(r *rand.Rand) float64 { return r.ExpFloat64() - 1 }}
}

// sampled returns R̂/λ on n draws with its standard deviation over examples.
func sampled(n Net, l law, r *rand.Rand, draws int) (mean, sd float64) {
	_, d := n.Weights[0].Dims()
	x := mat.NewDense(draws, d, nil)
	for i := range draws {
		for j := range d {
			x.Set(i, j, l.draw(r))
		}
	}
	a := n.Features(x)
	units := make([]float64, 0)
	_, width := a.Dims()
	for j := range width {
		w := n.Top().ColView(j)
		units = append(units, mat.Dot(w, w))
	}
	each := make([]float64, draws)
	for i := range each {
		row := a.RawRowView(i)
		for j, v := range row {
			each[i] += units[j] * v * v
		}
	}
	return stat.MeanStdDev(each, nil)
}

func checkPath(v pathVariant) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		net := printed()
		half := v.factor * net.PathNorm()
		f.Add(claim.Equals("½ path norm² of W1 = sin(1..240), W2 = cos(0..14)", 90.7706359706993, half, claim.Digits(1e-10)))
		x, err := spread()
		if err != nil {
			return nil, err
		}
		white, err := Whiten(x, true)
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if v.raw {
			white = x
		}
		mirrored, err := net.Penalty(1, Mirror(white))
		if err != nil {
			return nil, err
		}
		rounding := claim.Because(1e-10, "whitening of 1797 digits in float64")
		f.Add(claim.Equals("R̂/λ on whitened digits x and -x, against ½ path norm²", half, mirrored, rounding))
		alone, err := net.Penalty(1, white)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("R̂/λ on whitened digits alone, which are not symmetric", 91.2949753016, alone, claim.Digits(1e-9)))
		f.Note("Whitened digits are not symmetric: without -x the penalty is %.2f %% off half the path norm, and depends on the basis they are whitened in.", 100*(alone/half-1))

		// Any second moment, symmetric law.
		both := Mirror(x)
		expected, err := net.Expected(SecondMoment(both))
		if err != nil {
			return nil, err
		}
		got, err := net.Penalty(1, both)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("R̂/λ on raw digits x and -x over ½ΣW₂²·W₁CW₁ᵀ", 2*v.factor, got/expected, claim.Rounding(1, 2000)))

		small, err := NewNet(rng.Stream(env.Seed, "net"), nn.ReLU, 3, 5, 2)
		if err != nil {
			return nil, err
		}
		small.Weights[0].Apply(func(_, _ int, w float64) float64 { return math.Abs(w) }, small.Weights[0]) // so that skewness adds up
		const draws = 20000
		list := laws()
		if v.skewed {
			list = append(list, skewed())
		}
		var names []string
		var ratio, low, high []float64
		for _, l := range list {
			mean, sd := sampled(small, l, rng.Stream(env.Seed, "law/"+l.name), draws)
			want := v.factor * small.PathNorm()
			f.Add(claim.Equals(fmt.Sprintf("R̂/λ on %d inputs with independent entries: %s", draws, l.name), want, mean, claim.Sampling(sd, draws)))
			names, ratio = append(names, l.name), append(ratio, mean/want)
			low, high = append(low, (mean-4*sd/math.Sqrt(draws))/want), append(high, (mean+4*sd/math.Sqrt(draws))/want)
		}
		mean, sd := sampled(small, skewed(), rng.Stream(env.Seed, "skewed"), draws)
		f.Add(claim.Above("R̂/λ over ½ path norm² where entries are exponential less 1: isotropic, not symmetric", 1.1, 2*mean/small.PathNorm(), claim.Exact))
		names, ratio = append(names, "exponential less 1"), append(ratio, 2*mean/small.PathNorm())
		low, high = append(low, 2*(mean-4*sd/math.Sqrt(draws))/small.PathNorm()), append(high, 2*(mean+4*sd/math.Sqrt(draws))/small.PathNorm())
		fig := pathFigure(names, ratio, low, high)
		f.Figure = &fig
		return f, nil
	}
}

func checkLinear(factor float64, paths bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		const draws = 400
		raw := mat.NewDense(draws, 6, nil)
		r := rng.Stream(env.Seed, "inputs")
		for i := range draws {
			for j := range 6 {
				raw.Set(i, j, r.ExpFloat64()-1)
			}
		}
		x, err := Whiten(raw, false)
		if err != nil {
			return nil, err
		}
		for _, widths := range [][]int{{6, 5, 3}, {6, 4, 5, 3}, {6, 7, 4, 5, 2}} {
			net, err := NewNet(rng.Stream(env.Seed, fmt.Sprint(widths)), nn.Linear, widths...)
			if err != nil {
				return nil, err
			}
			want, err := net.Expected(nil)
			if err != nil {
				return nil, err
			}
			if paths {
				want = net.PathNorm()
			}
			got, err := net.Penalty(1, x)
			if err != nil {
				return nil, err
			}
			name := strings.Trim(strings.ReplaceAll(fmt.Sprint(widths), " ", "-"), "[]")
			f.Add(claim.Equals("R̂/λ of "+name+" on whitened exponential inputs", factor*want, got, claim.Rounding(want, 4000)))
			if len(widths) == 3 {
				f.Add(claim.Equals("the path norm², "+name, net.PathNorm(), got, claim.Rounding(want, 4000)))
			} else {
				f.Note("%s: the path norm² is %.3f, the penalty %.3f.", name, net.PathNorm(), got)
			}
		}
		return f, nil
	}
}
