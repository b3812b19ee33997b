package deepnet

import (
	"context"
	"fmt"
	"math"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

func trainingClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.F14", Kind: claim.Remark, Title: "Stochastic masks find what the penalty finds", Ref: "Section 11.3",
			Statement: `On 300 digits, 64-128-10 ReLU, 300 epochs: descent with masks and descent on $\hat L+\lambda\sum_j\|W_2(:,j)\|^2\hat a_j^2$ end at the same $\hat R/\lambda$, within 6 % up to $p=\frac12$ and 12 % at $p=\frac34$ (masks above: the noise of their last steps), and both at a value that half the path norm with the data's second moment predicts within 12 %. $\hat R/\lambda$ falls with $p$.`,
			Source:    "deepnet.Run, dropout.Regularizer", NeedsBackend: true,
			Check: checkFinds(findsVariant{}),
			Alternatives: []claim.Alternative{
				{Name: "a penalty of strength λ = p", Check: checkFinds(findsVariant{wrong: func(p float64) float64 { return p / (1 + p) }})},
				{Name: "the masks of p against no penalty", Check: checkFinds(findsVariant{wrong: func(float64) float64 { return 0 }})},
				{Name: "the whole path norm", Check: checkFinds(findsVariant{path: 2})},
			},
		},
		{
			ID: "11.A2", Kind: claim.Remark, Title: "Balance, and co-adaptation", Ref: "Section 11.0",
			Statement: `Dropout balances a network: the coefficient of variation of $\|W_2(:,j)\|\hat a_j$ over hidden units is lower at $p=0.75$ than at 0.1, and there than without dropout. It does not break up co-adaptation in the sense of correlations: the mean $|\mathrm{corr}|$ of two hidden units does not fall from $p=0.1$ to $p=0.75$.`,
			Source:    "deepnet.Measure", NeedsBackend: true,
			Check: checkBalance(balanceVariant{}),
			Alternatives: []claim.Alternative{
				{Name: "correlations fall by a tenth", Check: checkBalance(balanceVariant{correlations: true})},
				{Name: "dropout makes units less alike", Check: checkBalance(balanceVariant{unbalanced: true})},
			},
		},
		{
			ID: "11.A3", Kind: claim.Remark, Title: "Other regularizers, side by side", Ref: "Section 11.0",
			Statement: `Early stopping, $\ell_1$ and $\ell_2$ penalties and dropout, each tuned on 300 validation digits: every penalty and dropout lower the squared loss on test digits below that of plain descent; early stopping has nothing to stop here, where the validation loss still falls at the end. Dropout improves the loss, not the share of right classes.`,
			Source:    "deepnet.Run, deepnet.Table", NeedsBackend: true,
			Check: checkBaselines(false),
			Alternatives: []claim.Alternative{
				{Name: "dropout lowers the error rate by a fifth", Check: checkBaselines(true)},
			},
		},
		{
			ID: "11.E6", Kind: claim.Remark, Title: "Where to put dropout", Ref: "Section 11.2, after Lathuilière and others",
			Statement: `In 64-64-64-10 at $p=\frac12$, dropout in one hidden layer, whichever, does better on held-out digits than in both. Only masks on the top one are the penalty of Proposition 11.2.1: with masks below a layer of ReLU the objective is not $\hat L$ plus such a sum, not even with the gates above held fixed, as masks move them.`,
			Source:    "deepnet.Method.Layers", NeedsBackend: true,
			Check: checkPlacement(false),
			Alternatives: []claim.Alternative{
				{Name: "both layers best", Check: checkPlacement(true)},
			},
		},
	}
}

// rates of the experiment of section 4.7 of the digits.
var rates = []float64{.1, .25, .5, .75}

// study is the run that the claims share: no dropout, masks, penalties.
func study(seed uint64) Config {
	return Config{Seed: seed, Every: 50, Methods: append(append(Dropout(0), Dropout(rates...)...), Explicit(rates...)...)}
}

type findsVariant struct {
	wrong func(p float64) float64 // rate of the penalty; nil means p
	path  float64                 // factor on what the path norm predicts; 0 means 1
}

func checkFinds(v findsVariant) claim.Check {
	if v.path == 0 {
		v.path = 1
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := observed(ctx, env, study(env.Seed))
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		penalty := func(m Method) float64 { return r.Outcome(m).Final().Train.Penalty }
		published := []float64{.4047, .2152, .1132, .0591}
		before := penalty(Method{})
		for i, p := range rates {
			masks, explicit := penalty(Method{Rate: p}), penalty(Method{Rate: p, Penalty: true})
			if v.wrong != nil {
				w := Method{Rate: v.wrong(p), Penalty: true}
				if w.Rate == 0 {
					w = Method{}
				}
				other := study(env.Seed)
				other.Methods = []Method{w}
				o, err := kept(ctx, env.Backend, other)
				if err != nil {
					return nil, err
				}
				explicit = o.Outcomes[0].Final().Train.Penalty
			}
			tol := .06
			if p > .5 {
				tol = .12
			}
			f.Add(claim.Equals(fmt.Sprintf("R̂/λ with masks over R̂/λ with the penalty, p = %g", p), 1, masks/explicit, claim.Because(tol, "noise of masks at a fixed step size")))
			f.Add(claim.Equals(fmt.Sprintf("R̂/λ with masks, p = %g, against another draw of digits and weights", p), published[i], masks, claim.Because(.15*published[i], "spread over draws, 5 % each, thrice")))
			half := r.Outcome(Method{Rate: p}).Final().Train.HalfPath
			f.Add(claim.Equals(fmt.Sprintf("½ weighted path norm over R̂/λ, p = %g", p), 1, v.path*half/masks, claim.Because(.15, "digits are not symmetric")))
			f.Add(claim.Below(fmt.Sprintf("R̂/λ at p = %g against the next smaller rate", p), before, masks, claim.Exact))
			before = masks
		}
		for _, m := range append(Dropout(0), Dropout(rates...)...) {
			o := r.Outcome(m)
			f.Note("%s: R̂/λ %.4f, half weighted path norm %.4f, loss %.3f on training and %.3f on held-out digits, %.3f of those right.", m.Name(), o.Final().Train.Penalty, o.Final().Train.HalfPath, o.Final().Train.Loss, o.Loss, o.Accuracy)
		}
		fig := r.FigurePenalty()
		f.Figure = &fig
		return f, nil
	}
}

// observed is kept with the progress that a check reports.
func observed(ctx context.Context, env claim.Env, cfg Config) (*Result, error) {
	cfg.Progress = env.Progress
	return kept(ctx, env.Backend, cfg)
}

type balanceVariant struct{ correlations, unbalanced bool }

func checkBalance(v balanceVariant) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := observed(ctx, env, study(env.Seed))
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		at := func(p float64) Measures { return r.Outcome(Method{Rate: p}).Final().Train }
		plain, low, high := at(0), at(.1), at(.75)
		if v.unbalanced {
			plain, high = high, plain
		}
		f.Add(claim.Below("cv of ‖W₂(:,j)‖â_j at p = 0.1, against p = 0", plain.Variation, low.Variation, claim.Exact),
			claim.Below("cv at p = 0.75, against p = 0.1", low.Variation, high.Variation, claim.Exact))
		if v.correlations {
			f.Add(claim.Below("mean |corr| at p = 0.75, against 0.9 of that at p = 0", .9*at(0).Correlation, at(.75).Correlation, claim.Exact))
		} else {
			f.Add(claim.Above("mean |corr| of two hidden units at p = 0.75, against p = 0.1", at(.1).Correlation, at(.75).Correlation, claim.Because(.01, "spread over draws")))
			f.Add(claim.Above("mean |corr| at p = 0.75, against p = 0", at(0).Correlation, at(.75).Correlation, claim.Because(.01, "spread over draws")))
		}
		for _, p := range append([]float64{0}, rates...) {
			f.Note("p = %g: cv %.3f, mean |corr| %.3f.", p, at(p).Variation, at(p).Correlation)
		}
		f.Note("Dropout is said to break up co-adaptation. In this statistic it does not: correlations of hidden units do not fall with p.")
		fig := r.FigureBalance()
		f.Figure = &fig
		return f, nil
	}
}

// baselines is the run of the table: penalties beside the study's dropout.
func baselines(seed uint64) Config {
	return Config{Seed: seed, Every: 50, Methods: []Method{{L2: 1e-3}, {L2: 3e-3}, {L2: 1e-2}, {L1: 3e-4}, {L1: 1e-3}}}
}

func checkBaselines(accuracy bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := observed(ctx, env, baselines(env.Seed))
		if err != nil {
			return nil, err
		}
		s, err := kept(ctx, env.Backend, study(env.Seed))
		if err != nil {
			return nil, err
		}
		rows := Table(s, r)
		f := &claim.Finding{}
		var plain Row
		for _, row := range rows {
			f.Note("%s: chosen %s, loss %.4f on test digits, %.4f of them right.", row.Kind, row.Chosen, row.Score.Loss, row.Score.Accuracy)
			switch row.Kind {
			case Plain:
				plain = row
			case Stopping:
				f.Add(claim.Below("early stopping: epoch of the least validation loss", 300, float64(row.Score.Epoch), claim.Exact),
					claim.Equals("early stopping: test loss over plain descent's", 1, row.Score.Loss/plain.Score.Loss, claim.Because(.02, "loss is flat at the end")))
			default:
				f.Add(claim.Below("test loss, "+row.Kind+", against plain descent", plain.Score.Loss, row.Score.Loss, claim.Exact))
			}
			if row.Kind == Masks {
				gain := .01
				if accuracy {
					f.Add(claim.Below("error rate on test digits with dropout, against four fifths of plain descent's", .8*(1-plain.Score.Accuracy), 1-row.Score.Accuracy, claim.Exact))
				} else {
					f.Add(claim.Equals("share of right classes on test digits, dropout against plain descent", plain.Score.Accuracy, row.Score.Accuracy, claim.Because(gain, "about two standard errors of 1197 digits")))
				}
			}
		}
		fig := FigureTable(rows)
		f.Figure = &fig
		return f, nil
	}
}

// placement is the run of 11.E6.
func placement(seed uint64) Config {
	c := Config{Seed: seed, Every: 200, Epochs: 200, Hidden: []int{64, 64}, Methods: []Method{{}}}
	for _, p := range []float64{.25, .5} {
		for _, l := range [][]int{{1}, {2}, {1, 2}} {
			c.Methods = append(c.Methods, Method{Rate: p, Layers: l})
		}
	}
	return c
}

func checkPlacement(both bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		r, err := observed(ctx, env, placement(env.Seed))
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		loss := func(p float64, layers ...int) float64 { return r.Outcome(Method{Rate: p, Layers: layers}).Loss }
		two := loss(.5, 1, 2)
		for l, name := range []string{"lower", "top"} {
			one := loss(.5, l+1)
			if both {
				one, two = two, one
			}
			f.Add(claim.Below(fmt.Sprintf("held-out loss, p = 0.5, %s layer alone, against both", name), two, one, claim.Exact))
			if both {
				two = one
			}
			f.Add(claim.Below(fmt.Sprintf("held-out loss, p = 0.25, %s layer alone, against no dropout", name), r.Outcomes[0].Loss, loss(.25, l+1), claim.Exact))
		}
		for _, o := range r.Outcomes {
			f.Note("%s: loss %.4f on held-out digits, %.4f right.", o.Method.Name(), o.Loss, o.Accuracy)
		}
		best := r.Outcomes[1]
		for _, o := range r.Outcomes[1:] {
			if o.Loss < best.Loss {
				best = o
			}
		}
		f.Note("The best of these is %s; theory is about the top layer alone.", best.Method.Name())

		// What masks below the top do, by all masks of a small network.
		top, lower, err := placementExact(ctx, env.Seed)
		if err != nil {
			return nil, err
		}
		f.Add(claim.Equals("small networks, masks on the top layer: excess of the mean loss over λΣ‖W(:,j)‖²â_j², less 1, root mean square", 0, top, claim.Rounding(1, 2000)),
			claim.Above("masks on the layer below: the same against the sum with the gates above as they are", .02, lower, claim.Exact))
		return f, nil
	}
}

// placementExact compares, for small networks of two hidden layers of ReLU and p = 1/2, the mean loss over
// all masks less the loss with the sum of the proposition: masks on the top layer, and masks on the lower
// one with the sum that would be right if the gates of each example stayed as they are. It returns the
// root mean square over networks of the ratio's distance from 1, which one network could have by chance.
func placementExact(ctx context.Context, seed uint64) (top, lower float64, err error) {
	const p, n, units, networks = .5, 10, 6, 10
	r := rng.Stream(seed, "placement")
	x, y := inputs(seed, n, 4), targets(seed, n, 2)
	for range networks {
		net, err := NewNet(r, nn.ReLU, 4, units, units, 2)
		if err != nil {
			return 0, 0, err
		}
		h := net.Head(x, y)
		base := h.Value(nil)
		exact, err := h.Exact(ctx, p)
		if err != nil {
			return 0, 0, err
		}
		penalty, err := net.Penalty(1, x)
		if err != nil {
			return 0, 0, err
		}
		below := net.Layer(1, x)
		masked, err := dropout.Expect(ctx, p, units, func(mask []float64) float64 { return net.fromLayer(below, mask, y) })
		if err != nil {
			return 0, 0, err
		}
		t, l := (exact-base)/penalty-1, (masked-base)/net.linearised(below)-1
		top, lower = top+t*t/networks, lower+l*l/networks
	}
	return math.Sqrt(top), math.Sqrt(lower), nil
}
