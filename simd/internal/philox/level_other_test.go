//go:build !amd64 || noasm

package philox

import "testing"

func atEveryLevel(t *testing.T, test func(t *testing.T)) { t.Run("go", test) }
