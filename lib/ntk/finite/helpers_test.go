package finite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/gomlx/gomlx/backends/simplego"
)

// goBackend opens the pure Go backend with its operations in order. Its default runs independent
// operations side by side and reads a counter without the lock that guards it, which the race detector
// reports; within one operation it uses all processors either way.
func goBackend(t testing.TB) backends.Backend {
	t.Helper()
	b, err := backends.NewWithConfig("go:ops_sequential")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
