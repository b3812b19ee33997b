package widgets

import (
	"fmt"
	"html"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/lemma-ml/lemma/lib/figure"
)

// shown is when a figure was last shown, at first when the program began: what a figure took is the
// time since then.
var (
	shownMu sync.Mutex
	shown   = time.Now()
)

// sinceShown returns that time and starts it anew.
func sinceShown() time.Duration {
	shownMu.Lock()
	defer shownMu.Unlock()
	now := time.Now()
	d := now.Sub(shown)
	shown = now
	return d
}

// origin is the small print of a figure: the command that draws it again and, where seeded, its seed,
// the library's version, and the time taken if that is positive.
func origin(from figure.Origin, seeded bool, took time.Duration) string {
	var rows []string
	row := func(name, value string) {
		rows = append(rows, fmt.Sprintf("<tr><th scope=\"row\">%s</th><td>%s</td></tr>", name, value))
	}
	if from.Command != "" {
		row("draw it again", "<code>"+html.EscapeString(from.Command)+"</code>")
	}
	if from.Command != "" && seeded {
		row("seed", fmt.Sprint(from.Seed))
	}
	switch {
	case took >= 100*time.Millisecond:
		row("time", duration(took))
	case took > 0:
		row("time", "below 0.1 s") // the same in every run
	}
	if len(rows) == 0 {
		return ""
	}
	row("version", html.EscapeString(version()))
	return `<details class="l-data l-origin"><summary>Origin</summary><table>` + strings.Join(rows, "") + "</table></details>\n"
}

const module = "github.com/lemma-ml/lemma"

// version names the library: its version, or the commit it was built from. It never names a folder.
var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return versionOf(info)
})

func versionOf(info *debug.BuildInfo) string {
	plain := func(v string) string {
		if v == "" || v == "(devel)" {
			return "development version"
		}
		return v
	}
	if info.Main.Path == module {
		commit, changed := "", ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				changed = ", changed since"
			}
		}
		if commit != "" {
			return "commit " + commit + changed
		}
		return plain(info.Main.Version)
	}
	for _, d := range info.Deps {
		if d.Path == module && d.Replace != nil {
			return plain(d.Replace.Version) // a folder has none
		}
		if d.Path == module {
			return plain(d.Version)
		}
	}
	return "unknown"
}
