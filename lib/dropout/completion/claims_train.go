package completion

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/rng"
)

func trainClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.D6", Kind: claim.Remark, Title: "Penalties at the minimizer, and the width", Ref: "Section 11.1.2, after Theorem 11.1.2",
			Statement: `At a minimizer $R$ is within a tenth of $\Theta(UV^\top)$ for rates of 0.3 and more. $d_1\hat R$ depends on rate and width through $\lambda/d_1$: at a fixed $\lambda/d_1$ it is the same for widths 5 to 40, within 3%; at a fixed rate it grows with the width, since the penalty weakens.`,
			Source:    "completion.RunWidths, completion.RunSweep",
			Check:     checkWidths(false),
			Alternatives: []claim.Alternative{
				{Name: "d1·R̂ the same for all widths at a fixed rate", Check: checkWidths(true)},
			},
			Errata: []claim.Erratum{{
				Number: "11.D6", Where: "Section 11.1.2, remarks after Theorem 11.1.2",
				Printed: `"the value of the explicit regularizer at the minimizer roughly scales as $1/d_1$"`,
				Correct: `$\hat R\approx\|M\|_{p,q}^2/d_1$ with an $M$ that depends on $\lambda/d_1$`,
				Why:     `By the rule of water-filling the minimizer depends on $\lambda$ and $d_1$ through $\lambda/d_1$ alone. At a fixed rate a wider net is penalised less.`,
			}},
		},
		{
			ID: "11.D7", Kind: claim.Algorithm, Title: "The max-norm constraint, and what it is for", Ref: "Section 11.1.2, after Theorem 11.1.2",
			Statement: `Projection brings rows with $\|\cdot\|^2>\gamma$ to the ball and leaves the others alone. Without it nothing bounds the risk: a hidden unit $(te_i,te_k)$ on a cell that was never observed changes neither $\hat L$ nor $\hat R$, and $R$ by $t^4p_iq_k$; descent from large starts ends in such places.`,
			Source:    "completion.Factors.Project, completion.AddUnit, completion.RunHeavy",
			Check:     checkMaxNorm(maxNormTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "a unit on a cell that was observed", Check: checkMaxNorm(maxNormTheory{seen: true})},
				{Name: "projection of columns in place of rows", Check: checkMaxNorm(maxNormTheory{columns: true})},
				{Name: "no constraint", Check: checkMaxNorm(maxNormTheory{free: true})},
			},
		},
		{
			ID: "11.D8", Kind: claim.Remark, Title: "What γ and the rate do to the bound", Ref: "Section 11.1.2, last remarks",
			Statement: `A larger rate gives a smaller $\alpha=d_1\hat R$: for minimizers, $(\lambda-\lambda')(\hat R-\hat R')\le0$. With it falls the second term of the bound, not the gap that is measured. A larger $\gamma$ lets the objective fall and the bound grow.`,
			Source:    "completion.RunSweep",
			Check:     checkRates(false),
			Alternatives: []claim.Alternative{
				{Name: "the measured gap in place of α", Check: checkRates(true)},
			},
		},
	}
}

func checkWidths(same bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := SweepConfig{Table: TableConfig{Seed: env.Seed}}
		w, err := widths.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		s, err := sweeps.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		alpha := func(list []Outcome, i int) float64 { return list[i].Bound.Alpha }
		list := w.Ratio
		if same {
			list = w.Fixed
		}
		for i, d1 := range w.Widths {
			f.Add(claim.Equals(fmt.Sprintf("d1·R̂ at width %d over that at width 20, λ/d1 = 0.05", d1), 1, alpha(list, i)/alpha(list, 2),
				claim.Because(.03, "local minima that are not equalized exactly")))
			if i > 0 {
				f.Add(claim.Above(fmt.Sprintf("d1·R̂ at width %d against width %d, λ = 1", d1, w.Widths[i-1]), alpha(w.Fixed, i-1)*1.03, alpha(w.Fixed, i), claim.Exact))
			}
		}
		f.Add(claim.Equals("d1·R̂ at width 40 if R̂ were 1/d1 of something, λ = 1", alpha(w.Fixed, 0), alpha(w.Fixed, 3), claim.Because(.1*alpha(w.Fixed, 0), "roughly, to a tenth")).AsPrinted())
		// What the infinite sample says: d1·Θ of the optimum at both ends of the sweep.
		for _, i := range []int{0, 3} {
			o := w.Fixed[i]
			best, err := Best(mat.NewDense(len(s.Table.RowProb), len(s.Table.ColProb), flatten(w.Star)), s.Table.RowProb, s.Table.ColProb, o.Width, FixedLambda)
			if err != nil {
				return nil, err
			}
			t := sum(best.Spectrum)
			f.Add(claim.Equals(fmt.Sprintf("d1·Θ(UVᵀ) at width %d over that of the optimum on an infinite sample", o.Width), 1, float64(o.Width)*o.Induced/(t*t),
				claim.Because(.25, "400 cells of 600")))
		}
		for _, o := range s.Runs[3:] {
			name := fmt.Sprintf("R/Θ - 1 at rate %g", o.Rate)
			f.Add(claim.Above(name, 0, o.Expected/o.Induced-1, claim.Rounding(1, 100)),
				claim.Below(name, .1, o.Expected/o.Induced-1, claim.Exact))
		}
		o := s.Runs[0]
		f.Note("Without dropout R/Θ is %.3g: nothing equalizes. R̂ itself is below R, by a factor of %.2f at rate 0.5: it is fitted to the sample as the loss is.", o.Expected/o.Induced, s.Runs[4].Penalty/s.Runs[4].Expected)
		f.Figure = figureWidths(w)
		return f, nil
	}
}

func flatten(rows [][]float64) []float64 { return slices.Concat(rows...) }

type maxNormTheory struct{ seen, columns, free bool }

func checkMaxNorm(th maxNormTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := SweepConfig{Table: TableConfig{Seed: env.Seed}}
		h, err := heavies.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		// The projection.
		r := rng.Stream(env.Seed, "completion/claims/maxnorm")
		const gamma = 4.
		fac := Factors{mat.NewDense(40, 5, rng.Normals(r, 200)), mat.NewDense(30, 5, rng.Normals(r, 150))}
		before, moved, inside := Factors{mat.DenseCopyOf(fac.U), mat.DenseCopyOf(fac.V)}, 0.0, 0.0
		project := func(fac *Factors) {
			switch {
			case th.free:
			case th.columns:
				t := Factors{mat.DenseCopyOf(fac.U.T()), mat.DenseCopyOf(fac.V.T())}
				t.Project(gamma)
				fac.U.Copy(t.U.T())
				fac.V.Copy(t.V.T())
			default:
				fac.Project(gamma)
			}
		}
		project(&fac)
		for i := range 40 {
			if square(before.U.RawRowView(i)) <= gamma {
				inside++
				if !slices.Equal(before.U.RawRowView(i), fac.U.RawRowView(i)) {
					moved++
				}
			}
		}
		again := Factors{mat.DenseCopyOf(fac.U), mat.DenseCopyOf(fac.V)}
		project(&again)
		var diff mat.Dense
		diff.Sub(again.U, fac.U)
		f.Add(claim.Below("largest ‖row‖² after projection to γ = 4", gamma, fac.MaxRow(), claim.Exact),
			claim.Equals(fmt.Sprintf("rows inside that were moved, of %g", inside), 0, moved, claim.Exact),
			claim.Equals("second projection, largest change", 0, math.Max(mat.Max(&diff), -mat.Min(&diff)), claim.Exact))

		// The unit on a hidden cell.
		t, objective, expected := h.Table, h.LineObjective, h.LineExpected
		last := len(h.Line) - 1
		if th.seen {
			p := t.Problem(heavyWidth, h.Careful.Rate)
			fit, err := Fit(ctx, p, Config{Gamma: 1.2, Init: .01, Steps: 300, Starts: 1, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			wide := *p
			wide.Width++
			objective = append([]float64(nil), objective...)
			for i, s := range []float64{0, math.Sqrt(h.Line[last])} {
				g, err := AddUnit(fit.Factors, t.Cells[0].Row, t.Cells[0].Col, s)
				if err != nil {
					return nil, err
				}
				parts, err := wide.Evaluate(g)
				if err != nil {
					return nil, err
				}
				objective[i*last] = parts.Loss + p.Lambda()*parts.Penalty
			}
		}
		pq := t.RowProb[h.Row] * t.ColProb[h.Col]
		rise := h.Line[last] * h.Line[last] * pq
		f.Add(claim.Equals("objective with t² = 100 on a hidden cell", objective[0], objective[last], claim.Rounding(1, 100)),
			claim.Equals("rise of R there, t⁴·p(i)q(k)", rise, expected[last]-expected[0], claim.Rounding(rise, 1000)),
			claim.Above("risk there", 1, h.LineRisk[last], claim.Exact))

		// And where descent goes by itself.
		wild, capped := worst(h.Wild), worst(h.Capped)
		f.Add(claim.Above("worst risk of four starts of size 1 without the constraint, over that from a small start with it", 10, wild.Risk/h.Careful.Risk, claim.Exact),
			claim.Above("γ of that run", 3, wild.Bound.Gamma, claim.Exact),
			claim.Below("the same run's d1·R̂ over the small start's", 1.2, wild.Bound.Alpha/h.Careful.Bound.Alpha, claim.Exact),
			claim.Above("worst risk without the constraint over the worst with it, same starts", 1, wild.Risk/capped.Risk, claim.Exact),
			claim.Below("γ of the runs with γ ≤ 1.2", 1.2, capped.Bound.Gamma, claim.Exact))
		for i := range h.Wild {
			a, b := h.Wild[i], h.Capped[i]
			f.Note("Start %d of size 1: training error %.3g, d1·R̂ %.4f, γ %.3g, risk %.3g; with γ ≤ 1.2: %.3g, %.4f, %.3g, %.3g.", i, a.Loss, a.Bound.Alpha, a.Bound.Gamma, a.Risk, b.Loss, b.Bound.Alpha, b.Bound.Gamma, b.Risk)
		}
		f.Note("A small start with the constraint: training error %.3g, d1·R̂ %.4f, γ %.3g, risk %.3g. The constraint limits the harm; stuck units remain, and only a small start avoids them.", h.Careful.Loss, h.Careful.Bound.Alpha, h.Careful.Bound.Gamma, h.Careful.Risk)
		f.Figure = figureHeavy(h, last)
		return f, nil
	}
}

// worst is the run with the largest risk.
func worst(runs []Outcome) Outcome {
	return slices.MaxFunc(runs, func(a, b Outcome) int {
		switch {
		case a.Risk < b.Risk:
			return -1
		case a.Risk > b.Risk:
			return 1
		}
		return 0
	})
}

func checkRates(gap bool) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		cfg := SweepConfig{Table: TableConfig{Seed: env.Seed}}
		s, err := sweeps.Get(ctx, nil, cfg)
		if err != nil {
			return nil, err
		}
		f := &claim.Finding{}
		for i := 1; i < len(s.Runs); i++ {
			a, b := s.Runs[i-1], s.Runs[i]
			x, y := a.Bound.Alpha, b.Bound.Alpha
			if gap {
				x, y = a.Risk-a.Loss, b.Risk-b.Loss
			}
			f.Add(claim.Below(fmt.Sprintf("α at rate %g against rate %g", b.Rate, a.Rate), x, y, claim.Exact))
		}
		first, last := s.Runs[0], s.Runs[len(s.Runs)-1]
		f.Add(claim.Below("second term at rate 0.9 over that at rate 0", 1, last.Bound.Complexity/first.Bound.Complexity, claim.Exact),
			claim.Above("measured gap at rate 0.9 over that at rate 0.1: on data without noise it does not fall", 1,
				(last.Risk-last.Loss)/(s.Runs[2].Risk-s.Runs[2].Loss), claim.Exact),
			claim.Above("risk without dropout, from a start of size 1, over the least with dropout", 20, s.Wild.Risk/leastRisk(s.Runs[1:]), claim.Exact))
		// γ: fits of the same table under tighter and looser constraints.
		p := s.Table.problemOf(s.Star, 20, .3)
		previous := math.Inf(1)
		for _, gamma := range []float64{.3, .6, 1.2} {
			fit, err := Fit(ctx, p, Config{Gamma: gamma, Steps: 1000, Tolerance: 1e-6, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			value := fit.Loss + p.Lambda()*fit.Penalty
			if !math.IsInf(previous, 1) {
				f.Add(claim.Below(fmt.Sprintf("objective at γ ≤ %g against γ half as large", gamma), previous, value, claim.Exact))
			}
			f.Add(claim.Above(fmt.Sprintf("γ of the fit under γ ≤ %g, at least nine tenths of it", gamma), .9*min(gamma, 1), fit.Factors.MaxRow(), claim.Exact))
			previous = value
		}
		f.Figure = figureSweep(s, 4)
		return f, nil
	}
}

func leastRisk(runs []Outcome) float64 {
	r := math.Inf(1)
	for _, o := range runs {
		r = min(r, o.Risk)
	}
	return r
}

// problemOf is Problem for a table that came from JSON, whose M* is kept as rows.
func (t *Table) problemOf(star [][]float64, width int, rate float64) *Problem {
	return &Problem{Rows: len(star), Cols: len(star[0]), RowProb: t.RowProb, ColProb: t.ColProb, Cells: t.Cells, Width: width, Rate: rate}
}
