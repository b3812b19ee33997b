package data

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// DownloadOptions tunes [Download]; the zero value runs.
type DownloadOptions struct {
	CacheDir string        // "" means CacheDir(); the set gets a folder of its name there
	Mirrors  []string      // base URLs tried in order in place of the built-in ones
	Timeout  time.Duration // for the whole set; 0 means 30 minutes
	Stall    time.Duration // longest wait for the next bytes; 0 means 30 seconds
	Client   *http.Client  // nil means one that honours the proxy variables of the environment

	// Progress, if not nil, is called from the calling goroutine, at most ten times a second and at
	// the end of each file.
	Progress func(DownloadProgress)

	pause time.Duration // between attempts, doubled when idle; 0 means 200 ms
}

// DownloadProgress counts bytes of one file; Done includes what an earlier call had brought.
type DownloadProgress struct {
	Dataset, File string
	Done, Total   int64
}

// Download brings the data set of that name (mnist, fashion-mnist, cifar-10, tiny-shakespeare) into the
// cache and returns its folder. Files that are there with the right checksum are left alone, so a
// second call needs no network. It is the only function of this package that uses one.
//
// A file grows as NAME.part and is renamed once its size, MD5 and SHA-256 are right. An interrupted or
// cancelled transfer keeps its part, and the next call resumes it with a Range request. A file with a
// wrong checksum is deleted, the next mirror is tried, and in the end a *[ChecksumError] comes back.
// A broken connection is resumed within the call too, as long as there is progress. Any failure
// carries a *[MissingError] that says how to place the files by hand.
func Download(ctx context.Context, name string, opt DownloadOptions) (dir string, err error) {
	d, err := lookup("data.Download", name)
	if err != nil {
		return "", err
	}
	return d.download(ctx, opt)
}

func (d dataset) download(ctx context.Context, opt DownloadOptions) (dir string, err error) {
	const fn = "data.Download"
	if opt.Mirrors != nil {
		d.mirrors = nil
		for _, m := range opt.Mirrors {
			d.mirrors = append(d.mirrors, strings.TrimSuffix(m, "/")+"/")
		}
	}
	if len(d.mirrors) == 0 {
		return "", fmt.Errorf("%s: no mirrors given for %s, want at least one (or nil for the built-in ones)", fn, d.name)
	}
	if opt.Timeout == 0 {
		opt.Timeout = 30 * time.Minute
	}
	if opt.Stall == 0 {
		opt.Stall = 30 * time.Second
	}
	if opt.pause == 0 {
		opt.pause = 200 * time.Millisecond
	}
	if opt.Client == nil {
		opt.Client = &http.Client{}
	}
	if dir, err = d.dir(opt.CacheDir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("%s: %w", fn, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, opt.Timeout, fmt.Errorf("%s took longer than %v: %w", d.name, opt.Timeout, context.DeadlineExceeded))
	defer cancel()
	for _, f := range d.files {
		if err := d.fetchFile(ctx, dir, f, opt); err != nil {
			if ctx.Err() != nil {
				return "", fmt.Errorf("%s: %s: %w (what has come is kept; the next call goes on from there)", fn, f.name, context.Cause(ctx))
			}
			if missing := d.require(fn, dir); missing != nil {
				err = fmt.Errorf("%w\n%w", err, missing)
			}
			return "", fmt.Errorf("%s: %w", fn, err)
		}
	}
	return dir, nil
}

// fetchFile brings one file from the first mirror that has it.
func (d dataset) fetchFile(ctx context.Context, dir string, f remoteFile, opt DownloadOptions) error {
	path := filepath.Join(dir, f.name)
	release, err := fetching.enter(ctx, path)
	if err != nil {
		return err
	}
	defer release()
	if f.verify(path) == nil {
		return nil
	}
	var errs []error
	for _, m := range d.mirrors {
		t := &transfer{set: d.name, file: f, url: m + f.name, path: path, part: path + ".part", opt: opt}
		err := t.run(ctx)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// fetching lets one goroutine of this program at a time fetch a file; the others find it there.
var fetching turns

type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // closed when the one who fetches is done
}

// enter waits for the path's turn; release gives it on.
func (t *turns) enter(ctx context.Context, path string) (release func(), err error) {
	for {
		t.mu.Lock()
		busy := t.taken[path]
		if busy == nil {
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			done := make(chan struct{})
			t.taken[path] = done
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.taken, path)
				t.mu.Unlock()
				close(done)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// transfer is one file from one mirror.
type transfer struct {
	set       string
	file      remoteFile
	url       string
	path      string // of the finished file
	part      string // of the growing one
	opt       DownloadOptions
	lastShown time.Time
}

// maxAttempts bounds the connections to one mirror, and idleAttempts those in a row that bring
// nothing.
const (
	maxAttempts  = 50
	idleAttempts = 3
)

// run connects until the part is whole, then checks and renames it.
func (t *transfer) run(ctx context.Context) error {
	idle := 0
	var err error
	for range maxAttempts {
		before := t.have()
		if err = t.attempt(ctx); err == nil {
			return t.finish()
		}
		var final *refusal
		if ctx.Err() != nil || errors.As(err, &final) {
			return err
		}
		if idle++; t.have() > before {
			idle = 0
		}
		if idle == idleAttempts {
			break
		}
		// A pause, so that a server in trouble is not hammered.
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(t.opt.pause << idle):
		}
	}
	return err
}

// refusal is an answer that asking again will not change.
type refusal struct{ msg string }

func (r *refusal) Error() string { return r.msg }

// have is the size of the part.
func (t *transfer) have() int64 {
	st, err := os.Stat(t.part)
	if err != nil {
		return 0
	}
	return st.Size()
}

// attempt makes one request for what is missing, and writes what comes.
//
// Bytes are written at their own offsets, never appended or cut: two programs that fetch the same file
// at the same time then write the same bytes to the same places.
func (t *transfer) attempt(parent context.Context) error {
	at := t.have()
	if at > t.file.size { // not ours
		if err := os.Remove(t.part); err != nil {
			return &refusal{err.Error()}
		}
		at = 0
	}
	if at == t.file.size {
		return nil
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	watch := time.AfterFunc(t.opt.Stall, func() {
		cancel(fmt.Errorf("%s: nothing came for %v", t.url, t.opt.Stall))
	})
	defer watch.Stop()

	resp, at, err := t.request(ctx, at)
	if err != nil {
		if ctx.Err() != nil && parent.Err() == nil {
			// Silence from the start: a black hole of a network is not asked again.
			return &refusal{context.Cause(ctx).Error()}
		}
		return err
	}
	defer resp.Body.Close()

	w, err := os.OpenFile(t.part, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return &refusal{err.Error()}
	}
	defer w.Close()
	buf := make([]byte, 64<<10)
	for {
		n, rerr := resp.Body.Read(buf)
		if n > 0 {
			watch.Reset(t.opt.Stall)
			if at+int64(n) > t.file.size {
				return &refusal{fmt.Sprintf("%s is longer than %d bytes", t.url, t.file.size)}
			}
			if _, err := w.WriteAt(buf[:n], at); err != nil {
				return &refusal{err.Error()} // the disk is full, say
			}
			at += int64(n)
			t.show(at)
		}
		switch {
		case rerr == io.EOF && at == t.file.size:
			return w.Close()
		case rerr == io.EOF:
			return fmt.Errorf("%s ended after %d of %d bytes", t.url, at, t.file.size)
		case rerr != nil && ctx.Err() != nil && parent.Err() == nil:
			return context.Cause(ctx)
		case rerr != nil:
			return fmt.Errorf("%s: after %d of %d bytes: %w", t.url, at, t.file.size, rerr)
		}
	}
}

// request asks for the bytes from at on and returns the offset at which the answer really begins.
func (t *transfer) request(ctx context.Context, at int64) (*http.Response, int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url, nil)
	if err != nil {
		return nil, 0, &refusal{err.Error()}
	}
	// The files are gzip already, and the sums are of the bytes as served.
	req.Header.Set("Accept-Encoding", "identity")
	if at > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
	}
	resp, err := t.opt.Client.Do(req)
	if err != nil {
		return nil, 0, err
	}
	switch resp.StatusCode {
	case http.StatusOK:
		at = 0 // the server does not resume
	case http.StatusPartialContent:
		var from, to, total int64
		if n, _ := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &from, &to, &total); n < 2 || from != at || n == 3 && total != t.file.size {
			resp.Body.Close()
			return nil, 0, &refusal{fmt.Sprintf("%s answered with the range %q, want it from byte %d of %d", t.url, resp.Header.Get("Content-Range"), at, t.file.size)}
		}
	case http.StatusRequestedRangeNotSatisfiable:
		resp.Body.Close()
		os.Remove(t.part) // the part does not belong to this file: begin again
		return nil, 0, fmt.Errorf("%s does not reach to byte %d", t.url, at)
	default:
		resp.Body.Close()
		err := fmt.Errorf("%s: server says %s", t.url, resp.Status)
		if resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout {
			err = &refusal{err.Error()}
		}
		return nil, 0, err
	}
	if n := resp.ContentLength; n >= 0 && at+n != t.file.size {
		resp.Body.Close()
		return nil, 0, &refusal{fmt.Sprintf("%s has %d bytes, want %d", t.url, at+n, t.file.size)}
	}
	return resp, at, nil
}

// finish takes the part for itself, checks it and gives it its name. It is renamed before it is
// checked: of two programs that fetch the same file only one has it then, and what is checked is what
// gets the name.
func (t *transfer) finish() error {
	mine := fmt.Sprintf("%s.%d", t.part, os.Getpid())
	if err := os.Rename(t.part, mine); err != nil {
		if t.file.verify(t.path) == nil {
			return nil // another program was faster and has taken the part
		}
		return err
	}
	if err := t.file.verify(mine); err != nil {
		os.Remove(mine)
		if t.file.verify(t.path) == nil {
			return nil
		}
		var sum *ChecksumError
		if errors.As(err, &sum) {
			return fmt.Errorf("%s: %w; the file was deleted", t.url, err)
		}
		return err
	}
	if err := os.Rename(mine, t.path); err != nil {
		os.Remove(mine)
		return err
	}
	t.lastShown = time.Time{}
	t.show(t.file.size)
	return nil
}

func (t *transfer) show(done int64) {
	if t.opt.Progress == nil || time.Since(t.lastShown) < 100*time.Millisecond {
		return
	}
	t.lastShown = time.Now()
	t.opt.Progress(DownloadProgress{Dataset: t.set, File: t.file.name, Done: done, Total: t.file.size})
}
