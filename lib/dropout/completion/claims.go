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

// Claims returns the claims on section 11.1.2.
func Claims() []claim.Claim {
	return slices.Concat(modelClaims(), boundClaims(), trainClaims())
}

// fixture is the matrix with entries sin(a + 1.7t + 0.3t²), t = ic + j, of the golden numbers.
func fixture(a float64, r, c int) *mat.Dense {
	m := mat.NewDense(r, c, nil)
	for t := range r * c {
		x := float64(t)
		m.Set(t/c, t%c, math.Sin(a+1.7*x+.3*x*x))
	}
	return m
}

// goldenPair is U = F(1; 4, 3), V = F(2; 3, 3) with the laws (1, 2, 3, 4)/10 and ∝ (1, ½, ⅓).
func goldenPair() (f Factors, rowProb, colProb []float64) {
	return Factors{fixture(1, 4, 3), fixture(2, 3, 3)}, []float64{.1, .2, .3, .4}, PowerLaw(3, 1)
}

// close1e10 is the agreement that golden numbers of float64 are given to.
func close1e10(v float64) claim.Tolerance {
	return claim.Because(1e-10*math.Abs(v), "relative 1e-10, the precision of the golden number")
}

func modelClaims() []claim.Claim {
	return []claim.Claim{
		{
			ID: "11.D1", Kind: claim.Model, Title: "Completion is sensing with random indicators", Ref: "Section 11.1.2",
			Statement: `A cell $(i,k)$ drawn with probability $p(i)q(k)$ is the sensing matrix $e_ie_k^\top$. With it, dropping units at rate $\rho$ turns the mean squared error over the cells, each counted as often as it was drawn, into $\hat L+\frac{\rho}{1-\rho}\hat R$ with $\hat R=\frac1n\sum_t\sum_jU_{i_tj}^2V_{k_tj}^2$; and $\mathbb E\hat R=R=\sum_j(\sum_ip_iU_{ij}^2)(\sum_kq_kV_{kj}^2)$.`,
			Source:    "completion.Problem.Evaluate, completion.Sample, completion.Expected",
			Check:     checkModel(modelTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "λ = the rate itself", Check: checkModel(modelTheory{rateAsLambda: true})},
				{Name: "cells without their multiplicity", Check: checkModel(modelTheory{once: true})},
				{Name: "cells drawn uniformly", Check: checkModel(modelTheory{uniform: true})},
			},
		},
		{
			ID: "11.D2", Kind: claim.Theorem, Title: "The weighted trace norm is what dropout induces", Ref: "Section 11.1.2, Eq. 11.7",
			Statement: `$\Theta(M)=\min_{UV^\top=M}R(U,V)=\frac1{d_1}\|\mathrm{diag}(\sqrt p)M\mathrm{diag}(\sqrt q)\|_*^2$, attained by the equalized factors of the weighted matrix with the weights divided out; $n\mathrm{Var}(\hat R)=\sum_{ik}p_iq_k(\sum_jU_{ij}^2V_{kj}^2)^2-R^2$.`,
			Source:    "completion.Induced, completion.Equalized, completion.Variance",
			Check:     checkInduced(inducedTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the trace norm without weights", Check: checkInduced(inducedTheory{flat: true})},
				{Name: "without the factor 1/d1", Check: checkInduced(inducedTheory{noWidth: true})},
				{Name: "a variance without -R²", Check: checkInduced(inducedTheory{raw: true})},
			},
			Errata: []claim.Erratum{{
				Number: "11.3", Where: "Proof of Eq. 11.7",
				Printed: `$\frac1{d_1}(\sum_j\|\sqrt{\mathrm{diag}(p)}u_jv_j^\top\sqrt{\mathrm{diag}(q)}v_j\|)^2$; the last line ends in $\frac1{d_1}\|\sqrt{\mathrm{diag}(p)}UV^\top\sqrt{\mathrm{diag}(q)}\|_*$; $\Theta(M)$ in terms of $UV^\top$; "$q(k)$ … the $j$-th column"`,
				Correct: `no second $v_j$; $\frac1{d_1}\|\cdot\|_*^2$; $M=UV^\top$; the $k$-th column`,
				Why:     `The square is lost on the last line: doubling $U$ multiplies $R$ by 4 and the printed bound by 2. The rotation that the end of the proof takes from Theorem 11.1.1 exists for the balanced factors of the weighted matrix, not for the given pair.`,
			}},
		},
		{
			ID: "11.D2/optimum", Kind: claim.Theorem, Title: "Water-filling on the weighted matrix", Ref: "Section 11.1.2 with Theorem 11.3.1",
			Statement: `On an infinite sample the minimum of $\sum_{ik}p_iq_k(M^*_{ik}-M_{ik})^2+\lambda R(U,V)$ lowers the singular values of $\mathrm{diag}(\sqrt p)M^*\mathrm{diag}(\sqrt q)$ by one threshold, $\tau=\frac{\lambda\rho\kappa_\rho}{d_1+\lambda\rho}$, and every hidden unit carries the same share of $R$.`,
			Source:    "completion.Best, completion.Fit, completion.Population",
			Check:     checkOptimum(optimumTheory{}),
			Alternatives: []claim.Alternative{
				{Name: "the threshold on the matrix without weights", Check: checkOptimum(optimumTheory{flat: true})},
				{Name: "strength λ in place of λ/d1", Check: checkOptimum(optimumTheory{noWidth: true})},
			},
		},
	}
}

type modelTheory struct{ rateAsLambda, once, uniform bool }

func checkModel(th modelTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		fac, p, q := goldenPair()
		r := rng.Stream(env.Seed, "completion/claims/model")
		const n, rate = 30, .4
		p2, q2 := p, q
		if th.uniform {
			p2, q2 = PowerLaw(4, 0), PowerLaw(3, 0)
		}
		cells := Sample(r, p, q, n, func(i, k int) float64 { return math.Cos(float64(3*i + k)) })
		pr := &Problem{Rows: 4, Cols: 3, RowProb: p, ColProb: q, Cells: cells, Width: 3, Rate: rate}
		if th.once {
			seen := map[Cell]bool{}
			pr.Cells = nil
			for _, c := range cells {
				if !seen[c] {
					pr.Cells = append(pr.Cells, c)
				}
				seen[c] = true
			}
		}
		parts, err := pr.Evaluate(fac)
		if err != nil {
			return nil, err
		}
		lambda := pr.Lambda()
		if th.rateAsLambda {
			lambda = rate
		}
		// The other route: dense sensing matrices and all masks.
		mean := 0.0
		for mask := range 8 {
			prob := 1.0
			b := make([]float64, 3)
			for j := range b {
				if mask>>j&1 == 1 {
					b[j], prob = 1/(1-rate), prob*(1-rate)
				} else {
					prob *= rate
				}
			}
			var ub, m mat.Dense
			ub.Mul(fac.U, mat.NewDiagDense(3, b))
			m.Mul(&ub, fac.V.T())
			for _, c := range cells {
				a := mat.NewDense(4, 3, nil)
				a.Set(c.Row, c.Col, 1)
				var am mat.Dense
				am.MulElem(a, &m)
				res := c.Value - mat.Sum(&am)
				mean += prob * res * res / n
			}
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("mean over the 8 masks of the loss with sensing matrices, n = 30 draws of 12 cells",
			parts.Loss+lambda*parts.Penalty, mean, claim.Rounding(mean, 200)))
		// Cells come as they should, and R̂ has the mean R.
		const draws = 40_000
		heavy, pen, pen2 := 0.0, 0.0, 0.0
		for _, c := range Sample(r, p2, q2, draws, func(int, int) float64 { return 0 }) {
			if c.Row == 3 && c.Col == 0 {
				heavy++
			}
			s := 0.0
			for j := range 3 {
				s += math.Pow(fac.U.At(c.Row, j)*fac.V.At(c.Col, j), 2)
			}
			pen += s
			pen2 += s * s
		}
		want, err := Expected(fac, p, q)
		if err != nil {
			return nil, err
		}
		pen /= draws
		pi := p[3] * q[0]
		f.Add(claim.Equals("share of the cell (3, 0) among 40,000 draws", pi, heavy/draws, claim.Sampling(math.Sqrt(pi*(1-pi)), draws)),
			claim.Equals("mean of R̂ of one cell", want, pen, claim.Sampling(math.Sqrt(pen2/draws-pen*pen), draws)))
		return f, nil
	}
}

type inducedTheory struct{ flat, noWidth, raw bool }

func checkInduced(th inducedTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		fac, p, q := goldenPair()
		m := fac.Matrix()
		r, err := Expected(fac, p, q)
		if err != nil {
			return nil, err
		}
		variance, err := Variance(fac, p, q)
		if err != nil {
			return nil, err
		}
		norm, err := TraceNorm(m, p, q)
		if err != nil {
			return nil, err
		}
		theta, err := Induced(m, p, q, 3)
		if err != nil {
			return nil, err
		}
		if th.flat {
			flat := []float64{.25, .25, .25, .25}
			if theta, err = Induced(m, flat, PowerLaw(3, 0), 3); err != nil {
				return nil, err
			}
		}
		if th.noWidth {
			theta *= 3
		}
		if th.raw {
			variance += r * r
		}
		f := &claim.Finding{}
		f.Add(claim.Equals("R of F(1; 4, 3) and F(2; 3, 3)", .39241672881912926, r, close1e10(r)),
			claim.Equals("weighted trace norm", .625660357507503, norm, close1e10(norm)),
			claim.Equals("Θ at width 3", .13048362765213883, theta, close1e10(theta)),
			claim.Equals("n·Var(R̂)", .026264273687212153, variance, close1e10(variance)),
			claim.Equals("Θ as the proof's last line has it, without the square", norm/3, theta, claim.Because(1e-3, "far from rounding")).AsPrinted())

		// The lower bound, on factorisations far from the best, and the factors that attain it.
		stream := rng.Stream(env.Seed, "completion/claims/induced")
		lowest := math.Inf(1)
		for range 300 {
			g := mat.NewDense(3, 3, rng.Normals(stream, 9))
			var inv, u, v mat.Dense
			if inv.Inverse(g) != nil {
				continue
			}
			u.Mul(fac.U, g)
			v.Mul(fac.V, inv.T())
			other, err := Expected(Factors{&u, &v}, p, q)
			if err != nil {
				return nil, err
			}
			lowest = min(lowest, other)
		}
		f.Add(claim.Above("least R among 300 other factorisations", theta, lowest, claim.Rounding(theta, 100)))
		for _, d1 := range []int{3, 5, 8} {
			e, err := Equalized(m, p, q, d1)
			if err != nil {
				return nil, err
			}
			got, err := Expected(e, p, q)
			if err != nil {
				return nil, err
			}
			part := shares(e, p, q)
			var diff mat.Dense
			diff.Sub(e.Matrix(), m)
			f.Add(claim.Equals(fmt.Sprintf("R of the equalized factors, width %d", d1), theta*3/float64(d1), got, close1e10(got)),
				claim.Equals("their product, largest error", 0, math.Max(mat.Max(&diff), -mat.Min(&diff)), claim.Because(1e-11, "rounding of the rotations")),
				claim.Equals("largest share of a unit over the mean", 1, slices.Max(part)/got*float64(d1), claim.Because(1e-10, "rounding of the rotations")))
		}
		// The variance by drawing cells one at a time.
		const draws = 100_000
		var s1, s2, s3, s4 float64
		for _, c := range Sample(stream, p, q, draws, func(int, int) float64 { return 0 }) {
			s := -r
			for j := range 3 {
				s += math.Pow(fac.U.At(c.Row, j)*fac.V.At(c.Col, j), 2)
			}
			s1, s2, s3, s4 = s1+s, s2+s*s, s3+s*s*s, s4+s*s*s*s
		}
		v := s2 / draws
		f.Add(claim.Equals("variance of R̂ of one cell, 100,000 draws", variance, v, claim.Sampling(math.Sqrt(s4/draws-v*v), draws)))
		if t, err := Induced(m, p, q, 2); err == nil || !math.IsInf(t, 1) {
			return nil, fmt.Errorf("completion: width 2 has no factors of a matrix of rank 3, and Θ is %g", t)
		}
		f.Note("At width 2 the matrix, of rank 3, has no factors: Θ is +∞ and an error. A zero weight is refused, as its row would not be penalised at all.")
		return f, nil
	}
}

type optimumTheory struct{ flat, noWidth bool }

func checkOptimum(th optimumTheory) claim.Check {
	return func(ctx context.Context, env claim.Env) (*claim.Finding, error) {
		t, err := NewTable(TableConfig{Rows: 8, Cols: 6, Rank: 5, Samples: 1, Seed: env.Seed})
		if err != nil {
			return nil, err
		}
		t.Cells = Population(t.RowProb, t.ColProb, t.Star.At)
		f := &claim.Finding{}
		for _, c := range []struct {
			width int
			rate  float64
		}{{4, .2}, {4, .6}, {9, .6}} {
			p := t.Problem(c.width, c.rate)
			rowProb, colProb := t.RowProb, t.ColProb
			if th.flat {
				rowProb, colProb = PowerLaw(8, 0), PowerLaw(6, 0)
			}
			lambda := p.Lambda()
			if th.noWidth {
				lambda *= float64(c.width)
			}
			best, err := Best(t.Star, rowProb, colProb, c.width, lambda)
			if err != nil {
				return nil, err
			}
			fit, err := Fit(ctx, p, Config{Init: .3, Tolerance: 1e-9, Seed: env.Seed})
			if err != nil {
				return nil, err
			}
			sigma, _, err := spectrum(fit.Factors.Matrix(), t.RowProb, t.ColProb)
			if err != nil {
				return nil, err
			}
			worst := 0.0
			for i := range sigma {
				worst = max(worst, math.Abs(sigma[i]-best.Spectrum[i]))
			}
			part := shares(fit.Factors, t.RowProb, t.ColProb)
			name := fmt.Sprintf("width %d, rate %g: ", c.width, c.rate)
			tol := claim.Because(1e-7, "descent stopped at a gradient of 1e-9")
			f.Add(claim.Equals(name+"value", best.Value, fit.Loss+p.Lambda()*fit.Penalty, tol),
				claim.Equals(name+"largest error of a singular value", 0, worst, claim.Because(1e-5, "descent stopped at a gradient of 1e-9")),
				claim.Equals(name+"risk", best.Risk, fit.Loss, claim.Because(1e-6, "descent stopped at a gradient of 1e-9")),
				claim.Equals(name+"largest share of a unit over the least", 1, slices.Max(part)/slices.Min(part), claim.Because(1e-3, "descent stopped at a gradient of 1e-9")))
		}
		return f, nil
	}
}
