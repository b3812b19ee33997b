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

// String lists the steps, one a line: its kind, the bytes of the arrays that it reads and writes, the
// FLOP of a contraction, and what is in it: for a program the places it runs over and its operations,
// an arrow after those whose values are stored. Sums of all steps and the memory they need follow.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d steps\n", p.name, len(p.steps))
	var bytes int
	var flop float64
	for i, s := range p.steps {
		fmt.Fprintf(&b, "%4d %-14s %9s", i, s.Kind, size(s.Bytes))
		if s.FLOP > 0 {
			fmt.Fprintf(&b, " %7.3g MFLOP", s.FLOP/1e6)
		} else {
			fmt.Fprintf(&b, " %13s", "")
		}
		fmt.Fprintf(&b, "  %s\n", s.About)
		bytes += s.Bytes
		flop += s.FLOP
	}
	fmt.Fprintf(&b, "     %-14s %9s %7.3g MFLOP  %s\n", "in all", size(bytes), flop/1e6, p.kinds())
	fmt.Fprintf(&b, "     %s for intermediate values at once, %s if each had its own\n", size(p.arena), size(p.loose))
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

// kinds counts the steps of each kind, in the order in which the kinds occur.
func (p *Plan) kinds() string {
	count := map[string]int{}
	var names []string
	for _, s := range p.steps {
		if count[s.Kind]++; count[s.Kind] == 1 {
			names = append(names, s.Kind)
		}
	}
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", count[name], name)
	}
	return strings.Join(names, ", ")
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
