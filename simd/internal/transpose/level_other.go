//go:build !amd64 || noasm

package transpose

// words and doubles are nil: there is no assembly.
var words, doubles func(dst, src *byte, ds, ss, rows, columns int)
