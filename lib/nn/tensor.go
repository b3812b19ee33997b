package nn

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"gonum.org/v1/gonum/mat"
)

// Tensor returns the r×c matrix as a float64 tensor [r, c]. The values are copied.
func Tensor(m mat.Matrix) *tensors.Tensor {
	r, c := m.Dims()
	if d, ok := m.(*mat.Dense); ok && d.RawMatrix().Stride == c {
		return tensors.FromFlatDataAndDimensions(d.RawMatrix().Data[:r*c], r, c)
	}
	flat := make([]float64, 0, r*c)
	for i := range r {
		for j := range c {
			flat = append(flat, m.At(i, j))
		}
	}
	return tensors.FromFlatDataAndDimensions(flat, r, c)
}

// Column returns v as a float64 tensor [len(v), 1], the shape of a network's output.
func Column(v []float64) *tensors.Tensor { return tensors.FromFlatDataAndDimensions(v, len(v), 1) }

// Row returns v as a float64 tensor [1, len(v)].
func Row(v []float64) *tensors.Tensor { return tensors.FromFlatDataAndDimensions(v, 1, len(v)) }

// Scalar returns v as a float64 tensor without axes.
func Scalar(v float64) *tensors.Tensor { return tensors.FromScalar(v) }

// Values returns the entries of a float64 tensor in row-major order.
func Values(t *tensors.Tensor) ([]float64, error) {
	v, err := tensors.CopyFlatData[float64](t)
	if err != nil {
		return nil, fmt.Errorf("nn.Values: tensor %s, want float64: %w", t.Shape(), err)
	}
	return v, nil
}

// Dense returns a float64 tensor of rank two as a matrix.
func Dense(t *tensors.Tensor) (*mat.Dense, error) {
	if t.Rank() != 2 {
		return nil, fmt.Errorf("nn.Dense: tensor %s, want rank 2", t.Shape())
	}
	v, err := Values(t)
	if err != nil {
		return nil, err
	}
	return mat.NewDense(t.Shape().Dimensions[0], t.Shape().Dimensions[1], v), nil
}

// Exec compiles a graph function of any number of nodes once; the result runs on tensors of float64
// and returns host tensors. It is the border between the functions that panic and those that return
// errors: a panic while the graph is built comes back as the error of the first Run.
type Exec struct {
	exec *graph.Exec
	name string
}

// NewExec returns the executable of f on the backend. Close it when done.
func NewExec(b backends.Backend, name string, f func(in []*graph.Node) []*graph.Node) (*Exec, error) {
	if b == nil {
		return nil, fmt.Errorf("nn.NewExec: %s: no backend", name)
	}
	e, err := graph.NewExec(b, f)
	if err != nil {
		return nil, fmt.Errorf("nn.NewExec: %s: %w", name, err)
	}
	return &Exec{exec: e.WithName(name), name: name}, nil
}

// Run executes the graph on the tensors.
func (e *Exec) Run(in ...*tensors.Tensor) ([]*tensors.Tensor, error) {
	args := make([]any, len(in))
	for i, t := range in {
		args[i] = t
	}
	out, err := e.exec.Exec(args...)
	if err != nil {
		return nil, fmt.Errorf("nn: running %s: %w", e.name, err)
	}
	return out, nil
}

// Close frees the compiled graphs.
func (e *Exec) Close() { e.exec.Finalize() }
