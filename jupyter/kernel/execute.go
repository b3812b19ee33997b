package kernel

import (
	"context"

	"github.com/lemma-ml/lemma/jupyter/wire"
)

// Reply is the content of an execute_reply.
type Reply struct {
	Status         string   `json:"status"` // "ok", "error" or "aborted"
	ExecutionCount int      `json:"execution_count"`
	EName          string   `json:"ename"`
	EValue         string   `json:"evalue"`
	Traceback      []string `json:"traceback"`
}

// ExecuteRequest asks the kernel to run code and returns the request's id. A silent request
// publishes no input and does not count. Every field is sent: GoNB ends where one is missing.
// Input is not allowed, as nobody is there to type.
func (k *Kernel) ExecuteRequest(code string, silent bool) (id string, err error) {
	return k.Request(Shell, "execute_request", map[string]any{
		"code": code, "silent": silent, "store_history": !silent, "user_expressions": map[string]any{},
		"allow_stdin": false, "stop_on_error": true,
	})
}

// Execute runs code silently and waits for its end: the reply on shell and the status idle on
// iopub. handler, if not nil, receives the messages that belong to it. Where ctx ends first the
// code keeps running; Interrupt or Close ends it.
//
// It reports what the kernel says, which for GoNB v0.11.3 is "ok" also for a program that
// panicked; package exec judges.
func (k *Kernel) Execute(ctx context.Context, code string, handler func(*wire.Message)) (*Reply, error) {
	id, err := k.ExecuteRequest(code, true)
	if err != nil {
		return nil, err
	}
	var reply *Reply
	for idle := false; !idle || reply == nil; {
		select {
		case e := <-k.events:
			m := e.Message
			if m.Parent.MsgID != id {
				continue
			}
			if m.Type() == "execute_reply" {
				reply = &Reply{}
				if err := m.Decode(reply); err != nil {
					return nil, err
				}
				continue
			}
			idle = idle || Idle(m)
			if handler != nil {
				handler(m)
			}
		case <-k.died:
			return nil, k.Err()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return reply, nil
}

// Idle reports whether a message is the status that ends a request.
func Idle(m *wire.Message) bool {
	if m.Type() != "status" {
		return false
	}
	var s struct {
		State string `json:"execution_state"`
	}
	return m.Decode(&s) == nil && s.State == "idle"
}

// Interrupt asks the kernel to interrupt the running cell. GoNB sends the program SIGINT, and
// SIGKILL after five seconds; while it compiles it does nothing.
func (k *Kernel) Interrupt() error {
	_, err := k.Request(Control, "interrupt_request", struct{}{})
	return err
}
