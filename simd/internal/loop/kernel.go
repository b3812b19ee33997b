package loop

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/gomlx/gomlx/backends"
)

// A Kernel is a compiled program. It may run on many goroutines at once.
type Kernel struct {
	inputs, outputs int
	arrays          int
	forms           []*form
	temps           []array
	memory          int // of temps and parts, bytes
	partial         int // offset of parts
	runs            sync.Pool
}

// array is memory between two forms, or a constant.
type array struct {
	offset   int
	constant bool
	value    value
}

// Compile checks a program and generates its code.
func Compile(p Program) (*Kernel, error) { return compile(p, tuned) }

// A tuning sets how programs are cut; tests cut small ones.
type tuning struct {
	block int     // elements of a block
	short int     // columns below which several rows are computed at a time
	piece float64 // nanoseconds that a piece should take
}

// tuned keeps a handful of float32 blocks in a first-level cache of 32 KiB, and makes pieces that
// are long against the microseconds in which a helper wakes up.
var tuned = tuning{block: 1024, short: 128, piece: 30e3}

func compile(p Program, tune tuning) (*Kernel, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	t := lower(p).simplified()
	s := splitter{arrays: len(p.Inputs) + len(p.Outputs)}
	s.split(t)
	k := &Kernel{inputs: len(p.Inputs), outputs: len(p.Outputs), arrays: s.arrays}
	for _, t := range s.temps {
		a := array{offset: k.memory}
		if a.constant = t.identity != backends.OpTypeInvalid; a.constant {
			a.value = identity(t.identity, t.dtype)
		}
		k.memory += max(16, t.elements*t.dtype.Size()+63) &^ 15
		k.temps = append(k.temps, a)
	}
	k.partial = (k.memory + 63) &^ 63
	k.memory = k.partial
	for _, t := range s.tasks {
		f := newForm(t.task, tune, t.whole, false)
		k.forms = append(k.forms, f)
		k.memory = max(k.memory, k.partial+f.partial)
	}
	k.memory += 16
	return k, nil
}

// count panics if there are not as many arrays as the program has.
func (k *Kernel) count(in, out []unsafe.Pointer) {
	if len(in) != k.inputs || len(out) != k.outputs {
		panic(fmt.Errorf("loop: %d inputs and %d outputs, want %d and %d", len(in), len(out), k.inputs, k.outputs))
	}
}
