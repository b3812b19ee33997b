package simd

import (
	"slices"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/notimplemented"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/pkg/errors"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// RNGBitGenerator fills an array with random bits. It returns the state for the next call and the
// bits, which depend on the state alone: they are the same for every number of goroutines, and
// different from those of other backends.
func (b *Builder) RNGBitGenerator(state backends.Op, shape shapes.Shape) (newState, values backends.Op, err error) {
	const op = backends.OpTypeRNGBitGenerator
	result, err := b.buildMany(op, func(in []*ir.Node) []*ir.Node {
		if !in[0].Shape.Equal(backends.RNGStateShape) {
			fail(op, "state %s, want %s", in[0].Shape, backends.RNGStateShape)
		}
		checkShape(op, shape)
		if kindOf(shape.DType)&kindReal == 0 {
			fail(op, "values %s, want a type of: %s", shape, kindReal)
		}
		next := b.graph.Add(ir.OpRNGState, in[0].Shape, ir.RNGState{Bytes: int(shape.Memory())}, in[0])
		return []*ir.Node{next, b.graph.Add(ir.OpRNGBits, shape.Clone(), nil, in[0])}
	}, state)
	if err != nil {
		return nil, nil, err
	}
	return result[0], result[1], nil
}

// FFT transforms the last len(fftLength) axes. Forward transforms sum x·exp(-2πi·jk/n); inverse ones
// have the other sign and divide by the number of points. The transform of reals, Float32 or
// Float64, has only the frequencies 0 to n/2 on the last axis, and its inverse takes those.
func (b *Builder) FFT(operand backends.Op, fftType backends.FFTType, fftLength []int) (backends.Op, error) {
	const op = backends.OpTypeFFT
	return b.build(op, func(in []*ir.Node) *ir.Node {
		x := in[0].Shape
		rank, n := x.Rank(), len(fftLength)
		if n < 1 || n > rank {
			fail(op, "lengths %v, want 1 to %d of them for %s", fftLength, rank, x)
		}
		shape := x.Clone()
		last := fftLength[n-1]
		wantDims := slices.Clone(fftLength)
		switch fftType {
		case backends.FFTForward, backends.FFTInverse:
			want(op, in[0], kindComplex)
		case backends.FFTForwardReal:
			switch x.DType {
			case dtypes.Float32:
				shape.DType = dtypes.Complex64
			case dtypes.Float64:
				shape.DType = dtypes.Complex128
			default:
				fail(op, "operand %s, want Float32 or Float64 for type %s", x, fftType)
			}
			shape.Dimensions[rank-1] = last/2 + 1
		case backends.FFTInverseReal:
			want(op, in[0], kindComplex)
			shape.DType = x.DType.RealDType()
			shape.Dimensions[rank-1] = last
			wantDims[n-1] = last/2 + 1
		default:
			fail(op, "type %d, want Forward, Inverse, ForwardReal or InverseReal", int(fftType))
		}
		for i, length := range fftLength {
			if length < 1 {
				fail(op, "lengths %v, want at least 1", fftLength)
			}
			if a := rank - n + i; x.Dimensions[a] != wantDims[i] {
				fail(op, "operand %s, want dimension %d on axis %d for %s of lengths %v", x, wantDims[i], a, fftType, fftLength)
			}
		}
		checkShape(op, shape)
		return b.graph.Add(op, shape, ir.FFT{Type: fftType, Length: slices.Clone(fftLength)}, in[0])
	}, operand)
}

// AllReduce reduces over the devices, of which there is one: it returns its operands.
func (b *Builder) AllReduce(operands []backends.Op, reductionType backends.ReduceOpType, replicaGroups [][]int) ([]backends.Op, error) {
	const op = backends.OpTypeAllReduce
	return b.buildMany(op, func(in []*ir.Node) []*ir.Node {
		if reductionType <= backends.ReduceOpUndefined || reductionType > backends.ReduceOpMin {
			fail(op, "reduction %s, want Sum, Product, Max or Min", reductionType)
		}
		for _, group := range replicaGroups {
			if len(group) > 1 || len(group) == 1 && group[0] != 0 {
				fail(op, "replica groups %v, want [[0]]: there is one device", replicaGroups)
			}
		}
		return in
	}, operands...)
}

// DistributedSPMD accepts one device.
func (b *Builder) DistributedSPMD(numDevices int) error {
	if numDevices != 1 {
		return errors.Wrapf(notimplemented.NotImplementedError, "simd: DistributedSPMD: %d devices, want 1: all processors are one device", numDevices)
	}
	return nil
}

// DistributedAutoSharding accepts meshes of one device.
func (b *Builder) DistributedAutoSharding(meshes ...backends.Mesh) error {
	for _, m := range meshes {
		if size(m.AxesSizes) != 1 {
			return errors.Wrapf(notimplemented.NotImplementedError, "simd: DistributedAutoSharding: mesh %q of sizes %v, want one device", m.Name, m.AxesSizes)
		}
	}
	return nil
}

// DeviceAssignment accepts device 0.
func (b *Builder) DeviceAssignment(devices ...backends.DeviceNum) error {
	if len(devices) != 1 || devices[0] != 0 {
		return errors.Errorf("simd: DeviceAssignment: devices %v, want [0], the only one", devices)
	}
	return nil
}
