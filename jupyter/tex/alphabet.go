package tex

// font is an alphabet for letters and digits.
type font uint8

const (
	fontDefault    font = iota // italic letters, upright digits
	fontRoman                  // \mathrm
	fontItalic                 // \mathit
	fontBold                   // \mathbf
	fontBoldItalic             // \boldsymbol
	fontDouble                 // \mathbb
	fontScript                 // \mathcal
	fontBoldScript
	fontFraktur // \mathfrak
	fontBoldFraktur
	fontSans // \mathsf
	fontBoldSans
	fontMono // \mathtt
)

// The blocks of Unicode's mathematical alphanumerics: code points of A, a, Α, α and 0, 0 where
// the block has none. (The Unicode Standard, chart U+1D400.)
var blocks = map[font]struct{ upper, lower, greekUpper, greekLower, digit rune }{
	fontItalic:      {0x1D434, 0x1D44E, 0x1D6E2, 0x1D6FC, 0},
	fontBold:        {0x1D400, 0x1D41A, 0x1D6A8, 0x1D6C2, 0x1D7CE},
	fontBoldItalic:  {0x1D468, 0x1D482, 0x1D71C, 0x1D736, 0x1D7CE},
	fontDouble:      {0x1D538, 0x1D552, 0, 0, 0x1D7D8},
	fontScript:      {0x1D49C, 0x1D4B6, 0, 0, 0},
	fontBoldScript:  {0x1D4D0, 0x1D4EA, 0, 0, 0},
	fontFraktur:     {0x1D504, 0x1D51E, 0, 0, 0},
	fontBoldFraktur: {0x1D56C, 0x1D586, 0, 0, 0},
	fontSans:        {0x1D5A0, 0x1D5BA, 0, 0, 0x1D7E2},
	fontBoldSans:    {0x1D5D4, 0x1D5EE, 0x1D756, 0x1D770, 0x1D7EC},
	fontMono:        {0x1D670, 0x1D68A, 0, 0, 0x1D7F6},
}

// The letters that were in Unicode before the blocks; their places there are empty.
var holes = map[rune]rune{
	0x1D455: 'ℎ',
	0x1D49D: 'ℬ', 0x1D4A0: 'ℰ', 0x1D4A1: 'ℱ', 0x1D4A3: 'ℋ', 0x1D4A4: 'ℐ', 0x1D4A7: 'ℒ',
	0x1D4A8: 'ℳ', 0x1D4AD: 'ℛ', 0x1D4BA: 'ℯ', 0x1D4BC: 'ℊ', 0x1D4C4: 'ℴ',
	0x1D506: 'ℭ', 0x1D50B: 'ℌ', 0x1D50C: 'ℑ', 0x1D515: 'ℜ', 0x1D51D: 'ℨ',
	0x1D53A: 'ℂ', 0x1D53F: 'ℍ', 0x1D545: 'ℕ', 0x1D547: 'ℙ', 0x1D548: 'ℚ', 0x1D549: 'ℝ', 0x1D551: 'ℤ',
}

// Greek letters outside the runs Α-Ω and α-ω, by their distance from α (or Α for ϴ) in a block.
var greekExtra = map[rune]rune{'∂': 25, 'ϵ': 26, 'ϑ': 27, 'ϰ': 28, 'ϕ': 29, 'ϱ': 30, 'ϖ': 31, '∇': -1}

// alphabet returns r in font f, and whether f has it.
func alphabet(f font, r rune) (rune, bool) {
	b, ok := blocks[f]
	if !ok {
		return r, false
	}
	var out rune
	switch {
	case 'A' <= r && r <= 'Z':
		out = b.upper + r - 'A'
	case 'a' <= r && r <= 'z':
		out = b.lower + r - 'a'
	case '0' <= r && r <= '9' && b.digit != 0:
		out = b.digit + r - '0'
	case 'Α' <= r && r <= 'Ω' && r != 'Α'+17 && b.greekUpper != 0: // no capital final sigma
		out = b.greekUpper + r - 'Α'
	case 'α' <= r && r <= 'ω' && b.greekLower != 0:
		out = b.greekLower + r - 'α'
	case b.greekLower != 0 && greekExtra[r] != 0:
		out = b.greekLower + greekExtra[r]
	case f == fontDouble:
		switch r {
		case 'Γ':
			return 'ℾ', true
		case 'Π':
			return 'ℿ', true
		case 'γ':
			return 'ℽ', true
		case 'π':
			return 'ℼ', true
		case '∑':
			return '⅀', true
		}
		return r, false
	default:
		return r, false
	}
	if h, ok := holes[out]; ok {
		out = h
	}
	return out, true
}

// embolden is the font that \boldsymbol makes of f.
func embolden(f font) font {
	switch f {
	case fontDefault, fontItalic:
		return fontBoldItalic
	case fontRoman:
		return fontBold
	case fontScript:
		return fontBoldScript
	case fontFraktur:
		return fontBoldFraktur
	case fontSans:
		return fontBoldSans
	}
	return f
}

// letter returns the symbol of a letter in font f. A letter that TeX sets upright says so, since a
// lone letter in <mi> is italic; a run of several in \mathrm becomes one word in joinWords.
func letter(r rune, f font, pos int) *symbol {
	s := &symbol{tag: "mi", text: string(r), pos: pos}
	upright := 'Α' <= r && r <= 'Ω' || r == '∇' // TeX's capital Greek is upright
	switch f {
	case fontDefault:
		if upright {
			s.attrs = ` mathvariant="normal"`
		}
	case fontRoman:
		s.attrs = ` mathvariant="normal"`
	default:
		if f == fontBoldItalic && upright { // as in amsbsy
			f = fontBold
		}
		if c, ok := alphabet(f, r); ok {
			s.text = string(c)
		} else if upright {
			s.attrs = ` mathvariant="normal"`
		}
	}
	return s
}
