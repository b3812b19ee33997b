//go:build noasm || !(amd64 || arm64)

package vec

var current = &fallback
