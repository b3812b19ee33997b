package scene

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Run is a piece of a label in one position: on the line, raised (+1) or lowered (-1).
type Run struct {
	Text  string
	Shift int
}

// SmallRun is the size of raised and lowered text relative to the line's.
const SmallRun = 0.72

// Runs splits a label: x_{1}, m^{-1/2}, x_1, λ_10, x^2, Θ^(L) and Unicode's own sub- and superscripts
// become raised and lowered runs. An underscore inside a word, as in first_layer, is left alone. What
// a keyboard lacks is put in: a minus between spaces, ≤ and ≥.
func Runs(label string) []Run {
	label = typed.Replace(label)
	var out []Run
	add := func(text string, shift int) {
		if text == "" {
			return
		}
		if shift != 0 {
			text = strings.ReplaceAll(text, "-", "−")
		}
		if n := len(out); n > 0 && out[n-1].Shift == shift {
			out[n-1].Text += text
			return
		}
		out = append(out, Run{text, shift})
	}
	for len(label) > 0 {
		r, size := utf8.DecodeRuneInString(label)
		if to, shift := script(r); shift != 0 {
			add(string(to), shift)
			label = label[size:]
			continue
		}
		if r == '_' || r == '^' {
			shift := 1
			if r == '_' {
				shift = -1
			}
			body, n := scriptBody(label[1:])
			if n == 0 && r == '^' {
				body, n = inParentheses(label[1:])
			}
			if n > 0 {
				add(body, shift)
				label = label[1+n:]
				continue
			}
		}
		add(string(r), 0)
		label = label[size:]
	}
	return out
}

var typed = strings.NewReplacer(" - ", " − ", "<=", "≤", ">=", "≥")

// scriptBody returns what follows _ or ^ and how many bytes it takes: a group in braces, or one
// letter that does not begin a word, a whole number. n = 0 means that the sign stands for itself.
func scriptBody(s string) (body string, n int) {
	if strings.HasPrefix(s, "{") {
		if end := strings.IndexByte(s, '}'); end > 0 {
			return s[1:end], end + 1
		}
		return "", 0
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case unicode.IsDigit(r), r == '-' && len(s) > 1 && unicode.IsDigit(rune(s[1])):
		for size < len(s) && unicode.IsDigit(rune(s[size])) {
			size++
		}
	case !unicode.IsLetter(r) && r != '*' && r != '∞':
		return "", 0
	}
	next, _ := utf8.DecodeRuneInString(s[size:])
	if _, raised := script(next); len(s) > size && raised == 0 && (unicode.IsLetter(next) || unicode.IsDigit(next) || next == '_') {
		return "", 0
	}
	return s[:size], size
}

// inParentheses returns a short group in parentheses with them, as in Θ^(L).
func inParentheses(s string) (body string, n int) {
	if end := strings.IndexByte(s, ')'); strings.HasPrefix(s, "(") && end > 1 && end <= 8 && !strings.Contains(s[1:end], "(") {
		return s[:end+1], end + 1
	}
	return "", 0
}

// scripts are Unicode's raised and lowered characters with what they stand for; shifted is the way back.
var (
	scripts = map[rune]Run{}
	shifted = map[Run]rune{}
)

func init() {
	for shift, pair := range map[int][2]string{
		1:  {"⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵃᵇᵈᵉʰᵏˡᵐᵒᵖˢᵗᵘᵛ", "0123456789+−=()niTabdehklmopstuv"},
		-1: {"₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+−=()aehijklmnoprstuvx"},
	} {
		from, to := []rune(pair[0]), []rune(pair[1])
		for i := range from {
			scripts[from[i]] = Run{string(to[i]), shift}
			shifted[Run{string(to[i]), shift}] = from[i]
		}
	}
}

func script(r rune) (to rune, shift int) {
	s, ok := scripts[r]
	if !ok {
		return r, 0
	}
	to, _ = utf8.DecodeRuneInString(s.Text)
	return to, s.Shift
}

// Plain returns the label as one line of Unicode, for places that show no runs: x_{1} is x₁, and what
// Unicode cannot raise or lower keeps its sign, as in ‖A‖_F and m^(−1/2).
func Plain(label string) string {
	var b strings.Builder
	for _, r := range Runs(label) {
		if r.Shift == 0 {
			b.WriteString(r.Text)
			continue
		}
		text, whole := strings.Map(func(c rune) rune { return shifted[Run{string(c), r.Shift}] }, r.Text), true
		for _, c := range r.Text {
			whole = whole && shifted[Run{string(c), r.Shift}] != 0
		}
		if whole {
			b.WriteString(text)
			continue
		}
		if r.Shift > 0 {
			b.WriteByte('^')
		} else {
			b.WriteByte('_')
		}
		if utf8.RuneCountInString(r.Text) > 1 {
			b.WriteString("(" + r.Text + ")")
		} else {
			b.WriteString(r.Text)
		}
	}
	return b.String()
}

// Width estimates how wide a label is at the given size, from the advances of the Go fonts, which
// are a little wider than most system fonts: labels placed by it do not touch on a reader's screen.
func Width(label string, size float64, bold bool) float64 {
	w := 0.0
	for _, r := range Runs(label) {
		k := size
		if r.Shift != 0 {
			k *= SmallRun
		}
		for _, c := range r.Text {
			w += k * advance(c, bold)
		}
	}
	return w
}

var metrics struct {
	sync.Mutex
	fonts [2]*sfnt.Font
	width map[rune][2]float64
	buf   sfnt.Buffer
}

// advance is the width of a character in units of the font size.
func advance(r rune, bold bool) float64 {
	metrics.Lock()
	defer metrics.Unlock()
	m := &metrics
	if m.width == nil {
		m.width = map[rune][2]float64{}
		for i, ttf := range [2][]byte{goregular.TTF, gobold.TTF} {
			f, err := sfnt.Parse(ttf)
			if err != nil {
				panic(err) // an embedded font that does not parse is a broken build
			}
			m.fonts[i] = f
		}
	}
	switch {
	case r == '\u202f': // between thousands; the fonts lack it
		return 0.2
	case unicode.Is(unicode.Mn, r): // a hat stands on the letter before it
		return 0
	}
	w, ok := m.width[r]
	if !ok {
		for i, f := range m.fonts {
			w[i] = 0.7 // a character the fonts lack
			if g, err := f.GlyphIndex(&m.buf, r); err == nil && g != 0 {
				if a, err := f.GlyphAdvance(&m.buf, g, fixed.I(1000), 0); err == nil {
					w[i] = float64(a) / 64 / 1000
				}
			}
		}
		m.width[r] = w
	}
	if bold {
		return w[1]
	}
	return w[0]
}
