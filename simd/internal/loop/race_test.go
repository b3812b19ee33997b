//go:build race

package loop

func init() { underRace = true } // where sync.Pool forgets on purpose
