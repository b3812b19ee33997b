package generic

import (
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"

	"github.com/lemma-ml/lemma/simd/internal/elem"
	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// temp returns a new contiguous tensor.
func temp(dtype dtypes.DType, dims []int) tensor.Tensor {
	// Words of 16 bytes align every type.
	data := make([][2]uint64, (tensor.Size(dims)*dtype.Size()+15)/16+1)
	return tensor.Of(dtype, dims, unsafe.Pointer(&data[0]))
}

// widened returns a copy of t, contiguous, as float32.
func widened(pool *par.Pool, t tensor.Tensor) tensor.Tensor {
	w := temp(dtypes.Float32, t.Dims)
	convertTo(pool, w, t)
	return w
}

// convertTo converts the elements of src to the type of dst, both contiguous.
func convertTo(pool *par.Pool, dst, src tensor.Tensor) {
	f := elem.Map(backends.OpTypeConvertDType, src.DType, dst.DType)
	n := src.Size()
	const piece = 16 << 10
	pool.For((n+piece-1)/piece, func(i int) {
		lo := i * piece
		f(unsafe.Add(dst.Data, lo*dst.DType.Size()), unsafe.Add(src.Data, lo*src.DType.Size()), nil, nil, min(piece, n-lo))
	})
}

// memory is scratch memory of 16-byte words, with any content.
type memory struct{ words [][2]uint64 }

var memories = sync.Pool{New: func() any { return new(memory) }}

// borrow returns at least so many bytes, to be given back.
func borrow(bytes int) *memory {
	m := memories.Get().(*memory)
	if n := bytes/16 + 1; len(m.words) < n {
		m.words = make([][2]uint64, n)
	}
	return m
}

func (m *memory) data() unsafe.Pointer { return unsafe.Pointer(&m.words[0]) }

// giveBack lets others have the memory, unless it is too large to keep.
func (m *memory) giveBack() {
	if len(m.words) <= 1<<16 {
		memories.Put(m)
	}
}
