package widgets

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/pack"
	"github.com/lemma-ml/lemma/widgets/scene"
)

// A cell of GoNB is a program that ends, so what draws figures between the grid's settings must
// outlive it: Explore starts a copy of the program, which does nothing until the page asks for the
// first figure, then runs up to the same call of Explore and answers from there. The copy ends with
// the kernel, with a newer run that shows the same explorer, and after an hour without a request.
//
// The page outlives the copy: a notebook is saved with its outputs, and by the time it is read again
// another user of the machine may listen at the copy's port. What comes from there would be put into
// the page, so each answer carries its HMAC-SHA256 under a secret which the page holds and never sends.

// liveEnv holds the liveSpec of a copy, liveSwitch turns copies off (0) or on (1) where Jupyter does
// not say that it is there.
const (
	liveEnv    = "LEMMA_EXPLORER"
	liveSwitch = "LEMMA_LIVE"
)

// How long a copy waits.
const (
	liveIdle = time.Hour
	livePoll = 500 * time.Millisecond
)

// liveSpec is what a copy is told. Its listener is file 3.
type liveSpec struct {
	ID     string       `json:"id"` // of the explorer's element
	Token  string       `json:"token"`
	Secret string       `json:"secret"` // signs the answers; 32 bytes as hexadecimal digits
	Kernel int          `json:"kernel"` // process id
	Born   string       `json:"born"`   // of the kernel, by processBirth
	Entry  string       `json:"entry"`  // file by which a newer run finds the copy
	Ranges scene.Ranges `json:"ranges"`
}

// live is the copy's server; nil in every other program.
var live *liveServer

func init() {
	text := os.Getenv(liveEnv)
	if text == "" {
		return
	}
	os.Unsetenv(liveEnv) // what the program starts is no copy
	s := &liveServer{exit: os.Exit, first: make(chan struct{}), ready: make(chan struct{})}
	if json.Unmarshal([]byte(text), &s.spec) != nil {
		os.Exit(1)
	}
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		os.Exit(1)
	}
	live = s
	s.touch()
	go s.watch(time.Tick(livePoll), liveIdle)
	go s.server().Serve(l)
	<-s.first // the program begins when somebody asks
}

// liveWanted says whether a copy would be of use: in a notebook under Jupyter, for an explorer that
// can draw between its settings.
func liveWanted(e *figure.Explorer) bool {
	between := false
	for _, c := range e.Controls {
		between = between || c.Between
	}
	on := os.Getenv(liveSwitch)
	return between && canDetach && gonbui.IsNotebook && on != "0" && (on == "1" || os.Getenv("JPY_PARENT_PID") != "")
}

// startLive starts the copy, which goes with the process of number kernel, and returns what the page
// needs: port and token, which make the address, and the secret by which the answers are known.
func startLive(x *explored, kernel int) (string, error) {
	// Without a birth the copy would outlive what is gone already. Who has lost its parent has the
	// system's first process in its place.
	born := processBirth(kernel)
	if born == "" || kernel <= 1 {
		return "", fmt.Errorf("the kernel, process %d, has ended", kernel)
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		return "", err
	}
	defer file.Close()
	var random [16 + 32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", err
	}
	spec := liveSpec{ID: x.id, Token: hex.EncodeToString(random[:16]), Secret: hex.EncodeToString(random[16:]), Kernel: kernel, Born: born, Ranges: x.ranges}
	address := fmt.Sprintf("%d.%s", l.Addr().(*net.TCPAddr).Port, spec.Token)
	spec.Entry = replaceLive(spec, address)
	text, err := json.Marshal(spec)
	if err != nil {
		return "", err
	}
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	cmd := exec.Command(program, os.Args[1:]...)
	cmd.ExtraFiles = []*os.File{file}
	cmd.Env = []string{liveEnv + "=" + string(text)}
	for _, kv := range os.Environ() {
		// Without its pipes the copy is no notebook: what it displays goes nowhere.
		if !strings.HasPrefix(kv, "GONB_PIPE") && !strings.HasPrefix(kv, liveEnv+"=") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return "", err
	}
	return address + "." + spec.Secret, cmd.Process.Release()
}

// replaceLive ends the copy of an earlier run and notes the new one's address, in a folder of the
// user's that goes with the kernel. Where there is no such folder the earlier copy ends with the kernel.
func replaceLive(spec liveSpec, address string) (entry string) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	dir := filepath.Join(cache, "lemma", "live", strconv.Itoa(spec.Kernel)+"-"+spec.Born)
	if os.MkdirAll(dir, 0o700) != nil {
		return ""
	}
	entry = filepath.Join(dir, spec.ID)
	if old, err := os.ReadFile(entry); err == nil {
		port, token, _ := strings.Cut(string(old), ".")
		client := http.Client{Timeout: time.Second}
		if r, err := client.Post("http://127.0.0.1:"+port+"/quit?token="+url.QueryEscape(token), "", nil); err == nil {
			r.Body.Close()
		}
	}
	if writeBeside(entry, address) != nil {
		return ""
	}
	return entry
}

// writeBeside writes a file of the user's own that is there as a whole or not at all.
func writeBeside(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// liveServer answers the page's requests in a copy.
type liveServer struct {
	spec  liveSpec
	exit  func(int)
	asked atomic.Int64 // when last, in Unix nanoseconds

	once  sync.Once
	first chan struct{} // closed by the first request
	ready chan struct{} // closed when x is set
	x     *explored
	one   sync.Mutex // one figure at a time
}

// server is bounded in what others can make it hold; how long a figure may take is the reader's choice.
func (s *liveServer) server() *http.Server {
	return &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
}

func (s *liveServer) touch() { s.asked.Store(time.Now().UnixNano()) }

// watch ends the copy when, at a tick, the kernel is gone or nobody has asked for long.
func (s *liveServer) watch(tick <-chan time.Time, idle time.Duration) {
	for range tick {
		if processBirth(s.spec.Kernel) != s.spec.Born || time.Since(time.Unix(0, s.asked.Load())) > idle {
			s.quit()
			return
		}
	}
}

func (s *liveServer) quit() {
	if s.spec.Entry != "" {
		if at, err := os.ReadFile(s.spec.Entry); err == nil && strings.HasSuffix(string(at), s.spec.Token) {
			os.Remove(s.spec.Entry)
			os.Remove(filepath.Dir(s.spec.Entry)) // where it is empty
		}
	}
	s.exit(0)
}

// explore is Explore in a copy: the explorer that is asked for is served and does not return, others
// are passed by.
func (s *liveServer) explore(e figure.Explorer) {
	if explorerID(&e) != s.spec.ID {
		return
	}
	s.x = &explored{e: &e, id: s.spec.ID, ranges: s.spec.Ranges}
	close(s.ready)
	select {}
}

// The header that holds an answer's HMAC, and the length of the nonce that a request brings for it.
const (
	liveHeader = "Lemma-Signature"
	liveNonce  = 16 // bytes
)

// ServeHTTP answers /frame?token=...&nonce=...&at={"depth":2.5} with the parts of the figure as JSON,
// and /quit. The token keeps other pages and other users of the machine out; the signature lets the
// page tell the answer from one of theirs.
func (s *liveServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	// Any origin may ask: the page may be Jupyter's under any name and port, or a file, and there is
	// nothing here that a browser adds by itself. Who asks is known by the token, who answers by the HMAC.
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Allow-Private-Network", "true")
	h.Set("Access-Control-Expose-Headers", liveHeader)
	h.Set("Cache-Control", "no-store")
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	q := r.URL.Query()
	if subtle.ConstantTimeCompare([]byte(q.Get("token")), []byte(s.spec.Token)) != 1 {
		http.Error(w, "no such explorer", http.StatusForbidden)
		return
	}
	s.touch()
	switch r.URL.Path {
	case "/quit":
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusNoContent)
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
			s.quit()
		}
	case "/frame":
		nonce, err := hex.DecodeString(q.Get("nonce"))
		if err != nil || len(nonce) != liveNonce && len(nonce) != 0 {
			http.Error(w, fmt.Sprintf("nonce %.80q, want %d hexadecimal digits", q.Get("nonce"), 2*liveNonce), http.StatusBadRequest)
			return
		}
		s.once.Do(func() { close(s.first) })
		select {
		case <-s.ready:
		case <-r.Context().Done():
			return
		}
		frame, err := s.frame(r.Context(), q.Get("at"))
		var body []byte
		if err == nil {
			body, err = json.Marshal(frame)
		}
		if r.Context().Err() != nil {
			return
		}
		status := http.StatusOK
		h.Set("Content-Type", "application/json")
		if err != nil {
			status, body = http.StatusUnprocessableEntity, []byte(err.Error())
			h.Set("Content-Type", "text/plain; charset=utf-8")
		}
		h.Set("X-Content-Type-Options", "nosniff")
		if len(nonce) > 0 {
			h.Set(liveHeader, hex.EncodeToString(s.sign(nonce, body)))
		}
		w.WriteHeader(status)
		w.Write(body) // a reader who has gone is no error
	default:
		http.NotFound(w, r)
	}
}

// sign returns HMAC-SHA256(secret, nonce ‖ body). The nonce has one length, so that none of its bytes
// can pass for the body's, and is new with each request, so that no answer can be given twice.
func (s *liveServer) sign(nonce, body []byte) []byte {
	secret, err := hex.DecodeString(s.spec.Secret)
	if err != nil || len(secret) == 0 {
		panic("widgets: a copy without a secret") // startLive makes it
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(nonce)
	mac.Write(body)
	return mac.Sum(nil)
}

// frame draws the figure at the settings given as JSON.
func (s *liveServer) frame(ctx context.Context, at string) (pack.Frame, error) {
	var set figure.Settings
	if err := json.Unmarshal([]byte(at), &set); err != nil {
		return nil, fmt.Errorf("settings %.80q: %w", at, err)
	}
	if err := allowed(s.x.e, set); err != nil {
		return nil, err
	}
	s.one.Lock()
	defer s.one.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.x.e.Draw(ctx, set)
	if err != nil {
		return nil, err
	}
	frame, _, _, err := s.x.lay(s.x.ranges, &f, false)
	if err != nil {
		return nil, err
	}
	for _, parts := range frame {
		for i := range parts {
			parts[i] = pack.Plain(parts[i])
		}
	}
	return frame, nil
}

// allowed checks that every control has a setting it can have: one of its grid, or between for a
// slider that allows it.
func allowed(e *figure.Explorer, at figure.Settings) error {
	if len(at) != len(e.Controls) {
		return fmt.Errorf("%d settings, want %d", len(at), len(e.Controls))
	}
	for _, c := range e.Controls {
		v, ok := at[c.Name]
		if !ok {
			return fmt.Errorf("no setting for %q", c.Name)
		}
		on := false
		for i := range c.Points() {
			on = on || v == c.At(i)
		}
		between := c.Between && v >= c.At(0) && v <= c.At(c.Points()-1) && (!c.Whole || v == math.Trunc(v))
		if !on && !between {
			return fmt.Errorf("setting %s = %g: %w", c.Name, v, errOffGrid)
		}
	}
	return nil
}

var errOffGrid = errors.New("not a setting of the control")
