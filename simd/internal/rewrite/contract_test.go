package rewrite

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/shapeinference"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

func TestContractions(t *testing.T) {
	const (
		mul = backends.OpTypeMul
		sum = backends.OpTypeReduceSum
	)
	become(t, 1e-5, []rewriting{
		{"product of matrices", func(p *prog) *ir.Node { return p.matmul(p.param(f32, 3, 4), p.param(f32, 4, 5)) },
			"Contract[3,5]<i,k;k,j;i,j>(p0, p1)"},
		{"of a transposed one", func(p *prog) *ir.Node { return p.matmul(p.transpose(p.param(f32, 4, 3), 1, 0), p.param(f32, 4, 5)) },
			"Contract[3,5]<k,i;k,j;i,j>(p0, p1)"},
		{"transposed", func(p *prog) *ir.Node { return p.transpose(p.matmul(p.param(f32, 3, 4), p.param(f32, 4, 5)), 1, 0) },
			"Contract[5,3]<j,k;k,i;i,j>(p0, p1)"},
		{"bfloat16 in float32", func(p *prog) *ir.Node {
			return p.matmul(p.param(dtypes.BFloat16, 3, 4), p.param(dtypes.BFloat16, 4, 5))
		}, "BFloat16(Contract[3,5]<i,k;k,j;i,j>(Float32(p0), Float32(p1)))"},
		{"integers stay", func(p *prog) *ir.Node { return p.matmul(p.param(i32, 3, 4), p.param(i32, 4, 5)) }, "DotGeneral(p0, p1)"},
		{"batch", func(p *prog) *ir.Node {
			return p.dot(p.param(f32, 2, 3, 4), p.param(f32, 5, 2, 4), ir.DotGeneral{
				LhsBatch: []int{0}, RhsBatch: []int{1}, LhsContracting: []int{2}, RhsContracting: []int{2}})
		}, "Contract[2,3,5]<i,j,l;k,i,l;i,j,k>(p0, p1)"},
		{"gradient of Dot by the left matrix", func(p *prog) *ir.Node { // v[i,k]·w[j,k]
			v := p.broadcast(p.reshape(p.param(f32, 3, 5), 3, 1, 5), []int{3, 4, 5}, []int{0, 1, 2})
			w := p.broadcast(p.reshape(p.param(f32, 4, 5), 1, 4, 5), []int{3, 4, 5}, []int{0, 1, 2})
			return p.reduce(sum, p.op(mul, v, w), 2)
		}, "Contract[3,4]<i,k;j,k;i,j>(p0, p1)"},
		{"gradient of Dot by the right matrix", func(p *prog) *ir.Node { // v[i,k]·x[i,j]
			v := p.broadcast(p.reshape(p.param(f32, 3, 5), 3, 1, 5), []int{3, 4, 5}, []int{0, 1, 2})
			x := p.broadcast(p.reshape(p.param(f32, 3, 4), 3, 4, 1), []int{3, 4, 5}, []int{0, 1, 2})
			return p.reduce(sum, p.op(mul, v, x), 0)
		}, "Contract[4,5]<k,j;k,i;i,j>(p0, p1)"},
		{"scalar factor stays outside", func(p *prog) *ir.Node {
			v := p.broadcast(p.param(f32, 3, 5), []int{3, 4, 5}, []int{0, 2})
			x := p.broadcast(p.param(f32, 3, 4), []int{3, 4, 5}, []int{0, 1})
			return p.reduce(sum, p.op(mul, p.op(mul, v, x), p.fill(f32, 3, 3, 4, 5)), 0)
		}, "Mul(Contract[4,5]<k,j;k,i;i,j>(p0, p1), 3)"},
		{"a factor near the end of the range stays inside", func(p *prog) *ir.Node {
			v := p.broadcast(p.param(f32, 3, 5), []int{3, 4, 5}, []int{0, 2})
			x := p.broadcast(p.param(f32, 3, 4), []int{3, 4, 5}, []int{0, 1})
			return p.reduce(sum, p.op(mul, p.op(mul, v, x), p.fill(f32, 0x1p-101, 3, 4, 5)), 0)
		}, "ReduceSum[0](Mul(Mul(Broadcast[3,4,5](p0), Broadcast[3,4,5](p1)), 3.944304526105059e-31))"},
		{"so does one that makes terms of float16 smaller", func(p *prog) *ir.Node {
			f16 := dtypes.Float16
			v := p.broadcast(p.param(f16, 3, 5), []int{3, 4, 5}, []int{0, 2})
			x := p.broadcast(p.param(f16, 3, 4), []int{3, 4, 5}, []int{0, 1})
			return p.reduce(sum, p.op(mul, p.op(mul, v, x), p.fill(f16, .5, 3, 4, 5)), 0)
		}, "ReduceSum[0](Mul(Mul(Broadcast[3,4,5](p0), Broadcast[3,4,5](p1)), 0.5))"},
		{"an index of one operand is summed first", func(p *prog) *ir.Node {
			v := p.broadcast(p.param(f32, 6, 3, 5), []int{6, 3, 4, 5}, []int{0, 1, 3})
			x := p.broadcast(p.param(f32, 3, 4), []int{6, 3, 4, 5}, []int{1, 2})
			return p.reduce(sum, p.op(mul, v, x), 0, 1)
		}, "Contract[4,5]<k,j;k,i;i,j>(ReduceSum[0](p0), p1)"},
		{"an outer product of sums", func(p *prog) *ir.Node {
			v := p.broadcast(p.param(f32, 6, 5), []int{6, 4, 5}, []int{0, 2})
			x := p.broadcast(p.param(f32, 4), []int{6, 4, 5}, []int{1})
			return p.reduce(sum, p.op(mul, v, x), 0)
		}, "Mul(Broadcast[4,5](ReduceSum[0](p0)), Broadcast[4,5](p1))"},
		{"a sum of squares is no matrix product", func(p *prog) *ir.Node {
			x := p.param(f32, 3, 5)
			return p.reduce(sum, p.op(mul, x, x), 1)
		}, "ReduceSum[1](Mul(p0, p0))"},
		{"nor is a matrix by a vector", func(p *prog) *ir.Node {
			v := p.broadcast(p.param(f32, 5), []int{3, 5}, []int{1})
			return p.reduce(sum, p.op(mul, p.param(f32, 3, 5), v), 1)
		}, "ReduceSum[1](Mul(p1, Broadcast[3,5](p0)))"},
		{"a repeated operand", func(p *prog) *ir.Node { // Σ_k a[i,k]·b[j]
			return p.matmul(p.param(f32, 3, 4), p.broadcast(p.param(f32, 5), []int{4, 5}, []int{1}))
		}, "Contract[3,5]<i;j;i,j>(ReduceSum[1](p0), p1)"},
	})
}

func TestTransposedResultWithTwoUsers(t *testing.T) {
	p := newProg()
	c := p.matmul(p.param(f32, 3, 4), p.param(f32, 4, 5))
	h := rewritten(t, p.returns(p.transpose(c, 1, 0), c), Options{}, 1e-5, false)
	if got, want := expr(h.Outputs[0]), "Transpose[1,0](Contract[3,5]<i,k;k,j;i,j>(p0, p1))"; got != want {
		t.Errorf("got %s, want %s: the product must not be computed twice", got, want)
	}
}

// conv adds a convolution of x by w with axes [batch, spatial…, channels] and [spatial…, in, out].
func (p *prog) conv(x, w *ir.Node, c ir.Conv) *ir.Node {
	s, err := shapeinference.ConvGeneralOp(x.Shape, w.Shape, c.Axes, c.Strides, c.Paddings, c.InputDilations,
		c.KernelDilations, c.ChannelGroupCount, c.BatchGroupCount)
	if err != nil {
		panic(err)
	}
	return p.Add(backends.OpTypeConvGeneral, s, c, x, w)
}

// plainConv has stride 1 and no padding.
func plainConv(spatial int) ir.Conv {
	ones := func() []int { return slices.Repeat([]int{1}, spatial) }
	c := ir.Conv{
		Strides: ones(), InputDilations: ones(), KernelDilations: ones(),
		Paddings: make([][2]int, spatial), ChannelGroupCount: 1, BatchGroupCount: 1,
	}
	c.Axes = backends.ConvolveAxesConfig{InputChannels: spatial + 1, KernelInputChannels: spatial, KernelOutputChannels: spatial + 1, OutputChannels: spatial + 1}
	for j := range spatial {
		c.Axes.InputSpatial = append(c.Axes.InputSpatial, j+1)
		c.Axes.KernelSpatial = append(c.Axes.KernelSpatial, j)
		c.Axes.OutputSpatial = append(c.Axes.OutputSpatial, j+1)
	}
	return c
}

func TestConvolutions(t *testing.T) {
	become(t, 1e-5, []rewriting{
		{"a window and its place share an axis", func(p *prog) *ir.Node {
			return p.conv(p.param(f32, 2, 7, 3), p.param(f32, 3, 3, 4), plainConv(1))
		}, "Contract[2,5,4]<i,j+l,m;l,m,k;i,j,k>(p0, p1)"},
		{"stride and dilation are steps", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.Strides[0], c.KernelDilations[0] = 2, 3
			return p.conv(p.param(f32, 2, 11, 3), p.param(f32, 3, 3, 4), c)
		}, "Contract[2,3,4]<i,2j+3l,m;l,m,k;i,j,k>(p0, p1)"},
		{"one tap, one channel", func(p *prog) *ir.Node {
			return p.conv(p.param(f32, 2, 7, 1), p.param(f32, 1, 1, 4), plainConv(1))
		}, "Contract[2,7,4]<i,j;,,k;i,j,k>(p0, p1)"},
		{"padding", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.Paddings[0] = [2]int{1, 1}
			return p.conv(p.param(f32, 2, 7, 3), p.param(f32, 3, 3, 4), c)
		}, "Contract[2,7,4]<i,j+l,m;l,m,k;i,j,k>(Pad(p0, 0), p1)"},
		{"padding that no window reaches", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.Strides[0], c.Paddings[0] = 2, [2]int{0, 1}
			return p.conv(p.param(f32, 2, 7, 3), p.param(f32, 3, 3, 4), c)
		}, "Contract[2,3,4]<i,2j+l,m;l,m,k;i,j,k>(p0, p1)"},
		{"negative padding cuts", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.Paddings[0] = [2]int{-1, -1}
			return p.conv(p.param(f32, 2, 7, 3), p.param(f32, 3, 3, 4), c)
		}, "Contract[2,3,4]<i,j+l,m;l,m,k;i,j,k>(Slice[2,6,3](p0), p1)"},
		{"groups of channels", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.ChannelGroupCount = 2
			return p.conv(p.param(f32, 2, 7, 6), p.param(f32, 3, 3, 4), c)
		}, "Reshape[2,5,4](Contract[2,5,2,2]<i,j+m,3k+n;m,n,2k+l;i,j,k,l>(p0, p1))"},
		{"groups of the batch", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.BatchGroupCount = 2
			return p.conv(p.param(f32, 6, 7, 3), p.param(f32, 3, 3, 4), c)
		}, "Reshape[3,5,4](Contract[3,5,2,2]<i+3k,j+m,n;m,n,2k+l;i,j,k,l>(p0, p1))"},
		{"a kernel for every channel", func(p *prog) *ir.Node {
			c := plainConv(1)
			c.ChannelGroupCount = 5
			return p.conv(p.param(f32, 2, 7, 5), p.param(f32, 2, 1, 5), c)
		}, "Add(Mul(Slice[2,6,5](p0), Broadcast[2,6,5](Reshape[5](Slice[1,1,5](p1)))), " +
			"Mul(Slice[2,6,5](p0), Broadcast[2,6,5](Reshape[5](Slice[1,1,5](p1)))))"},
		{"integers stay", func(p *prog) *ir.Node {
			return p.conv(p.param(i32, 2, 7, 3), p.param(i32, 3, 3, 4), plainConv(1))
		}, "ConvGeneral(p0, p1)"},
	})
}

// TestRandomConvolutions compares every way to write a convolution with the reference: permuted
// axes, strides, dilations of input and kernel, negative padding, groups, kernels that are smaller
// and larger than the dilation.
func TestRandomConvolutions(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	phases := 0
	for k := range 400 {
		spatial := 1 + r.IntN(2)
		c := plainConv(spatial)
		rank := spatial + 2
		place := func(batch, channels *int, axes []int) {
			q := r.Perm(rank)
			*batch, *channels = q[0], q[1]
			copy(axes, q[2:])
		}
		place(&c.Axes.InputBatch, &c.Axes.InputChannels, c.Axes.InputSpatial)
		place(&c.Axes.KernelInputChannels, &c.Axes.KernelOutputChannels, c.Axes.KernelSpatial)
		place(&c.Axes.OutputBatch, &c.Axes.OutputChannels, c.Axes.OutputSpatial)
		in, ker := make([]int, rank), make([]int, rank)
		batch, channels, features := 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3)
		switch r.IntN(4) {
		case 0:
			c.ChannelGroupCount = 2 + r.IntN(2)
			features *= c.ChannelGroupCount
		case 1:
			c.BatchGroupCount = 2
			features *= 2
			batch *= 2
		}
		in[c.Axes.InputBatch], in[c.Axes.InputChannels] = batch, channels*c.ChannelGroupCount
		ker[c.Axes.KernelInputChannels], ker[c.Axes.KernelOutputChannels] = channels, features
		for j := range spatial {
			ker[c.Axes.KernelSpatial[j]] = 1 + r.IntN(4)
			in[c.Axes.InputSpatial[j]] = 5 + r.IntN(5)
			c.KernelDilations[j] = 1 + r.IntN(3)
			switch r.IntN(3) {
			case 0:
				c.Strides[j] = 1 + r.IntN(3)
			case 1:
				c.InputDilations[j] = 1 + r.IntN(3)
			}
			need := (ker[c.Axes.KernelSpatial[j]]-1)*c.KernelDilations[j] + 1
			have := (in[c.Axes.InputSpatial[j]]-1)*c.InputDilations[j] + 1
			c.Paddings[j] = [2]int{r.IntN(6) - 2, r.IntN(6) - 2}
			if have+c.Paddings[j][0]+c.Paddings[j][1] < need {
				c.Paddings[j] = [2]int{need, r.IntN(3)}
			}
		}
		if slices.Max(c.InputDilations) > 1 {
			phases++
		}
		p := newProg()
		g := p.returns(p.conv(p.param(f32, in...), p.param(f32, ker...), c))
		t.Run(fmt.Sprint(k), func(t *testing.T) {
			for _, off := range []map[string]bool{nil, {"dilated": true}, {"views": true, "absorb": true}} {
				h := rewritten(t, g, Options{Off: off}, 1e-5, false)
				for _, n := range h.Nodes {
					if n.Op == backends.OpTypeConvGeneral {
						t.Errorf("%s is left", n)
					}
				}
			}
		})
		if t.Failed() {
			t.Logf("%+v", c)
			break
		}
	}
	if phases < 50 {
		t.Errorf("only %d of the convolutions dilate their input", phases)
	}
}
