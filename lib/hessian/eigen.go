package hessian

import (
	"context"

	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/lib/linalg"
)

// Pairs holds eigenvalues at one end of the spectrum with their unit eigenvectors in columns, and the
// residual ‖Hv - λv‖ of each: an eigenvalue of H lies within it. The outermost Ritz value never passes
// the end of the spectrum, so that a negative lowest one certifies a direction down, whatever its
// residual; that there is none lower is certified by the residual only in the absence of misfortune.
type Pairs = linalg.LanczosResult

// Top returns the k largest eigenvalues, descending, by Lanczos steps; see [linalg.Lanczos]. Cost some
// tens of products for each pair, and as many vectors of length d.
func (o *Operator) Top(ctx context.Context, k int) (*Pairs, error) {
	return o.lanczos(ctx, k, false)
}

// Bottom returns the k smallest eigenvalues, ascending.
func (o *Operator) Bottom(ctx context.Context, k int) (*Pairs, error) {
	return o.lanczos(ctx, k, true)
}

func (o *Operator) lanczos(ctx context.Context, k int, smallest bool) (*Pairs, error) {
	cfg := linalg.LanczosConfig{Tolerance: o.tolerance(), Smallest: smallest}
	var r *Pairs
	err := o.with(func(op func(dst, v []float64)) (err error) {
		r, err = linalg.Lanczos(ctx, op, o.dim, k, cfg)
		return err
	})
	return r, err
}

// tolerance is what residuals are to reach: about the rounding of a product.
func (o *Operator) tolerance() float64 {
	if o.params[0].DType() == dtypes.Float32 {
		return 1e-4
	}
	return 1e-8
}

// with calls f with the product as a plain function. The first error of a product comes before what f
// makes of the NaN that it returned in its place.
func (o *Operator) with(f func(op func(dst, v []float64)) error) error {
	var first error
	err := f(func(dst, v []float64) {
		if first == nil {
			first = o.Product(dst, v)
		}
		if first != nil {
			for i := range dst {
				dst[i] = nan
			}
		}
	})
	if first != nil {
		return first
	}
	return err
}
