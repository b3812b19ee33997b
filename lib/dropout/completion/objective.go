package completion

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
)

// Parts are the terms of the dropout objective at some factors, none with λ in it.
type Parts struct {
	Loss    float64 // L̂, weighted mean of squared errors
	Penalty float64 // R̂
}

// Evaluate returns L̂ and R̂ of the cells at the factors, cells with the multiplicity they have.
func (p *Problem) Evaluate(f Factors) (Parts, error) {
	const fn = "completion.Problem.Evaluate"
	if err := p.Validate(); err != nil {
		return Parts{}, err
	}
	if err := p.fits(f); err != nil {
		return Parts{}, fmt.Errorf("%s: %w", fn, err)
	}
	o := newObjective(p)
	return o.parts(o.pack(f)), nil
}

// fits reports factors of other shapes than the problem's.
func (p *Problem) fits(f Factors) error {
	if _, err := f.Width(); err != nil {
		return err
	}
	a, d1 := f.U.Dims()
	b, _ := f.V.Dims()
	if a != p.Rows || b != p.Cols || d1 != p.Width {
		return fmt.Errorf("U is %d×%d and V %d×%d, want %d×%d and %d×%d", a, d1, b, d1, p.Rows, p.Width, p.Cols, p.Width)
	}
	return nil
}

// objective is the problem as a function of one vector: the rows of U, then those of V.
type objective struct {
	d2, d0, d1 int
	cells      []Cell
	weights    []float64 // of the cells, sum 1
	row, col   []float64 // weight that falls on each row of U and of V
	p, q       []float64
	lambda     float64
	decay      float64
}

func newObjective(p *Problem) *objective {
	o := &objective{
		d2: p.Rows, d0: p.Cols, d1: p.Width, cells: p.Cells, weights: make([]float64, len(p.Cells)),
		row: make([]float64, p.Rows), col: make([]float64, p.Cols),
		p: p.RowProb, q: p.ColProb, lambda: p.Lambda(), decay: p.Decay,
	}
	total := p.total()
	for c := range p.Cells {
		w := p.Cells[c].weight() / total
		o.weights[c] = w
		o.row[p.Cells[c].Row] += w
		o.col[p.Cells[c].Col] += w
	}
	return o
}

func (o *objective) dim() int { return (o.d2 + o.d0) * o.d1 }

// u and v are row i of U and row k of V within x.
func (o *objective) u(x []float64, i int) []float64 { return x[i*o.d1 : (i+1)*o.d1] }
func (o *objective) v(x []float64, k int) []float64 { return o.u(x, o.d2+k) }

func (o *objective) pack(f Factors) []float64 {
	x := make([]float64, 0, o.dim())
	for _, a := range []*mat.Dense{f.U, f.V} {
		n, _ := a.Dims()
		for i := range n {
			x = append(x, a.RawRowView(i)...)
		}
	}
	return x
}

func (o *objective) unpack(x []float64) Factors {
	cut := o.d2 * o.d1
	return Factors{
		U: mat.NewDense(o.d2, o.d1, append([]float64(nil), x[:cut]...)),
		V: mat.NewDense(o.d0, o.d1, append([]float64(nil), x[cut:]...)),
	}
}

// units returns Σ_j q_j and Σ_j q_j², q_j = u_j·v_j being what unit j adds to a cell.
func units(u, v []float64) (sum, squares float64) {
	for j := range u {
		q := u[j] * v[j]
		sum += q
		squares += q * q
	}
	return sum, squares
}

func (o *objective) parts(x []float64) Parts {
	var out Parts
	for c := range o.cells {
		cell := &o.cells[c]
		u, v := o.u(x, cell.Row), o.v(x, cell.Col)
		pred, pen := units(u, v)
		res := pred - cell.Value
		out.Loss += o.weights[c] * res * res
		out.Penalty += o.weights[c] * pen
	}
	return out
}

// value returns the objective and writes its gradient to g: with q_j = U_ij V_kj, res = Σ_j q_j - y and
// c_j = 2ω(res + λq_j), a cell adds c_j V_kj to ∂U_ij and c_j U_ij to ∂V_kj.
func (o *objective) value(g, x []float64) float64 {
	clear(g)
	f := 0.0
	for c := range o.cells {
		cell := &o.cells[c]
		w := o.weights[c]
		u, v := o.u(x, cell.Row), o.v(x, cell.Col)
		gu, gv := o.u(g, cell.Row), o.v(g, cell.Col)
		pred, pen := units(u, v)
		res := pred - cell.Value
		f += w * (res*res + o.lambda*pen)
		for j := range u {
			k := 2 * w * (res + o.lambda*u[j]*v[j])
			gu[j] += k * v[j]
			gv[j] += k * u[j]
		}
	}
	if o.decay > 0 {
		for i := range o.d2 + o.d0 {
			p := o.prob(i)
			u, gu := o.u(x, i), o.u(g, i)
			f += o.decay / 2 * p * square(u)
			for j := range u {
				gu[j] += o.decay * p * u[j]
			}
		}
	}
	return f
}

// prob is the sampling probability of row i of the stacked factors.
func (o *objective) prob(i int) float64 {
	if i < o.d2 {
		return o.p[i]
	}
	return o.q[i-o.d2]
}
