//go:build amd64 && !noasm

package philox

import "testing"

// atEveryLevel runs a test with every instruction set that the machine has.
func atEveryLevel(t *testing.T, test func(t *testing.T)) {
	defer func(l level) { current = l }(current)
	for l, name := range []string{"go", "avx2", "avx512"} {
		if current = level(l); current <= best() {
			t.Run(name, test)
		}
	}
}
