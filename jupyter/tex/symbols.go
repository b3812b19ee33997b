package tex

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// entry is what a command without arguments, or a Unicode character, stands for.
type entry struct {
	text   string
	cls    class
	tag    string
	letter bool // takes alphabets, as Greek does
	limits bool
	rigid  bool // an operator that the dictionary stretches and TeX does not
}

// symbols are the commands that stand for a character or a word, by name without backslash.
var symbols = sync.OnceValue(func() map[string]entry {
	out := map[string]entry{}
	add := func(pairs string, e entry) {
		f := strings.Fields(pairs)
		for i := 0; i < len(f); i += 2 {
			e.text = f[i+1]
			out[f[i]] = e
		}
	}
	add(letterSymbols, entry{cls: ord, tag: "mi", letter: true})
	add(ordinarySymbols, entry{cls: ord, tag: "mi"})
	add(verticalSymbols, entry{cls: ord, tag: "mo", rigid: true})
	add(binarySymbols, entry{cls: bin, tag: "mo"})
	add(relationSymbols, entry{cls: rel, tag: "mo"})
	add(arrowSymbols, entry{cls: rel, tag: "mo", rigid: true})
	add(openingSymbols, entry{cls: opening, tag: "mo", rigid: true})
	add(closingSymbols, entry{cls: closing, tag: "mo", rigid: true})
	add(punctuationSymbols, entry{cls: punct, tag: "mo"})
	add(innerSymbols, entry{cls: inner, tag: "mi"})
	add(bigSymbols, entry{cls: op, tag: "mo", limits: true})
	add(integralSymbols, entry{cls: op, tag: "mo"})
	for _, name := range strings.Fields(functions) {
		out[name] = entry{text: name, cls: op, tag: "mi"}
	}
	for _, name := range strings.Fields(limitFunctions) {
		out[name] = entry{text: name, cls: op, tag: "mi", limits: true}
	}
	out["liminf"] = entry{text: "lim\u2009inf", cls: op, tag: "mi", limits: true}
	out["limsup"] = entry{text: "lim\u2009sup", cls: op, tag: "mi", limits: true}
	return out
})

// characters are the same entries by their character, so that ≤ typed as such behaves as \le.
var characters = sync.OnceValue(func() map[rune]entry {
	out := map[rune]entry{}
	// Where two commands share a character, the later kind here wins: a △ typed as such is a
	// triangle before it is an operator or a relation.
	kinds := []class{opening, closing, inner, punct, op, rel, bin, ord}
	for _, k := range kinds {
		for _, e := range symbols() {
			if r, n := utf8.DecodeRuneInString(e.text); e.cls == k && n == len(e.text) && r >= 0x80 {
				out[r] = e
			}
		}
	}
	for _, ascii := range []struct {
		chars string
		e     entry
	}{
		{"=<>:", entry{cls: rel, tag: "mo"}},
		{"([", entry{cls: opening, tag: "mo", rigid: true}},
		{")]", entry{cls: closing, tag: "mo", rigid: true}},
		{"!?", entry{cls: closing, tag: "mo"}},
		{",;", entry{cls: punct, tag: "mo"}},
		{"|/", entry{cls: ord, tag: "mo", rigid: true}},
		{`."@`, entry{cls: ord, tag: "mi"}},
		{"+", entry{cls: bin, tag: "mo"}},
	} {
		for _, r := range ascii.chars {
			ascii.e.text = string(r)
			out[r] = ascii.e
		}
	}
	out['⊥'] = entry{text: "⊥", cls: rel, tag: "mo"}
	out['-'] = entry{text: "−", cls: bin, tag: "mo"}
	out['−'] = out['-']
	out['*'] = entry{text: "∗", cls: bin, tag: "mo"}
	out['\u00a0'] = entry{text: "\u00a0", cls: ord, tag: "mtext"}
	return out
})

const (
	letterSymbols = `alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ
vartheta ϑ iota ι kappa κ varkappa ϰ lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ
varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω digamma ϝ
Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω
Alpha Α Beta Β Epsilon Ε Zeta Ζ Eta Η Iota Ι Kappa Κ Mu Μ Nu Ν Omicron Ο Rho Ρ Tau Τ Chi Χ
partial ∂ nabla ∇ imath ı jmath ȷ`

	ordinarySymbols = `infty ∞ emptyset ∅ varnothing ∅ hbar ℏ hslash ℏ ell ℓ wp ℘ Re ℜ Im ℑ
aleph ℵ beth ℶ gimel ℷ daleth ℸ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ angle ∠
measuredangle ∡ sphericalangle ∢ prime ′ backprime ‵ surd √ flat ♭ natural ♮ sharp ♯ clubsuit ♣
diamondsuit ♢ heartsuit ♡ spadesuit ♠ square □ Box □ blacksquare ■ Diamond ◊ lozenge ◊
blacklozenge ⧫ triangle △ triangledown ▽ blacktriangle ▲ blacktriangledown ▼ bigstar ★
complement ∁ mho ℧ eth ð Finv Ⅎ Game ⅁ Bbbk 𝕜 circledS Ⓢ circledR ® diagup ╱ diagdown ╲
copyright © pounds £ yen ¥ maltese ✠ checkmark ✓ S § P ¶ dag † ddag ‡ % % # # & & $ $ _ _
degree ° vdots ⋮ backslash \ textbackslash \ QED ∎ qed ∎`

	verticalSymbols = `| ‖ Vert ‖ vert |`

	binarySymbols = `pm ± mp ∓ times × div ÷ cdot ⋅ cdotp ⋅ ast ∗ star ⋆ circ ∘ bullet ∙ cap ∩ cup ∪
uplus ⊎ sqcap ⊓ sqcup ⊔ vee ∨ lor ∨ wedge ∧ land ∧ setminus ∖ smallsetminus ∖ wr ≀ diamond ⋄
bigtriangleup △ bigtriangledown ▽ triangleleft ◃ triangleright ▹ oplus ⊕ ominus ⊖ otimes ⊗
oslash ⊘ odot ⊙ bigcirc ◯ dagger † ddagger ‡ amalg ⨿ dotplus ∔ ltimes ⋉ rtimes ⋊
leftthreetimes ⋋ rightthreetimes ⋌ curlywedge ⋏ curlyvee ⋎ circleddash ⊝ circledast ⊛
circledcirc ⊚ centerdot ⋅ intercal ⊺ boxplus ⊞ boxminus ⊟ boxtimes ⊠ boxdot ⊡ divideontimes ⋇
Cap ⋒ Cup ⋓ doublecap ⋒ doublecup ⋓ barwedge ⊼ veebar ⊻ doublebarwedge ⩞ gtrdot ⋗ lessdot ⋖
lhd ⊲ rhd ⊳ unlhd ⊴ unrhd ⊵ And &`

	relationSymbols = `lt < gt > le ≤ leq ≤ ge ≥ geq ≥ leqslant ⩽ geqslant ⩾ ne ≠ neq ≠ ll ≪ gg ≫
lll ⋘ ggg ⋙ equiv ≡ sim ∼ simeq ≃ approx ≈ approxeq ≊ thickapprox ≈ thicksim ∼ cong ≅ propto ∝
varpropto ∝ doteq ≐ doteqdot ≑ Doteq ≑ asymp ≍ prec ≺ succ ≻ preceq ⪯ succeq ⪰ preccurlyeq ≼
succcurlyeq ≽ curlyeqprec ⋞ curlyeqsucc ⋟ precsim ≾ succsim ≿ precapprox ⪷ succapprox ⪸
subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subseteqq ⫅ supseteqq ⫆ subsetneq ⊊ supsetneq ⊋
subsetneqq ⫋ supsetneqq ⫌ Subset ⋐ Supset ⋑ sqsubset ⊏ sqsupset ⊐ sqsubseteq ⊑ sqsupseteq ⊒
in ∈ isin ∈ ni ∋ owns ∋ vdash ⊢ dashv ⊣ vDash ⊨ models ⊨ Vdash ⊩ Vvdash ⊪ nvdash ⊬ nvDash ⊭
nVDash ⊯ mid ∣ nmid ∤ shortmid ∣ parallel ∥ nparallel ∦ perp ⟂ smile ⌣ frown ⌢ smallsmile ⌣
smallfrown ⌢ bowtie ⋈ Join ⋈ between ≬ pitchfork ⋔ therefore ∴ because ∵ triangleq ≜
circeq ≗ bumpeq ≏ Bumpeq ≎ eqcirc ≖ backsim ∽ backsimeq ⋍ eqsim ≂ lesssim ≲ gtrsim ≳ lessapprox ⪅
gtrapprox ⪆ lessgtr ≶ gtrless ≷ lesseqgtr ⋚ gtreqless ⋛ leqq ≦ geqq ≧ lneq ⪇ gneq ⪈ lneqq ≨
gneqq ≩ lnsim ⋦ gnsim ⋧ nless ≮ ngtr ≯ nleq ≰ ngeq ≱ nsim ≁ ncong ≇ nprec ⊀ nsucc ⊁ nsubseteq ⊈
nsupseteq ⊉ nsubset ⊄ nsupset ⊅ trianglelefteq ⊴ trianglerighteq ⊵ vartriangleleft ⊲
vartriangleright ⊳ ntriangleleft ⋪ ntriangleright ⋫ blacktriangleleft ◀ blacktriangleright ▶
vartriangle △ risingdotseq ≓ fallingdotseq ≒ coloncolon ∷ eqslantless ⪕ eqslantgtr ⪖`

	arrowSymbols = `to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐
Leftrightarrow ⇔ longrightarrow ⟶ longleftarrow ⟵ longleftrightarrow ⟷ Longrightarrow ⟹
Longleftarrow ⟸ Longleftrightarrow ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪ hookleftarrow ↩
rightharpoonup ⇀ rightharpoondown ⇁ leftharpoonup ↼ leftharpoondown ↽ rightleftharpoons ⇌
leftrightharpoons ⇋ leadsto ⇝ rightsquigarrow ⇝ leftrightsquigarrow ↭ uparrow ↑ downarrow ↓
updownarrow ↕ Uparrow ⇑ Downarrow ⇓ Updownarrow ⇕ nearrow ↗ searrow ↘ swarrow ↙ nwarrow ↖
rightrightarrows ⇉ leftleftarrows ⇇ rightleftarrows ⇄ leftrightarrows ⇆ upuparrows ⇈
downdownarrows ⇊ twoheadrightarrow ↠ twoheadleftarrow ↞ rightarrowtail ↣ leftarrowtail ↢
looparrowright ↬ looparrowleft ↫ curvearrowright ↷ curvearrowleft ↶ circlearrowright ↻
circlearrowleft ↺ dashrightarrow ⇢ dashleftarrow ⇠ Rrightarrow ⇛ Lleftarrow ⇚ Lsh ↰ Rsh ↱
nrightarrow ↛ nleftarrow ↚ nleftrightarrow ↮ nRightarrow ⇏ nLeftarrow ⇍ nLeftrightarrow ⇎
upharpoonright ↾ upharpoonleft ↿ downharpoonright ⇂ downharpoonleft ⇃ restriction ↾ multimap ⊸
rarr → larr ← rArr ⇒ lArr ⇐ hArr ⇔ harr ↔`

	openingSymbols     = `{ { lbrace { lbrack [ langle ⟨ lfloor ⌊ lceil ⌈ lvert | lVert ‖ lgroup ⟮ lmoustache ⎰ ulcorner ⌜ llcorner ⌞ llbracket ⟦ lang ⟨ lparen (`
	closingSymbols     = `} } rbrace } rbrack ] rangle ⟩ rfloor ⌋ rceil ⌉ rvert | rVert ‖ rgroup ⟯ rmoustache ⎱ urcorner ⌝ lrcorner ⌟ rrbracket ⟧ rang ⟩ rparen )`
	punctuationSymbols = `ldotp . colon :`
	innerSymbols       = `ldots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ ddots ⋱ iddots ⋰ adots ⋰ hdots … mathellipsis …`

	bigSymbols = `sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigvee ⋁ bigwedge ⋀ bigoplus ⨁ bigotimes ⨂
bigodot ⨀ biguplus ⨄ bigsqcup ⨆`
	integralSymbols = `int ∫ iint ∬ iiint ∭ iiiint ⨌ oint ∮ oiint ∯ oiiint ∰ intop ∫ smallint ∫`

	functions = `arccos arcsin arctan arg cos cosh cot coth csc deg dim exp hom ker lg ln log sec sin
sinh tan tanh arcctg arctg ch cosec cotg ctg cth sh tg th`
	limitFunctions = `det gcd inf lim max min Pr sup argmax argmin`
)

// negations are what \not makes of a relation, where Unicode has it whole.
var negations = map[string]string{
	"=": "≠", "<": "≮", ">": "≯", "≤": "≰", "≥": "≱", "∈": "∉", "∋": "∌", "⊂": "⊄", "⊃": "⊅",
	"⊆": "⊈", "⊇": "⊉", "∼": "≁", "≃": "≄", "≅": "≇", "≈": "≉", "≡": "≢", "∣": "∤", "∥": "∦",
	"⊢": "⊬", "⊨": "⊭", "∃": "∄", "≺": "⊀", "≻": "⊁", "→": "↛", "←": "↚", "↔": "↮", "⇒": "⇏",
	"⇐": "⇍", "⇔": "⇎", "⊑": "⋢", "⊒": "⋣", "⊲": "⋪", "⊳": "⋫", "⊴": "⋬", "⊵": "⋭",
}

// superscripts and subscripts are the Unicode characters that are scripts of what precedes them.
var superscripts = map[rune]string{
	'⁰': "0", '¹': "1", '²': "2", '³': "3", '⁴': "4", '⁵': "5", '⁶': "6", '⁷': "7", '⁸': "8", '⁹': "9",
	'⁺': "+", '⁻': "-", '⁼': "=", '⁽': "(", '⁾': ")", 'ⁱ': "i", 'ⁿ': "n", 'ᵀ': "T", 'ᵏ': "k", 'ˣ': "x",
}

var subscripts = map[rune]string{
	'₀': "0", '₁': "1", '₂': "2", '₃': "3", '₄': "4", '₅': "5", '₆': "6", '₇': "7", '₈': "8", '₉': "9",
	'₊': "+", '₋': "-", '₌': "=", '₍': "(", '₎': ")", 'ᵢ': "i", 'ⱼ': "j", 'ₖ': "k", 'ₙ': "n", 'ₓ': "x", 'ₜ': "t",
}
