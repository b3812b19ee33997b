package gemm

import "unsafe"

// A packer copies an operand into panels: for each term k the numbers of a few lanes (rows of A,
// columns of B) side by side. Lanes that lie next to each other in memory are copied in strips; lanes
// along which the terms lie next to each other are transposed; anything else goes number by number.
type packer struct {
	copies    *copies
	size      int  // bytes of a number
	transpose bool // the terms of a lane come in runs
	run       int  // how many terms
	lanes, ks lane
}

func newPacker(c *copies, size int, lanes, ks lane) packer {
	p := packer{copies: c, size: size, lanes: lanes, ks: ks, run: ks.run(size)}
	p.transpose = lanes.run(size) < 4 && p.run >= 4
	return p
}

// panel writes the terms k0 … k0+len(ks)-1, whose offsets are ks, of lanes at these offsets to dst,
// term i at dst + i·step.
func (p *packer) panel(dst unsafe.Pointer, step int, src unsafe.Pointer, lanes, ks []int, k0 int) {
	if !p.transpose {
		p.strips(dst, step, src, lanes, ks)
		return
	}
	for i := 0; i < len(ks); {
		n := min(len(ks)-i, p.run-(k0+i)%p.run)
		p.transposed(unsafe.Add(dst, i*step), step, unsafe.Add(src, ks[i]), lanes, ks, n)
		i += n
	}
}

// strips copies runs of neighbouring lanes.
func (p *packer) strips(dst unsafe.Pointer, step int, src unsafe.Pointer, lanes, ks []int) {
	c, n := p.copies, len(ks)
	for i := 0; i < len(lanes); {
		j := i + 1
		for j < len(lanes) && lanes[j] == lanes[j-1]+p.size {
			j++
		}
		from := unsafe.Add(src, lanes[i])
		for width := (j - i) * p.size; width > 0; {
			w := 0
			switch {
			case width >= 64:
				c.strip64(dst, step, from, &ks[0], n)
				w = 64
			case width >= 32:
				c.strip32(dst, step, from, &ks[0], n)
				w = 32
			case width >= 16:
				c.strip16(dst, step, from, &ks[0], n)
				w = 16
			case width >= 8:
				c.strip8(dst, step, from, &ks[0], n)
				w = 8
			default:
				c.strip4(dst, step, from, &ks[0], n)
				w = 4
			}
			width -= w
			if width == 0 && j == len(lanes) {
				return // nothing is there to point to
			}
			dst = unsafe.Add(dst, w)
			if width > 0 {
				from = unsafe.Add(from, w)
			}
		}
		i = j
	}
}

// across copies lanes to panels of per lanes each, eight panels at a time from the first on, as long as
// their lanes lie side by side. It returns how many panels it made.
func (p *packer) across(dst unsafe.Pointer, step, panel int, src unsafe.Pointer, lanes []int, per int, ks []int) int {
	f := p.copies.across24
	if step == 48 {
		f = p.copies.across48
	}
	if f == nil || step != 24 && step != 48 {
		return 0
	}
	made := 0
	for at := 0; at+8*per <= len(lanes); at += 8 * per {
		for i := at + 1; i < at+8*per; i++ {
			if lanes[i] != lanes[i-1]+p.size {
				return made
			}
		}
		f(unsafe.Add(dst, made*panel), step, panel, unsafe.Add(src, lanes[at]), &ks[0], len(ks))
		made += 8
	}
	return made
}

// transposed copies n terms that lie next to each other in every lane.
func (p *packer) transposed(dst unsafe.Pointer, step int, src unsafe.Pointer, lanes, ks []int, n int) {
	c := p.copies
	i := 0
	for c.transpose8 != nil && i+8 <= len(lanes) {
		c.transpose8(unsafe.Add(dst, i*p.size), step, src, &lanes[i], n)
		i += 8
	}
	if c.transpose6 != nil && i+6 == len(lanes) && step == len(lanes)*p.size {
		c.transpose6(unsafe.Add(dst, i*p.size), step, src, &lanes[i], n)
		return
	}
	for ; i+4 <= len(lanes); i += 4 {
		c.transpose4(unsafe.Add(dst, i*p.size), step, src, &lanes[i], n)
	}
	if i+2 <= len(lanes) {
		c.transpose2(unsafe.Add(dst, i*p.size), step, src, &lanes[i], n)
		i += 2
	}
	if i < len(lanes) {
		// One lane: a pair of the same lane would write too much.
		to := unsafe.Add(dst, i*p.size)
		from := unsafe.Add(src, lanes[i])
		if p.size == 4 {
			for k := range n {
				*(*uint32)(unsafe.Add(to, k*step)) = get[uint32](from, 4*k)
			}
		} else {
			for k := range n {
				*(*uint64)(unsafe.Add(to, k*step)) = get[uint64](from, 8*k)
			}
		}
	}
}

// zeros clears the lanes that a panel lacks: width bytes of each of n terms.
func (p *packer) zeros(dst unsafe.Pointer, step, width, n int) {
	for i := range n {
		clear(unsafe.Slice((*byte)(unsafe.Add(dst, i*step)), width))
	}
}
