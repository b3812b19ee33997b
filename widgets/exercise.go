package widgets

import (
	_ "embed"
	"fmt"
	"html"
	"strings"

	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/widgets/scene"
)

//go:embed exercise.js
var exerciseJS string

// Exercise shows an exercise: the statement, fields for answers that the page checks itself, what to
// write in Go and how to check it, the hint and the solution behind folds. Nothing is stored. It
// panics on an exercise that Validate rejects.
func Exercise(e lesson.Exercise) {
	s, err := ExerciseHTML(e)
	if err != nil {
		panic(fmt.Errorf("widgets.Exercise: %w", err))
	}
	display(s, ExerciseText(e))
}

// ExerciseHTML returns what Exercise shows, style and script included.
func ExerciseHTML(e lesson.Exercise) (string, error) {
	if err := e.Validate(); err != nil {
		return "", err
	}
	id := elementID("exercise", e.Number)
	var b strings.Builder
	b.WriteString(lessonStyle())
	fmt.Fprintf(&b, `<section class="lemma lemma-ask lemma-exercise" id="%s" aria-labelledby="%s-h" data-lm-suppress-shortcuts="true">`+"\n", id, id)
	fmt.Fprintf(&b, `<div class="x-head"><span class="x-kind">Exercise %s</span><span class="x-title" id="%s-h">%s</span><span class="x-row">%s</span></div>`+"\n",
		html.EscapeString(e.Number), id, prose(e.Title), html.EscapeString(e.Row))
	fmt.Fprintf(&b, `<div class="x-text">%s</div>`+"\n", markdown(e.Text))
	if e.Erratum != "" {
		fmt.Fprintf(&b, `<div class="x-erratum"><b>The book prints this differently.</b> %s</div>`+"\n", markdown(e.Erratum))
	}
	for i := range e.Answers {
		if err := answerHTML(&b, &e.Answers[i], fmt.Sprintf("%s-a%d", id, i+1)); err != nil {
			return "", err
		}
	}
	if len(e.Code) > 0 {
		b.WriteString(`<div class="x-code"><div class="x-sub">In Go</div>`)
		for _, c := range e.Code {
			fmt.Fprintf(&b, `%s<pre><code>%s</code></pre>`+"\n", markdown(c.Task), html.EscapeString(c.Declaration()))
		}
		fmt.Fprintf(&b, `<p class="x-cmd">A file to begin with: <code>lemma check ex %s -stub answer.go</code><br>To check it: <code>lemma check ex %s answer.go</code></p></div>`+"\n",
			html.EscapeString(e.Number), html.EscapeString(e.Number))
	}
	fmt.Fprintf(&b, `<details class="x-fold x-hint"><summary>Hint</summary><div class="x-text">%s</div></details>`+"\n", markdown(e.Hint))
	fmt.Fprintf(&b, `<details class="x-fold x-solution"><summary>Solution</summary><div class="x-text">%s</div></details>`+"\n", markdown(e.Solution))
	b.WriteString("</section>\n")
	b.WriteString(lessonScript("lemma-exercise", exerciseJS))
	return b.String(), nil
}

// check is what the script needs to check an answer: values of the right one, not its formula.
type check struct {
	Names  []string    `json:"names"`
	Show   []string    `json:"show"`
	Points [][]float64 `json:"points"`
	Values []float64   `json:"values"`
	Scale  float64     `json:"scale"`
	Within float64     `json:"within"`
	Traps  []trap      `json:"traps"`
}

type trap struct {
	Values []float64 `json:"values"`
	Scale  float64   `json:"scale"`
	Say    string    `json:"say"`
}

func checkOf(a *lesson.Answer) (*check, error) {
	s, err := a.Sample(a.Reference)
	if err != nil {
		return nil, err
	}
	// The script reads lists: nil would be null to it, and an answer with π but no variable an error.
	c := &check{Names: append([]string{}, a.Names()...), Show: []string{}, Points: s.Points, Values: s.Values, Scale: s.Scale, Traps: []trap{}}
	if len(a.Variables) == 0 {
		c.Within = a.Within()
	}
	for _, v := range a.Variables {
		c.Show = append(c.Show, v.Shown())
	}
	for _, t := range a.Traps {
		s, err := a.Sample(t.Answer)
		if err != nil {
			return nil, err
		}
		c.Traps = append(c.Traps, trap{s.Values, s.Scale, t.Say})
	}
	return c, nil
}

func answerHTML(b *strings.Builder, a *lesson.Answer, id string) error {
	c, err := checkOf(a)
	if err != nil {
		return err
	}
	kind := "a number; 1/4 and sqrt(2) are fine"
	if len(c.Show) > 0 {
		kind = "a formula in " + strings.Join(c.Show, ", ")
		sep := "; type "
		for _, v := range a.Variables {
			if v.Also != "" && v.Also != v.Name {
				kind += fmt.Sprintf("%s%s for %s", sep, v.Name, v.Also)
				sep = ", "
			}
		}
	}
	if a.Tolerance > 0 {
		kind += fmt.Sprintf("; within %s is right: %s", lesson.Short(a.Tolerance), a.Cause)
	}
	fmt.Fprintf(b, `<form class="x-answer" hidden data-check="%s"><label for="%s">%s</label><div class="x-field"><input id="%s" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" aria-describedby="%s-k %s-r"><button type="button" class="x-button">Check</button></div><span class="x-note" id="%s-k">%s</span><p class="x-reply" id="%s-r" role="status"></p>`,
		html.EscapeString(mustJSON(c)), id, spans(a.Prompt), id, id, id, id, html.EscapeString(kind), id)
	if a.Right != "" {
		fmt.Fprintf(b, `<div class="x-right" hidden>%s</div>`, markdown(a.Right))
	}
	b.WriteString("</form>\n")
	return nil
}

// ExerciseText returns what Exercise prints outside a notebook: the statement, what can be checked and
// how, and where the solution is.
func ExerciseText(e lesson.Exercise) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Exercise %s: %s\n", e.Number, scene.Plain(e.Title))
	plainLines(&b, e.Text, "  ")
	if e.Erratum != "" {
		b.WriteString("\n")
		plainLines(&b, "The book prints this differently. "+e.Erratum, "  ")
	}
	for _, c := range e.Code {
		b.WriteString("\n")
		plainLines(&b, c.Task, "  ")
		fmt.Fprintf(&b, "    %s\n    check it with: lemma check ex %s answer.go\n", c.Declaration(), e.Number)
	}
	fmt.Fprintf(&b, "\n  hint and solution: lemma check ex %s -hint, -solution\n", e.Number)
	return b.String()
}
