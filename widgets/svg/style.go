package svg

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/widgets/scene"
)

//go:embed figure.css
var figureCSS string

//go:embed figure.js
var figureJS string

// Style is the style element that fragments share; Script is their script element.
func Style() string {
	return `<style data-lemma-once="lemma-figure">` + Variables() + compact(figureCSS) + `</style>`
}

// Script makes legends switch layers and values readable. It may run any number of times.
func Script() string {
	return `<script data-lemma-once="lemma-figure">` + compact(figureJS) + `</script>`
}

// compact drops indentation, empty lines and comment lines.
func compact(s string) string {
	var b strings.Builder
	for _, line := range strings.Split(s, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") && !(strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/")) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// Variables is the CSS that gives every paint its colour: light by default, dark where the reader's
// system or notebook says so, light again in print.
func Variables() string {
	list := func(t scene.Theme) string {
		var b strings.Builder
		for _, p := range paints() {
			fmt.Fprintf(&b, "--l-%s:%s;", p, t[p])
		}
		return b.String()
	}
	light, dark := list(scene.Light), list(scene.Dark)
	var b strings.Builder
	// The classic notebook sets the root to 10 px, so that one rem is no size to read at.
	fmt.Fprintf(&b, ".lemma{--l-rem:1rem;%s}\nbody.notebook_app .lemma{--l-rem:15px}\n", light)
	fmt.Fprintf(&b, "@media (prefers-color-scheme:dark){.lemma{%s}}\n", dark)
	// A notebook's own theme wins over the system's; the classic notebook is always light.
	fmt.Fprintf(&b, `[data-jp-theme-light="true"] .lemma,body.notebook_app .lemma,body.vscode-light .lemma,:root[data-theme="light"] .lemma{%s}`+"\n", light)
	fmt.Fprintf(&b, `[data-jp-theme-light="false"] .lemma,body.vscode-dark .lemma,:root[data-theme="dark"] .lemma{%s}`+"\n", dark)
	fmt.Fprintf(&b, "@media print{html body .lemma.lemma{%s}}\n", light)
	for _, p := range paints() {
		fmt.Fprintf(&b, ".lemma .s-%s{stroke:var(--l-%s)}.lemma .f-%s{fill:var(--l-%s)}", p, p, p, p)
	}
	return b.String() + "\n"
}

func paints() []scene.Paint {
	out := []scene.Paint{scene.PaintInk, scene.PaintMuted, scene.PaintGrid, scene.PaintSurface, scene.PaintWrong, scene.PaintRef}
	for i := range scene.NumSeries {
		out = append(out, scene.Series(i))
	}
	return out
}
