package plan

import (
	"fmt"
	"strings"
)

// A Step describes a piece of a plan's work.
type Step struct {
	Kind  string  // "loop", "gemm", "copy", or the operation
	About string  // what is in it
	FLOP  float64 // multiplications and additions of contractions; 0 for other steps
	Bytes int     // of the arrays that it reads and writes
}

func describe(s *step) Step {
	d := Step{Kind: s.kind, About: s.about, FLOP: s.flop}
	seen := map[*array]bool{}
	for _, refs := range [][]ref{s.reads, s.writes} {
		for _, r := range refs {
			if !seen[r.array] {
				seen[r.array] = true
				d.Bytes += r.array.bytes
			}
		}
	}
	return d
}

// Steps describes the steps in the order in which they run.
func (p *Plan) Steps() []Step { return p.steps }

// Arena returns how many bytes a run needs for intermediate values, and how many these values would
// take in memory of their own.
func (p *Plan) Arena() (bytes, apart int) { return p.arena, p.loose }

// String lists the steps with what they read and write.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d steps, %s for intermediate values (%s apart)\n", p.name, len(p.steps), size(p.arena), size(p.loose))
	for i, s := range p.steps {
		fmt.Fprintf(&b, "%4d %-14s %9s", i, s.Kind, size(s.Bytes))
		if s.FLOP > 0 {
			fmt.Fprintf(&b, " %7.3g MFLOP", s.FLOP/1e6)
		}
		fmt.Fprintf(&b, "  %s\n", s.About)
	}
	for _, err := range p.misfits {
		fmt.Fprintf(&b, "     a group was taken apart: %v\n", err)
	}
	for i, k := range p.donor {
		if k >= 0 {
			fmt.Fprintf(&b, "     output %d in the memory of argument %d, if that is donated\n", i, k)
		}
	}
	return b.String()
}

// size writes a number of bytes for people.
func size(n int) string {
	switch {
	case n < 10<<10:
		return fmt.Sprintf("%d B", n)
	case n < 10<<20:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
