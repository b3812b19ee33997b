package loop

import (
	"unsafe"

	"github.com/lemma-ml/lemma/simd/internal/par"
	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// state is what one goroutine needs to run a form: its registers, their memory, and where it is.
type state struct {
	form   *form
	reg    []unsafe.Pointer
	base   unsafe.Pointer // their memory, aligned
	arrays []unsafe.Pointer

	row     int   // flattened
	index   []int // of the row after the current ones, when places are not even
	current []int // offsets of slots at index
	offsets []int // of slots at the current rows: slot·batch + row
	limit   int   // rows of this piece end here
	stages  []staged
	unit    int      // batches since the accumulators were empty
	block   int      // blocks since then
	code    [][]link // of chains
	twin    []link
	scratch [2]scratch
	sumCode [fan + 4]link
	c0      int // first column of the piece
}

func (f *form) get() *state {
	if s, ok := f.states.Get().(*state); ok {
		return s
	}
	s := &state{
		form:    f,
		reg:     make([]unsafe.Pointer, f.registers+1),
		index:   make([]int, len(f.rows)),
		current: make([]int, f.slots),
		offsets: make([]int, f.slots*f.batch),
		stages:  make([]staged, f.stages),
	}
	s.base = tensor.Alloc(f.memory)
	for _, h := range f.homes {
		s.reg[h.reg] = unsafe.Add(s.base, h.offset)
	}
	for i := range f.chains {
		s.code = append(s.code, f.chains[i].code(s))
	}
	if f.twin != nil {
		s.twin = f.twin.code(s)
	}
	return s
}

func (f *form) put(s *state) {
	for i := range f.places {
		s.reg[f.places[i].reg] = nil // keep no array alive
	}
	s.arrays = nil
	f.states.Put(s)
}

// A run is one call of Run that is shared among goroutines.
type run struct {
	kernel  *Kernel
	form    *form
	arrays  []unsafe.Pointer
	base    unsafe.Pointer
	partial unsafe.Pointer
	piece   func(int)
}

func (k *Kernel) getRun() *run {
	if r, ok := k.runs.Get().(*run); ok {
		return r
	}
	r := &run{kernel: k, arrays: make([]unsafe.Pointer, k.arrays)}
	r.base = tensor.Alloc(k.memory)
	for i, t := range k.temps {
		r.arrays[k.inputs+k.outputs+i] = unsafe.Add(r.base, t.offset)
		if t.constant {
			*(*value)(r.arrays[k.inputs+k.outputs+i]) = t.value
		}
	}
	r.partial = unsafe.Add(r.base, k.partial)
	r.piece = func(i int) {
		s := r.form.get()
		s.arrays = r.arrays
		s.piece(i, r.partial)
		r.form.put(s)
	}
	return r
}

// Run computes the program: in and out point at the elements of inputs and outputs whose indices are
// all zero. Arrays may share memory as Program says. It may be called from many goroutines at once,
// and what it computes does not depend on pool, which may be nil.
func (k *Kernel) Run(pool *par.Pool, in, out []unsafe.Pointer) {
	k.count(in, out)
	r := k.getRun()
	copy(r.arrays, in)
	copy(r.arrays[k.inputs:], out)
	for _, f := range k.forms {
		r.do(f, pool)
	}
	clear(r.arrays[:k.inputs+k.outputs])
	r.form = nil
	k.runs.Put(r)
}

// do runs one form.
func (r *run) do(f *form, pool *par.Pool) {
	if f.empty() {
		f.identities(r.arrays)
		return
	}
	for _, h := range f.hazards {
		if r.arrays[h.in] == r.arrays[h.out] {
			f = f.careful()
			break
		}
	}
	n := f.count()
	if n == 1 || pool.Width() == 1 {
		s := f.get()
		s.arrays = r.arrays
		for i := range n {
			s.piece(i, r.partial)
		}
		f.put(s)
	} else {
		r.form = f
		pool.For(n, r.piece)
	}
	if f.partial > 0 {
		f.combine(r.arrays, r.partial)
	}
}
