package pack

import "math"

// Slots: numbers of one meaning, which share their statistics.
const (
	slotTenths = iota
	slotText
	slotLines
	slotPoints
	slotX0
	slotY0
	slotDX
	slotDY
	slotRows
	slotExponent
	slotX // mantissas of the first column, then of the second, then of the others
	slotY
	slotMore
	slotShape
	slotColour
	slotPixel
	slotCell
)

// walk visits the numbers of one token in order. visit gets each number's index, its slot and what
// it is expected to be, and returns what it is. a and b are the same token one and two steps away,
// nil where there is none or the mode does not look there.
func walk(kind byte, mode int, a, b []int, visit func(at, slot, guess int) int) {
	i := 0
	// back is the number that the other frames let expect at i, or own where they have none.
	back := func(own int) int {
		switch {
		case i >= len(a):
			return own
		case i < len(b):
			return 2*a[i] - b[i]
		}
		return a[i]
	}
	next := func(slot, own int) int {
		v := visit(i, slot, back(own))
		i++
		return v
	}
	along := func(v int) int { // in mode 1 what came before goes on
		if mode == 1 {
			return v
		}
		return 0
	}
	switch kind {
	case kindTenths:
		next(slotTenths, 0)
	case kindLines, kindClosed:
		x0, y0 := 0, 0
		points, sum, count := 0, 0, 0
		for range next(slotLines, 0) {
			points = next(slotPoints, points)
			dx, dy := 0, 0
			for k := range points {
				if k == 0 {
					if x0 = next(slotX0, x0); mode == 1 && count > 0 { // places without order lie about their mean
						y0 = int(math.Floor(float64(sum) / float64(count)))
					}
					y0 = next(slotY0, y0)
					sum, count = sum+y0, count+1
					continue
				}
				dx, dy = next(slotDX, dx), next(slotDY, along(dy))
			}
		}
	case kindValues, kindCells:
		rows, w := next(slotRows, 0), next(slotRows, 0)
		for column := range w {
			slot := slotX + min(column, 2)
			if kind == kindCells {
				slot = slotCell
			}
			e, m := 0, 0
			for range rows {
				was := e
				e = next(slotExponent, e)
				m = visit(i, slot, mantissa(i, e, a, b, shift(m, was-e)))
				i++
			}
		}
	case kindImage:
		w, pixels := next(slotShape, 0), next(slotShape, 0)
		for range next(slotShape, 0) {
			next(slotColour, 0)
		}
		row := make([]int, max(w, 1)) // the last pixel of each column
		left := 0
		for p := range pixels {
			own := left
			if mode == 1 {
				own = row[p%len(row)]
			}
			left = next(slotPixel, own)
			row[p%len(row)] = left
		}
	default:
		next(slotText, 0)
	}
}

// mantissa is what the other frames let expect at i where the exponent is e.
func mantissa(i, e int, a, b []int, own int) int {
	if i >= len(a) {
		return own
	}
	v := shift(a[i], a[i-1]-e)
	if i < len(b) && b[i-1] == e && a[i-1] == e {
		return 2*v - b[i]
	}
	return v
}

// powers of ten by which a mantissa is shifted; what is further away is no guide.
var powers = [...]float64{1e-4, 1e-3, 1e-2, 1e-1, 1, 1e1, 1e2, 1e3, 1e4}

// shift is m·10^by, rounded; 0 where that is far.
func shift(m, by int) int {
	if by < -4 || by > 4 {
		return 0
	}
	return int(math.Floor(float64(float64(m)*powers[by+4]) + 0.5)) // float64: no fused multiply-add
}
