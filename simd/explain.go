package simd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gomlx/gomlx/backends"
)

// Explain describes what an executable of this backend does: how many operations were recorded and
// how many are left, how often it was executed and how long that took, and the steps with what they
// compute, read and write. Of another backend's executable it says that it is one. [Backend.Explain]
// finds the executables.
func Explain(executable backends.Executable) string {
	e, ok := executable.(*Executable)
	if !ok || e == nil {
		return fmt.Sprintf("%T is not an executable of backend %s\n", executable, BackendName)
	}
	var s strings.Builder
	e.explain(&s)
	e.backend.explainTrace(&s)
	return s.String()
}

// Explain describes every executable that is not finalized, as the function [Explain] does, those that
// took most time first. It shows what hides behind GoMLX's graph.Exec:
//
//	fmt.Print(backend.(*simd.Backend).Explain())
func (b *Backend) Explain() string {
	type row struct {
		executable *Executable
		calls      int64
		took       time.Duration
	}
	var rows []row
	var calls int64
	var took time.Duration
	for _, e := range b.executables.list() {
		n, t := e.usage.read()
		rows = append(rows, row{e, n, t})
		calls += n
		took += t
	}
	slices.SortFunc(rows, func(x, y row) int {
		return cmp.Or(-cmp.Compare(x.took, y.took), cmp.Compare(x.executable.name, y.executable.name))
	})
	var s strings.Builder
	fmt.Fprintf(&s, "%s; %d executables, %d executions, %s\n", b.Description(), len(rows), calls, round(took))
	b.explainTrace(&s)
	for _, r := range rows {
		s.WriteByte('\n')
		r.executable.explain(&s)
	}
	return s.String()
}

func (e *Executable) explain(s *strings.Builder) {
	e.running.RLock()
	defer e.running.RUnlock()
	if e.program == nil {
		fmt.Fprintf(s, "%s: finalized\n", e.name)
		return
	}
	fmt.Fprintf(s, "%s: %d inputs, %d outputs; %d operations recorded, %d after rewriting; %s, parallelism %d\n",
		e.name, len(e.inputs), len(e.outputs), e.built, e.program.nodes, kernels(), e.backend.pool.Width())
	if calls, took := e.usage.read(); calls > 0 {
		fmt.Fprintf(s, "%d executions, %s, %s each\n", calls, round(took), round(took/time.Duration(calls)))
	}
	s.WriteString(e.program.plan.String())
}

// explainTrace says what is wrong with the trace.
func (b *Backend) explainTrace(s *strings.Builder) {
	if err := b.tracer.trouble(); err != nil {
		fmt.Fprintln(s, err)
	}
}

// round leaves about three digits.
func round(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
