// Package widgets is what a reader sees: figures, claim cards, tables of results and of errata, and
// progress. Each shows itself in the output of a GoNB cell, and prints plain lines where the program
// runs outside a notebook; what is shown is HTML without any network request, so that it is the same
// in Jupyter and in an exported page.
//
//	what                              shows                          as a value
//	a figure.Figure                   Show                           HTML, SVG, PNG, Text, WriteFile
//	a claim.Outcome                   ClaimCard                      ClaimHTML, ClaimText
//	the errata of some claims         Errata                         ErrataHTML
//	a table of results                Table                          TableHTML, TableText
//	work that takes a while           NewProgress, Progress.Set
//
// In a cell:
//
//	widgets.Show(r.Figure())
//	widgets.ClaimCard(claim.Run(ctx, c, claim.Env{}))
//
// # How figures look
//
// Theory is a line, a measurement is points with intervals, a bound is dashed, a reference is thin
// and grey, what fails is red, dash-dotted and crossed. A series has one colour and one marker in
// all its layers. The colours are told apart by readers with any of the three colour blindnesses and
// have a contrast of at least 3 to light and dark pages (package scene tests both). A legend entry is
// a button that switches its layers; pointing at the picture, touching it, or the arrow keys read the
// nearest value. Labels are Unicode with x_{1} and m^{-1/2} for lowered and raised text.
//
// Much data is reduced to what the page can show: a line of thousands of points keeps the extremes
// of each unit of width, points on the same half unit are drawn once, and the readout offers at
// most 120 values of a layer.
//
// # Style and script
//
// Each fragment carries the style and script it needs in elements with the attribute data-lemma-once.
// A page keeps the first of each name; repeating them is harmless. Where scripts and styles are
// stripped, the pictures are still right.
//
// # Sub-packages
//
// num writes numbers, scene lays figures out, svg and raster write and paint what scene laid out.
package widgets
