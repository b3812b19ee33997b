//go:build noasm || !amd64

package peak

func spin(rounds int, _ bool) int { return spinGo(rounds) }
