//go:build !cgo || !(linux || darwin || windows)

package xla

func installable() []string { return nil }

func install(string, string) error { return errNoCgo }
