// Package tex turns the TeX mathematics of a notebook into presentation MathML, the part that
// browsers draw themselves (MathML Core): no script, no style sheet, no font travels with the page.
//
//	c := tex.New(map[string]string{`\E`: `\mathbb{E}`})
//	s, err := c.Convert(`\E[X] = \int x\,dP`, true)
//
// A formula passes four stages, one or two files each:
//
//	source --lexer--> tokens --input--> tokens without macros --parser--> tree --writer--> MathML
//
//	lexer.go, input.go, macros.go            characters, macro expansion and its budget
//	parser.go, atoms.go, scripts.go,         lists and groups, atoms, scripts,
//	commands.go, constructions.go,           commands with arguments,
//	delimiters.go, environments.go, text.go  fences, tables, words between the mathematics
//	symbols.go, alphabet.go                  names to characters, letters to alphabets
//	spacing.go, writer.go, layout.go         TeX's classes and spaces, the elements of MathML
//	pieces.go                                where a long inline formula may break
//
// # What is understood
//
// Sub- and superscripts, primes and Unicode scripts (x²); fractions, binomials, roots; Greek,
// operators, relations, arrows, sets, dots; big operators and named functions with limits that
// move between display and inline style; \left \middle \right and the \big family; accents,
// braces and lines over and under; the alphabets \mathrm \mathbf \boldsymbol \mathbb \mathcal
// \mathfrak \mathsf \mathtt; \text with mathematics inside; the environments of amsmath
// (matrices, cases, aligned, align, gather, split, multline, array, equation, ...) with \tag;
// spacing, colours, \phantom, \boxed, \cancel, \not, \substack, \overset, \xrightarrow;
// \newcommand, \def, \let and \DeclareMathOperator, whose definitions last, as in a notebook,
// from the formula that makes them to the end of the Converter.
//
// # Conventions
//
// MathML Core knows one value of mathvariant, "normal"; every other alphabet is written with the
// mathematical alphanumerics of Unicode (U+1D400...), including the letters that live elsewhere
// (ℎ, ℝ, ℂ, ℬ). What must grow with its content needs a font with a MATH table; package mathfont draws
// one for pages whose readers may have none. Spacing follows TeX's table of atom classes (The TeXbook, chapter 18) and is
// written out only where the operator dictionary of MathML Core would differ.
//
// An error is a *Error with the offset in bytes of what was wrong. Positions inside a macro are
// those of its call. Nesting, expansion and size are bounded, so that no formula, however hostile,
// takes more than some milliseconds and a few megabytes.
//
// # Statement, function, test
//
//	spacing by classes          spaceRow        TestSpacing
//	alphabets and their holes   alphabet        TestAlphabet
//	golden formulas             Convert         TestGolden
//	errors carry positions      Error           TestErrors
//	bounds hold                 input, parser   TestBounds, FuzzConvert
package tex
