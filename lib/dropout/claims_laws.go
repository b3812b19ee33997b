package dropout

import (
	"context"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/pkg/core/graph"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

func lawClaims() []claim.Claim {
	return []claim.Claim{{
		ID: "11.+/layers", Kind: claim.Experiment, Title: "Gaussian dropout, DropConnect and other losses", Ref: "beyond Section 11.2",
		Statement: `Bernoulli and Gaussian factors of variance $\lambda$ and DropConnect have one penalty under squared loss. Under logistic and softmax loss $\frac\lambda2\mathbb E[a_j^2\,W(:,j)^\top HW(:,j)]$ is its second-order part: scaling $W$ by $s\to0$, what it misses is a share $O(s)$ for softmax and masks with $p\ne\frac12$, and $O(s^2)$ where a third moment vanishes: for Gaussian factors, for $p=\frac12$, and for logistic loss, whose $\ell^{\prime\prime\prime}(0)=0$. At small $p$ the penalty of masks is $\lambda\sum_j[\ell(z-W(:,j)a_j)-\ell(z)+\ell'(z)W(:,j)a_j]$, for every loss. DropConnect's noise is independent across outputs, so softmax tells it from dropout.`,
		Source:    "dropout.Regularizer, dropout.ConnectRegularizer, dropout.Head", NeedsBackend: true,
		Check: checkLaws(lawVariant{}),
		Alternatives: []claim.Alternative{
			{Name: "the quadratic form exact as p → 0", Check: checkLaws(lawVariant{quadraticLimit: true})},
			{Name: "no third moment in masks of rate 0.2", Check: checkLaws(lawVariant{skewed: 2})},
			{Name: "dropout's penalty for DropConnect under softmax", Check: checkLaws(lawVariant{connectAsUnits: true})},
			{Name: "without the factor ½", Check: checkLaws(lawVariant{factor: 2})},
		},
	}}
}

type lawVariant struct {
	quadraticLimit bool
	skewed         float64 // order for masks that are not symmetric; 0 means 1
	connectAsUnits bool
	factor         float64 // on the quadratic form; 0 means 1
}

// randomHead draws a last layer with n examples, d units and k outputs; targets are classes for softmax,
// signs for logistic loss, normal for squared loss.
func randomHead(seed uint64, loss Loss, n, d, k int, scale float64) Head {
	r := rng.Stream(seed, "head/"+string(loss))
	h := Head{Loss: loss, Features: mat.NewDense(n, d, rng.Normals(r, n*d)), Weights: mat.NewDense(k, d, rng.Normals(r, k*d)), Targets: mat.NewDense(n, k, nil)}
	h.Weights.Scale(scale, h.Weights)
	for i := range n {
		switch loss {
		case Squared:
			for c := range k {
				h.Targets.Set(i, c, r.NormFloat64())
			}
		default:
			h.Targets.Set(i, r.IntN(k), 1)
		}
	}
	return h
}

// gaussianPenalty is E over Gaussian factors of the mean logistic loss, less the loss: the outputs are
// normal, so that one integral each does, by Gauss and Hermite.
func gaussianPenalty(h Head, lambda float64) float64 {
	n, d := h.Features.Dims()
	k, _ := h.Weights.Dims()
	sum := 0.0
	for i := range n {
		for c := range k {
			z, variance := 0.0, 0.0
			for j := range d {
				t := h.Weights.At(c, j) * h.Features.At(i, j)
				z, variance = z+t, variance+lambda*t*t
			}
			sd := math.Sqrt(2 * variance)
			y := h.Targets.RawRowView(i)[c : c+1]
			base := Logistic.value([]float64{z}, y)
			sum += quad.Fixed(func(x float64) float64 {
				return (Logistic.value([]float64{z + sd*x}, y) - base) / math.Sqrt(math.Pi) // the rule has the weight e^{-x²}
			}, math.Inf(-1), math.Inf(1), 60, quad.Hermite{}, 0)
		}
	}
	return sum / float64(n)
}

// connectExact is the mean loss over all masks of the entries of W, less the loss.
func connectExact(ctx context.Context, h Head, p float64) (float64, error) {
	k, d := h.Weights.Dims()
	masked := h
	masked.Weights = mat.NewDense(k, d, nil)
	mean, err := Expect(ctx, p, k*d, func(mask []float64) float64 {
		masked.Weights.MulElem(h.Weights, mat.NewDense(k, d, mask))
		return masked.Value(nil)
	})
	return mean - h.Value(nil), err
}

// missed is what the quadratic form of strength lambda misses of the penalty of rate p, example by
// example: the root mean square of the differences over that of the penalties. A difference of means
// could vanish by chance.
func missed(ctx context.Context, h Head, p, lambda float64, gaussian bool) (float64, error) {
	n, d := h.Features.Dims()
	_, k := h.Targets.Dims()
	var off, all float64
	for i := range n {
		one := h
		one.Features = mat.NewDense(1, d, h.Features.RawRowView(i))
		one.Targets = mat.NewDense(1, k, h.Targets.RawRowView(i))
		q, err := one.Penalty(lambda)
		if err != nil {
			return 0, err
		}
		e := gaussianPenalty(one, p/(1-p))
		if !gaussian {
			if e, err = one.Exact(ctx, p); err != nil {
				return 0, err
			}
			e -= one.Value(nil)
		}
		off, all = off+(q-e)*(q-e), all+e*e
	}
	return math.Sqrt(off / all), nil
}

func checkLaws(v lawVariant) claim.Check {
	if v.skewed == 0 {
		v.skewed = 1
	}
	if v.factor == 0 {
		v.factor = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		const p = .2
		const lambda = p / (1 - p)
		// Squared loss: one penalty.
		h := randomHead(env.Seed, Squared, 6, 4, 2, 1)
		closed, err := h.Penalty(lambda)
		if err != nil {
			return nil, err
		}
		exact, err := h.Exact(ctx, p)
		if err != nil {
			return nil, err
		}
		connect, err := connectExact(ctx, h, p)
		if err != nil {
			return nil, err
		}
		const draws = 4000
		mean, se, err := h.Estimate(ctx, rng.Stream(env.Seed, "gaussian"), Gaussian, p, draws)
		if err != nil {
			return nil, err
		}
		base := h.Value(nil)
		f.Add(claim.Equals("squared loss: penalty by all masks of units", closed, exact-base, claim.Rounding(exact, 100)),
			claim.Equals("squared loss: penalty by all masks of weights", closed, connect, claim.Rounding(exact, 100)),
			claim.Equals(fmt.Sprintf("squared loss: penalty by %d draws of Gaussian factors", draws), closed, mean-base, claim.Sampling(se*math.Sqrt(draws), draws)))

		// What the quadratic form misses, against the size of W: a third moment of the noise times a third
		// derivative of the loss, or what comes after.
		var sizes []float64
		for s := 1.0; s >= 1./512; s /= 2 {
			sizes = append(sizes, s)
		}
		last := len(sizes) - 1
		why := claim.Because(.12, "next order in s at s = 1/512")
		var shown [][]float64 // by case, then by s
		for _, c := range []struct {
			loss     Loss
			outputs  int
			rate     float64
			gaussian bool
			order    float64
		}{{Softmax, 3, p, false, v.skewed}, {Softmax, 3, .5, false, 2}, {Logistic, 1, p, false, 2}, {Logistic, 1, p, true, 2}} {
			strength := c.rate / (1 - c.rate)
			share := make([]float64, len(sizes))
			for i, s := range sizes {
				if share[i], err = missed(ctx, randomHead(env.Seed, c.loss, 6, 8, c.outputs, s), c.rate, v.factor*strength, c.gaussian); err != nil {
					return nil, err
				}
			}
			law := map[bool]string{true: "Gaussian factors", false: "Bernoulli masks"}[c.gaussian]
			f.Add(claim.Equals(fmt.Sprintf("order in s of the share missed, %s loss, %s, p = %g", c.loss, law, c.rate), c.order, math.Log2(share[last-1]/share[last]), why))
			f.Note("%s loss, %s, p = %g: the quadratic form misses %.3g of the penalty with weights of size 1, %.3g with 1/8.", c.loss, law, c.rate, share[0], share[3])
			shown = append(shown, share)
		}

		// Small p: one missing unit.
		for _, loss := range []Loss{Logistic, Softmax} {
			const tiny = 1e-4
			h := randomHead(env.Seed, loss, 6, 8, 3, 1)
			e, err := h.Exact(ctx, tiny)
			if err != nil {
				return nil, err
			}
			q, err := h.Penalty(v.factor * tiny / (1 - tiny))
			if err != nil {
				return nil, err
			}
			limit, err := h.FirstOrder(tiny / (1 - tiny))
			if err != nil {
				return nil, err
			}
			if v.quadraticLimit {
				limit = q
			}
			f.Add(claim.Equals(fmt.Sprintf("%s loss, p = 10⁻⁴: penalty by all masks over that of one missing unit", loss), 1, (e-h.Value(nil))/limit, claim.Because(2e-3, "two units missing at once, O(p)")))
			f.Note("%s loss, p = 10⁻⁴, weights of size 1: the quadratic form is %.3f of the penalty; less noise does not mend it, smaller weights do.", loss, q/(e-h.Value(nil)))
		}

		// Softmax tells DropConnect from dropout.
		small := randomHead(env.Seed, Softmax, 5, 3, 3, .02)
		units, err := small.Exact(ctx, p)
		if err != nil {
			return nil, err
		}
		if connect, err = connectExact(ctx, small, p); err != nil {
			return nil, err
		}
		e, err := nn.NewExec(env.Backend, "penalties", func(in []*graph.Node) []*graph.Node {
			a, w := in[0], in[1]
			z := graph.DotGeneral(a, []int{1}, nil, w, []int{1}, nil)
			return []*graph.Node{Regularizer(Softmax, v.factor*lambda, a, w, z), ConnectRegularizer(Softmax, v.factor*lambda, a, w, z), Regularizer(Logistic, lambda, a, w, z)}
		})
		if err != nil {
			return nil, err
		}
		defer e.Close()
		got, err := flat(e, nn.Tensor(small.Features), nn.Tensor(small.Weights))
		if err != nil {
			return nil, err
		}
		if v.connectAsUnits {
			got[1] = got[0]
		}
		base = small.Value(nil)
		cubic := claim.Because(.05, "third order in W, weights of size 0.02")
		f.Add(claim.Equals("softmax, small W: penalty by all masks of units over Regularizer", 1, (units-base)/got[0], cubic),
			claim.Equals("softmax, small W: penalty by all masks of weights over ConnectRegularizer", 1, connect/got[1], cubic))
		host, err := small.Penalty(v.factor * lambda)
		if err != nil {
			return nil, err
		}
		logistic := small
		logistic.Loss = Logistic
		other, err := logistic.Penalty(lambda)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("softmax: Regularizer over Head.Penalty", 1, got[0]/host, claim.Rounding(1, 200)),
			claim.Equals("logistic: Regularizer over Head.Penalty", 1, got[2]/other, claim.Rounding(1, 200)))
		fig := figure.Figure{
			ID: "11.+/layers", Title: "What the quadratic penalty misses",
			Alt:     fmt.Sprintf("Share of the penalty missed against the size s of the weights, both logarithmic. Softmax and masks of rate 0.2: a line of slope 1, %.2g at s = 1/512. Masks of rate 1/2, and logistic loss with Gaussian factors: slope 2.", shown[0][last]),
			Caption: `Six examples, eight units. Bernoulli masks by enumeration, Gaussian factors by quadrature. A slope of 1 is the third moment of the masks, which is 0 at $p=\frac12$.`,
			Panels: []figure.Panel{{X: figure.Axis{Label: "size s of W", Scale: figure.Log}, Y: figure.Axis{Label: "share missed", Scale: figure.Log}, Layers: []figure.Layer{
				figure.Line("slope 1", 0, sizes, power(sizes, 1, shown[0])), figure.Points("softmax, masks, p = 0.2", 0, sizes, shown[0], nil, nil),
				figure.Line("slope 2", 1, sizes, power(sizes, 2, shown[1])), figure.Points("softmax, masks, p = 1/2", 1, sizes, shown[1], nil, nil),
				figure.Points("logistic, Gaussian factors", 2, sizes, shown[3], nil, nil)}}},
		}
		f.Figure = &fig
		return f, nil
	}
}

// power is the line x^k through the last point.
func power(x []float64, k float64, y []float64) []float64 {
	n := len(x) - 1
	out := make([]float64, len(x))
	for i := range x {
		out[i] = y[n] * math.Pow(x[i]/x[n], k)
	}
	return out
}
