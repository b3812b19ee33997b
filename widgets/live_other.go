//go:build !unix

package widgets

import "os/exec"

// Elsewhere no program is left behind: explorers move on their grid.
const canDetach = false

func detach(*exec.Cmd) {}

func processBirth(int) string { return "" }
