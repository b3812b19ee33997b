package widgets

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/widgets/scene"
)

//go:embed predict.js
var predictJS string

// Predict asks the reader to predict before the answer is shown: a curve is drawn on the axes by
// pointer, finger or arrow keys, a number is typed; both are scored when the answer is revealed.
// Nothing is stored. Where scripts do not run, the question stands above the answer in a fold. It
// panics on a prediction that Validate rejects.
func Predict(p lesson.Prediction) {
	s, err := PredictHTML(p)
	if err != nil {
		panic(fmt.Errorf("widgets.Predict: %w", err))
	}
	display(s, PredictText(p))
}

// PredictHTML returns what Predict shows, style and script included.
func PredictHTML(p lesson.Prediction) (string, error) {
	if err := p.Validate(); err != nil {
		return "", err
	}
	id := elementID("predict", p.ID)
	var b strings.Builder
	b.WriteString(lessonStyle())
	data := ""
	if p.Curve != nil {
		data = fmt.Sprintf(` data-curve="%s"`, html.EscapeString(curveData(p.Curve, id)))
	}
	fmt.Fprintf(&b, `<section class="lemma lemma-ask lemma-predict" id="%s" aria-labelledby="%s-h" data-lm-suppress-shortcuts="true"%s>`+"\n", id, id, data)
	fmt.Fprintf(&b, `<div class="x-head"><span class="x-kind">Predict</span><span class="x-title" id="%s-h">%s</span></div>`+"\n", id, prose(p.Title))
	fmt.Fprintf(&b, `<div class="x-text" id="%s-q">%s</div>`+"\n", id, markdown(p.Question))
	var answer string
	var err error
	if p.Curve != nil {
		answer, err = curveHTML(&b, p.Curve, id)
	} else {
		answer, err = guessHTML(&b, p.Guess, id)
	}
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, `<p class="p-score" role="status"></p>`+"\n")
	fmt.Fprintf(&b, `<details class="x-fold p-answer"><summary>Reveal the answer</summary>`+"\n%s"+`<div class="x-text p-reading">%s</div></details>`+"\n", answer, markdown(p.Reading))
	b.WriteString("</section>\n")
	if p.Curve != nil || p.Guess.Figure != nil {
		b.WriteString(figureScript())
	}
	b.WriteString(lessonScript("lemma-predict", predictJS))
	return b.String(), nil
}

// curveData is what the script needs of a curve.
func curveData(c *lesson.Curve, id string) string {
	p := c.Figure.Panels[c.Panel]
	m := map[string]any{
		"panel": c.Panel, "x": c.X, "truth": c.Truth(), "how": id + "-how",
		"label": "Your drawing of " + scene.Plain(p.Layers[c.Layer].Name+": "+p.Y.Label) + " against " + scene.Plain(p.X.Label),
	}
	if len(c.Baseline) > 0 {
		m["base"], m["obvious"] = c.Baseline, scene.Plain(c.Obvious)
	}
	return mustJSON(m)
}

// mustJSON is for plain finite numbers and strings.
func mustJSON(v any) string {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(out)
}

func curveHTML(b *strings.Builder, c *lesson.Curve, id string) (answer string, err error) {
	open, err := bare(c.Open())
	if err != nil {
		return "", err
	}
	fmt.Fprintf(b, `<div class="p-open">%s</div>`+"\n", open)
	fmt.Fprintf(b, `<div class="p-tools" hidden><button type="button" class="x-button p-again" disabled>Start again</button><span class="p-how" id="%s-how">Draw %s in the picture with the mouse or a finger. By keyboard: left and right choose a place, up and down set the height, Delete erases it.</span></div>`+"\n", id, html.EscapeString(scene.Plain(lineName(c))))
	full, err := bare(c.Figure)
	if err != nil {
		return "", err
	}
	return `<p class="p-legend" aria-hidden="true"><span class="p-swatch"></span>your drawing</p>` + full + "\n", nil
}

// lineName is what the reader draws.
func lineName(c *lesson.Curve) string {
	if n := c.Figure.Panels[c.Panel].Layers[c.Layer].Name; n != "" {
		return "the line “" + n + "”"
	}
	return "the line"
}

func guessHTML(b *strings.Builder, g *lesson.Guess, id string) (answer string, err error) {
	m := map[string]any{"answer": g.Answer, "ratio": g.Ratio, "worst": g.Worst}
	if g.Obvious != "" {
		m["obvious"], m["base"] = scene.Plain(g.Obvious), g.Baseline
	}
	unit := ""
	if g.Unit != "" {
		unit = `<span class="x-unit">` + prose(g.Unit) + "</span>"
	}
	fmt.Fprintf(b, `<form class="p-guess" hidden data-guess="%s"><label for="%s-i">Your guess</label><input id="%s-i" type="text" size="12" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="%s-q">%s<button type="button" class="x-button">Reveal</button><span class="p-note" role="status"></span></form>`+"\n",
		html.EscapeString(mustJSON(m)), id, id, id, unit)
	answer = fmt.Sprintf(`<p class="p-number">%s%s</p>`+"\n", prose(shownAnswer(g)), unit)
	if g.Figure != nil {
		f, err := bare(*g.Figure)
		if err != nil {
			return "", err
		}
		answer += f + "\n"
	}
	return answer, nil
}

func shownAnswer(g *lesson.Guess) string {
	if g.Shown != "" {
		return g.Shown
	}
	return lesson.Short(g.Answer)
}

// PredictText returns what Predict prints outside a notebook: the question, and the answer below it.
func PredictText(p lesson.Prediction) string {
	var b strings.Builder
	fmt.Fprintln(&b, "Predict: "+scene.Plain(p.Title))
	plainLines(&b, p.Question, "  ")
	b.WriteString("\n  Answer\n")
	switch {
	case p.Guess != nil:
		fmt.Fprintf(&b, "    %s %s\n", shownAnswer(p.Guess), p.Guess.Unit)
	case p.Curve != nil:
		plainLines(&b, scene.Plain(p.Curve.Figure.Alt), "    ")
	}
	plainLines(&b, p.Reading, "    ")
	return b.String()
}
