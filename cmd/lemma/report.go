package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gomlx/gomlx/backends"
	nbexec "github.com/lemma-ml/lemma/jupyter/exec"
	"github.com/lemma-ml/lemma/jupyter/html"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
	"github.com/lemma-ml/lemma/lib/book"
	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/xla"
)

func reportCommand() *command {
	return &command{
		name:    "report",
		args:    "[chapter ...]",
		summary: "run the notebooks and write the pages",
		about: `Runs the notebooks of the checkout in the Go kernel (built on first use, no Python needed), checks the
chapters' claims and writes report/: a self-contained page for each notebook, an index with the
table of claims, and the errata. The pages load nothing from any network.

What has not changed is not run again: notebooks are known by their code, the packages it uses and
the backend; claims by this program, the backend and the seed. A cell that fails, or a claim, fails
the report (exit code 1); the pages are written all the same, with the error in them. A timeout is
exit code 3, a kernel that died 4.`,
		examples: []example{
			{"lemma report", "everything, into report/"},
			{"lemma report 9", "chapter 9 alone"},
			{"lemma report -o /tmp/pages -force", "elsewhere, and from scratch"},
		},
		flags: func(fs *flag.FlagSet) action {
			var r reporter
			fs.StringVar(&r.out, "o", "", "write into `folder` (default: report in the checkout)")
			fs.BoolVar(&r.force, "force", false, "run everything although it is known")
			fs.IntVar(&r.workers, "j", 0, "run `n` notebooks at a time (0: as many as there are cores, at most 4)")
			fs.DurationVar(&r.timeout, "timeout", 10*time.Minute, "the most that one cell may take: `d`; 0 means no limit")
			return r.run
		},
	}
}

// reporter holds the flags of report.
type reporter struct {
	out     string
	force   bool
	workers int
	timeout time.Duration
}

// reportSeed is the seed of the claims in a report: that of `lemma verify`, and of the notebooks'
// cards.
const reportSeed = 0

func (r *reporter) run(ctx context.Context, t terminal, args []string) error {
	if r.workers < 0 || r.timeout < 0 {
		return badUsage("-j %d -timeout %v, want 0 or more", r.workers, r.timeout)
	}
	if r.workers == 0 {
		r.workers = min(runtime.GOMAXPROCS(0), 4)
	}
	root, err := findCheckout()
	if err != nil {
		return err
	}
	if r.out == "" {
		r.out = filepath.Join(root, "report")
	}
	jobs, err := notebooks(root, args)
	if err != nil {
		return err
	}
	registry, err := book.Registry()
	if err != nil {
		return err
	}
	if info, err := os.Stat(r.out); err == nil && !info.IsDir() {
		return badUsage("-o %s is not a folder", r.out)
	}
	chosen, err := claimsOf(registry, jobs)
	if err != nil {
		return err
	}
	started := time.Now()
	backend, opened, err := xla.Open(ctx, "auto") // cells take the same one
	if err != nil {
		return failure{exitUsage, err}
	}
	defer backend.Finalize()
	w, err := openWorkshop(ctx, t)
	if err != nil {
		return err
	}
	// Notebooks wait for the linker half of the time, which runs on one core: the claims fill the
	// other. One failing does not stop the other.
	display := newTally(t.Err, "report", cells(jobs)+chosen.total)
	progress := display.part()
	checked := make(chan error, 1)
	var claims reportClaims
	go func() {
		var err error
		claims, err = r.claims(ctx, registry, chosen, backend, opened.Config, progress)
		checked <- err
	}()
	err = runAll(ctx, display, w, jobs, runAllOptions{workers: r.workers, timeout: r.timeout, force: r.force})
	err = errors.Join(err, <-checked)
	display.Done()
	if err != nil && ctx.Err() == nil {
		return err
	}
	pages, code, err := r.pages(t, jobs)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%d of %s written: %w", len(pages), plural(len(jobs), "page"), err)
	}
	if err := r.index(registry, pages, claims); err != nil {
		return err
	}
	fails := 0
	for _, c := range claims.list {
		if c.Error != "" || c.Verdict == claim.Fails {
			fails++
			fmt.Fprintf(t.Err, "claim %s (%s) %s %s\n", c.ID, c.Title, c.Verdict, c.Error)
		}
	}
	index, err := filepath.Abs(filepath.Join(r.out, "index.html"))
	if err != nil {
		return err
	}
	stopped := 0
	for _, p := range pages {
		if p.job.err != nil {
			stopped++
		}
	}
	fmt.Fprintf(t.Out, "%s (%d with an error), %s (%d failing), in %v\n", plural(len(pages), "page"), stopped, plural(len(claims.list), "claim"), fails, time.Since(started).Round(10*time.Millisecond))
	fmt.Fprintf(t.Out, "open it in a browser: %s\n", fileURL(index))
	if code == exitOK && fails > 0 {
		code = exitFailed
	}
	if code != exitOK {
		return failure{code, failed.err}
	}
	return nil
}

// notebooks returns the notebooks of the chapters asked for, or all, in order.
func notebooks(root string, args []string) ([]*job, error) {
	paths, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil {
		return nil, err
	}
	slices.Sort(paths)
	if len(paths) == 0 {
		return nil, badUsage("no notebooks in %s", filepath.Join(root, "notebooks"))
	}
	chosen := paths
	if len(args) > 0 {
		chosen = nil
		for _, a := range args {
			n := len(chosen)
			for _, p := range paths {
				name := strings.TrimSuffix(filepath.Base(p), ".ipynb")
				if a == name || a == name+".ipynb" || chapterNumber(p) == a {
					chosen = append(chosen, p)
				}
			}
			if len(chosen) == n {
				var have []string
				for _, p := range paths {
					have = append(have, chapterNumber(p))
				}
				return nil, badUsage("no notebook for chapter %q; there are %s", a, strings.Join(slices.Compact(have), ", "))
			}
		}
		slices.Sort(chosen)
		chosen = slices.Compact(chosen)
	}
	var jobs []*job
	for _, p := range chosen {
		nb, err := ipynb.ReadFile(p)
		if err != nil {
			return nil, failure{exitUsage, err}
		}
		jobs = append(jobs, &job{path: p, nb: nb})
	}
	return jobs, nil
}

// chapterNumber is the chapter of notebooks/09-ntk.ipynb: "9".
func chapterNumber(path string) string {
	prefix, _, _ := strings.Cut(filepath.Base(path), "-")
	n, err := strconv.Atoi(prefix)
	if err != nil {
		return prefix
	}
	return strconv.Itoa(n)
}

// reportPage is one notebook's page, written or not.
type reportPage struct {
	job   *job
	href  string
	title string
	stats html.Stats
}

// pages writes a page for each notebook that ran, whole or with its error, and returns the exit code
// that the worst of them deserves.
func (r *reporter) pages(t terminal, jobs []*job) ([]reportPage, int, error) {
	var pages []reportPage
	for _, j := range jobs {
		if j.res == nil || j.res.Notebook == nil || errors.Is(j.err, context.Canceled) {
			continue // interrupted: an older page, if there is one, stays
		}
		base := strings.TrimSuffix(filepath.Base(j.path), ".ipynb")
		pages = append(pages, reportPage{job: j, href: base + ".html", title: titleOf(j.nb, base)})
	}
	if len(pages) > 0 {
		if err := os.MkdirAll(r.out, 0o755); err != nil {
			return nil, 0, err
		}
	}
	code := exitOK
	for i := range pages {
		p := &pages[i]
		source := filepath.Base(p.job.path)
		opt := html.PageOptions{
			Trusted:  true,
			Name:     p.title,
			Home:     html.Link{Title: "Lemma", Href: "index.html"},
			Source:   html.Link{Title: source, Href: source},
			Failed:   failedWords(p.job.err),
			ReadFile: besides(p.job.path),
		}
		if i > 0 {
			opt.Prev = html.Link{Title: pages[i-1].title, Href: pages[i-1].href}
		}
		if i < len(pages)-1 {
			opt.Next = html.Link{Title: pages[i+1].title, Href: pages[i+1].href}
		}
		var err error
		if p.stats, err = html.WritePage(filepath.Join(r.out, p.href), p.job.res.Notebook, opt); err != nil {
			return nil, 0, err
		}
		if err := p.job.res.Notebook.WriteFile(filepath.Join(r.out, source)); err != nil {
			return nil, 0, err
		}
		printResult(t.Err, p.job)
		printFormulas(t.Err, p.job.path, p.stats.TeXErrors)
		code = max(code, nbexec.ExitCode(p.job.err))
	}
	return pages, code, nil
}

// titleOf is a notebook's first heading, or its name.
func titleOf(nb *ipynb.Notebook, name string) string {
	for _, c := range nb.Cells {
		if c.Type != ipynb.Markdown {
			continue
		}
		for line := range strings.Lines(c.Source) {
			if title, ok := strings.CutPrefix(line, "# "); ok {
				return strings.TrimSpace(title)
			}
		}
	}
	return name
}

// reportClaims is what the index says about claims.
type reportClaims struct {
	list    []claimJSON
	missing []claim.Row
	backend string
}

// chosenClaims are the claims of the chapters in the report.
type chosenClaims struct {
	chapters []int
	of       map[int][]*claim.Claim
	total    int
}

// claimsOf chooses the claims of the chapters that the notebooks are about.
func claimsOf(registry *claim.Registry, jobs []*job) (chosenClaims, error) {
	out := chosenClaims{of: map[int][]*claim.Claim{}}
	for _, ch := range registry.Chapters() {
		name := strconv.Itoa(ch.Number)
		if !slices.ContainsFunc(jobs, func(j *job) bool { return chapterNumber(j.path) == name }) || len(ch.Claims) == 0 {
			continue
		}
		list, err := registry.Select(name)
		if err != nil {
			return out, err
		}
		out.chapters, out.of[ch.Number] = append(out.chapters, ch.Number), list
		out.total += len(list)
	}
	return out, nil
}

// claims checks the chosen claims, or takes what is known of them.
func (r *reporter) claims(ctx context.Context, registry *claim.Registry, chosen chosenClaims, backend backends.Backend, config string, progress func(int, string)) (reportClaims, error) {
	var out reportClaims
	if len(chosen.chapters) == 0 {
		return out, nil
	}
	out.backend = config
	out.missing = registry.Missing(chosen.chapters...)
	before := 0
	for _, n := range chosen.chapters {
		list, _, err := chapterClaims(ctx, chosen.of[n], claim.Env{Seed: reportSeed, Backend: backend}, config, r.force,
			func(done int, label string) { progress(before+done, label) })
		if err != nil {
			return out, err
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
		before += len(chosen.of[n])
		progress(before, "")
		out.list = append(out.list, list...)
	}
	return out, nil
}

// fileURL is a path as a browser's address.
func fileURL(path string) string { return "file://" + filepath.ToSlash(path) }
