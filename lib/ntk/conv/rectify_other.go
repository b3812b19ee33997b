//go:build !amd64

package conv

func rectify(s, t, b, ib []float64, a, ia, scale float64) { rectifyGo(s, t, b, ib, a, ia, scale) }

func addThree(dst, x, y, z []float64) { addThreeGo(dst, x, y, z) }
