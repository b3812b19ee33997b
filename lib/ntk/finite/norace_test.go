//go:build !race

package finite

// raceEnabled says that the race detector is on.
const raceEnabled = false
