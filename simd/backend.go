package simd

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/gomlx/gomlx/backends"
	"github.com/pkg/errors"

	"github.com/lemma-ml/lemma/simd/internal/par"
)

// BackendName is the name under which the backend is registered: GOMLX_BACKEND=simd.
const BackendName = "simd"

func init() { backends.Register(BackendName, New) }

// Backend computes on the processors of this machine. It is safe for use by many goroutines at once.
type Backend struct {
	options     options
	pool        *par.Pool
	memory      *memory
	executables *executables
	tracer      *tracer         // nil without trace=
	closeTracer runtime.Cleanup // if Finalize does not
	finalized   atomic.Bool
	running     sync.RWMutex // held for reading while something compiles or executes
}

var _ backends.Backend = (*Backend)(nil)

// New makes a backend from a configuration, options separated by commas:
//
//	parallelism=n       at most n goroutines compute at once; up to 4096; 0, the default, means GOMAXPROCS
//	passes=off          graphs are executed as they were built, one operation after the other
//	passes=-name,-name  leaves out some passes of the compiler
//	trace=file          writes the time of every step of every execution to file, as a Chrome trace
//
// An unknown option is an error.
func New(config string) (backends.Backend, error) {
	o, err := parseOptions(config, passNames())
	if err != nil {
		return nil, err
	}
	b := &Backend{options: o, memory: newMemory(), executables: newExecutables()}
	if o.trace != "" {
		if b.tracer, err = openTracer(o.trace); err != nil {
			return nil, err
		}
	}
	b.pool = par.New(o.parallelism)
	// A backend that is dropped without Finalize takes its sleeping helpers and its file with it.
	runtime.AddCleanup(b, (*par.Pool).Close, b.pool)
	if b.tracer != nil {
		b.closeTracer = runtime.AddCleanup(b, (*tracer).close, b.tracer)
	}
	return b, nil
}

// Name returns "simd".
func (b *Backend) Name() string { return BackendName }

// String returns "simd".
func (b *Backend) String() string { return BackendName }

// Description says which kernels are used and how many goroutines compute at once.
func (b *Backend) Description() string {
	return fmt.Sprintf("simd: %s, parallelism %d", kernels(), b.pool.Width())
}

// NumDevices returns 1: all processors are one device.
func (b *Backend) NumDevices() int { return 1 }

// DeviceDescription describes device 0, the only one.
func (b *Backend) DeviceDescription(device backends.DeviceNum) string {
	if device != 0 {
		return fmt.Sprintf("simd: no device %d, the only one is 0", device)
	}
	return fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), kernels())
}

// Capabilities lists what the backend can compute: all operations, on booleans, integers, floats
// (16-bit ones computed in 32 bits) and complex numbers.
func (b *Backend) Capabilities() backends.Capabilities { return capabilities.Clone() }

// Builder starts a new computation.
func (b *Backend) Builder(name string) backends.Builder { return newBuilder(b, name) }

// Memory returns how much memory the backend's buffers and executions hold.
func (b *Backend) Memory() Memory { return b.memory.read() }

// Finalize waits for what is compiled or executed, ends the helpers and gives all memory back that is not in
// use by a buffer. The backend must not be used afterwards; further calls do nothing.
func (b *Backend) Finalize() {
	if !b.finalized.CompareAndSwap(false, true) {
		return
	}
	b.running.Lock()
	defer b.running.Unlock()
	b.pool.Close()
	b.memory.drop()
	if b.tracer != nil {
		b.closeTracer.Stop()
		b.tracer.close()
	}
}

// IsFinalized reports whether Finalize was called.
func (b *Backend) IsFinalized() bool { return b.finalized.Load() }

// checkDevice returns an error unless the backend lives and device is 0.
func (b *Backend) checkDevice(what string, device backends.DeviceNum) error {
	if b.IsFinalized() {
		return errors.Errorf("simd: %s: the backend is finalized", what)
	}
	if device != 0 {
		return errors.Errorf("simd: %s: device %d, want 0: there is one device", what, device)
	}
	return nil
}
