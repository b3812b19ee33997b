package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/jupyter/frontend"
	"github.com/lemma-ml/lemma/jupyter/gomod"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/jupyter/kernel"
)

// grace is how long an interrupted cell may take to end before its kernel is killed.
const grace = 3 * time.Second

// Run executes a notebook; see the package's documentation for what it returns. Cancelling ctx
// ends the kernel at once and returns ctx's error with the partial result.
func Run(ctx context.Context, nb *ipynb.Notebook, opt Options) (*Result, error) {
	opt = opt.withDefaults()
	res := &Result{Notebook: nb.Clone()}
	if err := checkLanguage(nb); err != nil {
		return res, err
	}
	r := &runner{opt: opt, res: res, nb: res.Notebook, begin: time.Now(), number: map[*ipynb.Cell]int{}}
	for i, c := range r.nb.Cells {
		r.number[c] = i + 1
	}
	if err := inject(res.Notebook, opt.Params); err != nil {
		return res, err
	}
	for i, c := range r.nb.Cells {
		if c.Type == ipynb.Code {
			r.code = append(r.code, i)
			res.Cells = append(res.Cells, CellResult{Cell: i, Status: CellNotRun})
		}
	}
	key, err := r.key()
	if err != nil {
		return res, err
	}
	if key != "" && !opt.Force {
		if ok, err := r.fromCache(key); ok {
			r.times()
			return res, err
		}
	}
	err = r.run(ctx)
	res.Elapsed = time.Since(r.begin)
	r.times()
	if key != "" {
		if cerr := r.toCache(key, err); cerr != nil && err == nil {
			return res, cerr
		}
	}
	return res, err
}

func (opt Options) withDefaults() Options {
	if opt.CellTimeout == 0 {
		opt.CellTimeout = 10 * time.Minute
	}
	if opt.WidgetIdle == 0 {
		opt.WidgetIdle = 5 * time.Second
	}
	if opt.MaxOutput == 0 {
		opt.MaxOutput = 64 << 20
	}
	if opt.Progress == nil {
		opt.Progress = func(Event) {}
	}
	return opt
}

// times writes the cells' times into their metadata, beside what stands there.
func (r *runner) times() {
	if !r.opt.Times {
		return
	}
	for _, c := range r.res.Cells {
		if c.Status == CellSkipped || c.Status == CellNotRun {
			continue
		}
		cell := r.nb.Cells[c.Cell]
		ours := ipynb.Object{}
		if json.Unmarshal(cell.Metadata["lemma"], &ours) != nil || ours == nil {
			ours = ipynb.Object{} // absent, or not an object
		}
		ours["seconds"] = json.RawMessage(strconv.FormatFloat(float64(c.Elapsed.Round(time.Millisecond).Milliseconds())/1000, 'f', -1, 64))
		raw, err := json.Marshal(ours)
		if err != nil {
			continue // what stood there was not JSON; writing the notebook will say so
		}
		if cell.Metadata == nil {
			cell.Metadata = ipynb.Object{}
		}
		cell.Metadata["lemma"] = raw
	}
}

// checkLanguage refuses notebooks of other languages, which would fail at every cell.
func checkLanguage(nb *ipynb.Notebook) error {
	var spec struct{ Name, Language string }
	if json.Unmarshal(nb.Metadata["kernelspec"], &spec) != nil {
		return nil // it does not say
	}
	language := strings.ToLower(spec.Language)
	if spec.Name == "gonb" || language == "go" || (language == "" && spec.Name == "") {
		return nil
	}
	return fmt.Errorf("exec.Run: the notebook is for kernel %q (language %q), want gonb (language \"go\")", spec.Name, spec.Language)
}

// runner is one run.
type runner struct {
	opt   Options
	res   *Result
	nb    *ipynb.Notebook
	code  []int // indices of code cells
	begin time.Time

	number map[*ipynb.Cell]int // from 1, in the notebook that Run was given; not of injected cells

	k         *kernel.Kernel
	collector *collector
	page      *frontend.Page
	offline   bool // the kernel was given GOPROXY=off, not the user's
}

// run starts the kernel and executes the cells.
func (r *runner) run(ctx context.Context) error {
	r.opt.Progress(Event{Phase: Starting, Total: r.res.Count()})
	cfg := r.opt.Kernel
	// No page will ask for figures between the settings of an explorer: nothing is left behind for it.
	cfg.ExtraEnv = append([]string{"LEMMA_LIVE=0"}, cfg.ExtraEnv...)
	sources := r.sources()
	cfg.Workspace = cfg.Workspace || workspace.MatchString(strings.Join(sources, "\n"))
	if cfg.GOPROXY == "" && r.opt.Seed.Provides(gomod.Imports(sources...)) && !fetches.MatchString(strings.Join(sources, "\n")) {
		// Without a proxy "go get" does not ask the network about modules that are there. Where
		// that was wrong, the cell that needs one is run again with the user's proxy.
		cfg.GOPROXY, r.offline = "off", true
	}
	var err error
	if r.k, err = kernel.Start(ctx, cfg); err != nil {
		return err
	}
	defer r.k.Close()
	if err := r.seed(); err != nil {
		return &kernel.StartError{Reason: err.Error()}
	}
	r.res.Start = time.Since(r.begin)
	r.collector = newCollector(r.opt.MaxOutput)
	r.collector.workDir = r.k.WorkDir()
	r.page = frontend.New(r.k.ID, func(msgType string, content any) {
		// A kernel that has died is noticed by the loop.
		_, _ = r.k.Request(kernel.Shell, msgType, content)
	})
	err = r.cells(ctx)
	r.drain(20 * time.Millisecond)
	r.collector.finish()
	return err
}

// workspace matches cells that set up a workspace themselves.
var workspace = regexp.MustCompile(`\bgo work\b|%goworkfix`)

// fetches matches cells that fetch modules or programs by commands.
var fetches = regexp.MustCompile(`\bgo (?:get|install|mod|run)\b|\bgit clone\b`)

func (r *runner) sources() (out []string) {
	for _, i := range r.code {
		if c := r.nb.Cells[i]; !c.HasTag(tagSkip) {
			out = append(out, c.Source)
		}
	}
	return out
}

// seed replaces the empty module of the kernel's folder.
func (r *runner) seed() error {
	if r.opt.Seed == nil {
		return nil
	}
	dir := r.k.WorkDir()
	if dir == "" {
		return errors.New("the kernel has no folder with a go.mod to seed")
	}
	return r.opt.Seed.WriteTo(dir, "notebook")
}

// place is how messages call a cell: by its number in the notebook that Run was given.
func (r *runner) place(index int) string {
	if n := r.number[r.nb.Cells[index]]; n > 0 {
		return fmt.Sprintf("cell %d", n)
	}
	return "parameters cell"
}

func (r *runner) cells(ctx context.Context) error {
	done, total := 0, r.res.Count()
	for n, i := range r.code {
		c := r.nb.Cells[i]
		counts := 1
		if c.HasTag(tagInjected) {
			counts = 0 // the reader's notebook does not have it
		}
		result := &r.res.Cells[n]
		if c.HasTag(tagSkip) || strings.TrimSpace(c.Source) == "" {
			if result.Status = CellSkipped; !c.HasTag(tagSkip) {
				c.Outputs, c.ExecutionCount = []*ipynb.Output{}, nil // of the source that it had once
			}
			done += counts
			continue
		}
		if err := ctx.Err(); err != nil {
			return err // before the cell's outputs are cleared
		}
		r.opt.Progress(Event{Phase: CellStart, Cell: i, Place: r.place(i), Done: done, Total: total, Elapsed: time.Since(r.begin)})
		start := time.Now()
		status, err := r.cell(ctx, i)
		if status == CellFailed && r.offline && lacksModule(err) && r.goOnline(ctx) {
			status, err = r.cell(ctx, i)
		}
		var failed *CellError
		if err != nil && errors.As(err, &failed) && c.HasTag(tagRaises) && r.k.Err() == nil {
			status, err = CellAllowed, nil
		}
		result.Status, result.Elapsed = status, time.Since(start)
		done += counts
		r.opt.Progress(Event{Phase: CellEnd, Cell: i, Place: r.place(i), Done: done, Total: total, Elapsed: result.Elapsed, Status: status})
		if err != nil {
			return err
		}
	}
	return nil
}

// lacksModule reports whether a cell failed because a module is not there, which with GOPROXY=off
// may only mean that nobody was asked. Compilation has not begun then: the cell can be run again.
func lacksModule(err error) bool {
	var e *CellError
	return errors.As(err, &e) && missingModule.MatchString(e.Detail+e.Value)
}

var missingModule = regexp.MustCompile(`GOPROXY=off|cannot find module providing package|no required module provides package`)

// goOnline gives the kernel the user's proxy. It reports false where that is off too.
func (r *runner) goOnline(ctx context.Context) bool {
	r.offline = false
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	proxy := kernel.UserProxy(ctx, r.opt.Kernel)
	if proxy == "" {
		return false
	}
	_, err := r.k.Execute(ctx, "%env GOPROXY "+proxy, nil)
	return err == nil
}

// drain takes the messages that come after the last cell's end, until none came for d. A program
// that goes on printing in the background does not keep it longer than a second.
func (r *runner) drain(d time.Duration) {
	quiet := time.NewTimer(d)
	defer quiet.Stop()
	enough := time.NewTimer(max(time.Second, 10*d))
	defer enough.Stop()
	for {
		select {
		case e := <-r.k.Events():
			r.output(e)
			quiet.Reset(d)
		case <-quiet.C:
			return
		case <-enough.C:
			return
		}
	}
}
