//go:build !amd64 || noasm

package vec

var current = &fallback
