//go:build !unix

package workload

import "time"

// processorTime is the time on the clock: this system does not say more.
func processorTime() time.Duration { return now() }
