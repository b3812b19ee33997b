package widgets

import (
	"fmt"
	"html"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"golang.org/x/term"
)

// Progress shows how far a piece of work has come: as one line redrawn in place on a terminal, as a
// plain line now and then in a pipe or a log, as a bar in the output of a notebook's cell. It says
// nothing where there is nothing to say: before the first step, and for work of no steps. It is safe
// for concurrent use.
//
//	p := widgets.NewProgress(os.Stderr, "verify", len(claims))
//	defer p.Done()
//	for i, c := range claims {
//		p.Set(i, c.ID)
//		...
//	}
type Progress struct {
	mu       sync.Mutex
	w        io.Writer
	mode     mode
	label    string
	total    int
	done     int
	note     string
	start    time.Time
	shown    time.Time // when it was last shown
	shownPct int
	width    int // of the line on the terminal now
	finished bool

	now     func() time.Time
	columns func() int               // of the terminal
	update  func(id, content string) // in a notebook
	flush   func()
	id      string // of the notebook's display, made on first use
}

type mode int

const (
	pipe mode = iota
	terminal
	notebook
)

// NewProgress returns a Progress of total steps that reports to w: in place if w is a terminal, in
// plain lines if it is not. In a notebook's cell it reports to the cell's output instead.
func NewProgress(w io.Writer, label string, total int) *Progress {
	p := &Progress{w: w, label: label, total: total, now: time.Now, columns: func() int { return 80 }, update: gonbui.UpdateHTML, flush: flush}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.mode = terminal
		p.columns = func() int {
			if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 20 {
				return n
			}
			return 80
		}
	}
	if gonbui.IsNotebook {
		p.mode = notebook
	}
	p.start = p.now()
	return p
}

// Set says that done steps are done and what is being worked on; the note may be empty.
func (p *Progress) Set(done int, note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.note = max(0, min(done, p.total)), note
	p.show(false)
}

// Add says that n more steps are done.
func (p *Progress) Add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = max(0, min(p.done+n, p.total))
	p.show(false)
}

// Done ends the report: with the time taken if all steps are done, else with where it stopped. A
// notebook's bar vanishes when all is done, so that a finished page has none. Later calls do nothing.
func (p *Progress) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.finished {
		return
	}
	p.show(true)
	p.finished = true
}

// How often each form is shown anew.
const (
	redraw   = 100 * time.Millisecond // terminal and notebook
	quick    = time.Second            // pipe: not sooner than this, and only for another tenth
	patience = 10 * time.Second       // pipe: if this long nothing was said, any step is told
)

func (p *Progress) show(last bool) {
	if p.finished || p.total <= 0 || last && p.done == 0 && p.shown.IsZero() {
		return
	}
	t := p.now()
	pct := 100 * p.done / p.total
	since := t.Sub(p.shown)
	if p.shown.IsZero() && p.mode == pipe {
		since = t.Sub(p.start)
	}
	switch p.mode {
	case pipe:
		if !last && !(since >= quick && pct >= p.shownPct+10 || since >= patience && pct > p.shownPct) {
			return
		}
		fmt.Fprintln(p.w, p.plain(t, pct, last))
	case terminal:
		if !last && since < redraw {
			return
		}
		line := p.bar(t, pct, last)
		n := len([]rune(line))
		fmt.Fprint(p.w, "\r"+line+strings.Repeat(" ", max(p.width-n, 0)))
		p.width = n
		if last {
			fmt.Fprintln(p.w)
		}
	case notebook:
		if !last && since < redraw {
			return
		}
		if p.id == "" {
			p.id = "lemma-progress-" + gonbui.UniqueID()
		}
		content := p.html(t, pct, last)
		if last && p.done == p.total {
			content = ""
		}
		p.update(p.id, content)
		if last {
			p.flush()
		}
	}
	p.shown, p.shownPct = t, pct
}

// tail is the end of a line: the time taken, where it stopped, or the time left.
func (p *Progress) tail(t time.Time, last bool) string {
	elapsed := t.Sub(p.start)
	switch {
	case last && p.done == p.total:
		return "in " + duration(elapsed)
	case last:
		return fmt.Sprintf("stopped at %d of %d after %s", p.done, p.total, duration(elapsed))
	case p.done == 0 || elapsed < time.Second || p.done == p.total:
		return ""
	}
	left := time.Duration(float64(elapsed) / float64(p.done) * float64(p.total-p.done))
	return duration(left) + " left"
}

func (p *Progress) plain(t time.Time, pct int, last bool) string {
	if last && p.done < p.total {
		return p.label + ": " + p.tail(t, last)
	}
	parts := []string{fmt.Sprintf("%s: %d of %d", p.label, p.done, p.total)}
	if last {
		return parts[0] + " " + p.tail(t, last)
	}
	parts[0] += fmt.Sprintf(" (%d %%)", pct)
	if p.note != "" {
		parts = append(parts, p.note)
	}
	if tail := p.tail(t, last); tail != "" {
		parts = append(parts, tail)
	}
	return strings.Join(parts, ", ")
}

func (p *Progress) bar(t time.Time, pct int, last bool) string {
	const cells = 24
	full := int(math.Round(cells * float64(p.done) / float64(p.total)))
	line := fmt.Sprintf("%s %s%s %3d %%", p.label, strings.Repeat("━", full), strings.Repeat("╌", cells-full), pct)
	if tail := p.tail(t, last); tail != "" {
		line += "  " + tail
	}
	if !last && p.note != "" {
		line += "  " + p.note
	}
	// The last column is left free: a full line makes some terminals wrap.
	if r := []rune(line); len(r) >= p.columns() {
		line = string(r[:p.columns()-2]) + "…"
	}
	return line
}

func (p *Progress) html(t time.Time, pct int, last bool) string {
	text := fmt.Sprintf("%s: %d of %d", p.label, p.done, p.total)
	for _, s := range []string{p.note, p.tail(t, last)} {
		if s != "" && !(last && s == p.note) {
			text += ", " + s
		}
	}
	text = html.EscapeString(text)
	return fmt.Sprintf(`<div class="lemma" style="font:14px/1.5 system-ui,sans-serif"><progress max="100" value="%d" aria-label="%s" style="width:14em;vertical-align:middle">%d %%</progress> <span>%s</span></div>`, pct, text, pct, text)
}

// duration as a reader says it: "0.8 s", "12 s", "3 min 5 s", "2 h 10 min".
func duration(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s < 10:
		return fmt.Sprintf("%.1f s", s)
	case s < 60:
		return fmt.Sprintf("%.0f s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", int(s)/60, int(s)%60)
	}
	return fmt.Sprintf("%d h %d min", int(s)/3600, int(s)%3600/60)
}
