package deepnet

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/nn"
	"github.com/lemma-ml/lemma/lib/rng"
)

// Claims returns the claims on section 11.2, and those of chapter 11 that its experiment answers.
func Claims() []claim.Claim {
	return slices.Concat(penaltyClaims(), pathClaims(), trainingClaims(), modelClaims())
}

func penaltyClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.E1", Kind: claim.Model, Title: "Dropout on the last hidden layer of a deep network", Ref: "Section 11.2, Eq. 11.8",
			Statement: `$f_w(x)=W_k\sigma(\cdots\sigma(W_1x))$ with masks on $a_{k-1}(x)$. Dropout updates are stochastic gradient steps on $\hat L_{drop}(w)=\frac1n\sum_i\mathbb E_B\|y_i-W_kBa_{k-1}(x_i)\|^2$: over masks, the mean of the gradient of the masked loss is $\nabla\hat L_{drop}$ in every matrix, also those below the dropped layer.`,
			Source:    "deepnet.Net, dropout.Head", NeedsBackend: true,
			Check: checkObjective(objectiveVariant{}),
			Alternatives: []claim.Alternative{
				{Name: "a gradient of the loss without the penalty", Check: checkObjective(objectiveVariant{noPenalty: true})},
				{Name: "the penalty seen by W_k alone", Check: checkObjective(objectiveVariant{topOnly: true})},
				{Name: "masks on the layer below", Check: checkObjective(objectiveVariant{below: true})},
			},
		},
		{
			ID: "11.E2", Kind: claim.Theorem, Title: "The penalty that dropout is", Ref: "Proposition 11.2.1, Eq. 11.9",
			Statement: `$\hat L_{drop}(w)=\hat L(w)+\lambda\sum_j\|W_k(:,j)\|^2\hat a_j^2$, $\hat a_j^2=\frac1n\sum_ia_{j,k-1}(x_i)^2$, for every depth, activation, number of outputs and set of examples, a minibatch too.`,
			Source:    "deepnet.Net.Penalty",
			Check:     checkPenalty(penaltyVariant{}),
			Alternatives: []claim.Alternative{
				{Name: "strength λ = p", Check: checkPenalty(penaltyVariant{lambda: func(p float64) float64 { return p }})},
				{Name: "squared means of a_j in place of mean squares", Check: checkPenalty(penaltyVariant{squareOfMean: true})},
				{Name: "norms ‖W_k(:,j)‖ without the square", Check: checkPenalty(penaltyVariant{noSquare: true})},
				{Name: "rows of W_k in place of columns", Check: checkPenalty(penaltyVariant{rows: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.12", Where: "Proof of Proposition 11.2.1",
				Printed: `$(y_i-W_k(:,i)^\top a_{k-1}(x))^2$ as the first term of output $i$`,
				Correct: `$(y_i-W_k(i,:)^\top a_{k-1}(x))^2$`,
				Why:     `Output $i$ is row $i$ of $W_k$ on the activations; column $i$ is what leaves unit $i$, and has as many entries as there are outputs. Also, the "explicit regularizer" $\hat R$ of section 11.2 has $\lambda$ in it, that of section 11.1 has not.`,
			}},
		},
	}
}

type objectiveVariant struct{ noPenalty, topOnly, below bool }

type penaltyVariant struct {
	lambda                       func(p float64) float64
	squareOfMean, noSquare, rows bool
}

// targets draws n×k normal targets.
func targets(seed uint64, n, k int) *mat.Dense {
	return mat.NewDense(n, k, rng.Normals(rng.Stream(seed, "targets"), n*k))
}

func inputs(seed uint64, n, d int) *mat.Dense {
	return mat.NewDense(n, d, rng.Normals(rng.Stream(seed, "inputs"), n*d))
}

func checkPenalty(v penaltyVariant) claim.Check {
	if v.lambda == nil {
		v.lambda = func(p float64) float64 { return p / (1 - p) }
	}
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		f := &claim.Finding{}
		for _, c := range []struct {
			name   string
			sigma  nn.Activation
			widths []int
			rows   int
			p      float64
		}{
			{"two layers of relu, one output", nn.ReLU, []int{5, 8, 1}, 20, .3},
			{"three layers of tanh, four outputs", nn.Tanh, []int{5, 6, 8, 4}, 20, .5},
			{"five linear layers", nn.Linear, []int{3, 4, 5, 4, 6, 2}, 20, .9},
			{"a minibatch of one example", nn.ReLU, []int{5, 9, 7, 3}, 1, .5},
			{"as many outputs as units", nn.ReLU, []int{4, 6, 6}, 10, .5},
			{"p = 0", nn.ReLU, []int{4, 6, 2}, 10, 0},
		} {
			net, err := NewNet(rng.Stream(env.Seed, "net/"+c.name), c.sigma, c.widths...)
			if err != nil {
				return nil, err
			}
			k := c.widths[len(c.widths)-1]
			x, y := inputs(env.Seed, c.rows, c.widths[0]), targets(env.Seed, c.rows, k)
			h := net.Head(x, y)
			exact, err := h.Exact(ctx, c.p)
			if err != nil {
				return nil, err
			}
			penalty, err := net.Penalty(v.lambda(c.p), x)
			if err != nil {
				return nil, err
			}
			if v.squareOfMean || v.noSquare || v.rows {
				penalty = v.lambda(c.p) * v.sum(h)
			}
			f.Add(claim.Equals("mean loss over all masks less the loss: "+c.name, penalty, exact-h.Value(nil), claim.Rounding(exact, 400)))
			if c.p == .5 && c.rows > 1 && k < 6 {
				const draws = 2000
				mean, se, err := h.Estimate(ctx, rng.Stream(env.Seed, "masks"), dropout.Bernoulli, c.p, draws)
				if err != nil {
					return nil, err
				}
				f.Add(claim.Equals(fmt.Sprintf("the same by %d masks", draws), penalty+h.Value(nil), mean, claim.Sampling(se*math.Sqrt(draws), draws)))
			}
			if k == c.widths[len(c.widths)-2] { // the printed term is defined here alone
				turned := h
				turned.Weights = mat.DenseCopyOf(h.Weights.T())
				f.Add(claim.Equals("the same with W_k(:,i)ᵀa in the first term: "+c.name, turned.Value(nil)+penalty, exact, claim.Rounding(exact, 400)).AsPrinted())
			}
		}
		return f, nil
	}
}

// sum is Σ_j of a wrong form of the penalty.
func (v penaltyVariant) sum(h dropout.Head) float64 {
	n, d := h.Features.Dims()
	k, _ := h.Weights.Dims()
	total := 0.0
	for j := range d {
		a := h.Features.ColView(j)
		energy := mat.Dot(a, a) / float64(n)
		if v.squareOfMean {
			energy = math.Pow(mat.Sum(a)/float64(n), 2)
		}
		w := h.Weights.ColView(j)
		if v.rows {
			w = h.Weights.RowView(j % k)
		}
		norm := mat.Dot(w, w)
		if v.noSquare {
			norm = math.Sqrt(norm)
		}
		total += norm * energy
	}
	return total
}
