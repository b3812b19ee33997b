package simd

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/backends"
)

// Explain describes what an executable of this backend does: how many operations were recorded and
// how many are left, and the steps with what they compute, read and write. Of another backend's
// executable it says that it is one.
func Explain(executable backends.Executable) string {
	e, ok := executable.(*Executable)
	if !ok {
		return fmt.Sprintf("%T is not an executable of backend %s\n", executable, BackendName)
	}
	e.running.RLock()
	defer e.running.RUnlock()
	if e.program == nil {
		return fmt.Sprintf("%s: finalized\n", e.name)
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%s: %d inputs, %d outputs; %d operations recorded, %d after rewriting; %s kernels, parallelism %d\n",
		e.name, len(e.inputs), len(e.outputs), e.built, e.program.nodes, level(), e.backend.pool.Width())
	s.WriteString(e.program.plan.String())
	return s.String()
}
