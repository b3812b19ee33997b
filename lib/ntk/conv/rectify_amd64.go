package conv

import (
	"math"

	"golang.org/x/sys/cpu"
)

// The two inner loops have a form in AVX, a set of instructions that processors of this architecture
// have had since 2011: four entries at a time, the same numbers.

//go:noescape
func rectifyAVX(s, t, b, ib *float64, n int, a, ia, scale float64, table *[avxRows][4]uint64)

//go:noescape
func addThreeAVX(dst, x, y, z *float64, n int)

var vectors = cpu.X86.HasAVX

// avxRows is the number of rows of the table of constants, see rectifyAVX.
const avxRows = terms + 6

var avxTable = func() (t [avxRows][4]uint64) {
	rows := sine[:]
	rows = append(rows, math.Float64frombits(1<<63-1), math.Copysign(0, -1), 4, 1, .5, 1/math.Pi)
	for k := range t {
		for j := range t[k] {
			t[k][j] = math.Float64bits(rows[k])
		}
	}
	return t
}()

func rectify(s, t, b, ib []float64, a, ia, scale float64) {
	n := 0
	if vectors && len(s) >= 4 {
		n = len(s) &^ 3
		b, ib = b[:len(s)], ib[:len(s)]
		var first *float64
		if t != nil {
			t = t[:len(s)]
			first = &t[0]
		}
		rectifyAVX(&s[0], first, &b[0], &ib[0], n, a, ia, scale, &avxTable)
		if t != nil {
			t = t[n:]
		}
	}
	rectifyGo(s[n:], t, b[n:], ib[n:], a, ia, scale)
}

func addThree(dst, x, y, z []float64) {
	n := 0
	if vectors && len(dst) >= 4 {
		n = len(dst) &^ 3
		x, y, z = x[:len(dst)], y[:len(dst)], z[:len(dst)]
		addThreeAVX(&dst[0], &x[0], &y[0], &z[0], n)
	}
	addThreeGo(dst[n:], x[n:], y[n:], z[n:])
}
