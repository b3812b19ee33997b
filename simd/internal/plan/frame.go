package plan

import (
	"sync"
	"unsafe"
)

// A spot is where an operand or result lies: a distance in bytes from a base of the frame.
type spot struct{ base, offset int }

// link is a step with its addresses resolved.
type link struct {
	step    *step
	in, out []spot
}

// A frame is what one run of a plan needs for itself: memory for intermediate values, the bases of
// all addresses and each step's operands. Frames are used again.
type frame struct {
	base  []unsafe.Pointer // arena, arguments, outputs, constants
	arena arena
	calls []call
}

// call is a step ready to run.
type call struct {
	in, out []unsafe.Pointer
	run     runner
}

func (p *Plan) newFrame() *frame {
	f := &frame{base: make([]unsafe.Pointer, 1+p.params+len(p.outputs)+len(p.consts)), calls: make([]call, len(p.links))}
	copy(f.base[1+p.params+len(p.outputs):], p.consts)
	for i, l := range p.links {
		c := &f.calls[i]
		c.in = make([]unsafe.Pointer, len(l.in))
		c.out = make([]unsafe.Pointer, len(l.out))
		c.run = l.step.start(c.in, c.out)
	}
	return f
}

// frames keeps those that are not in use, a few at most.
type frames struct {
	mu   sync.Mutex
	idle []*frame
}

// maxIdle frames of a plan are kept: what runs at once most of the time.
const maxIdle = 4

func (p *Plan) takeFrame() *frame {
	p.frames.mu.Lock()
	if n := len(p.frames.idle); n > 0 {
		f := p.frames.idle[n-1]
		p.frames.idle[n-1] = nil
		p.frames.idle = p.frames.idle[:n-1]
		p.frames.mu.Unlock()
		return f
	}
	p.frames.mu.Unlock()
	return p.newFrame()
}

// giveFrame forgets all memory that is not the plan's, and keeps the frame if few are kept.
func (p *Plan) giveFrame(f *frame) {
	clear(f.base[:1+p.params+len(p.outputs)])
	for i := range f.calls {
		clear(f.calls[i].in)
		clear(f.calls[i].out)
	}
	p.frames.mu.Lock()
	if len(p.frames.idle) < maxIdle {
		p.frames.idle = append(p.frames.idle, f)
	}
	p.frames.mu.Unlock()
}
