package pack

import (
	"encoding/json"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"
)

// A token in a text: open, its kind, its numbers with commas between, shut. Both runes are of the
// private area, which no label uses.
const (
	open = '\ue000'
	shut = '\ue001'
)

// The kinds of token. A digit k is a number of running text with k decimals.
const (
	kindTenths = 't'
	kindLines  = 'p' // polylines
	kindClosed = 'z' // polygons
	kindValues = 'v'
	kindCells  = 'q'
	kindImage  = 'i'
	kindAgain  = 'r' // the last path of the part once more
)

// Point is a place in tenths.
type Point struct{ X, Y int }

func token(kind rune, numbers []int) string {
	var b strings.Builder
	b.WriteRune(open)
	b.WriteRune(kind)
	for i, n := range numbers {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(n))
	}
	b.WriteRune(shut)
	return b.String()
}

// Tenths marks one place.
func Tenths(v float64) string { return token(kindTenths, []int{round(10 * v)}) }

// Path marks the d attribute of a path: polylines, or polygons where closed. A polyline of one point
// is a dot.
func Path(lines [][]Point, closed bool) string {
	kind := rune(kindLines)
	if closed {
		kind = kindClosed
	}
	n := []int{len(lines)}
	for _, line := range lines {
		n = append(n, len(line))
		var last Point
		for _, p := range line {
			n = append(n, p.X-last.X, p.Y-last.Y)
			last = p
		}
	}
	return token(kind, n)
}

// Values marks rows of w values each, written with four digits: commas in a row, semicolons between.
func Values(rows [][]float64, w int) string { return table(kindValues, rows, w, 4) }

// Cells marks the cells of a heat map, written with three digits; NaN is a question mark.
func Cells(rows [][]float64, w int) string { return table(kindCells, rows, w, 3) }

// table writes the mantissas and exponents by columns: what stands below each other is alike.
func table(kind rune, rows [][]float64, w, digits int) string {
	n := []int{len(rows), w}
	for i := range w {
		for _, row := range rows {
			m, e := scientific(row[i], digits)
			n = append(n, e, m)
		}
	}
	return token(kind, n)
}

// none is the exponent of what is no number.
const none = -999

// scientific returns m and e with v = m·10^e to the given digits; the mantissa of a number that is
// not zero has all digits, so that neighbours have one exponent.
func scientific(v float64, digits int) (m, e int) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, none
	}
	if v == 0 {
		return 0, 0
	}
	s := strconv.FormatFloat(v, 'e', digits-1, 64)
	head, exp, _ := strings.Cut(s, "e")
	m, _ = strconv.Atoi(strings.Replace(head, ".", "", 1))
	e, _ = strconv.Atoi(exp)
	return m, e - digits + 1
}

// Image marks a picture of w columns by its palette: pixels hold an index, -1 is transparent.
func Image(w int, pixels []int, palette []color.RGBA) string {
	n := []int{w, len(pixels), len(palette)}
	for _, c := range palette {
		n = append(n, int(c.R)<<16|int(c.G)<<8|int(c.B))
	}
	return token(kindImage, append(n, pixels...))
}

func round(v float64) int { return int(math.Round(v)) }

// Plain returns a marked text with its numbers written out: the HTML that a page shows.
func Plain(text string) string {
	s, n := split(text)
	return s.write(n)
}

// write puts the numbers in their places. The script Decoder does the same.
func (s skeleton) write(numbers [][]int) string {
	var b strings.Builder
	k, last := 0, ""
	for _, piece := range s {
		if !strings.HasPrefix(piece, string(open)) {
			b.WriteString(piece)
			continue
		}
		kind := piece[len(string(open))]
		if kind == kindAgain {
			b.WriteString(last)
			continue
		}
		n := numbers[k]
		k++
		switch kind {
		case kindTenths:
			b.WriteString(tenths(n[0]))
		case kindLines, kindClosed:
			last = path(n, kind == kindClosed)
			b.WriteString(last)
		case kindValues, kindCells:
			b.WriteString(values(n))
		case kindImage:
			b.WriteString(picture(n))
		default:
			b.WriteString(decimal(n[0], int(kind-'0')))
		}
	}
	return b.String()
}

func tenths(n int) string { return strconv.FormatFloat(float64(n)/10, 'f', -1, 64) }

func path(n []int, closed bool) string {
	var b strings.Builder
	i := 1
	for range n[0] {
		points := n[i]
		i++
		for k := range points {
			switch {
			case k == 0:
				b.WriteByte('M')
			case k == 1:
				b.WriteByte('l')
			default:
				b.WriteByte(' ')
			}
			b.WriteString(tenths(n[i]) + " " + tenths(n[i+1]))
			i += 2
		}
		if points == 1 {
			b.WriteString("h0")
		}
		if closed {
			b.WriteByte('z')
		}
	}
	return b.String()
}

func values(n []int) string {
	rows, w := n[0], n[1]
	var b strings.Builder
	for i := range rows {
		if i > 0 {
			b.WriteByte(';')
		}
		for j := range w {
			if j > 0 {
				b.WriteByte(',')
			}
			e, m := n[2+2*(j*rows+i)], n[3+2*(j*rows+i)]
			if e == none {
				b.WriteByte('?')
				continue
			}
			v, _ := strconv.ParseFloat(fmt.Sprintf("%de%d", m, e), 64)
			s, err := json.Marshal(v) // as a script writes it
			if err != nil {
				s = []byte("?") // 9.9996e308
			}
			b.Write(s)
		}
	}
	return b.String()
}

// decimal writes n/10^k with k decimals.
func decimal(n, k int) string {
	s := strconv.Itoa(n)
	if k == 0 {
		return s
	}
	if len(s) <= k {
		s = strings.Repeat("0", k+1-len(s)) + s
	}
	return s[:len(s)-k] + "." + s[len(s)-k:]
}
