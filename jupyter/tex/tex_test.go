package tex

import (
	"errors"
	"strings"
	"testing"
)

// body returns what is inside <semantics> before the annotation.
func body(t *testing.T, src string, display bool) string {
	t.Helper()
	s, err := New(nil).Convert(src, display)
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	_, s, _ = strings.Cut(s, "<semantics>")
	s, _, _ = strings.Cut(s, "<annotation")
	return s
}

func TestGolden(t *testing.T) {
	for _, row := range []struct{ reason, src, want string }{
		{"a lone letter is italic by itself", `x`, `<mi>x</mi>`},
		{"a number is one element", `3.14`, `<mn>3.14</mn>`},
		{"a point that ends a sentence is none of the number's", `3.`, `<mrow><mn>3</mn><mi>.</mi></mrow>`},
		{"a script belongs to the whole number", `10^3`, `<msup><mn>10</mn><mn>3</mn></msup>`},
		{"one digit is an argument", `\frac12`, `<mfrac><mn>1</mn><mn>2</mn></mfrac>`},
		{"both scripts, in either order", `x^2_i`, `<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>`},
		{"primes join", `f''`, `<msup><mi>f</mi><mo lspace="0" rspace="0">″</mo></msup>`},
		{"unicode superscripts are superscripts", `x²`, `<msup><mi>x</mi><mn>2</mn></msup>`},
		{"unicode is the same as its command", `α≤β`, body(t, `\alpha\le\beta`, true)},
		{"capital Greek is upright", `\Theta`, `<mi mathvariant="normal">Θ</mi>`},
		{"bold Greek capital stays upright, as in amsbsy", `\boldsymbol\Sigma`, `<mi>𝚺</mi>`},
		{"bold Greek small is italic", `\boldsymbol\theta`, `<mi>𝜽</mi>`},
		{"a word of upright letters is one identifier", `\mathrm{diag}`, `<mi>diag</mi>`},
		{"one upright letter says so", `\mathrm d`, `<mi mathvariant="normal">d</mi>`},
		{"two vectors are no word", `\mathbf x\mathbf y`, `<mrow><mi>𝐱</mi><mi>𝐲</mi></mrow>`},
		{"a function is applied", `\log x`, `<mrow><mi>log</mi><mo>` + application + `</mo><mspace width="0.1667em"/><mi>x</mi></mrow>`},
		{"a function takes brackets without a space", `\sin(x)`, `<mrow><mi>sin</mi><mo>` + application + `</mo><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>`},
		{"limits below in display style", `\lim_n`, `<munder><mi>lim</mi><mi>n</mi></munder>`},
		{"an integral keeps its limits beside", `\int_0^1`, `<msubsup><mo lspace="0" rspace="0">∫</mo><mn>0</mn><mn>1</mn></msubsup>`},
		{"not joins with its relation", `\not\in`, `<mo lspace="0" rspace="0">∉</mo>`},
		{"the infix form of a fraction", `{a \over b}`, `<mfrac><mi>a</mi><mi>b</mi></mfrac>`},
		{"a root with index", `\sqrt[3]{x}`, `<mroot><mi>x</mi><mn>3</mn></mroot>`},
		{"a fence grows", `\left(x\right.`, `<mrow><mo fence="true" stretchy="true" symmetric="true" form="prefix" lspace="0" rspace="0">(</mo><mi>x</mi></mrow>`},
		{"text keeps its outer spaces", `\text{ if }`, "<mtext>\u00a0if\u00a0</mtext>"},
		{"a matrix in brackets", `\begin{pmatrix}a&b\end{pmatrix}`, `<mrow><mo fence="true" stretchy="true" symmetric="true" form="prefix" lspace="0" rspace="0">(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable><mo fence="true" stretchy="true" symmetric="true" form="postfix" lspace="0" rspace="0">)</mo></mrow>`},
		{"markup in the source stays text", `a<b`, `<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>`},
		{"a macro with an argument", `\newcommand{\sq}[1]{#1^2}\sq x`, `<msup><mi>x</mi><mn>2</mn></msup>`},
		{"a macro with a default", `\newcommand{\p}[2][n]{#2_{#1}}\p x\p[k]y`, `<mrow><msub><mi>x</mi><mi>n</mi></msub><msub><mi>y</mi><mi>k</mi></msub></mrow>`},
		{"def", `\def\a#1{#1}\a z`, `<mi>z</mi>`},
		{"let takes the meaning of today", `\def\a{x}\let\b=\a\def\a{y}\b`, `<mi>x</mi>`},
		{"a declared operator", `\DeclareMathOperator{\tr}{tr}\tr A`, `<mrow><mi>tr</mi><mo>` + application + `</mo><mspace width="0.1667em"/><mi>A</mi></mrow>`},
		{"labels leave no trace", `x\label{eq:1}`, `<mi>x</mi>`},
		{"comments are none of the formula", "x% y\n", `<mi>x</mi>`},
	} {
		if got := body(t, row.src, true); got != row.want {
			t.Errorf("%s: %s\n got %s\nwant %s", row.reason, row.src, got, row.want)
		}
	}
}

// The spaces around operators are those of TeX: medium 4 mu, thick 5 mu, none in scripts.
func TestSpacing(t *testing.T) {
	for _, row := range []struct{ reason, src, want string }{
		{"binary", `a\cdot b`, `<mo lspace="0.2222em" rspace="0.2222em">⋅</mo>`},
		{"where the browser's dictionary agrees nothing is written", `a+b=c`, `<mrow><mi>a</mi><mo>+</mo><mi>b</mi><mo>=</mo><mi>c</mi></mrow>`},
		{"a sign", `-x`, `<mo lspace="0" rspace="0">−</mo>`},
		{"a sign behind a relation", `a=-b`, `<mo>=</mo><mo lspace="0" rspace="0">−</mo>`},
		{"a sign behind an operator", `a\times-b`, `<mo lspace="0.2222em" rspace="0.2222em">×</mo><mo lspace="0" rspace="0">−</mo>`},
		{"none in a script", `x_{i=1}`, `<mo lspace="0" rspace="0">=</mo>`},
		{"an aligned relation has its left space", `\begin{aligned}a&=b\end{aligned}`, `<mo lspace="0.2778em" rspace="0.2778em">=</mo>`},
		{"braces hide a relation", `a{=}b`, `<mo lspace="0" rspace="0">=</mo>`},
		{"mathbin makes one", `a\mathbin{x}b`, `<mi>a</mi><mspace width="0.2222em"/><mi>x</mi><mspace width="0.2222em"/><mi>b</mi>`},
	} {
		if got := body(t, row.src, false); !strings.Contains(got, row.want) {
			t.Errorf("%s: %s\n got %s\nwant %s", row.reason, row.src, got, row.want)
		}
	}
}

func TestDisplayAndInline(t *testing.T) {
	if got := body(t, `\sum_i^n`, true); !strings.HasPrefix(got, "<munderover>") {
		t.Errorf("display: got %s", got)
	}
	if got := body(t, `\sum_i^n`, false); !strings.HasPrefix(got, "<msubsup>") {
		t.Errorf("inline: got %s", got)
	}
	if got := body(t, `\frac{\sum_i}{2}`, true); !strings.Contains(got, "<msub>") {
		t.Errorf("a numerator is not in display style: got %s", got)
	}
	if got := body(t, `\sum\limits_i`, false); !strings.Contains(got, `movablelimits="false"`) {
		t.Errorf("limits inline: got %s", got)
	}
	if got := body(t, `\begin{pmatrix}\sum_i\end{pmatrix}`, true); !strings.Contains(got, "<msub>") {
		t.Errorf("a matrix is not in display style: got %s", got)
	}
}

// The alphabets have holes where Unicode had the letter before.
func TestAlphabet(t *testing.T) {
	for _, row := range []struct {
		f        font
		in, want rune
	}{
		{fontItalic, 'h', 'ℎ'}, {fontItalic, 'g', '𝑔'}, {fontDouble, 'R', 'ℝ'}, {fontDouble, 'C', 'ℂ'},
		{fontDouble, 'E', '𝔼'}, {fontDouble, '1', '𝟙'}, {fontScript, 'B', 'ℬ'}, {fontScript, 'L', 'ℒ'},
		{fontScript, 'N', '𝒩'}, {fontFraktur, 'H', 'ℌ'}, {fontFraktur, 'g', '𝔤'}, {fontBold, 'x', '𝐱'},
		{fontBold, 'Σ', '𝚺'}, {fontBold, 'ω', '𝛚'}, {fontBoldItalic, 'α', '𝜶'}, {fontBoldItalic, 'ϵ', '𝝐'},
		{fontBold, '∇', '𝛁'}, {fontSans, 'T', '𝖳'}, {fontMono, '0', '𝟶'}, {fontBoldScript, 'A', '𝓐'},
	} {
		if got, ok := alphabet(row.f, row.in); got != row.want || !ok {
			t.Errorf("alphabet(%d, %c) = %c, %t, want %c", row.f, row.in, got, ok, row.want)
		}
	}
	for f := range blocks {
		seen := map[rune]bool{}
		for _, r := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
			c, ok := alphabet(f, r)
			if !ok || seen[c] {
				t.Errorf("alphabet(%d, %c) = %c, %t: missing or used twice", f, r, c, ok)
			}
			seen[c] = true
		}
	}
}

func TestErrors(t *testing.T) {
	for _, row := range []struct{ src, want string }{
		{`a + \foo`, `tex: unknown command \foo at 4`},
		{`\frac{a}`, `tex: \frac wants an argument at 8`},
		{`{a`, `tex: { is not closed at 0`},
		{`a}`, `tex: } without { at 1`},
		{`\left(a`, `tex: \left without \right at 0`},
		{`a\right)`, `tex: \right without \left at 1`},
		{`a & b`, `tex: & outside an aligned environment at 2`},
		{`x^a^b`, `tex: double superscript at 3`},
		{`x_a_b`, `tex: double subscript at 3`},
		{`\begin{foo}x\end{foo}`, `tex: unknown environment foo at 0`},
		{`\begin{matrix}x`, `tex: \begin{matrix} without \end at 0`},
		{`\begin{matrix}x\end{cases}`, `tex: \begin{matrix} ended by \end{cases} at 15`},
		{`\left x`, `tex: \left wants a delimiter, got x at 6`},
		{`\textcolor{red;x}{y}`, `tex: \textcolor wants a colour such as blue or #1a2b3c, got "red;x" at 0`},
		{`\newcommand{\a}{#1}`, `tex: \newcommand\a has 0 arguments but uses #1 at 16`},
		{`\newcommand{\a}{\foo}x\a`, `tex: unknown command \foo at 22`},
		{`\`, `tex: \ at the end of the formula at 0`},
		{`#1`, `tex: #1 outside a macro at 0`},
		{`\hspace{3}`, `tex: \hspace wants a length such as 1.5em, got "3" at 0`},
		{`\text{a \foo}`, `tex: unknown command \foo in text at 8`},
	} {
		_, err := New(nil).Convert(row.src, true)
		if err == nil || err.Error() != row.want {
			t.Errorf("%s: got %v, want %s", row.src, err, row.want)
		}
		var e *Error
		if errors.As(err, &e) && (e.Source != row.src || e.Pos > len(row.src)) {
			t.Errorf("%s: error of %q at %d", row.src, e.Source, e.Pos)
		}
	}
}

func TestDefinitionsLast(t *testing.T) {
	c := New(map[string]string{`\E`: `\mathbb{E}\left[#1\right]`, "R": `\mathbb R`})
	if _, err := c.Convert(`\newcommand{\x}{\mathbf x} \E{\x} \in \R`, false); err != nil {
		t.Error(err)
	}
	if _, err := c.Convert(`\x`, false); err != nil {
		t.Errorf("a definition ends with its formula: %v", err)
	}
	if _, err := New(nil).Convert(`\x`, false); err == nil {
		t.Error("a definition is shared between converters")
	}
}

// A long inline formula is cut behind relations outside brackets, and its sources add up.
func TestInline(t *testing.T) {
	src := `\|u(t) - y\|^2 \le e^{-\lambda t} \|u(0) - y\|^2 = f(a = b, c) + g + h + i + j + k`
	s, err := New(nil).Inline(src, 12)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(s, "<math>"); n < 3 {
		t.Errorf("got %d pieces: %s", n, s)
	}
	var sources string
	for _, part := range strings.Split(s, "<annotation encoding=\"application/x-tex\">")[1:] {
		src, _, _ := strings.Cut(part, "<")
		sources += src
	}
	if strip(sources) != strip(src) {
		t.Errorf("sources of the pieces: got %s, want %s", sources, src)
	}
	for _, piece := range strings.Split(s, "<wbr>") {
		if strings.Count(piece, ">(<") != strings.Count(piece, ">)<") {
			t.Errorf("cut inside brackets: %s", piece)
		}
	}
	if s, _ := New(nil).Inline(`x = y`, 12); strings.Contains(s, "<wbr>") {
		t.Errorf("a short formula is cut: %s", s)
	}
}

func strip(s string) string { return strings.ReplaceAll(s, " ", "") }

// formulas are what chapters on neural tangent kernels and their neighbours write.
var formulas = []string{
	`\Theta^{(h)}(x,x') = \sum_{h=1}^{L+1}\left(\Sigma^{(h-1)}(x,x')\prod_{h'=h}^{L+1}\dot\Sigma^{(h')}(x,x')\right)`,
	`\Pr\left[\sup_{t\ge 0}\|w(t)-w(0)\|_2 \le \frac{R}{\sqrt m}\right] \geq 1-\delta`,
	`|x| = \begin{cases} x & \text{if } x\ge 0,\\ -x & \text{otherwise.}\end{cases}`,
	`\begin{align} u_{t+1} &= u_t - \eta H (u_t - y), & v &= 3 \tag{9.1}\\ u_\infty &= y \end{align}`,
	`\underbrace{a+b+c}_{n\text{ times}} + \overbrace{x\cdots x}^{k} \overset{!}{=} \hat\theta`,
	`\operatorname*{arg\,max}_{\theta\in\mathbb{R}^d} \mathcal{L}(\theta) + \boldsymbol{\lambda}^\top\mathbf{x}`,
	`A \xrightarrow[n\to\infty]{\text{a.s.}} B, \quad \sum_{\substack{i=1\\ i\ne j}}^n x_i`,
	`\begin{array}{l|cr} a & b & c \\ \hline d & e & f \end{array} \boxed{x} \cancel{y}`,
}

func TestFormulas(t *testing.T) {
	for _, src := range formulas {
		s, err := New(nil).Convert(src, true)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		wellFormed(t, src, s)
	}
}

// Every command of the tables can be drawn.
func TestEverySymbol(t *testing.T) {
	for name := range symbols() {
		if _, err := New(nil).Convert(`a\`+name+` b`, true); err != nil {
			t.Error(err)
		}
	}
	for name := range builtinMacros() {
		src := `\` + name + `{x}{y}`
		s, err := New(nil).Convert(src, true)
		if err != nil {
			t.Error(err)
			continue
		}
		wellFormed(t, src, s)
	}
	for name := range environments {
		src := `\begin{` + name + `}x\end{` + name + `}`
		switch environments[name].argument {
		case 1:
			src = `\begin{` + name + `}{c}x\end{` + name + `}`
		case 2:
			src = `\begin{` + name + `}{2}x\end{` + name + `}`
		}
		s, err := New(nil).Convert(src, true)
		if err != nil {
			t.Error(err)
			continue
		}
		wellFormed(t, src, s)
	}
	for r := range characters() {
		if strings.ContainsRune("^_{}", r) {
			continue
		}
		if _, err := New(nil).Convert("a"+string(r)+"b", true); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkConvert(b *testing.B) {
	c := New(nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := c.Convert(formulas[i%len(formulas)], true); err != nil {
			b.Fatal(err)
		}
	}
}
