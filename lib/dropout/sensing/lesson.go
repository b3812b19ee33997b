package sensing

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/lib/lesson"
)

// Breaks returns the claims of section 11.1 with hypotheses to drop.
func Breaks() []lesson.Break { return []lesson.Break{BreakRotation()} }

// BreakRotation is the first erratum: which pairs can a rotation equalize?
func BreakRotation() lesson.Break {
	return lesson.Break{
		ID: "11.C4/break", Title: "Can any pair of factors be rotated to the least penalty?",
		Claim:      `For the pair $U$, $V$ with $UV^\top=\begin{pmatrix}1&0\\1&1\end{pmatrix}$ and a width of 2 there is a rotation $Q$ with $R(UQ,VQ)=\frac12\|UV^\top\|_*^2=\frac52$.`,
		Hypotheses: []lesson.Hypothesis{{Name: "balanced", Held: "$U^\\top U=V^\\top V$, as in the proof of Theorem 11.1.1", Drop: "take any pair, as the theorem says: $U=I$ and $V=\\begin{pmatrix}1&1\\\\0&1\\end{pmatrix}$"}},
		State: func(ctx context.Context, dropped lesson.Dropped) (*lesson.State, error) {
			const fn = "sensing.BreakRotation"
			f := skewed()
			theta, err := Theta(f.Product(), 2)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			if !dropped["balanced"] {
				e, err := Equalize(f.Product(), 2)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", fn, err)
				}
				f = e.Balanced
			}
			var x, y []float64
			for k := range 181 {
				a := math.Pi * float64(k) / 180
				x = append(x, float64(k))
				y = append(y, f.rotated(mat.NewDense(2, 2, []float64{math.Cos(a), -math.Sin(a), math.Sin(a), math.Cos(a)})).Penalty())
			}
			best, err := BestRotation(ctx, f, 4, 0)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", fn, err)
			}
			least := best.Penalty()
			s := &lesson.State{Holds: least-theta < 1e-9, Figure: figure.Figure{
				ID: "11.C4/break", Title: "The penalty of all rotations",
				Alt:     fmt.Sprintf("R(UQ, VQ) against the angle of Q, from %.3f to %.3f, and the level 5/2 of the induced regularizer.", floats.Min(y), floats.Max(y)),
				Caption: `The product $UV^\top$ is the same at every angle and in both states.`,
				Panels: []figure.Panel{{X: figure.Axis{Label: "angle of Q", Unit: "degrees"}.Range(0, 180), Y: figure.Axis{Label: "R(UQ, VQ)"}.Range(2, 4),
					Layers: []figure.Layer{figure.Line("R(UQ, VQ)", 0, x, y), figure.HRule("Θ = 5/2", theta)}}},
			}}
			if s.Holds {
				s.Verdict = fmt.Sprintf("The balanced pair starts at %.3g and comes down to $\\frac52$ at 45°: both columns then carry the same share.", y[0])
			} else {
				s.Verdict = "$UQ$ has orthonormal columns for every $Q$, so $R(UQ,VQ)=\\|VQ\\|_F^2=\\|V\\|_F^2=3$ whatever the angle. Only other factors of the same product, reached by no rotation, have $\\frac52$."
				s.Counterexample = "U = I, V = {{1, 1}, {0, 1}}: R(UQ, VQ) = 3 for every rotation Q, and Θ = 5/2"
			}
			return s, nil
		},
	}
}

// PredictNuclear asks for the nuclear norm of what training with dropout finds against the rate. r is a
// result of Run with at least two rates above 0; its measured points come with the answer.
func PredictNuclear(r *Result) (lesson.Prediction, error) {
	const fn = "sensing.PredictNuclear"
	if r == nil || len(r.Runs) == 0 {
		return lesson.Prediction{}, fmt.Errorf("%s: want a result of Run", fn)
	}
	fig := r.Figure()
	panel := fig.Panels[1]
	if len(panel.Layers) < 2 || len(panel.Layers[1].X) < 2 {
		return lesson.Prediction{}, fmt.Errorf("%s: want a result with at least two rates above 0", fn)
	}
	line, points := panel.Layers[0], panel.Layers[1]
	at := func(p float64) float64 {
		k := floats.NearestIdx(line.X, p)
		return line.Y[k]
	}
	panel.X = panel.X.Range(line.X[0], line.X[len(line.X)-1])
	panel.Y = panel.Y.Range(0, 1.2)
	var x, even []float64
	for p := .1; p < .95; p += .1 {
		x, even = append(x, p), append(even, 1-p)
	}
	last := len(points.X) - 1
	return lesson.Prediction{
		ID: "11.C2/predict", Title: "What dropout leaves",
		Question: fmt.Sprintf(`A $%d\times%d$ matrix $M_*$ of rank %d is sensed, and factors of width %d are trained with dropout at rate $p$. Draw the nuclear norm of the product $UV^\top$, as a share of $\|M_*\|_*$, for $p$ from 0 to 0.95.`, r.Config.Size, r.Config.Size, r.Config.Rank, r.Config.Width),
		Curve: &lesson.Curve{
			Figure: figure.Figure{
				ID: "11.C2/predict", Title: "Nuclear norm against the rate of dropout",
				Alt:     fmt.Sprintf("The share of the nuclear norm against the rate: %.2f at p = 0.1, %.2f at 0.5, %.2f at 0.9; the trained products lie along the line, %.2f at p = %g.", at(.1), at(.5), at(.9), points.Y[last], points.X[last]),
				Caption: fmt.Sprintf(`Line: infinitely many samples. Points: %d samples.`, r.Config.Samples),
				Panels:  []figure.Panel{panel},
			},
			Layer: 0, Hide: []int{1}, X: x, Before: "Empty axes: the share of the nuclear norm that is left, from 0 to 1.2, against the rate of dropout from 0 to 1.",
			Obvious: "what is not dropped, 1 - p", Baseline: even,
		},
		Reading: fmt.Sprintf(`Half of the units dropped, and %.0f %% of the nuclear norm is still there. The strength of the penalty is $\lambda=\frac p{1-p}$, and it is shared by $d_1$ units: as long as all %d singular values survive, the share is $\frac{d_1}{d_1+%d\lambda}$. With $d_1=%d$ and $p=0.5$ that is little; only near $p=1$, where $\lambda$ explodes, does the norm collapse.`, 100*at(.5), r.Config.Rank, r.Config.Rank, r.Config.Width),
	}, nil
}
