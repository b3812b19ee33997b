package simd_test

import (
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
)

// arguments draws arguments for any method, most of which are wrong.
type arguments struct {
	*sampler
	ops []backends.Op
}

func (a *arguments) ints(n int) []int {
	list := make([]int, a.IntN(n))
	for i := range list {
		list[i] = a.IntN(6) - 1
	}
	if len(list) == 0 && a.IntN(2) == 0 {
		return nil
	}
	return list
}

func (a *arguments) dims() []int {
	dims := make([]int, a.IntN(4))
	for i := range dims {
		dims[i] = a.IntN(4)
	}
	return dims
}

// dtype is float32 or a boolean more often than not: else hardly any operands fit together.
func (a *arguments) dtype() dtypes.DType {
	switch a.IntN(4) {
	case 0:
		return allTypes[a.IntN(len(allTypes))]
	case 1:
		return dtypes.Int32
	}
	return dtypes.Float32
}

func (a *arguments) draw(t reflect.Type) reflect.Value {
	var v any
	switch reflect.Zero(t).Interface().(type) {
	case int:
		v = a.IntN(5) - 1
	case bool:
		v = a.IntN(2) == 0
	case float32:
		v = a.Float32()
	case dtypes.DType:
		v = a.dtype()
	case shapes.Shape:
		v = shapes.Shape{DType: a.dtype(), Dimensions: a.dims()}
	case []int:
		v = a.ints(4)
	case [][2]int:
		list := make([][2]int, a.IntN(4))
		for i := range list {
			list[i] = [2]int{a.IntN(4) - 1, a.IntN(4) - 1}
		}
		v = list
	case []backends.PadAxis:
		list := make([]backends.PadAxis, a.IntN(4))
		for i := range list {
			list[i] = backends.PadAxis{Start: a.IntN(5) - 2, End: a.IntN(5) - 2, Interior: a.IntN(4) - 1}
		}
		v = list
	case backends.ReduceOpType:
		v = backends.ReduceOpType(a.IntN(7) - 1)
	case backends.FFTType:
		v = backends.FFTType(a.IntN(6) - 1)
	case backends.ConvolveAxesConfig:
		p, q, r := a.Perm(3), a.Perm(3), a.Perm(3)
		if a.IntN(3) == 0 {
			p = a.ints(6)
			p = append(p, 0, 1)
		}
		v = backends.ConvolveAxesConfig{
			InputBatch: p[0], InputChannels: p[1], InputSpatial: p[2:],
			KernelInputChannels: q[0], KernelOutputChannels: q[1], KernelSpatial: q[2:],
			OutputBatch: r[0], OutputChannels: r[1], OutputSpatial: r[2:],
		}
	case []backends.Op:
		list := make([]backends.Op, a.IntN(4))
		for i := range list {
			list[i] = a.ops[a.IntN(len(a.ops))]
		}
		v = list
	default: // backends.Op
		op := reflect.New(t).Elem()
		op.Set(reflect.ValueOf(a.ops[a.IntN(len(a.ops))]))
		return op
	}
	return reflect.ValueOf(v)
}

// Whatever the arguments, a method returns an error of its own or an operation that can be computed
// and has the shape that was announced.
func TestAnyArguments(t *testing.T) {
	methods := reflect.TypeFor[backends.StandardOps]()
	b := backend("")
	rounds := 400
	if testing.Short() {
		rounds = 60
	}
	for i := range methods.NumMethod() {
		m := methods.Method(i)
		a := &arguments{sampler: newSampler(uint64(i), false)}
		good := 0
		for range rounds {
			dims := a.dims()
			dtype := a.dtype()
			var in []array
			add := func(dtype dtypes.DType, dims ...int) { in = append(in, a.array(dtype, dims...)) }
			add(dtype, dims...)
			add(dtype, dims...)
			add(dtype)
			add(dtype, a.dims()...)
			add(dtypes.Bool, dims...)
			in = append(in, build(dtypes.Int32, nil, func([]int) val { return val{i: big.NewInt(int64(a.IntN(9) - 4))} }))
			if m.Name == "RNGBitGenerator" {
				add(dtypes.Uint64, 3)
			}
			var err error
			_, execErr := execute(b, func(b backends.Builder, ops []backends.Op) ([]backends.Op, error) {
				a.ops = ops
				var args []reflect.Value
				for k := range m.Type.NumIn() {
					args = append(args, a.draw(m.Type.In(k)))
				}
				method := reflect.ValueOf(b).MethodByName(m.Name)
				call := method.Call
				if m.Type.IsVariadic() {
					call = method.CallSlice
				}
				out := call(args)
				var results []backends.Op
				for _, v := range out[:len(out)-1] {
					results = append(results, v.Interface())
				}
				err, _ = out[len(out)-1].Interface().(error)
				return results, err
			}, false, in...)
			if execErr == nil {
				good++
			} else if err == nil || strings.Contains(execErr.Error(), "internal error") || !strings.Contains(execErr.Error(), "simd: "+m.Name+": ") {
				t.Errorf("%s of %v: %v", m.Name, in, execErr)
				break
			}
		}
		if good == 0 && !testing.Short() && m.Type.NumIn() < 6 { // more that fit together do not come by chance
			t.Errorf("%s: no arguments were right, the test says little", m.Name)
		}
	}
}
