//go:build (amd64 || arm64) && !noasm

package vec

// sets returns the sets of kernels that can run here, plain Go last.
func sets() []*set {
	var s []*set
	for l := best(); l > 0; l-- {
		s = append(s, collect(l))
		if l == neon {
			break
		}
	}
	return append(s, &fallback)
}
