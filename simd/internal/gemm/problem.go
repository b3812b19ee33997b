package gemm

import (
	"fmt"
	"sort"
	"strings"

	"github.com/gomlx/gomlx/pkg/core/dtypes"
)

// An Axis is one index of a product: its range, and how many elements each array moves on when it
// grows by one. An array that the index does not occur in has stride 0. Strides may be negative.
type Axis struct{ Size, A, B, C int }

// A Problem is the product
//
//	C[b, m, n] = Σ_k A[b, m, k]·B[b, k, n]
//
// where each of b, m, n and k stands for a list of axes, outermost first. M lists axes of A and C, N of
// B and C, K of A and B, Batch of C and any of A and B. Different indices of C must not meet in one
// element.
type Problem struct {
	DType          dtypes.DType // Float32 or Float64
	Batch, M, N, K []Axis
}

// check reports the first mistake.
func (p Problem) check() error {
	if p.DType != dtypes.Float32 && p.DType != dtypes.Float64 {
		return fmt.Errorf("gemm.New: got %s, want Float32 or Float64", p.DType)
	}
	lists := []struct {
		name                string
		axes                []Axis
		noA, noB, noC, hasC bool
	}{
		{"Batch", p.Batch, false, false, false, true},
		{"M", p.M, false, true, false, true},
		{"N", p.N, true, false, false, true},
		{"K", p.K, false, false, true, false},
	}
	empty := size(p.Batch)*size(p.M)*size(p.N) == 0 // then strides of 0 mean nothing
	for _, l := range lists {
		for i, x := range l.axes {
			switch {
			case x.Size < 0:
				return fmt.Errorf("gemm.New: %s[%d] has size %d, want at least 0", l.name, i, x.Size)
			case x.Size <= 1:
			case l.noA && x.A != 0, l.noB && x.B != 0, l.noC && x.C != 0, l.hasC && x.C == 0 && !empty:
				return fmt.Errorf("gemm.New: %s[%d] has strides A=%d, B=%d, C=%d; M is for axes of A and C, N of B and C, K of A and B, Batch of C",
					l.name, i, x.A, x.B, x.C)
			}
		}
	}
	return nil
}

// size is the number of values of a list of axes.
func size(axes []Axis) int {
	n := 1
	for _, x := range axes {
		n *= x.Size
	}
	return n
}

// ordered returns the axes without those of size 1, the one with the largest key first. Axes with equal
// keys stay in order.
func ordered(axes []Axis, key func(Axis) int) []Axis {
	var out []Axis
	for _, x := range axes {
		if x.Size != 1 {
			out = append(out, x)
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return key(out[i]) > key(out[j]) })
	return out
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}

// swapped exchanges the parts of A and B: Cᵀ = Bᵀ·Aᵀ.
func (p Problem) swapped() Problem {
	swap := func(axes []Axis) []Axis {
		out := make([]Axis, len(axes))
		for i, x := range axes {
			out[i] = Axis{x.Size, x.B, x.A, x.C}
		}
		return out
	}
	return Problem{p.DType, swap(p.Batch), swap(p.N), swap(p.M), swap(p.K)}
}

// rowMajor reports whether the axes, as they stand, have the strides in C of a dense array whose
// innermost stride is unit, and returns the stride that the next outer axis must have.
func rowMajor(axes []Axis, unit int) (next int, ok bool) {
	for i := len(axes) - 1; i >= 0; i-- {
		if x := axes[i]; x.Size != 1 {
			if x.C != unit {
				return 0, false
			}
			unit *= x.Size
		}
	}
	return unit, true
}

// strided returns the lane of an array along axes.
func strided(axes []Axis, bytes int, stride func(Axis) int) lane {
	var dims, strides []int
	for _, x := range axes {
		dims = append(dims, x.Size)
		strides = append(strides, stride(x)*bytes)
	}
	return newLane(dims, strides)
}

func ofA(x Axis) int { return x.A }
func ofB(x Axis) int { return x.B }
func ofC(x Axis) int { return x.C }

// String writes a lane as "12×4@64,4": sizes and strides in bytes.
func (l lane) String() string {
	if len(l.dims) == 0 {
		return "1"
	}
	join := func(v []int, sep string) string {
		var s []string
		for _, x := range v {
			s = append(s, fmt.Sprint(x))
		}
		return strings.Join(s, sep)
	}
	return join(l.dims, "×") + "@" + join(l.strides, ",")
}
