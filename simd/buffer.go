package simd

import (
	"fmt"
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	"github.com/gomlx/gomlx/pkg/core/dtypes/bfloat16"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/pkg/errors"
	"github.com/x448/float16"

	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// Buffer is an array in memory, contiguous in row-major order. It belongs to its backend and is
// given back by BufferFinalize; one that is just dropped is collected as garbage. A finalized buffer
// stays finalized: its memory goes to others only after the executions that read it have returned.
type Buffer struct {
	backend *Backend
	shape   shapes.Shape
	flat    any // the elements, a slice of the Go type of the shape's dtype
	tensor  tensor.Tensor
	block   *block
	users   atomic.Int32 // its owner, until finalized, and the executions that use it
	dead    atomic.Bool  // finalized, or donated
}

// newBuffer makes a buffer with arbitrary content. shape is not copied.
func (b *Backend) newBuffer(shape shapes.Shape) *Buffer {
	block := b.memory.get(int(shape.DType.Memory()) * shape.Size())
	return b.bufferOf(shape, tensor.Of(shape.DType, shape.Dimensions, block.data), block)
}

// bufferOf makes a buffer of a block's memory. t must be contiguous and have the shape.
func (b *Backend) bufferOf(shape shapes.Shape, t tensor.Tensor, block *block) *Buffer {
	buf := &Buffer{backend: b, shape: shape, flat: flatOf(t), tensor: t, block: block}
	buf.users.Store(1)
	return buf
}

// acquire keeps the buffer's memory until release. It fails if the buffer is finalized.
func (buf *Buffer) acquire() bool {
	for {
		n := buf.users.Load()
		if n <= 0 || buf.dead.Load() {
			return false
		}
		if buf.users.CompareAndSwap(n, n+1) {
			break
		}
	}
	if buf.dead.Load() { // finalized in between
		buf.release()
		return false
	}
	return true
}

// release undoes acquire, or ends the owner's hold.
func (buf *Buffer) release() {
	if buf.users.Add(-1) == 0 && buf.block != nil {
		buf.backend.memory.put(buf.block)
		buf.block = nil
	}
}

// passOn makes a buffer of the memory of a dead one that nobody but the caller holds.
func (buf *Buffer) passOn(shape shapes.Shape) *Buffer {
	block := buf.block
	buf.block = nil
	return buf.backend.bufferOf(shape, tensor.Of(shape.DType, shape.Dimensions, block.data), block)
}

// finalize ends the owner's hold; only the first call does, and returns true.
func (buf *Buffer) finalize() bool {
	if !buf.dead.CompareAndSwap(false, true) {
		return false
	}
	buf.release()
	return true
}

// String describes the buffer without its content.
func (buf *Buffer) String() string {
	state := ""
	if buf.dead.Load() {
		state = ", finalized"
	}
	return fmt.Sprintf("simd.Buffer(%s%s)", buf.shape, state)
}

// buffer returns the argument of one of the methods below, unless it is not a live buffer of b.
func (b *Backend) buffer(what string, buffer backends.Buffer) (*Buffer, error) {
	buf, ok := buffer.(*Buffer)
	switch {
	case !ok || buf == nil:
		return nil, errors.Errorf("simd: %s: got %T, want a buffer of this backend", what, buffer)
	case buf.backend != b:
		return nil, errors.Errorf("simd: %s: buffer %s belongs to another backend", what, buf.shape)
	case buf.dead.Load():
		return nil, errors.Errorf("simd: %s: buffer %s is finalized already", what, buf.shape)
	}
	return buf, nil
}

// BufferFinalize gives the buffer's memory back. A second call is an error.
func (b *Backend) BufferFinalize(buffer backends.Buffer) error {
	buf, err := b.buffer("BufferFinalize", buffer)
	if err != nil {
		return err
	}
	if !buf.finalize() {
		return errors.Errorf("simd: BufferFinalize: buffer %s is finalized already", buf.shape)
	}
	return nil
}

// BufferShape returns the buffer's shape.
func (b *Backend) BufferShape(buffer backends.Buffer) (shapes.Shape, error) {
	buf, err := b.buffer("BufferShape", buffer)
	if err != nil {
		return shapes.Invalid(), err
	}
	return buf.shape, nil
}

// BufferDeviceNum returns 0.
func (b *Backend) BufferDeviceNum(buffer backends.Buffer) (backends.DeviceNum, error) {
	_, err := b.buffer("BufferDeviceNum", buffer)
	return 0, err
}

// BufferToFlatData copies the buffer's elements to flat, a slice of the same type and length.
func (b *Backend) BufferToFlatData(buffer backends.Buffer, flat any) error {
	buf, err := b.buffer("BufferToFlatData", buffer)
	if err != nil {
		return err
	}
	if err := checkFlat("BufferToFlatData", flat, buf.shape); err != nil {
		return err
	}
	if !buf.acquire() {
		return errors.Errorf("simd: BufferToFlatData: buffer %s is finalized already", buf.shape)
	}
	defer buf.release()
	reflect.Copy(reflect.ValueOf(flat), reflect.ValueOf(buf.flat))
	return nil
}

// BufferFromFlatData makes a buffer with a copy of flat, a slice of the shape's type and length.
func (b *Backend) BufferFromFlatData(device backends.DeviceNum, flat any, shape shapes.Shape) (backends.Buffer, error) {
	if err := b.checkNewBuffer("BufferFromFlatData", device, shape); err != nil {
		return nil, err
	}
	if err := checkFlat("BufferFromFlatData", flat, shape); err != nil {
		return nil, err
	}
	buf := b.newBuffer(shape.Clone())
	reflect.Copy(reflect.ValueOf(buf.flat), reflect.ValueOf(flat))
	return buf, nil
}

// HasSharedBuffers returns true: every buffer is memory of this process.
func (b *Backend) HasSharedBuffers() bool { return true }

// NewSharedBuffer makes a buffer, and returns it with the slice of its elements, which are zero. The
// slice must not be written while something executes with the buffer, nor used after the buffer is
// finalized or donated.
func (b *Backend) NewSharedBuffer(device backends.DeviceNum, shape shapes.Shape) (backends.Buffer, any, error) {
	if err := b.checkNewBuffer("NewSharedBuffer", device, shape); err != nil {
		return nil, nil, err
	}
	buf := b.newBuffer(shape.Clone())
	clear(unsafe.Slice((*byte)(buf.tensor.Data), int(shape.Memory())))
	return buf, buf.flat, nil
}

// BufferData returns the slice of the buffer's elements; see NewSharedBuffer.
func (b *Backend) BufferData(buffer backends.Buffer) (any, error) {
	buf, err := b.buffer("BufferData", buffer)
	if err != nil {
		return nil, err
	}
	return buf.flat, nil
}

// BufferCopyToDevice is an error: there is one device.
func (b *Backend) BufferCopyToDevice(source backends.Buffer, device backends.DeviceNum) (backends.Buffer, error) {
	return nil, errors.Errorf("simd: BufferCopyToDevice: to device %d: there is no device but 0", device)
}

// checkNewBuffer checks the arguments of a new buffer.
func (b *Backend) checkNewBuffer(what string, device backends.DeviceNum, shape shapes.Shape) error {
	if err := b.checkDevice(what, device); err != nil {
		return err
	}
	err := shapeError(shape)
	if err == nil {
		err = roomError(shape)
	}
	return errors.WithMessagef(err, "simd: %s", what)
}

// checkFlat returns an error unless flat is a slice of the shape's type and size.
func checkFlat(what string, flat any, shape shapes.Shape) error {
	v := reflect.ValueOf(flat)
	if v.Kind() != reflect.Slice || dtypes.FromGoType(v.Type().Elem()) != shape.DType {
		return errors.Errorf("simd: %s: elements are %T, want []%s for shape %s", what, flat, shape.DType.GoStr(), shape)
	}
	if v.Len() != shape.Size() {
		return errors.Errorf("simd: %s: %d elements, want %d for shape %s", what, v.Len(), shape.Size(), shape)
	}
	return nil
}

// flatOf returns a contiguous tensor's elements as a slice of its Go type.
func flatOf(t tensor.Tensor) any {
	n := t.Size()
	switch t.DType {
	case dtypes.Bool:
		return unsafe.Slice((*bool)(t.Data), n)
	case dtypes.Int8:
		return unsafe.Slice((*int8)(t.Data), n)
	case dtypes.Int16:
		return unsafe.Slice((*int16)(t.Data), n)
	case dtypes.Int32:
		return unsafe.Slice((*int32)(t.Data), n)
	case dtypes.Int64:
		return unsafe.Slice((*int64)(t.Data), n)
	case dtypes.Uint8:
		return unsafe.Slice((*uint8)(t.Data), n)
	case dtypes.Uint16:
		return unsafe.Slice((*uint16)(t.Data), n)
	case dtypes.Uint32:
		return unsafe.Slice((*uint32)(t.Data), n)
	case dtypes.Uint64:
		return unsafe.Slice((*uint64)(t.Data), n)
	case dtypes.Float16:
		return unsafe.Slice((*float16.Float16)(t.Data), n)
	case dtypes.BFloat16:
		return unsafe.Slice((*bfloat16.BFloat16)(t.Data), n)
	case dtypes.Float32:
		return unsafe.Slice((*float32)(t.Data), n)
	case dtypes.Float64:
		return unsafe.Slice((*float64)(t.Data), n)
	case dtypes.Complex64:
		return unsafe.Slice((*complex64)(t.Data), n)
	case dtypes.Complex128:
		return unsafe.Slice((*complex128)(t.Data), n)
	}
	panic(errors.Errorf("simd: no arrays of type %s", t.DType))
}
