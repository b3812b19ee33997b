package plan

import (
	"cmp"
	"slices"

	"github.com/lemma-ml/lemma/simd/internal/tensor"
)

// exact is how many stores are laid out with all of them in view, which takes the square of their
// number.
const exact = 1500

// pack lays stores out in the arena.
func (c *compiler) pack(stores []*store) {
	for _, s := range stores {
		c.loose += s.room()
	}
	switch {
	case !c.on("reuse"):
		for _, s := range stores {
			s.offset = c.arena
			c.arena += s.room()
		}
	case len(stores) <= exact:
		c.arena = packLargest(stores)
	default:
		c.arena = packInTime(stores)
	}
}

// room is what a store takes in the arena.
func (s *store) room() int { return (s.bytes + tensor.Align - 1) &^ (tensor.Align - 1) }

// packLargest places the largest first, each in the tightest gap among those it overlaps in time.
func packLargest(stores []*store) (arena int) {
	slices.SortStableFunc(stores, func(a, b *store) int {
		return cmp.Or(cmp.Compare(b.bytes, a.bytes), cmp.Compare(a.first, b.first))
	})
	type place struct{ offset, end, first, last int }
	placed := make([]place, 0, len(stores)) // by offset
	for _, s := range stores {
		size := s.room()
		at, best := -1, 0
		end := 0
		for i := range placed {
			q := &placed[i]
			if q.last < s.first || s.last < q.first {
				continue
			}
			if gap := q.offset - end; gap >= size && (at < 0 || gap < best) {
				at, best = end, gap
			}
			end = max(end, q.end)
		}
		if at < 0 {
			at = end
		}
		s.offset = at
		arena = max(arena, at+size)
		k, _ := slices.BinarySearchFunc(placed, at, func(q place, at int) int { return cmp.Compare(q.offset, at) })
		placed = slices.Insert(placed, k, place{at, at + size, s.first, s.last})
	}
	return arena
}

// packInTime goes through the steps and gives each store what is free then, the tightest gap among
// the lowest ones.
func packInTime(stores []*store) (arena int) {
	const look = 256 // gaps that are compared
	type hole struct{ at, size int }
	var holes []hole // by offset, none touching another
	free := func(at, size int) {
		k, _ := slices.BinarySearchFunc(holes, at, func(h hole, at int) int { return cmp.Compare(h.at, at) })
		before := k > 0 && holes[k-1].at+holes[k-1].size == at
		behind := k < len(holes) && at+size == holes[k].at
		switch {
		case before && behind:
			holes[k-1].size += size + holes[k].size
			holes = slices.Delete(holes, k, k+1)
		case before:
			holes[k-1].size += size
		case behind:
			holes[k].at, holes[k].size = at, size+holes[k].size
		default:
			holes = slices.Insert(holes, k, hole{at, size})
		}
	}
	take := func(size int) int {
		best := -1
		for k, h := range holes {
			if h.size >= size && (best < 0 || h.size < holes[best].size) {
				best = k
				if h.size == size {
					break
				}
			}
			if k >= look && best >= 0 {
				break
			}
		}
		if best < 0 { // above, in the last hole if that ends where the arena does
			at := arena
			if k := len(holes) - 1; k >= 0 && holes[k].at+holes[k].size == arena {
				at = holes[k].at
				holes = holes[:k]
			}
			arena = at + size
			return at
		}
		h := &holes[best]
		at := h.at
		h.at, h.size = h.at+size, h.size-size
		if h.size == 0 {
			holes = slices.Delete(holes, best, best+1)
		}
		return at
	}
	ends := slices.Clone(stores)
	slices.SortStableFunc(ends, func(a, b *store) int { return cmp.Compare(a.last, b.last) })
	slices.SortStableFunc(stores, func(a, b *store) int {
		return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.bytes, a.bytes))
	})
	for _, s := range stores {
		for ends[0].last < s.first {
			free(ends[0].offset, ends[0].room())
			ends = ends[1:]
		}
		s.offset = take(s.room())
	}
	return arena
}
