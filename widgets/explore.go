package widgets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/pack"
	"github.com/lemma-ml/lemma/widgets/scene"
	"github.com/lemma-ml/lemma/widgets/svg"
)

// Option changes how an explorer is computed.
type Option func(*limits)

type limits struct {
	bytes int
	time  time.Duration
}

// MaxBytes sets how large the packed figures of an explorer may be; without it 1,000,000 bytes.
func MaxBytes(n int) Option { return func(l *limits) { l.bytes = n } }

// MaxTime sets how long the figures of an explorer may be expected to take; without it a minute.
func MaxTime(d time.Duration) Option { return func(l *limits) { l.time = d } }

func newLimits(opts []Option) limits {
	l := limits{bytes: 1_000_000, time: time.Minute}
	for _, o := range opts {
		o(&l)
	}
	return l
}

// Explore shows the explorer: its figure with controls that move it. The figures of all settings are
// computed first, on all cores, and travel with the page; a reader needs no kernel to move them. It
// prints the text of ExploreText outside a notebook. It panics on an error, so that a cell with a
// wrong explorer fails: see ExploreHTML.
func Explore(e figure.Explorer, opts ...Option) {
	if live != nil {
		live.explore(e)
		return
	}
	ctx := context.Background()
	out, err := explore(ctx, e, newLimits(opts), func(label string, total int) *Progress { return NewProgress(os.Stderr, label, total) })
	if err != nil {
		panic(fmt.Errorf("widgets.Explore: %w", err))
	}
	if liveWanted(&e) {
		if out.live, err = startLive(out, os.Getppid()); err != nil { // the grid is there all the same
			fmt.Fprintf(os.Stderr, "explorer %s: no figures between its settings: %v\n", e.ID, err)
		}
	}
	out.shown = out.took
	sinceShown()
	display(out.html(), out.text())
}

// ExploreHTML returns what Explore shows in a notebook. The error names what is wrong with the
// explorer, the settings that could not be drawn, or the limit that the whole grid would pass. Few
// figures are drawn to estimate that before the others are.
func ExploreHTML(ctx context.Context, e figure.Explorer, opts ...Option) (string, error) {
	out, err := explore(ctx, e, newLimits(opts), nil)
	if err != nil {
		return "", fmt.Errorf("widgets.ExploreHTML: %w", err)
	}
	return out.html(), nil
}

// ExploreText returns what Explore prints outside a notebook: title, controls, and the figure of the
// default settings in words. Only that figure is drawn.
func ExploreText(ctx context.Context, e figure.Explorer) (string, error) {
	if err := e.Validate(); err != nil {
		return "", fmt.Errorf("widgets.ExploreText: %w", err)
	}
	f, err := e.Draw(ctx, e.Index(e.Default()))
	if err != nil {
		return "", fmt.Errorf("widgets.ExploreText: at %s: %w", place(&e, e.Default()), err)
	}
	return explorerText(&e, &f, ""), nil
}

func explorerText(e *figure.Explorer, f *figure.Figure, cost string) string {
	var b strings.Builder
	line := func(s string) {
		for _, l := range fold(scene.Plain(s), 92) {
			fmt.Fprintln(&b, "  "+l)
		}
	}
	fmt.Fprintln(&b, scene.Plain(e.Title))
	line(e.Try)
	for _, c := range e.Controls {
		words := make([]string, c.Points())
		for i := range words {
			words[i] = word(c, i)
		}
		if len(words) > 9 {
			words = append(append(words[:4:4], "…"), words[len(words)-1])
		}
		line(fmt.Sprintf("%s: %s (here %s)", c.Label, strings.Join(words, ", "), word(c, c.Default)))
	}
	line(f.Alt)
	line(cost)
	return b.String()
}

// word is grid point i of a control as it is shown and spoken.
func word(c figure.Control, i int) string {
	s := powers(c.Word(i))
	if c.Kind == figure.Slider && c.Unit != "" {
		s += " " + c.Unit
	}
	return s
}

// place names grid point k in words.
func place(e *figure.Explorer, k int) string {
	parts := make([]string, len(e.Controls))
	for i := len(e.Controls) - 1; i >= 0; i-- {
		c := e.Controls[i]
		parts[i] = c.Label + " " + word(c, k%c.Points())
		k /= c.Points()
	}
	return strings.Join(parts, ", ")
}

// explored is an explorer whose figures are drawn and packed.
type explored struct {
	e      *figure.Explorer
	id     string
	ranges scene.Ranges
	figure figure.Figure // of the default settings, with the common axes
	scene  *scene.Figure
	frame  pack.Frame
	data   pack.Data
	cost   cost // as it was estimated
	took   time.Duration
	shown  time.Duration // what the small print says: 0 where each run must give the same bytes
	live   string        // port, token and secret of the copy that draws between the settings, if any
}

func (x *explored) text() string {
	return explorerText(x.e, &x.figure, fmt.Sprintf("%d settings in %s, %s in a page.", x.e.Grid(), duration(x.took), kilo(x.data.Size())))
}

func kilo(bytes int) string { return fmt.Sprintf("%d kB", (bytes+999)/1000) }

// explore draws and packs the whole grid. progress may be nil.
func explore(ctx context.Context, e figure.Explorer, max limits, progress func(string, int) *Progress) (*explored, error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	start := time.Now()
	n := e.Grid()
	figures := make([]*figure.Figure, n)
	draw := func(k int) error {
		f, err := e.Draw(ctx, e.Index(k))
		if err == nil {
			err = f.Validate()
		}
		if err != nil {
			return fmt.Errorf("explorer %q at %s: %w", e.ID, place(&e, k), err)
		}
		figures[k] = &f
		return nil
	}
	x := &explored{e: &e, id: explorerID(&e)}
	cost, err := x.estimate(figures, draw)
	if err != nil {
		return nil, err
	}
	x.cost = cost
	if err := cost.check(e.ID, max); err != nil {
		return nil, err
	}
	var bar *Progress
	if progress != nil {
		bar = progress(fmt.Sprintf("explorer %s: %d figures, about %s, %s", e.ID, n, duration(cost.time), kilo(cost.bytes)), n)
		defer bar.Done()
	}
	if err := drawAll(ctx, figures, draw, bar); err != nil {
		return nil, err
	}
	if err := x.pack(figures); err != nil {
		return nil, err
	}
	if size := x.data.Size(); size > max.bytes {
		return nil, fmt.Errorf("explorer %q takes %s, more than %s: fewer points, fewer settings, or MaxBytes(%d)", e.ID, kilo(size), kilo(max.bytes), size)
	}
	x.took = time.Since(start)
	return x, nil
}

// drawAll draws what is not yet drawn, on all cores; the figure of each setting has its own place.
func drawAll(ctx context.Context, figures []*figure.Figure, draw func(int) error, bar *Progress) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	next := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for k := range next {
				if err := draw(k); err != nil {
					stop(err)
				}
				if bar != nil {
					bar.Add(1)
				}
			}
		})
	}
	for k := range figures {
		if figures[k] != nil {
			if bar != nil {
				bar.Add(1)
			}
			continue
		}
		select {
		case next <- k:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	close(next)
	wg.Wait()
	return context.Cause(ctx)
}

// cost is what the whole grid is expected to take.
type cost struct {
	time  time.Duration
	bytes int
	grid  int
}

func (c cost) check(id string, max limits) error {
	var errs []error
	if c.time > max.time {
		errs = append(errs, fmt.Errorf("explorer %q: %d figures would take about %s, more than %s: fewer settings, a faster Draw, or MaxTime(%d*time.Second)", id, c.grid, duration(c.time), duration(max.time), int(c.time.Seconds())+1))
	}
	if c.bytes > max.bytes {
		errs = append(errs, fmt.Errorf("explorer %q: %d figures would take about %s in a page, more than %s: fewer settings, fewer points, or MaxBytes(%d)", id, c.grid, kilo(c.bytes), kilo(max.bytes), c.bytes))
	}
	return errors.Join(errs...)
}

// estimate draws the default figure and up to five others, which it keeps, and says what all would
// take. The first is left out of the time where there are others: it may pay for data that all share.
// The size of a figure is what it adds to two neighbours.
func (x *explored) estimate(figures []*figure.Figure, draw func(int) error) (cost, error) {
	n := len(figures)
	c := cost{grid: n}
	d := x.e.Default()
	start := time.Now()
	if err := draw(d); err != nil {
		return c, err
	}
	first := time.Since(start)
	samples := [][]int{neighbours(x.e, d), neighbours(x.e, (d+n/2)%n)}
	start = time.Now()
	drawn := 0
	for _, k := range slices.Concat(samples...) {
		if figures[k] == nil {
			if err := draw(k); err != nil {
				return c, err
			}
			drawn++
		}
	}
	others := time.Since(start)
	c.time = first + others
	if left := n - 1 - drawn; drawn > 0 {
		c.time += time.Duration(float64(others) / float64(drawn) * float64(left) / float64(runtime.GOMAXPROCS(0)))
	}
	for i, sample := range samples {
		var few []*figure.Figure
		for _, k := range sample {
			few = append(few, figures[k])
		}
		ranges, err := scene.Share(few)
		if err != nil {
			return c, fmt.Errorf("explorer %q: %w", x.e.ID, err)
		}
		fixed, each := math.MaxInt, math.MaxInt // bytes of the first figure, and of one more
		for _, sorted := range []bool{false, true} {
			var frames []pack.Frame
			for _, f := range few {
				frame, _, _, err := x.lay(ranges, f, sorted)
				if err != nil {
					return c, err
				}
				frames = append(frames, frame)
			}
			last := len(frames) - 1
			fixed = min(fixed, pack.Pack(frames[:1], []int{1}).Size())
			each = min(each, max(0, pack.Pack(frames, []int{last + 1}).Size()-pack.Pack(frames[:last], []int{last}).Size()))
		}
		if i == 0 {
			c.bytes = fixed
		}
		c.bytes += each * (n - 1) / len(samples)
	}
	return c, nil
}

// neighbours are grid point k and one or two beside it, in order, along the control with most points.
func neighbours(e *figure.Explorer, k int) []int {
	most, stride, at := 0, 1, 0
	s := 1
	for i := len(e.Controls) - 1; i >= 0; i-- {
		p := e.Controls[i].Points()
		if p > most {
			most, stride, at = p, s, k/s%p
		}
		s *= p
	}
	count := min(3, most)
	low := max(0, min(at, most-count))
	out := make([]int, count)
	for i := range out {
		out[i] = k + (low+i-at)*stride
	}
	return out
}

// lay returns one frame under common axes, its markers from left to right where sorted.
func (x *explored) lay(r scene.Ranges, f *figure.Figure, sorted bool) (pack.Frame, *figure.Figure, *scene.Figure, error) {
	fixed := r.Fix(*f)
	s, err := scene.Frame(&fixed)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("explorer %q: %w", x.e.ID, err)
	}
	if sorted {
		sortDots(s)
	}
	return svg.Frame(&fixed, s, x.id, prose), &fixed, s, nil
}

// pack lays all figures out under common axes and packs them.
func (x *explored) pack(figures []*figure.Figure) error {
	var err error
	if x.ranges, err = scene.Share(figures); err != nil {
		return fmt.Errorf("explorer %q: %w", x.e.ID, err)
	}
	dots := false
	for k := range figures { // columns decide the size of every panel
		if figures[k].Columns != figures[0].Columns {
			return fmt.Errorf("explorer %q at %s: %d columns, want %d as at first", x.e.ID, place(x.e, k), figures[k].Columns, figures[0].Columns)
		}
		dots = dots || manyPoints(figures[k])
	}
	if err := x.packFrames(figures, false); err != nil {
		return err
	}
	// Points that move are told best by their moves, points that are drawn anew by their gaps from
	// left to right.
	if dots {
		other := *x
		if err := other.packFrames(figures, true); err != nil {
			return err
		}
		if other.data.Size() < x.data.Size() {
			*x = other
		}
	}
	return nil
}

func (x *explored) packFrames(figures []*figure.Figure, sorted bool) error {
	frames := make([]pack.Frame, len(figures))
	for k := range figures {
		frame, f, s, err := x.lay(x.ranges, figures[k], sorted)
		if err != nil {
			return err
		}
		frames[k] = frame
		if k == x.e.Default() {
			x.figure, x.scene, x.frame = *f, s, frame
		}
	}
	var grid []int
	for _, c := range x.e.Controls {
		grid = append(grid, c.Points())
	}
	x.data = pack.Pack(frames, grid)
	return nil
}

func manyPoints(f *figure.Figure) bool {
	for _, p := range f.Panels {
		for _, l := range p.Layers {
			if l.Kind == figure.KindPoints && len(l.X) > 40 {
				return true
			}
		}
	}
	return false
}

func sortDots(s *scene.Figure) {
	for i := range s.Panels {
		for _, g := range s.Panels[i].Groups {
			for _, shape := range g.Shapes {
				if d, ok := shape.(scene.Dots); ok {
					slices.SortFunc(d.At, func(a, b scene.Point) int {
						return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.Y, b.Y))
					})
				}
			}
		}
	}
}

// explorerID is the element id: the explorer's own ID and six digits that tell its controls apart.
func explorerID(e *figure.Explorer) string {
	id := svg.ID(&figure.Figure{ID: e.ID})
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %+v", e.ID, e.Title, e.Controls))
	return id[:len(id)-6] + hex.EncodeToString(sum[:3])
}

// html is the fragment: title, controls, the figure of the default settings, and the data of the
// others.
func (x *explored) html() string {
	var b strings.Builder
	b.WriteString(svg.Style() + exploreStyle())
	link := ""
	if x.e.Link != "" {
		link = fmt.Sprintf(` data-link="%s"`, html.EscapeString(x.e.Link))
	}
	if x.live != "" {
		link += fmt.Sprintf(` data-lemma-live="%s"`, x.live)
	}
	fmt.Fprintf(&b, "\n"+`<figure class="lemma lemma-fig lemma-explore" id="%s" aria-labelledby="%s-t" data-lm-suppress-shortcuts="true"%s>`+"\n", x.id, x.id, link)
	fmt.Fprintf(&b, `<div class="l-title" id="%s-t">%s</div>`+"\n", x.id, svg.Label(x.e.Title))
	if x.e.Try != "" {
		fmt.Fprintf(&b, `<p class="e-try">%s</p>`+"\n", prose(x.e.Try))
	}
	b.WriteString(svg.Around{Still: still(&x.figure, x.scene)}.Live())
	x.controls(&b)
	b.WriteString(svg.Moving(&x.figure, x.scene, x.frame, x.id))
	b.WriteString(`<p class="e-say" role="status" aria-live="polite"></p>` + "\n" + x.origin())
	fmt.Fprintf(&b, `<script type="application/json" class="e-data">%s</script>`+"\n", x.embedded())
	b.WriteString("</figure>\n" + svg.Script() + exploreScript())
	return b.String()
}

// ofChapter is the form of an explorer's ID in the book: such are drawn again by lemma draw.
var ofChapter = regexp.MustCompile(`^[0-9]+\.`)

// origin is the small print. The page's script adds the settings to the command.
func (x *explored) origin() string {
	from := x.figure.Origin
	if from.Command == "" && ofChapter.MatchString(x.e.ID) {
		return origin(figure.Origin{Command: "lemma draw " + x.e.ID}, false, x.shown) // explorers have fixed seeds
	}
	return origin(from, true, x.shown)
}
