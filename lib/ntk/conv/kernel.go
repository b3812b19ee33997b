package conv

import (
	"context"
	"errors"
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Kernel is a kernel of an infinitely wide convolutional ReLU network: L layers of q×q filters with
// stride 1 and zero padding, then a linear readout,
//
//	x^{(h)} = √(2/(C_h q²))·σ(conv(W^{(h)}, x^{(h-1)})),   all weights N(0, 1).
//
// The readout is vectorised, Σ_α⟨W_α, x_α^{(L)}⟩ with a weight a pixel, or with Pool global average
// pooling, Σ_α w_α·mean(x_α^{(L)}). The zero value is the linear kernel of pixels.
type Kernel struct {
	Depth  int  // L, the number of convolutional layers; 0 is the linear kernel
	Filter int  // q, the side of a filter, odd; 0 means 3
	Pool   bool // average over places before the readout (CNTK-GAP); otherwise a weight a place (CNTK-V)
	NNGP   bool // covariance of the outputs of random networks in place of the tangent kernel
}

// String names the kernel as a legend does: "CNTK-GAP, depth 3".
func (k Kernel) String() string {
	name, readout := "CNTK", "-V"
	if k.NNGP {
		name = "conv-NNGP"
	}
	if k.Pool {
		readout = "-GAP"
	}
	if k.Depth == 0 {
		name = "linear"
	}
	name += readout
	if k.Depth > 0 {
		name += fmt.Sprintf(", depth %d", k.Depth)
	}
	if k.filter() != 3 && k.Depth > 0 {
		name += fmt.Sprintf(", %d×%d filters", k.Filter, k.Filter)
	}
	return name
}

func (k Kernel) filter() int {
	if k.Filter == 0 {
		return 3
	}
	return k.Filter
}

// Validate reports a negative depth or a filter whose side is not odd.
func (k Kernel) Validate() error {
	var errs []error
	if k.Depth < 0 {
		errs = append(errs, fmt.Errorf("conv.Kernel: depth %d, want >= 0", k.Depth))
	}
	if f := k.filter(); f < 1 || f%2 == 0 || f > 1<<15 {
		errs = append(errs, fmt.Errorf("conv.Kernel: filter %d, want an odd side from 1 on", k.Filter))
	}
	return errors.Join(errs...)
}

// Gram returns the N×N matrix of the kernel on the images, symmetric, with both triangles filled. The
// result is the same for any GOMAXPROCS. A done context stops it within a fraction of a second, in the
// middle of a pair if need be.
//
// With pooling a pair costs L·(H·W)² entries of about 5 ns; without it only the entries at equal
// places are read, and the cost is L·H·W of them. Memory is N² doubles, 2(L+C)·N·H·W for the images
// and a few hundred kilobytes a processor.
func (k Kernel) Gram(ctx context.Context, x *Images) (*mat.SymDense, error) {
	out, err := grams(ctx, "conv.Kernel.Gram", []Kernel{k}, x, nil)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Cross returns the matrix of the kernel between the images of x (rows) and those of z (columns).
// Cross(x, x) is Gram(x) to rounding: below the diagonal, sums run in another order.
func (k Kernel) Cross(ctx context.Context, x, z *Images) (*mat.Dense, error) {
	out, err := crosses(ctx, "conv.Kernel.Cross", []Kernel{k}, x, z, nil)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// Grams returns Gram of several kernels at less than the sum of their costs: a pass through the layers
// serves all depths, both readouts, and NTK and NNGP, so that it costs as much as its deepest kernel
// with pooling. Kernels with other filters take a pass of their own. progress may be nil; it is called
// with the entries of the matrices done so far and in all, from one goroutine at a time.
func Grams(ctx context.Context, ks []Kernel, x *Images, progress func(done, total int)) ([]*mat.SymDense, error) {
	return grams(ctx, "conv.Grams", ks, x, progress)
}

// Crosses returns Cross of several kernels, see Grams.
func Crosses(ctx context.Context, ks []Kernel, x, z *Images, progress func(done, total int)) ([]*mat.Dense, error) {
	return crosses(ctx, "conv.Crosses", ks, x, z, progress)
}

func grams(ctx context.Context, fn string, ks []Kernel, x *Images, progress func(done, total int)) ([]*mat.SymDense, error) {
	if err := check(fn, ks, x); err != nil {
		return nil, err
	}
	n := x.N
	full := make([][]float64, len(ks))
	for k := range full {
		full[k] = make([]float64, n*n)
	}
	if err := fill(ctx, ks, x, x, true, full, progress); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	out := make([]*mat.SymDense, len(ks))
	for k, d := range full {
		for i := range n {
			for j := range i {
				d[i*n+j] = d[j*n+i]
			}
		}
		out[k] = mat.NewSymDense(n, d)
	}
	return out, nil
}

func crosses(ctx context.Context, fn string, ks []Kernel, x, z *Images, progress func(done, total int)) ([]*mat.Dense, error) {
	if err := check(fn, ks, x, z); err != nil {
		return nil, err
	}
	if x.C != z.C || x.H != z.H || x.W != z.W {
		return nil, fmt.Errorf("%s: %s and %s, want images of one size", fn, x.size(), z.size())
	}
	full := make([][]float64, len(ks))
	for k := range full {
		full[k] = make([]float64, x.N*z.N)
	}
	if err := fill(ctx, ks, x, z, false, full, progress); err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	out := make([]*mat.Dense, len(ks))
	for k, d := range full {
		out[k] = mat.NewDense(x.N, z.N, d)
	}
	return out, nil
}

// Diag returns the kernel of each image with itself, N numbers at the cost of N pairs.
func (k Kernel) Diag(ctx context.Context, x *Images) ([]float64, error) {
	const fn = "conv.Kernel.Diag"
	if err := check(fn, []Kernel{k}, x); err != nil {
		return nil, err
	}
	out := make([]float64, x.N)
	p := newPass(k.filter(), []Kernel{k}, []int{0}, x, x)
	err := linalg.Parallel(ctx, x.N, 1, func(lo, hi int) {
		w := p.worker()
		for i := lo; i < hi; i++ {
			if w.pairs(ctx, i, i, 1) == nil {
				out[i] = w.sums[0][0]
			}
		}
		p.free(w)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fn, err)
	}
	return out, nil
}

// check is the door of every function: kernels and stacks are what they should be.
func check(fn string, ks []Kernel, stacks ...*Images) error {
	if len(ks) == 0 {
		return fmt.Errorf("%s: no kernels, want at least one", fn)
	}
	for _, k := range ks {
		if err := k.Validate(); err != nil {
			return fmt.Errorf("%s: %w", fn, err)
		}
	}
	for _, s := range stacks {
		if err := s.Validate(); err != nil {
			return fmt.Errorf("%s: %w", fn, err)
		}
	}
	return nil
}
