package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lemma-ml/lemma/jupyter/wire"
)

// Config says how a kernel is started. Only Tools is required.
type Config struct {
	Tools *Tools
	Dir   string // working folder of the cells; "" means the current one

	Env      []string // environment to start from; nil means that of this process
	ExtraEnv []string // settings "NAME=value" that come on top of everything
	GOPROXY  string   // "" means the user's; "off" keeps the kernel from the network
	CGO      bool     // whether cells are compiled with cgo; without it they link faster

	StartTimeout time.Duration // until the kernel answers; 0 means 60 s
	Heartbeat    time.Duration // silence after which a kernel counts as dead; 0 means 30 s
	Workspace    bool          // lets cells set up a go.work of their own
	HTMLErrors   bool          // compile errors as an HTML display instead of a text traceback
}

// Kernel is a running GoNB kernel. Its methods may be called from several goroutines; messages
// are received from Events by one.
type Kernel struct {
	ID      string // the UUID of the connection file's name
	Session string

	cfg  Config
	dir  string // private folder, removed by Close
	key  []byte
	cmd  *exec.Cmd
	log  *tail
	conn *channels

	events  chan Event
	refused atomic.Int64

	died     chan struct{} // closed when the process has ended or is given up
	dieOnce  sync.Once
	reason   error
	reaped   chan struct{} // closed when the process was waited for
	readers  sync.WaitGroup
	stop     context.CancelFunc
	closeErr error
	closing  sync.Once
}

// Channel names a connection to the kernel.
type Channel string

// The channels of the protocol.
const (
	Shell   Channel = "shell"
	Control Channel = "control"
	Stdin   Channel = "stdin"
	IOPub   Channel = "iopub"
)

// Event is a message from the kernel and the channel on which it came.
type Event struct {
	Channel Channel
	Message *wire.Message
}

// Start starts a kernel and waits until it answers and its output is received. An error is a
// *StartError, or the context's. The caller must Close the kernel.
func Start(ctx context.Context, cfg Config) (*Kernel, error) {
	if cfg.Tools == nil {
		return nil, &StartError{Reason: "Config.Tools is nil, want the result of Build"}
	}
	if cfg.StartTimeout == 0 {
		cfg.StartTimeout = 60 * time.Second
	}
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 30 * time.Second
	}
	if cfg.Dir != "" {
		if st, err := os.Stat(cfg.Dir); err != nil || !st.IsDir() {
			return nil, &StartError{Reason: fmt.Sprintf("working folder %q is not a folder", cfg.Dir)}
		}
		var err error
		if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
			return nil, &StartError{Reason: err.Error()}
		}
	}
	k := &Kernel{
		ID: wire.NewID(), Session: wire.NewID(), cfg: cfg, log: &tail{most: 64 << 10},
		key:    []byte(wire.NewID()),
		events: make(chan Event, 256), died: make(chan struct{}), reaped: make(chan struct{}),
	}
	if err := k.start(ctx); err != nil {
		k.Close()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	return k, nil
}

func (k *Kernel) start(ctx context.Context) error {
	fail := func(err error) error { return &StartError{Reason: err.Error(), Log: k.log.String()} }
	var err error
	if k.dir, err = privateDir(); err != nil {
		return fail(err)
	}
	file, err := k.connectionFile()
	if err != nil {
		return fail(err)
	}
	env, err := environment(k.cfg, k.ID, k.dir)
	if err != nil {
		return fail(err)
	}
	args := []string{"--kernel", file}
	if !k.cfg.HTMLErrors {
		args = append(args, "--raw_error")
	}
	k.cmd = exec.Command(k.cfg.Tools.Gonb, args...)
	k.cmd.Dir, k.cmd.Env = k.cfg.Dir, env
	k.cmd.Stdout, k.cmd.Stderr = k.log, k.log
	if k.cfg.Dir != "" {
		k.cmd.Env = append(k.cmd.Env, "PWD="+k.cfg.Dir)
	}
	if err := k.launch(); err != nil {
		return fail(err)
	}

	ctx, cancel := context.WithTimeout(ctx, k.cfg.StartTimeout)
	defer cancel()
	life, stop := context.WithCancel(context.Background())
	k.stop = stop
	ready := make(chan error, 1)
	go func() { ready <- k.connect(life) }()
	select {
	case err = <-ready:
	case <-k.died:
		err = errors.New(k.diedReason())
		stop()
		<-ready
	case <-ctx.Done():
		err = fmt.Errorf("no connection within %v", k.cfg.StartTimeout)
		stop()
		k.Kill() // which also ends a connection that is half made
		<-ready
	}
	if err != nil {
		return fail(err)
	}
	if err := k.handshake(ctx); err != nil {
		return fail(err)
	}
	k.readers.Add(1)
	go k.heartbeat(life)
	return nil
}

// exitedWell is the reason of a kernel that ended with code 0.
const exitedWell = "it exited"

// launch starts the process and the goroutine that waits for its end.
func (k *Kernel) launch() error {
	started := make(chan error)
	go func() {
		lockForDeathSignal()
		prepare(k.cmd)
		k.cmd.WaitDelay = time.Second // a leaked process may hold the log open
		err := k.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		err = k.cmd.Wait()
		reason := exitedWell
		if err != nil {
			reason = err.Error()
		}
		close(k.reaped)
		k.die(&DiedError{Reason: reason, Log: k.log.String()})
	}()
	return <-started
}

// privateDir makes the kernel's folder. Names of Unix sockets are short (104 bytes on some
// systems), so a deep TMPDIR is avoided.
func privateDir() (string, error) {
	base := os.TempDir()
	if len(base) > 60 {
		base = "/tmp"
	}
	sweep(base)
	dir, err := os.MkdirTemp(base, "lemma-kernel-")
	if err != nil {
		return "", err
	}
	for _, sub := range []string{"tmp", "bin"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return dir, err
		}
	}
	return dir, os.WriteFile(filepath.Join(dir, "owner"), fmt.Append(nil, os.Getpid(), " ", pidSpace()), 0o600)
}

// pidSpace names the space in which process ids count: containers may share a folder for
// temporary files but not their processes. It is "-" where the system does not tell.
func pidSpace() string {
	if ns, err := os.Readlink("/proc/self/ns/pid"); err == nil {
		return ns
	}
	return "-"
}

// sweep removes the folders of kernels whose program was killed before it could Close them.
func sweep(base string) {
	dirs, _ := filepath.Glob(filepath.Join(base, "lemma-kernel-*"))
	for _, dir := range dirs {
		data, err := os.ReadFile(filepath.Join(dir, "owner"))
		if err != nil {
			continue // being made, or not ours
		}
		var pid int
		var space string
		if _, err := fmt.Sscan(string(data), &pid, &space); err == nil && space == pidSpace() && !alive(pid) {
			os.RemoveAll(dir)
		}
	}
}

// connectionFile writes the file that tells the kernel where to listen. GoNB reads the kernel's
// id, which its widgets need, from the file's name.
func (k *Kernel) connectionFile() (string, error) {
	data, err := json.Marshal(map[string]any{
		"transport": "ipc", "ip": filepath.Join(k.dir, "s"),
		"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5,
		"key": string(k.key), "signature_scheme": "hmac-sha256", "kernel_name": "gonb",
	})
	if err != nil {
		return "", err
	}
	name := filepath.Join(k.dir, "kernel-"+k.ID+".json")
	return name, os.WriteFile(name, data, 0o600)
}

// handshake repeats kernel_info until the kernel's status arrives on iopub: what is published
// before the subscription is there is lost.
func (k *Kernel) handshake(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	mine := map[string]bool{}
	var published, replied bool
	for !published || !replied {
		if !published || len(mine) == 0 {
			id, err := k.Request(Shell, "kernel_info_request", struct{}{})
			if err != nil {
				return err
			}
			mine[id] = true
		}
		for wait := true; wait && !(published && replied); {
			select {
			case e := <-k.events:
				if !mine[e.Message.Parent.MsgID] {
					continue
				}
				published = published || e.Channel == IOPub
				replied = replied || e.Message.Type() == "kernel_info_reply"
			case <-tick.C:
				wait = false
			case <-k.died:
				return errors.New(k.diedReason())
			case <-ctx.Done():
				return fmt.Errorf("no answer within %v", k.cfg.StartTimeout)
			}
		}
	}
	return nil
}

// die records the first reason for the kernel's end.
func (k *Kernel) die(err error) {
	k.dieOnce.Do(func() {
		k.reason = err
		close(k.died)
	})
}

func (k *Kernel) diedReason() string {
	var d *DiedError
	if errors.As(k.Err(), &d) {
		return "it ended: " + d.Reason
	}
	return "it ended"
}

// Died is closed when the kernel's process has ended or it no longer answers.
func (k *Kernel) Died() <-chan struct{} { return k.died }

// Err says why the kernel died, as a *DiedError; nil while it lives.
func (k *Kernel) Err() error {
	select {
	case <-k.died:
		return k.reason
	default:
		return nil
	}
}

// Events delivers the messages of all channels in the order of their arrival. A receiver must
// keep up: the kernel's messages wait in its memory.
func (k *Kernel) Events() <-chan Event { return k.events }

// Refused counts messages that were dropped because their signature or form was wrong.
func (k *Kernel) Refused() int { return int(k.refused.Load()) }

// WorkDir returns the folder in which GoNB compiles cells, with its go.mod; "" where there is
// none.
func (k *Kernel) WorkDir() string {
	dirs, _ := filepath.Glob(filepath.Join(k.dir, "tmp", "gonb_*", "go.mod"))
	if len(dirs) == 0 {
		return ""
	}
	return filepath.Dir(dirs[0])
}

// Kill ends the kernel's process group at once.
func (k *Kernel) Kill() {
	if k.cmd != nil && k.cmd.Process != nil {
		killGroup(k.cmd.Process.Pid)
	}
}

// Close ends the kernel and every process that it started, and removes its folder. It may be
// called more than once. The kernel is killed, not asked: all that it could tidy up lies in the
// folder.
func (k *Kernel) Close() error {
	k.closing.Do(func() {
		if k.cmd != nil && k.cmd.Process != nil {
			k.Kill()
			killMarked(k.ID)
			<-k.reaped
			k.die(&DiedError{Reason: "it was closed"})
		}
		if k.stop != nil {
			k.stop()
		}
		if k.conn != nil {
			k.conn.close()
		}
		k.readers.Wait()
		if k.dir != "" {
			k.closeErr = removeAll(k.dir)
		}
	})
	return k.closeErr
}

// removeAll removes a folder in which a process that is just ending may still write.
func removeAll(dir string) (err error) {
	for range 5 {
		if err = os.RemoveAll(dir); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("kernel.Close: %w", err)
}

// tail is a writer that keeps the last bytes.
type tail struct {
	mu   sync.Mutex
	most int
	buf  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.most; over > t.most { // cut seldom
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.buf[max(0, len(t.buf)-t.most):])
}
