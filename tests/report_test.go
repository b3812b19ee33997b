package tests

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// The main job, and its pages in a browser without a network. All chapters take longer than the tests
// may: LEMMA_CHAPTERS ("6 7 8 11") chooses others than these two.
func TestReport(t *testing.T) {
	slow(t)
	dir := filepath.Join(t.TempDir(), "report")
	inv := invocation{timeout: 15 * time.Minute}
	chapters := strings.Fields(os.Getenv("LEMMA_CHAPTERS"))
	if len(chapters) == 0 {
		chapters = []string{"6", "9"}
	}
	report := append([]string{"report", "-o", dir}, chapters...)
	r := inv.run(t, report...)
	if r.code != 0 {
		t.Fatalf("exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if !strings.Contains(r.out, "file://") || !strings.Contains(r.out, filepath.Join(dir, "index.html")) {
		t.Errorf("it does not say where the report is:\n%s", r.out)
	}
	if strings.Contains(r.err, "tex:") {
		t.Errorf("formulas that cannot be drawn:\n%s", r.err)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil || len(pages) < 3 {
		t.Fatalf("pages %v, %v; want a notebook, the index and the errata", pages, err)
	}

	t.Run("again", func(t *testing.T) {
		before := contents(t, pages)
		again := inv.run(t, report...)
		if again.code != 0 || !strings.Contains(again.err, "unchanged") {
			t.Errorf("exit code %d\n%s", again.code, again.err)
		}
		for i, now := range contents(t, pages) {
			if now != before[i] {
				t.Errorf("%s is written differently the second time:\n%s", filepath.Base(pages[i]), firstDifference(now, before[i]))
			}
		}
	})
	t.Run("from a folder inside", func(t *testing.T) {
		r := invocation{dir: filepath.Join("..", "lib", "ntk"), timeout: 15 * time.Minute}.run(t, report...)
		if r.code != 0 {
			t.Errorf("exit code %d\n%s", r.code, r.err)
		}
	})
	t.Run("in a browser", func(t *testing.T) {
		b := newBrowser(t)
		for _, p := range pages {
			t.Run(filepath.Base(p), func(t *testing.T) {
				b.inspect(t, p)
				b.accessible(t, p)
				b.axe(t, p)
				// What a reader can touch, on the page as it was exported: no kernel, no network.
				b.through(t, looks[0])
				address := b.open(t, p)
				n := b.explorers(t, bookExplorers(t))
				t.Logf("%d explorers, %d exercises, %d predictions, %d claims to break", n, b.exercises(t), b.predictions(t), b.breaks(t))
				b.quiet(t, address)
			})
		}
		t.Run("index leads to every page", func(t *testing.T) {
			b.open(t, filepath.Join(dir, "index.html"))
			links := get(t, b, chromedp.Evaluate[[]string]("Array.from(document.querySelectorAll('a[href]'), a => a.getAttribute('href'))"))
			have := map[string]bool{}
			for _, l := range links {
				have[l] = true
				file, _, _ := strings.Cut(l, "#")
				if file == "" || strings.Contains(file, ":") {
					continue
				}
				if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
					t.Errorf("a link leads nowhere: %s", l)
				}
			}
			for _, p := range pages {
				if base := filepath.Base(p); base != "index.html" && !have[base] {
					t.Errorf("no link to %s", base)
				}
			}
			if rows := b.number(t, "document.querySelectorAll('table.data tbody tr').length"); rows < 20 {
				t.Errorf("the index has %g rows of claims, want chapter 9's", rows)
			}
		})
	})
}

func contents(t *testing.T, paths []string) []string {
	t.Helper()
	var out []string
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

// accessible asserts what a reader with a keyboard or a screen reader needs.
func (b *browser) accessible(t *testing.T, path string) {
	t.Helper()
	b.through(t, looks[0])
	b.open(t, path)
	for _, c := range []struct{ what, script string }{
		{"a language", "document.documentElement.lang ? 1 : 0"},
		{"a title", "document.title ? 1 : 0"},
		{"one main element", "document.querySelectorAll('main').length == 1 ? 1 : 0"},
		{"one first heading", "document.querySelectorAll('h1').length == 1 ? 1 : 0"},
		{"pictures with a name", "Array.from(document.querySelectorAll('img')).every(i => i.hasAttribute('alt')) && Array.from(document.querySelectorAll('svg')).every(s => s.getAttribute('aria-hidden') == 'true' || s.closest('[aria-hidden=true]') || s.getAttribute('aria-label') || s.getAttribute('aria-labelledby') || s.querySelector('title')) ? 1 : 0"},
		{"ids that are used once", "(ids => ids.length == new Set(ids).size ? 1 : 0)(Array.from(document.querySelectorAll('[id]'), e => e.id))"},
		{"links within the page that lead somewhere", "Array.from(document.querySelectorAll('a[href^=\"#\"]')).every(a => a.getAttribute('href') == '#' || document.getElementById(decodeURIComponent(a.getAttribute('href').slice(1)))) ? 1 : 0"},
		{"formulas as MathML that is not empty", "Array.from(document.querySelectorAll('math')).every(m => m.textContent.trim() != '') ? 1 : 0"},
		{"controls with a name", "Array.from(document.querySelectorAll('button, input, select')).every(e => e.textContent.trim() || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.closest('label') || (e.id && document.querySelector('label[for=\"' + e.id + '\"]'))) ? 1 : 0"},
	} {
		if b.number(t, c.script) != 1 {
			t.Errorf("%s lacks %s", filepath.Base(path), c.what)
		}
	}
	// The first press of the tab key reaches the skip link, which leads to the main element.
	b.do(t, chromedp.KeyEvent(kb.Tab))
	if b.number(t, "document.activeElement && (document.activeElement.getAttribute('href') || '').startsWith('#') ? 1 : 0") != 1 {
		t.Errorf("%s: the first tab stop is no skip link", filepath.Base(path))
	}
}

// hostile outputs: each tries to run a script in the page, to reach the network, to break out of its
// place or to cover the page.
var hostile = map[string]string{
	"script":    `<script>top.hacked = 1; document.title = 'hacked'</script>`,
	"handler":   `<img src=x onerror="top.hacked = 1; document.title = 'hacked'">`,
	"svg":       `<svg onload="top.hacked = 1"><script>top.hacked = 1</script></svg>`,
	"link":      `<a href="javascript:top.hacked=1" id="bait">click</a>`,
	"network":   `<img src="http://example.com/a.png"><link rel=stylesheet href="http://example.com/a.css"><script src="http://example.com/a.js"></script>`,
	"fetch":     `<script>fetch('http://example.com/').catch(() => {})</script>`,
	"close":     `</div></div></main></body></html><h1>outside</h1>`,
	"open":      `<div><table><tr><td><b>never closed`,
	"comment":   `<!-- never closed`,
	"style":     `<style>body { display: none !important } * { position: fixed }</style>`,
	"cover":     `<div style="position:fixed;inset:0;background:red;z-index:99999">cover</div>`,
	"form":      `<form action="http://example.com/"><input name=password><button>go</button></form>`,
	"base":      `<base href="http://example.com/">`,
	"refresh":   `<meta http-equiv="refresh" content="0;url=http://example.com/">`,
	"frame":     `<iframe src="http://example.com/"></iframe><iframe srcdoc="<script>top.hacked=1</script>"></iframe>`,
	"navigate":  `<script>top.location = 'http://example.com/'</script>`,
	"textarea":  `<textarea><title><plaintext>`,
	"storage":   `<script>localStorage.setItem('hacked', '1'); parent.document.title = 'hacked'</script>`,
	"clobber":   `<form id="main"><input name="querySelectorAll"></form>`,
	"namespace": `<math><mtext><table><mglyph><style><img src=x onerror="top.hacked=1">`,
}

func TestHostileNotebook(t *testing.T) {
	b := newBrowser(t)
	nb := ipynb.New("gonb", "go")
	nb.Cells = append(nb.Cells, ipynb.NewCell(ipynb.Markdown, "# A stranger's notebook\n\n<script>top.hacked = 1</script><img src=x onerror=\"top.hacked = 1\">\n\n[a link](javascript:top.hacked=1) ![an image](http://example.com/x.png)\n\n$\\href{javascript:top.hacked=1}{x}$"))
	for name, html := range hostile {
		c := ipynb.NewCell(ipynb.Code, fmt.Sprintf("// %s\ngonbui.DisplayHTML(`%s`)", name, html))
		c.AddTag("skip-execution") // it keeps these outputs
		o := &ipynb.Output{Type: "display_data"}
		o.SetMIME("text/html", html)
		c.Outputs = append(c.Outputs, o)
		nb.Cells = append(nb.Cells, c)
	}
	svg := ipynb.NewCell(ipynb.Code, "// svg\n")
	svg.AddTag("skip-execution")
	o := &ipynb.Output{Type: "display_data"}
	o.SetMIME("image/svg+xml", `<svg xmlns="http://www.w3.org/2000/svg" onload="top.hacked = 1"><script>top.hacked = 1</script><image href="http://example.com/a.png"/></svg>`)
	js := &ipynb.Output{Type: "display_data"}
	js.SetMIME("application/javascript", "top.hacked = 1; window.hacked = 1")
	svg.Outputs = append(svg.Outputs, o, js)
	last := ipynb.NewCell(ipynb.Markdown, "## The end\n\nThis paragraph is still here.")
	nb.Cells = append(nb.Cells, svg, last)
	dir := t.TempDir()
	path, page := filepath.Join(dir, "hostile.ipynb"), filepath.Join(dir, "hostile.html")
	if err := nb.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if r := (invocation{}).run(t, "run", path, "-o", page); r.code != 0 {
		t.Fatalf("exit code %d\n%s", r.code, r.err)
	}
	b.through(t, looks[0])
	address := b.open(t, page)
	b.do(t, chromedp.Sleep(time.Second))
	for _, c := range []struct{ what, script string }{
		{"no script ran in the page", "window.hacked === undefined ? 1 : 0"},
		{"the title is the notebook's", "document.title.includes('stranger') ? 1 : 0"},
		{"nothing was stored", "(() => { try { return localStorage.getItem('hacked') === null ? 1 : 0 } catch (e) { return 1 } })()"},
		{"the page is where it was", "location.protocol == 'file:' ? 1 : 0"},
		{"the body is shown", "getComputedStyle(document.body).display != 'none' ? 1 : 0"},
		{"the last paragraph is within main", "Array.from(document.querySelectorAll('main p')).some(p => p.textContent.includes('still here')) ? 1 : 0"},
		{"nothing got out of main", "Array.from(document.querySelectorAll('h1')).every(h => h.closest('main') || h.closest('header')) ? 1 : 0"},
		{"nothing covers the page", "(() => { const e = document.elementFromPoint(640, 400); return e && getComputedStyle(e).backgroundColor != 'rgb(255, 0, 0)' ? 1 : 0 })()"},
		{"no link runs a script", "Array.from(document.querySelectorAll('a')).every(a => !/^javascript:/i.test(a.getAttribute('href') || '')) ? 1 : 0"},
		{"no element has a handler", "Array.from(document.querySelectorAll('*')).every(e => !Array.from(e.attributes).some(a => a.name.startsWith('on'))) ? 1 : 0"},
		{"frames have no origin", "Array.from(document.querySelectorAll('iframe')).every(f => f.hasAttribute('sandbox') && !f.getAttribute('sandbox').includes('same-origin')) ? 1 : 0"},
	} {
		if b.number(t, c.script) != 1 {
			t.Errorf("not so: %s", c.what)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if r != address && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "about:") && !strings.HasPrefix(r, "blob:") {
			t.Errorf("the page asked for %.200s", r)
		}
	}
}

// A page tells its reader about a failure.
func TestPageOfAFailedRun(t *testing.T) {
	b := newBrowser(t)
	path := notebook(t, "failed.ipynb", ipynb.NewCell(ipynb.Markdown, "# A notebook that fails"), code("%%\npanic(\"alas\")"), code(hello))
	page := filepath.Join(filepath.Dir(path), "failed.html")
	if r := lemma(t, "run", path, "-o", page); r.code != 1 {
		t.Fatalf("exit code %d, want 1\n%s", r.code, r.err)
	}
	b.inspect(t, page)
	if b.number(t, "document.querySelector('main').textContent.includes('alas') ? 1 : 0") != 1 {
		t.Error("the page does not show the error")
	}
}

// The browser tests can fail: a page that does everything wrong is seen doing it.
func TestBrowserNotices(t *testing.T) {
	b := newBrowser(t)
	page := filepath.Join(t.TempDir(), "bad.html")
	text := `<!doctype html><title>bad</title><body style="margin:0"><div style="width:3000px;height:10px"></div>
<img src="http://example.com/a.png"><script>console.error("alas"); nothing()</script>
<iframe sandbox="allow-scripts" srcdoc="<img src='http://example.com/b.png'><script>console.error('within')</script>"></iframe>`
	if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	b.through(t, looks[2])
	b.open(t, page)
	b.do(t, chromedp.Sleep(time.Second))
	if w := b.number(t, "document.documentElement.scrollWidth"); w < 3000 {
		t.Errorf("a page of 3000 pixels measures %g", w)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, want := range []string{"http://example.com/a.png", "http://example.com/b.png"} {
		if !slices.Contains(b.requests, want) {
			t.Errorf("the request for %s was not seen among %q", want, b.requests)
		}
	}
	all := strings.Join(b.complaints, "\n")
	for _, want := range []string{"alas", "nothing", "within"} {
		if !strings.Contains(all, want) {
			t.Errorf("the complaint %q was not seen among\n%s", want, all)
		}
	}
}
