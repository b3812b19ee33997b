package loop

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/backends"

	"github.com/lemma-ml/lemma/simd/internal/ir"
)

// String lists a kernel's passes over their boxes: extents of rows (kept, then reduced) and columns,
// how many of each are computed at a time, in how many pieces, and the code.
func (k *Kernel) String() string {
	var b strings.Builder
	for _, f := range k.forms {
		f.write(&b)
	}
	return b.String()
}

func (f *form) write(b *strings.Builder) {
	var kept, reduced []int
	for _, a := range f.layout.kept {
		kept = append(kept, a.n)
	}
	for _, a := range f.layout.reduced {
		reduced = append(reduced, a.n)
	}
	fmt.Fprintf(b, "rows %v over %v, columns %d: %d x %d at a time", kept, reduced, f.columns, f.batch, f.width)
	if n := f.count(); n > 1 {
		fmt.Fprintf(b, ", %d pieces", n)
	}
	fmt.Fprintf(b, ", %d phases, %d calls, %d KiB\n", len(f.phases), f.calls(), (f.memory+1023)/1024)
	var names []string
	for _, n := range f.task.nodes {
		switch {
		case n.op == opInput:
		case n.op == opMulAdd:
			names = append(names, "MulAdd")
		default:
			names = append(names, ir.Name(n.op))
		}
	}
	if len(names) > 0 {
		fmt.Fprintf(b, "  %s\n", strings.Join(names, " "))
	}
	for _, r := range f.task.results {
		if r.reduce != backends.OpTypeInvalid {
			fmt.Fprintf(b, "  result %s\n", ir.Name(r.reduce))
		}
	}
}

// calls counts the steps for each block.
func (f *form) calls() (n int) {
	for _, p := range f.phases {
		n += len(p.blocks)
	}
	return n
}
