package widgets

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
	"github.com/lemma-ml/lemma/widgets/pack"
	"github.com/lemma-ml/lemma/widgets/svg"
)

//go:embed explore.css
var exploreCSS string

//go:embed explore.js
var exploreJS string

func exploreStyle() string {
	return `<style data-lemma-once="lemma-explore">` + exploreCSS + `</style>`
}

// exploreScript moves the explorers of a page. It may run any number of times.
func exploreScript() string {
	return `<script data-lemma-once="lemma-explore">` + "(function(){\n" + pack.Decoder() + withoutComments(exploreJS) + "})();</script>"
}

// withoutComments drops lines that are comments.
func withoutComments(js string) string {
	var b strings.Builder
	for line := range strings.Lines(js) {
		if !strings.HasPrefix(line, "//") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// controls writes the controls as a browser knows them, so that keyboards, touch and screen readers
// know them too. They are disabled until the script is there to answer.
func (x *explored) controls(b io.Writer) {
	fmt.Fprint(b, `<div class="e-controls" role="group" aria-label="Controls">`)
	for i, c := range x.e.Controls {
		id := fmt.Sprintf("%s-c%d", x.id, i)
		fmt.Fprintf(b, `<div class="e-control e-%s">`, c.Kind)
		label := fmt.Sprintf(`<label for="%s">%s</label>`, id, svg.Label(c.Label))
		now := html.EscapeString(word(c, c.Default))
		switch c.Kind {
		case figure.Slider:
			fmt.Fprintf(b, `%s<output for="%s" aria-hidden="true">%s</output><div class="e-row">`, label, id, now)
			if c.Name == x.e.Play {
				fmt.Fprintf(b, `<button type="button" class="e-play" aria-pressed="false" aria-label="Play: %s" hidden></button>`, html.EscapeString(c.Label))
			}
			fmt.Fprintf(b, `<input type="range" class="e-in" id="%s" min="0" max="%d" step="1" value="%d" aria-valuetext="%s" autocomplete="off" disabled></div>`,
				id, c.Points()-1, c.Default, now)
		case figure.Select:
			fmt.Fprintf(b, `%s<div class="e-row"><select class="e-in" id="%s" autocomplete="off" disabled>`, label, id)
			for k, o := range c.Options {
				selected := ""
				if k == c.Default {
					selected = " selected"
				}
				fmt.Fprintf(b, `<option value="%d"%s>%s</option>`, k, selected, html.EscapeString(o))
			}
			fmt.Fprint(b, `</select></div>`)
		case figure.Toggle:
			checked := ""
			if c.Default == 1 {
				checked = " checked"
			}
			fmt.Fprintf(b, `<div class="e-row"><input type="checkbox" role="switch" class="e-in" id="%s"%s autocomplete="off" disabled>%s<output for="%s" aria-hidden="true">%s</output></div>`, id, checked, label, id, now)
		}
		fmt.Fprint(b, "</div>")
	}
	fmt.Fprint(b, "</div>\n")
}

// embedded is what the script needs: the controls and the packed figures.
func (x *explored) embedded() string {
	type control struct {
		Name   string    `json:"name"`
		Kind   string    `json:"kind"`
		Label  string    `json:"label"`
		Words  []string  `json:"words"`
		Values []float64 `json:"values,omitempty"`
		Play   bool      `json:"play,omitempty"`
		// Of a slider that can be set between its values.
		Between bool   `json:"between,omitempty"`
		Whole   bool   `json:"whole,omitempty"`
		Log     bool   `json:"log,omitempty"`
		Unit    string `json:"unit,omitempty"`
	}
	var list []control
	for _, c := range x.e.Controls {
		k := control{Name: c.Name, Kind: string(c.Kind), Label: c.Label, Values: c.Values, Play: c.Name == x.e.Play, Between: c.Between, Whole: c.Whole, Log: c.Log, Unit: c.Unit}
		for i := range c.Points() {
			k.Words = append(k.Words, word(c, i))
		}
		list = append(list, k)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(list); err != nil {
		panic(err) // strings and finite numbers
	}
	return `{"controls":` + pack.Embed(strings.TrimSpace(b.String())) + `,"data":` + x.data.JSON() + `}`
}
