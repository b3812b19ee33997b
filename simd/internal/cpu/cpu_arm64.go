//go:build !noasm

package cpu

func detect() Level { return NEON } // all of this kind have it
