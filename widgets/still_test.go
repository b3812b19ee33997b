package widgets

import (
	"context"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/lemma-ml/lemma/lib/figure"
)

// In a notebook a figure carries its picture, and says in small print where it comes from.
func TestStillAndOrigin(t *testing.T) {
	defer func(was bool) { gonbui.IsNotebook = was }(gonbui.IsNotebook)
	gonbui.IsNotebook = true
	total := 0
	for _, f := range gallery() {
		s, err := HTML(f)
		if err != nil {
			t.Fatal(err)
		}
		_, picture, ok := strings.Cut(s, `<img class="lemma-still"`)
		picture, _, _ = strings.Cut(picture, ">")
		if !ok || !strings.Contains(picture, "src=\"data:image/png;base64,") || !strings.Contains(picture, `alt="`) {
			t.Errorf("%s: no picture", f.ID)
		}
		if !strings.Contains(s, `<div class="l-live" hidden>`) {
			t.Errorf("%s: the drawing is not hidden", f.ID)
		}
		if strings.Contains(s, "l-origin\"") {
			t.Errorf("%s: small print about nothing", f.ID)
		}
		t.Logf("%s: a picture of %d bytes", f.ID, len(picture))
		total += len(picture)
	}
	if n := total / len(gallery()); n > 40_000 {
		t.Errorf("a picture takes %d bytes, want at most 40000 on average", n)
	}
	f := *gallery()[0]
	f.Origin = figure.Origin{Seed: 7, Command: "lemma draw 9.F1 -seed 7"}
	s, err := figureHTML(f, 1500e6)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<code>lemma draw 9.F1 -seed 7</code>", "<td>7</td>", "<td>1.5 s</td>", "version"} {
		if !strings.Contains(s, want) {
			t.Errorf("the small print lacks %q", want)
		}
	}
	if s, err := ExploreHTML(context.Background(), waves()); err != nil || strings.Count(s, `<img class="lemma-still"`) != 1 {
		t.Errorf("an explorer without its picture (%v)", err)
	}
}

func TestVersion(t *testing.T) {
	for _, c := range []struct {
		why, want string
		info      debug.BuildInfo
	}{
		{"a program of ours", "commit 0123456789ab, changed since", debug.BuildInfo{Main: debug.Module{Path: module, Version: "(devel)"},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}}},
		{"without a repository", "development version", debug.BuildInfo{Main: debug.Module{Path: module, Version: "(devel)"}}},
		{"a cell with a released version", "v0.3.1", debug.BuildInfo{Main: debug.Module{Path: "cell"}, Deps: []*debug.Module{{Path: module, Version: "v0.3.1"}}}},
		{"a cell with a folder in its place", "development version", debug.BuildInfo{Main: debug.Module{Path: "cell"},
			Deps: []*debug.Module{{Path: module, Version: "v0.0.0", Replace: &debug.Module{Path: "/home/me/lemma"}}}}},
		{"a program without it", "unknown", debug.BuildInfo{}},
	} {
		if got := versionOf(&c.info); got != c.want {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
