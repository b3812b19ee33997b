package simd

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/pkg/errors"

	"github.com/lemma-ml/lemma/simd/internal/ir"
	"github.com/lemma-ml/lemma/simd/internal/plan"
)

// mostBytes is the size of the largest array that a computation may name, stored or not: a broadcast
// that is summed at once never is.
const mostBytes = 1 << 40

// room is how many bytes an execution's outputs and intermediate values may take together: the memory
// of this machine and what it swaps to, mostBytes where the system does not say. Go ends a program
// that asks for more than it gets, so that what can never succeed must be an error before.
var room = sync.OnceValue(func() int {
	text, err := os.ReadFile("/proc/meminfo") // Linux
	if err != nil {
		return mostBytes
	}
	return min(memoryOf(text), mostBytes)
})

// memoryOf adds up the memory and the swap space, in bytes, that a text in the form of /proc/meminfo
// tells; mostBytes if it tells of none.
func memoryOf(meminfo []byte) int {
	total := 0
	for lines := bufio.NewScanner(bytes.NewReader(meminfo)); lines.Scan(); {
		var kib int
		name, rest, _ := strings.Cut(lines.Text(), ":")
		if name != "MemTotal" && name != "SwapTotal" {
			continue
		}
		if n, _ := fmt.Sscanf(rest, "%d kB", &kib); n == 1 && kib > 0 && kib < mostBytes>>10 {
			total += kib << 10
		}
	}
	if total == 0 {
		return mostBytes
	}
	return total
}

// shapeError says why there can be no array of the shape; nil if there can. Dimensions of 0 do not count
// in its size, so that arrays without elements may be reshaped and summed.
func shapeError(shape shapes.Shape) error {
	if !capabilities.DTypes[shape.DType] {
		return errors.Errorf("shape %s, want one of the types %s", shape, dtypeNames())
	}
	size := float64(shape.DType.Memory()) // no overflow
	for i, d := range shape.Dimensions {
		if d < 0 {
			return errors.Errorf("shape %s has a negative dimension: %d in axis %d, want 0 or more", shape, d, i)
		}
		size *= math.Max(float64(d), 1)
	}
	if size > mostBytes {
		return errors.Errorf("shape %s has %.4g bytes, want at most %d", shape, size, mostBytes)
	}
	return nil
}

// roomError says why there is no memory for an array of the shape; nil if there may be.
func roomError(shape shapes.Shape) error {
	if bytes := int(shape.Memory()); bytes > room() {
		return errors.Errorf("shape %s has %d bytes, want at most %d, the memory of this machine", shape, bytes, room())
	}
	return nil
}

// countingError is roomError for what is computed while a graph is compiled: a count along an axis.
func countingError(g *ir.Graph) error {
	for _, n := range g.Nodes {
		if n.Op != backends.OpTypeIota {
			continue
		}
		line := shapes.Make(n.Shape.DType, n.Shape.Dimensions[n.Attr.(ir.Iota).Axis])
		if err := roomError(line); err != nil {
			return errors.WithMessagef(err, "%s: a count", n)
		}
	}
	return nil
}

// programError says why a plan cannot be executed for want of memory, and what wants most of it; nil if
// it may be.
func programError(p *plan.Plan, outputs []*ir.Node, room int) error {
	arena, _ := p.Arena()
	sum := float64(arena)
	for _, n := range outputs {
		sum += float64(n.Shape.Memory())
	}
	if sum <= float64(room) {
		return nil
	}
	most, what := 0, ""
	for i, n := range outputs {
		if bytes := int(n.Shape.Memory()); bytes > most {
			most, what = bytes, fmt.Sprintf("output %d, %s", i, n)
		}
	}
	for i, s := range p.Steps() {
		if s.Bytes > most && arena > most {
			most, what = s.Bytes, fmt.Sprintf("step %d, %s %s", i, s.Kind, s.About)
		}
	}
	return errors.Errorf("an execution takes %.4g bytes, %d of them for intermediate values, want at most %d, the memory of this machine; %d bytes are those of %s",
		sum, arena, room, most, what)
}
