package conv

import (
	"math"

	"gonum.org/v1/gonum/floats"
)

// side is one of the two stacks of a kernel matrix, with what depends on single images. Values of all
// images at one place lie together: x[c][p*stride+i] is channel c of image i at pixel p, in reading
// order. After the n images lie lanes-1 that are blank, so that a run of whole vectors may start at any
// image.
type side struct {
	n, c, h, w int
	stride     int         // n + lanes - 1
	scale      []float64   // a power of two taken out of each image, so that no square over- or underflows
	x          [][]float64 // [channel][p*stride+i], the largest of an image between 1/2 and 1
	variance   [][]float64 // [h][p*stride+i] = S^{(h)}(x_i, x_i) at (p, p), h = 0..L-1
	inverse    [][]float64 // 1/√variance, with 1/0 = 0
}

// lanes is the number of entries that the vector loops take at a time.
const lanes = 4

// whole rounds up to whole vectors.
func whole(n int) int { return (n + lanes - 1) / lanes * lanes }

// newSide prepares a stack for layers up to depth.
func newSide(im *Images, filter, depth int) *side {
	s := &side{n: im.N, c: im.C, h: im.H, w: im.W, stride: im.N + lanes - 1, scale: make([]float64, im.N)}
	p, d := im.H*im.W, im.C*im.H*im.W
	for i := range im.N {
		top := 0.0
		for _, v := range im.Data[i*d : (i+1)*d] {
			top = max(top, math.Abs(v))
		}
		_, e := math.Frexp(top)
		s.scale[i] = math.Ldexp(1, e)
	}
	for c := range im.C {
		x := make([]float64, p*s.stride)
		for i := range im.N {
			inverse := 1 / s.scale[i]
			for k, v := range im.Data[(i*im.C+c)*p : (i*im.C+c+1)*p] {
				x[k*s.stride+i] = v * inverse
			}
		}
		s.x = append(s.x, x)
	}
	// The variances are the kernel of each image with itself at equal places. There ρ = 1 and the layer
	// only divides by q², in the same order of operations as in a pair.
	now := make([]float64, p*s.stride)
	for _, x := range s.x {
		for k, v := range x {
			now[k] += v * v
		}
	}
	work := newBuffer(im.H, im.W, s.stride, filter/2)
	for range depth {
		next, inverse := make([]float64, len(now)), make([]float64, len(now))
		work.box(next, now, im.H, im.W)
		for k, v := range next {
			if v > 0 {
				inverse[k] = 1 / math.Sqrt(v)
			}
		}
		s.variance, s.inverse = append(s.variance, next), append(s.inverse, inverse)
		now = make([]float64, len(next))
		floats.ScaleTo(now, 1/float64(filter*filter), next)
	}
	return s
}

// buffer is the memory in which one goroutine moves planes from layer to layer.
type buffer struct {
	radius    int
	unit      int // numbers a place
	now, next []float64
	row       []float64 // one row of vertical sums between radius zeros on either side
	blank     []float64 // what lies above the first row and below the last
}

func newBuffer(h, w, unit, radius int) *buffer {
	return &buffer{
		radius: radius, unit: unit,
		now: make([]float64, h*w*unit), next: make([]float64, h*w*unit),
		row:   make([]float64, (w+2*radius)*unit),
		blank: make([]float64, w*unit),
	}
}

// box writes to dst the sum of each place's q×q neighbours in src, both of h×w places; what lies
// outside is 0. Rows first, then columns: 2(q-1) additions a number, where the square takes q²-1.
func (b *buffer) box(dst, src []float64, h, w int) {
	line, r := w*b.unit, b.radius
	row := b.row[:line+2*r*b.unit]
	clear(row[:r*b.unit])
	clear(row[r*b.unit+line:])
	middle := row[r*b.unit:][:line]
	for i := range h {
		here := src[i*line:][:line]
		if r == 1 {
			above, below := b.blank, b.blank
			if i > 0 {
				above = src[(i-1)*line:]
			}
			if i < h-1 {
				below = src[(i+1)*line:]
			}
			addThree(middle, above, here, below)
		} else {
			copy(middle, here)
			for k := max(0, i-r); k <= min(h-1, i+r); k++ {
				if k != i {
					add(middle, src[k*line:])
				}
			}
		}
		out := dst[i*line:][:line]
		if r == 1 {
			addThree(out, row, middle, row[2*b.unit:])
			continue
		}
		copy(out, middle)
		for k := range 2*r + 1 {
			if k != r {
				add(out, row[k*b.unit:])
			}
		}
	}
}

func add(dst, x []float64) {
	x = x[:len(dst)]
	for k := range dst {
		dst[k] += x[k]
	}
}

// plane is the set of entries (i, j, i+di, j+dj) of the kernel tensors of one image of a with images
// j0..j0+count-1 of b: h×w places, from place (top, left) of the first image on. Layers act on each
// entry by itself and boxes add entries of one displacement, so that a plane never meets another.
type plane struct {
	a, b          *side
	i, j0, count  int
	tangent       bool    // carry T beside S
	scale         float64 // 1/q²
	top, left     int
	bottom, right int // first place in the second image: top + di, left + dj
	h, w          int
	buf           *buffer
}

// of says which images the plane is about.
func (p *plane) of(i, j0, count int) {
	p.i, p.j0, p.count = i, j0, count
	p.buf.unit = count
	if p.tangent {
		p.buf.unit *= 2
	}
}

// at places the plane at a displacement.
func (p *plane) at(di, dj int) {
	p.top, p.left = max(0, -di), max(0, -dj)
	p.bottom, p.right = p.top+di, p.left+dj
	p.h, p.w = p.a.h-max(di, -di), p.a.w-max(dj, -dj)
}

// start fills the plane with K^{(0)}, the inner products of pixels over channels. S and T begin alike.
func (p *plane) start() {
	for r := range p.h {
		for c := range p.w {
			here, there := p.places(r, c)
			s, t := p.cell(r, c)
			clear(s)
			for k, x := range p.a.x {
				floats.AddScaled(s, x[here], p.b.x[k][there:there+p.count])
			}
			copy(t, s)
		}
	}
}

// places returns where the two images of cell (r, c) hold their values.
func (p *plane) places(r, c int) (here, there int) {
	here = ((p.top+r)*p.a.w+p.left+c)*p.a.stride + p.i
	there = ((p.bottom+r)*p.b.w+p.right+c)*p.b.stride + p.j0
	return here, there
}

// cell returns S and T at one place of the plane; T is nil where it is not carried.
func (p *plane) cell(r, c int) (s, t []float64) {
	at := (r*p.w + c) * p.buf.unit
	s = p.buf.now[at:][:p.count]
	if p.tangent {
		t = p.buf.now[at+p.count:][:p.count]
	}
	return s, t
}

// layer takes the plane through the box sum and layer h = 1..L: S becomes K^{(h)}, T becomes
// K̇^{(h)}⊙T + K^{(h)}.
func (p *plane) layer(h int) {
	size := p.h * p.w * p.buf.unit
	p.buf.box(p.buf.next[:size], p.buf.now[:size], p.h, p.w)
	p.buf.now, p.buf.next = p.buf.next, p.buf.now
	va, ia, vb, ib := p.a.variance[h-1], p.a.inverse[h-1], p.b.variance[h-1], p.b.inverse[h-1]
	for r := range p.h {
		for c := range p.w {
			here, there := p.places(r, c)
			s, t := p.cell(r, c)
			rectify(s, t, vb[there:there+p.count], ib[there:there+p.count], va[here], ia[here], p.scale)
		}
	}
}

// sum adds all entries of the plane to dst, one sum an image of b: of T, or of K if tangent is false.
func (p *plane) sum(dst []float64, tangent bool) {
	at := 0
	if tangent && p.tangent {
		at = p.count
	}
	for k := 0; k < p.h*p.w*p.buf.unit; k += p.buf.unit {
		add(dst, p.buf.now[k+at:])
	}
}
