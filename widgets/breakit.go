package widgets

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/widgets/scene"
)

//go:embed breakit.js
var breakJS string

// BreakIt shows a claim with switches that drop its hypotheses: the figure, the verdict and, where
// the claim fails, the smallest counterexample. All states are computed and drawn beforehand, so that
// the switches work in an exported page; where scripts do not run, each state stands in a fold. It
// panics if the states cannot be computed.
func BreakIt(b lesson.Break) {
	s, text, err := breakIt(b)
	if err != nil {
		panic(fmt.Errorf("widgets.BreakIt: %w", err))
	}
	display(s, text)
}

// BreakHTML returns what BreakIt shows, style and script included.
func BreakHTML(b lesson.Break) (string, error) {
	s, _, err := breakIt(b)
	return s, err
}

// BreakText returns what BreakIt prints outside a notebook: every state in words.
func BreakText(b lesson.Break) (string, error) {
	_, text, err := breakIt(b)
	return text, err
}

func breakIt(b lesson.Break) (page, text string, err error) {
	states, err := b.States(context.Background())
	if err != nil {
		return "", "", err
	}
	id := elementID("break", b.ID)
	var w, t strings.Builder
	w.WriteString(lessonStyle())
	fmt.Fprintf(&w, `<section class="lemma lemma-ask lemma-break" id="%s" aria-labelledby="%s-h" data-lm-suppress-shortcuts="true">`+"\n", id, id)
	fmt.Fprintf(&w, `<div class="x-head"><span class="x-kind">Break it</span><span class="x-title" id="%s-h">%s</span></div>`+"\n", id, prose(b.Title))
	fmt.Fprintf(&w, `<div class="x-text">%s</div>`+"\n", markdown(b.Claim))
	fmt.Fprintln(&t, "Break it: "+scene.Plain(b.Title))
	plainLines(&t, b.Claim, "  ")
	w.WriteString(`<fieldset class="b-switches" hidden><legend>Drop a hypothesis</legend>`)
	for i, h := range b.Hypotheses {
		fmt.Fprintf(&w, `<label class="b-switch"><input type="checkbox" role="switch" aria-describedby="%s-d%d"><span class="b-drop">%s</span><span class="b-held" id="%s-d%d">assumed: %s</span></label>`,
			id, i, prose(h.Drop), id, i, prose(h.Held))
	}
	w.WriteString(`</fieldset><p class="c-sr b-say" role="status"></p>` + "\n")
	for k, s := range states {
		f := s.Figure
		f.ID += fmt.Sprintf("/state-%d", k)
		picture, err := bare(f)
		if err != nil {
			return "", "", err
		}
		open, verdict, word := "", claim.Holds, "The claim holds."
		if k == 0 {
			open = " open"
		}
		if !s.Holds {
			verdict, word = claim.Fails, "The claim fails."
		}
		words := b.Words(k)
		fmt.Fprintf(&w, `<details class="x-fold b-state"%s><summary>With %s</summary>`+"\n", open, withWords(words, k))
		fmt.Fprintf(&w, `<p class="b-verdict c-%s"><span class="c-mark">%s</span><b>%s</b> <span>%s</span></p>`+"\n", verdict, verdictIcon(verdict), word, prose(s.Verdict))
		if s.Counterexample != "" {
			fmt.Fprintf(&w, `<p class="b-counter"><b>Smallest counterexample.</b> %s</p>`+"\n", prose(s.Counterexample))
		}
		w.WriteString(picture + "</details>\n")
		fmt.Fprintf(&t, "  %s: %s %s\n", words, strings.ToLower(word[:1])+word[1:], scene.Plain(s.Verdict))
		if s.Counterexample != "" {
			plainLines(&t, "smallest counterexample: "+s.Counterexample, "      ")
		}
	}
	w.WriteString("</section>\n" + figureScript() + lessonScript("lemma-break", breakJS))
	return w.String(), t.String(), nil
}

// withWords turns "drop the scaling" into what a fold's title says.
func withWords(words string, k int) string {
	if k == 0 {
		return words
	}
	return "this dropped: " + prose(strings.ReplaceAll(words, "drop ", ""))
}
