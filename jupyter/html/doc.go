// Package html writes notebooks as web pages: one self-contained file for each, and an index that
// joins them. A page asks nothing of any network: mathematics is MathML (package tex), code is
// coloured while it is written (chroma), styles, scripts and images lie in the file.
//
//	stats, err := html.WritePage("report/09-ntk.html", nb, html.PageOptions{Trusted: true})
//
// # A page
//
// It has a language, a main element, a skip link, headings with anchors, a table of contents that
// folds on a phone, the neighbouring chapters, light and dark colours after the reader's system, a
// print style, and no horizontal scrolling: what is wide scrolls in its own box, which the keyboard
// reaches. Tags of cells are those of nbconvert: hide-input folds the code, remove-input,
// remove-output and remove-cell drop parts. Errors and standard error are marked by words, not by
// colour alone, and a page with a failed cell opens with a banner that links to it.
//
// Formulas are set in a mathematical font where the reader has one. Elsewhere brackets, roots and sums
// come from the font of package mathfont, which a page with formulas carries (some 17 kB), and
// variables are the italics of the text's own font.
//
// # Trust
//
// A notebook is data from somebody. With PageOptions.Trusted, its HTML and SVG are written as they
// are, scripts included. Without, nothing in it can run in the page or reach a network:
//
//	Markdown       rendered, then reduced to harmless elements (bluemonday) and balanced
//	HTML outputs   plain tables and text likewise; anything else in an <iframe sandbox> without the
//	               page's origin, under a content security policy that refuses every request
//	SVG outputs    an image with a data: address, in which no script runs
//	links          http, https and mailto only; images from elsewhere become links
//
// and the page's own policy allows the page's own scripts by their hashes, unless a frame needs
// more, since frames inherit it.
//
// Trusted fragments that repeat a <style> or <script> mark it data-lemma-once="name"; a page keeps
// the first of each name.
//
// # Size
//
// A page is written as a stream. Long text is cut in the middle with a note of how much is missing,
// larger outputs are left out with a note; the notebook itself keeps everything.
//
// # Statement, function, test
//
//	no script of a foreign notebook runs   sandbox.go, sanitize.go   TestHostile, TestPolicy
//	the page stays well-formed             Page, dom.go              TestHostile, TestPageParts (check)
//	50 MB take little memory               stream.go                 TestLargeOutputs, FuzzShorten
//	mathematics in Markdown                mathblock.go, mathspan.go TestMarkdownMath, FuzzMarkdown
//	the richest form of an output          output.go                 TestRichest
//	terminal colours, progress bars        ansi.go, stream.go        TestANSI, TestOverwrite
//	the index sorts, filters, links        index.go, table.js        TestIndex
package html
