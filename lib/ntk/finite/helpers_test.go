package finite

import (
	"testing"

	"github.com/gomlx/gomlx/backends"
	_ "github.com/lemma-ml/lemma/simd"
)

// openBackend opens the backend that every machine has.
func openBackend(t testing.TB) backends.Backend {
	t.Helper()
	b, err := backends.NewWithConfig("simd")
	if err != nil {
		t.Fatal(err)
	}
	return b
}
