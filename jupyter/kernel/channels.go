package kernel

import (
	"context"
	"fmt"
	"io"
	"log"
	"path/filepath"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/lemma-ml/lemma/jupyter/wire"
)

// channels are the sockets of a client.
type channels struct {
	shell, control, stdin, iopub, hb zmq4.Socket
	send                             map[Channel]chan sending // one writer per socket
}

type sending struct {
	msg  zmq4.Msg
	done chan error
}

// connect dials the five sockets and starts their readers. It tries until the kernel listens or
// ctx ends.
func (k *Kernel) connect(ctx context.Context) error {
	// Replies find their way by the identity of the socket; GoNB answers on shell what was
	// asked on control, and asks for input with the identity of the execute request.
	opts := []zmq4.Option{
		zmq4.WithID(zmq4.SocketIdentity(k.Session)),
		zmq4.WithDialerRetry(10 * time.Millisecond), zmq4.WithDialerMaxRetries(-1),
		zmq4.WithLogger(log.New(io.Discard, "", 0)),
	}
	c := &channels{
		shell: zmq4.NewDealer(ctx, opts...), control: zmq4.NewDealer(ctx, opts...),
		stdin: zmq4.NewDealer(ctx, opts...), iopub: zmq4.NewSub(ctx, opts[1:]...),
		hb: zmq4.NewReq(ctx, opts[1:]...),
	}
	for i, s := range []zmq4.Socket{c.shell, c.iopub, c.stdin, c.control, c.hb} {
		ep := fmt.Sprintf("ipc://%s-%d", filepath.Join(k.dir, "s"), i+1)
		if err := s.Dial(ep); err != nil {
			c.close()
			return fmt.Errorf("connection to the kernel: %w", err)
		}
	}
	if err := c.iopub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		return fmt.Errorf("subscription to the kernel's output: %w", err)
	}
	c.send = map[Channel]chan sending{}
	for name, s := range map[Channel]zmq4.Socket{Shell: c.shell, Control: c.control, Stdin: c.stdin} {
		c.send[name] = make(chan sending)
		k.readers.Add(2)
		go k.read(ctx, name, s)
		go k.write(ctx, s, c.send[name])
	}
	k.readers.Add(1)
	go k.read(ctx, IOPub, c.iopub)
	k.conn = c
	return nil
}

func (c *channels) close() {
	for _, s := range []zmq4.Socket{c.shell, c.control, c.stdin, c.iopub, c.hb} {
		s.Close()
	}
}

// read delivers the messages of one socket. Messages that are not signed with the connection's
// key, or are malformed, are counted and dropped.
func (k *Kernel) read(ctx context.Context, name Channel, s zmq4.Socket) {
	defer k.readers.Done()
	for {
		raw, err := s.Recv()
		if err != nil {
			return // closed; the process or the heartbeat says why
		}
		m, err := wire.Decode(raw.Frames, k.key)
		if err != nil {
			k.refused.Add(1)
			continue
		}
		select {
		case k.events <- Event{name, m}:
		case <-ctx.Done():
			return
		}
	}
}

func (k *Kernel) write(ctx context.Context, s zmq4.Socket, queue <-chan sending) {
	defer k.readers.Done()
	for {
		select {
		case x := <-queue:
			x.done <- s.SendMulti(x.msg)
		case <-ctx.Done():
			return
		}
	}
}

// Send signs a message and sends it on shell, control or stdin.
func (k *Kernel) Send(ch Channel, m *wire.Message) error {
	queue := k.conn.send[ch]
	if queue == nil {
		return fmt.Errorf("kernel.Send: channel %q, want shell, control or stdin", ch)
	}
	frames, err := wire.Encode(m, k.key)
	if err != nil {
		return err
	}
	x := sending{zmq4.NewMsgFrom(frames...), make(chan error, 1)}
	select {
	case queue <- x:
	case <-k.died:
		return k.Err()
	}
	select {
	case err := <-x.done:
		if err != nil {
			return fmt.Errorf("kernel.Send: %s: %w", m.Type(), err)
		}
		return nil
	case <-k.died:
		return k.Err()
	}
}

// Request sends a message of the given type and returns its id, which answers name as their
// parent.
func (k *Kernel) Request(ch Channel, msgType string, content any) (id string, err error) {
	m, err := wire.New(k.Session, msgType, content)
	if err != nil {
		return "", err
	}
	return m.Header.MsgID, k.Send(ch, m)
}

// heartbeat sends a ping every second. A kernel that answers none for Config.Heartbeat is dead:
// it hangs, or was stopped. It is then killed.
func (k *Kernel) heartbeat(ctx context.Context) {
	defer k.readers.Done()
	pongs := make(chan error)
	pings := make(chan struct{})
	go func() {
		for range pings {
			err := k.conn.hb.Send(zmq4.NewMsgString("ping"))
			if err == nil {
				_, err = k.conn.hb.Recv()
			}
			select {
			case pongs <- err:
			case <-ctx.Done():
			}
		}
	}()
	defer close(pings)
	for {
		select {
		case pings <- struct{}{}:
		case <-ctx.Done():
			return
		}
		late := time.NewTimer(k.cfg.Heartbeat)
		select {
		case err := <-pongs:
			late.Stop()
			if err != nil {
				// The socket broke. If the process ended, its exit is the better reason.
				select {
				case <-k.died:
				case <-time.After(time.Second):
					k.die(&DiedError{Reason: "its heartbeat connection broke", Log: k.log.String()})
					k.Kill()
				}
				return
			}
		case <-late.C:
			k.die(&DiedError{Reason: fmt.Sprintf("no heartbeat for %v", k.cfg.Heartbeat), Log: k.log.String()})
			k.Kill()
			return
		case <-k.died:
			return
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(time.Second):
		case <-k.died:
			return
		case <-ctx.Done():
			return
		}
	}
}
