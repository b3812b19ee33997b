package exec

import (
	"context"
	"fmt"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// watch is how often a quiet cell is looked at.
const watch = 250 * time.Millisecond

// stopping says why a cell was interrupted.
type stopping int

const (
	notStopping stopping = iota
	forTimeout
	forInput
	forReader
)

// execution is the state of one cell's run.
type execution struct {
	r     *runner
	index int
	cell  *ipynb.Cell
	id    string
	out   *cellOutputs
	start time.Time

	reply *kernel.Reply
	idle  bool // the kernel says that it has done with the cell

	stop    stopping
	prompt  string // forInput: what the cell asked
	killBy  <-chan time.Time
	live    int // the page's activity when the cell started
	quiet   time.Time
	lastCPU time.Duration
	sampled time.Time // when lastCPU was read; zero: not since the cell was last busy
}

// cell runs one code cell to its end.
func (r *runner) cell(ctx context.Context, index int) (CellStatus, error) {
	c := r.nb.Cells[index]
	c.Outputs, c.ExecutionCount = []*ipynb.Output{}, nil
	x := &execution{r: r, index: index, cell: c, start: time.Now(), quiet: time.Now(), live: r.page.Activity()}
	r.page.Reset()
	id, err := r.k.ExecuteRequest(c.Source, false)
	x.id, x.out = id, r.collector.start(id, c)
	defer r.collector.settle(x.out)
	if err != nil {
		return x.died(err)
	}
	return x.wait(ctx)
}

// wait handles messages until the cell has ended, the kernel has died or the time is up.
func (x *execution) wait(ctx context.Context) (CellStatus, error) {
	r := x.r
	var timeout <-chan time.Time
	if r.opt.CellTimeout > 0 {
		timer := time.NewTimer(r.opt.CellTimeout)
		defer timer.Stop()
		timeout = timer.C
	}
	tick := time.NewTicker(watch)
	defer tick.Stop()
	for !x.idle || x.reply == nil {
		var timers <-chan time.Time
		if due, ok := r.page.Next(); ok {
			timers = time.After(time.Until(due))
		}
		select {
		case e := <-r.k.Events():
			x.message(e)
		case <-timers:
			r.page.Tick(time.Now())
		case <-tick.C:
			x.look()
		case <-timeout:
			x.interrupt(forTimeout)
		case <-x.killBy:
			r.k.Kill()
			r.drain(50 * time.Millisecond)
			return x.stopped(true)
		case <-r.k.Died():
			r.drain(50 * time.Millisecond)
			if x.stop != notStopping {
				return x.stopped(true)
			}
			return x.died(r.k.Err())
		case <-ctx.Done():
			r.k.Kill() // a program that goes on printing would keep the drain busy
			r.drain(50 * time.Millisecond)
			value := "the run was stopped while the cell ran"
			x.out.addError("Interrupted", value, value)
			return CellInterrupted, ctx.Err()
		}
	}
	if x.reply.ExecutionCount > 0 {
		count := x.reply.ExecutionCount
		x.cell.ExecutionCount = &count
	}
	if x.stop != notStopping {
		return x.stopped(false)
	}
	failure := judge(x.reply, x.out)
	if failure == nil {
		return CellOK, nil
	}
	failure.Cell, failure.Place, failure.Source = x.index, r.place(x.index), x.cell.Source
	failure.Detail = r.collector.tidy(failure.Detail)
	failure.Value = r.collector.tidy(failure.Value)
	if x.out.errors == 0 {
		name := failure.Name
		if name == failure.Value {
			name = "program ended" // the value says how
		}
		x.out.dropEnd() // the error says it
		x.out.addError(name, failure.Value, failure.Value)
	}
	return CellFailed, failure
}

// died says that the kernel ended under the cell.
func (x *execution) died(err error) (CellStatus, error) {
	x.out.addError("KernelDied", err.Error(), err.Error())
	return CellKilled, fmt.Errorf("exec.Run: %s (%s): %w", x.r.place(x.index), firstLine(x.cell.Source), err)
}

// message handles one message of the kernel.
func (x *execution) message(e kernel.Event) {
	m := e.Message
	switch {
	case m.Type() == "execute_reply" && m.Parent.MsgID == x.id:
		x.reply = &kernel.Reply{}
		if m.Decode(x.reply) != nil {
			x.reply = &kernel.Reply{Status: "error", EName: "protocol", EValue: "the kernel's reply could not be read"}
		}
		return
	case e.Channel == kernel.Stdin && m.Type() == "input_request":
		// A late request of a program that has ended already asks nobody.
		if m.Parent.MsgID == x.id {
			var ask struct{ Prompt string }
			_ = m.Decode(&ask) // the prompt only adorns the message
			x.prompt = ask.Prompt
			x.interrupt(forInput)
		}
		return
	case kernel.Idle(m) && m.Parent.MsgID == x.id:
		x.idle = true
		return
	}
	before := x.out.count
	x.r.output(e)
	if x.out.count != before || m.Type() == "comm_msg" {
		x.quiet, x.sampled = time.Now(), time.Time{}
	}
}

// output hands a message to the cell that it belongs to and to the page.
func (r *runner) output(e kernel.Event) {
	m := e.Message
	if m.Type() == "comm_msg" {
		r.page.Comm(m.Content)
		return
	}
	if e.Channel != kernel.IOPub {
		return
	}
	if b := r.collector.add(m); b != nil {
		if s := htmlOf(b); s != "" || b.Transient.DisplayID != "" {
			r.page.Display(b.Transient.DisplayID, s)
		}
		if s := scriptOf(b); s != "" {
			r.page.Script(s)
		}
	}
}

// look checks a cell that says nothing: it may wait for input that nobody types, or for a
// reader's hand on a widget.
func (x *execution) look() {
	silent := time.Since(x.quiet)
	if x.stop != notStopping || silent < time.Second {
		return
	}
	a := x.r.k.Activity()
	widgets := x.r.page.Activity() > x.live
	if !a.Known {
		// Without a look at the processes a long computation beside a widget cannot be told
		// from waiting; silence must be longer.
		if widgets && silent > 10*x.r.opt.WidgetIdle {
			x.interrupt(forReader)
		}
		return
	}
	now := time.Now()
	if x.sampled.IsZero() || a.Running || a.CPU < x.lastCPU {
		x.sampled, x.lastCPU = now, a.CPU
		return
	}
	still := now.Sub(x.sampled)
	if a.CPU-x.lastCPU > still/20 { // busier than 5 % of one core
		x.sampled, x.lastCPU = now, a.CPU
		return
	}
	switch {
	case a.ReadsStdin && still > 2*time.Second:
		x.prompt = "a read from standard input"
		x.interrupt(forInput)
	case widgets && still > x.r.opt.WidgetIdle:
		x.interrupt(forReader)
	}
}

// interrupt asks the cell to end, and sees to it that it does.
func (x *execution) interrupt(why stopping) {
	if x.stop != notStopping {
		return
	}
	x.stop = why
	x.killBy = time.After(grace)
	if err := x.r.k.Interrupt(); err != nil {
		x.r.k.Kill() // it cannot be asked
	}
}

// stopped says how an interrupted cell ended.
func (x *execution) stopped(killed bool) (CellStatus, error) {
	switch x.stop {
	case forReader:
		if !killed {
			x.out.dropEnd()
			return CellInteractive, nil
		}
		fallthrough // a kernel that is gone cannot run the rest
	case forTimeout:
		e := &TimeoutError{Cell: x.index, Place: x.r.place(x.index), Source: x.cell.Source, Limit: x.r.opt.CellTimeout, Killed: killed}
		value := fmt.Sprintf("the cell took longer than %v", e.Limit)
		if x.stop == forReader {
			e.Limit = x.r.opt.WidgetIdle
			value = "the cell waited for a reader and did not end when interrupted"
		}
		x.out.addError("Timeout", value, value)
		return CellTimedOut, e
	}
	value := "the cell asks for input, and nobody is there to type"
	if x.prompt != "" && x.prompt != " " {
		value += fmt.Sprintf(" (%s)", x.prompt)
	}
	x.out.addError("input requested", value, value)
	return CellFailed, &CellError{Cell: x.index, Place: x.r.place(x.index), Source: x.cell.Source, Name: "input requested", Value: value}
}
