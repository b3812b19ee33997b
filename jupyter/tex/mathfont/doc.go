// Package mathfont draws a small OpenType font for the parts of a formula that must grow: brackets,
// braces, bars, roots, sums, integrals, arrows and wide accents.
//
// A browser can only stretch what the formula's first font has in stretchable form, in a table
// named MATH. Macs and Windows come with such a font; a fresh Linux machine often has none, and
// then a fraction stands between brackets of one line's height. A page that carries this font
// (some 20 kB) is drawn properly there too. Letters and relations are left to whatever fonts
// the machine has.
//
//	css := mathfont.Face() // @font-face{font-family:"Lemma Math";...}
//
// The outlines are drawn by functions of the height (shapes.go), 1000 units to the em, so that
// each bracket comes in the sizes of TeX's \big family and, above those, is assembled from a top, a
// bottom and a piece that repeats. mathtable.go writes the MATH table (OpenType specification 1.9,
// "MATH"), sfnt.go the tables that every font has.
//
//	the font parses and its glyphs have their sizes   sfnt.go        TestFont
//	the MATH table says what was drawn                mathtable.go   TestMathTable
package mathfont
