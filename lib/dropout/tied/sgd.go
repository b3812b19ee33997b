package tied

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/dropout"
	"github.com/lemma-ml/lemma/lib/rng"
)

// SGDConfig is a run of stochastic gradient descent with dropout masks. Eta has no default.
type SGDConfig struct {
	Eta   float64 // step size η
	Steps int     // 0 means 400
	Batch int     // inputs and masks a step; 0 means 1
	Seed  uint64
}

// SGD trains the autoencoder as one does in practice, and returns all iterates: each step draws inputs x with
// entries ±1, so that E xxᵀ = I, targets y = Mx, and a mask B for each, and follows the gradient of the mean
// of ‖y - UBUᵀx‖². The mean of that gradient is ∇L_θ, for the rate p = λ/(1+λ). Errors are a bad start, a
// step size that is not positive, negative numbers, an iterate that is not finite, with its step, and a done
// context. Cost O(d₀d₁) an input.
func SGD(ctx context.Context, m *Model, x0 []float64, cfg SGDConfig) ([][]float64, error) {
	const fn = "tied.SGD"
	if err := m.Objective().At(fn, x0); err != nil {
		return nil, err
	}
	if cfg.Steps == 0 {
		cfg.Steps = 400
	}
	if cfg.Batch == 0 {
		cfg.Batch = 1
	}
	if !(cfg.Eta > 0) || math.IsInf(cfg.Eta, 1) || cfg.Steps < 0 || cfg.Batch < 0 {
		return nil, fmt.Errorf("%s: step size %g, %d steps, batch of %d, want a positive number and none negative", fn, cfg.Eta, cfg.Steps, cfg.Batch)
	}
	p, err := dropout.Rate(m.lambda)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	r := rng.Stream(cfg.Seed, "tied/sgd")
	path := [][]float64{slices.Clone(x0)}
	g := mat.NewDense(m.d0, m.d1, nil)
	h, masked, back := make([]float64, m.d1), make([]float64, m.d1), make([]float64, m.d1)
	for t := range cfg.Steps {
		if t&63 == 0 && ctx.Err() != nil {
			return path, fmt.Errorf("%s: step %d: %w", fn, t, ctx.Err())
		}
		u := m.point(path[t])
		g.Zero()
		for range cfg.Batch {
			x := rng.Signs(r, m.d0)
			keep := make([]float64, m.d1)
			for j := range keep {
				if r.Float64() >= p {
					keep[j] = 1 / (1 - p)
				}
			}
			res := make([]float64, m.d0) // UBUᵀx - Mx
			mat.NewVecDense(m.d0, res).MulVec(m.m, mat.NewVecDense(m.d0, x))
			floats.Scale(-1, res)
			for j := range m.d1 {
				h[j], back[j] = 0, 0
				for i := range m.d0 {
					h[j] += u.At(i, j) * x[i]
				}
				masked[j] = keep[j] * h[j]
			}
			for i := range m.d0 {
				res[i] += floats.Dot(u.RawRowView(i), masked)
			}
			for i := range m.d0 {
				for j := range m.d1 {
					back[j] += u.At(i, j) * res[i] * keep[j]
				}
			}
			for i := range m.d0 {
				row := g.RawRowView(i)
				for j := range row {
					row[j] += 2 * (res[i]*masked[j] + x[i]*back[j])
				}
			}
		}
		next := slices.Clone(path[t])
		floats.AddScaled(next, -cfg.Eta/float64(cfg.Batch), g.RawMatrix().Data)
		if s := floats.Sum(next); math.IsNaN(s) || math.IsInf(s, 0) {
			return path, fmt.Errorf("%s: step %d of size %g leaves the finite numbers: it diverges", fn, t+1, cfg.Eta)
		}
		path = append(path, next)
	}
	return path, nil
}
