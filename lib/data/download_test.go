package data

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// payload is what the test servers have.
func payload(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func sumsOf(name string, b []byte) remoteFile {
	m, s := md5.Sum(b), sha256.Sum256(b)
	return remoteFile{name, int64(len(b)), hex.EncodeToString(m[:]), hex.EncodeToString(s[:])}
}

func fake(b []byte, mirrors ...string) dataset {
	return dataset{name: "fake", files: []remoteFile{sumsOf("f.bin", b)}, mirrors: mirrors}
}

// server serves b under any name, with Range, and notes what was asked. hook, if not nil, may answer in
// its place: it returns true when it has.
type server struct {
	*httptest.Server
	mu     sync.Mutex
	ranges []string // the Range header of each request
}

func serve(t *testing.T, b []byte, hook func(request int, w http.ResponseWriter, r *http.Request) bool) *server {
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.ranges = append(s.ranges, r.Header.Get("Range"))
		n := len(s.ranges)
		s.mu.Unlock()
		if hook != nil && hook(n, w, r) {
			return
		}
		http.ServeContent(w, r, "f.bin", time.Time{}, bytes.NewReader(b))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.ranges...)
}

// breakAfter sends n bytes of the whole, then cuts the connection.
func breakAfter(w http.ResponseWriter, b []byte, n int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(b)))
	w.Write(b[:n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var s []string
	for _, e := range entries {
		s = append(s, e.Name())
	}
	return strings.Join(s, " ")
}

func wantFile(t *testing.T, dir string, b []byte) {
	t.Helper()
	got, err := os.ReadFile(filepath.Join(dir, "f.bin"))
	if err != nil || !bytes.Equal(got, b) {
		t.Errorf("the file has %d bytes, %v; want the %d served", len(got), err, len(b))
	}
	if n := names(t, dir); n != "f.bin" {
		t.Errorf("the folder holds %q, want f.bin alone", n)
	}
}

func TestDownload(t *testing.T) {
	b := payload(300_000)
	quick := func(t *testing.T) DownloadOptions {
		return DownloadOptions{CacheDir: t.TempDir(), pause: time.Millisecond}
	}
	t.Run("whole, and a second call asks nothing", func(t *testing.T) {
		s := serve(t, b, nil)
		opt := quick(t)
		var last DownloadProgress
		opt.Progress = func(p DownloadProgress) {
			if p.Done < last.Done {
				t.Errorf("progress falls from %d to %d", last.Done, p.Done)
			}
			last = p
		}
		for range 2 {
			dir, err := fake(b, s.URL+"/").download(t.Context(), opt)
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, dir, b)
		}
		if n := len(s.asked()); n != 1 {
			t.Errorf("%d requests, want 1", n)
		}
		if last != (DownloadProgress{"fake", "f.bin", 300_000, 300_000}) {
			t.Errorf("last progress %+v", last)
		}
	})
	t.Run("a broken connection resumes where it broke", func(t *testing.T) {
		s := serve(t, b, func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				breakAfter(w, b, 100_000)
			}
			return false
		})
		dir, err := fake(b, s.URL+"/").download(t.Context(), quick(t))
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
		// Not the very byte: an aborted connection may lose what was under way.
		if a := s.asked(); len(a) != 2 || !strings.HasPrefix(a[1], "bytes=") || a[1] == "bytes=0-" {
			t.Errorf("ranges asked: %q, want the second from where the first broke", a)
		}
	})
	t.Run("a server without ranges begins again", func(t *testing.T) {
		s := serve(t, b, func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				breakAfter(w, b, 100_000)
			}
			w.Write(b)
			return true
		})
		dir, err := fake(b, s.URL+"/").download(t.Context(), quick(t))
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
	})
	t.Run("a cancel keeps the part and the next call resumes", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := serve(t, b, func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n > 1 {
				return false
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			w.Write(b[:120_000])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		})
		opt := quick(t)
		part := filepath.Join(opt.CacheDir, "fake", "f.bin.part")
		opt.Progress = func(DownloadProgress) { // called once some bytes are on disk
			if st, err := os.Stat(part); err == nil && st.Size() > 0 {
				cancel()
			}
		}
		_, err := fake(b, s.URL+"/").download(ctx, opt)
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("err = %v, want context.Canceled", err)
		}
		st, err := os.Stat(part)
		if err != nil || st.Size() == 0 {
			t.Fatalf("no part is left: %v", err)
		}
		opt.Progress = nil
		dir, err := fake(b, s.URL+"/").download(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
		if a := s.asked(); a[1] != fmt.Sprintf("bytes=%d-", st.Size()) {
			t.Errorf("ranges asked: %q, want the second from byte %d", a, st.Size())
		}
	})
	t.Run("a wrong checksum is refused and nothing is left", func(t *testing.T) {
		wrong := bytes.Clone(b)
		wrong[7] ^= 1
		s := serve(t, wrong, nil)
		opt := quick(t)
		_, err := fake(b, s.URL+"/").download(t.Context(), opt)
		var sum *ChecksumError
		if !errors.As(err, &sum) || sum.Kind != "MD5" {
			t.Errorf("err = %v, want a ChecksumError", err)
		}
		if n := names(t, filepath.Join(opt.CacheDir, "fake")); n != "" {
			t.Errorf("left behind: %q", n)
		}
		var missing *MissingError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), "curl -fL --create-dirs -o '"+filepath.Join(opt.CacheDir, "fake", "f.bin")+"' "+s.URL+"/f.bin") {
			t.Errorf("err = %v, want the command that places the file", err)
		}
	})
	t.Run("SHA-256 decides where no MD5 is published", func(t *testing.T) {
		d := fake(b)
		d.files[0].md5 = ""
		wrong := bytes.Clone(b)
		wrong[7] ^= 1
		d.mirrors = []string{serve(t, wrong, nil).URL + "/"}
		_, err := d.download(t.Context(), quick(t))
		var sum *ChecksumError
		if !errors.As(err, &sum) || sum.Kind != "SHA-256" {
			t.Errorf("err = %v, want a ChecksumError of SHA-256", err)
		}
	})
	t.Run("the second mirror helps where the first is wrong", func(t *testing.T) {
		wrong := bytes.Clone(b)
		wrong[0] ^= 1
		s1, s2 := serve(t, wrong, nil), serve(t, b, nil)
		opt := quick(t)
		opt.Mirrors = []string{s1.URL, s2.URL}
		dir, err := fake(b, "http://unused.invalid/").download(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
		if a := s2.asked(); len(a) != 1 || a[0] != "" {
			t.Errorf("ranges asked of the second mirror: %q, want all of it: the first one's bytes were deleted", a)
		}
	})
	t.Run("a wrong file in the cache is replaced", func(t *testing.T) {
		s := serve(t, b, nil)
		opt := quick(t)
		dir := filepath.Join(opt.CacheDir, "fake")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(dir, "f.bin"), []byte("placed by hand, wrongly"), 0o644)
		os.WriteFile(filepath.Join(dir, "f.bin.part"), append(bytes.Clone(b), 1, 2, 3), 0o644) // longer than the file
		if _, err := fake(b, s.URL+"/").download(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
	})
	t.Run("a part from elsewhere fails the sum, and the next call begins again", func(t *testing.T) {
		s := serve(t, b, nil)
		opt := quick(t)
		dir := filepath.Join(opt.CacheDir, "fake")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		os.WriteFile(filepath.Join(dir, "f.bin.part"), make([]byte, 1000), 0o644)
		if _, err := fake(b, s.URL+"/").download(t.Context(), opt); err == nil {
			t.Error("no error")
		}
		if _, err := fake(b, s.URL+"/").download(t.Context(), opt); err != nil {
			t.Error(err)
		}
		wantFile(t, dir, b)
	})
	t.Run("a server that drips is given up only when nothing comes", func(t *testing.T) {
		s := serve(t, b, func(n int, w http.ResponseWriter, r *http.Request) bool {
			var from int
			fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(b)-1, len(b)))
				w.WriteHeader(http.StatusPartialContent)
			}
			end := min(from+50_000, len(b))
			w.Write(b[from:end])
			if end < len(b) {
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
			return true
		})
		dir, err := fake(b, s.URL+"/").download(t.Context(), quick(t))
		if err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
		if n := len(s.asked()); n < 6 {
			t.Errorf("%d requests, want at least 6 of 50,000 bytes", n)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		s := serve(t, b, nil)
		opt := quick(t)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := fake(b, s.URL+"/").download(t.Context(), opt); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		wantFile(t, filepath.Join(opt.CacheDir, "fake"), b)
	})
}

func TestDownloadFails(t *testing.T) {
	b := payload(200_000)
	for _, c := range []struct {
		name     string
		hook     func(n int, w http.ResponseWriter, r *http.Request) bool
		opt      DownloadOptions
		part     int // bytes there before
		requests int // 0: any number
		want     string
	}{
		{"not found is not asked again", func(n int, w http.ResponseWriter, r *http.Request) bool { http.NotFound(w, r); return true }, DownloadOptions{}, 0, 1, "404 Not Found"},
		{"a server in trouble is asked three times", func(n int, w http.ResponseWriter, r *http.Request) bool { http.Error(w, "", 503); return true }, DownloadOptions{}, 0, 3, "503"},
		{"another length is refused before a byte is kept", func(n int, w http.ResponseWriter, r *http.Request) bool {
			w.Write([]byte("sign in to the hotel's network"))
			return true
		}, DownloadOptions{}, 0, 1, "has 30 bytes, want 200000"},
		{"longer than it should be", func(n int, w http.ResponseWriter, r *http.Request) bool {
			w.(http.Flusher).Flush() // chunked: no length
			w.Write(append(bytes.Clone(b), 1))
			return true
		}, DownloadOptions{}, 0, 1, "is longer than 200000 bytes"},
		{"silence from the start", func(n int, w http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, DownloadOptions{Stall: 50 * time.Millisecond}, 0, 1, "nothing came for 50ms"},
		{"silence in the middle", func(n int, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			w.Write(b[:1000])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return true
		}, DownloadOptions{Stall: 50 * time.Millisecond}, 0, 0, "nothing came for 50ms"},
		{"the deadline of the whole", func(n int, w http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }, DownloadOptions{Timeout: 50 * time.Millisecond}, 0, 1, "fake took longer than 50ms"},
		{"a range that was not asked for", func(n int, w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", len(b)-1, len(b)))
			w.WriteHeader(http.StatusPartialContent)
			w.Write(b)
			return true
		}, DownloadOptions{}, 500, 1, `answered with the range "bytes 0-199999/200000"`},
		{"no mirrors", nil, DownloadOptions{Mirrors: []string{}}, 0, 0, "no mirrors given"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, b, c.hook)
			opt := c.opt
			opt.CacheDir, opt.pause = t.TempDir(), time.Millisecond
			dir := filepath.Join(opt.CacheDir, "fake")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if c.part > 0 {
				os.WriteFile(filepath.Join(dir, "f.bin.part"), b[:c.part], 0o644)
			}
			_, err := fake(b, s.URL+"/").download(t.Context(), opt)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want it to contain %q", err, c.want)
			}
			if n := len(s.asked()); c.requests > 0 && n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			if _, err := os.Stat(filepath.Join(dir, "f.bin")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a file came into being: %v", err)
			}
		})
	}
	t.Run("a range beyond the end begins again", func(t *testing.T) {
		s := serve(t, b, func(n int, w http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
			}
			return n == 1
		})
		opt := DownloadOptions{CacheDir: t.TempDir(), pause: time.Millisecond}
		dir := filepath.Join(opt.CacheDir, "fake")
		os.MkdirAll(dir, 0o755)
		os.WriteFile(filepath.Join(dir, "f.bin.part"), make([]byte, 100), 0o644)
		if _, err := fake(b, s.URL+"/").download(t.Context(), opt); err != nil {
			t.Fatal(err)
		}
		wantFile(t, dir, b)
	})
	t.Run("no network", func(t *testing.T) {
		s := serve(t, b, nil)
		url := s.URL
		s.Close()
		opt := DownloadOptions{CacheDir: t.TempDir(), Mirrors: []string{url}, pause: time.Millisecond}
		_, err := Download(t.Context(), "tiny-shakespeare", opt)
		var missing *MissingError
		if !errors.As(err, &missing) || len(missing.Files) != 1 {
			t.Fatalf("err = %v, want a MissingError", err)
		}
		for _, want := range []string{"connection refused", "curl -fL", "1115394 bytes", "86c4e6aa9db7c042"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("err = %v\nwant it to contain %q", err, want)
			}
		}
	})
	t.Run("an unknown name lists the known ones", func(t *testing.T) {
		_, err := Download(t.Context(), "imagenet", DownloadOptions{})
		if err == nil || !strings.Contains(err.Error(), "mnist, fashion-mnist, cifar-10, tiny-shakespeare") {
			t.Errorf("err = %v", err)
		}
	})
}

func TestCatalog(t *testing.T) {
	for _, d := range catalog {
		for _, m := range d.mirrors {
			if !strings.HasPrefix(m, "http") || !strings.HasSuffix(m, "/") {
				t.Errorf("%s: mirror %q", d.name, m)
			}
		}
		for _, f := range d.files {
			if len(f.sha256) != 64 || len(f.md5) != 32 && f.md5 != "" || f.size <= 0 {
				t.Errorf("%s: %+v", d.name, f)
			}
		}
	}
	sets := DownloadableSets()
	if len(sets) != 4 || sets[0].Bytes != 11594722 {
		t.Errorf("%+v", sets)
	}
}
