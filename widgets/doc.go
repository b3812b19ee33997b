// Package widgets is what a reader sees: figures and explorers, claim cards, tables of results and of
// errata, and progress. Each shows itself in the output of a GoNB cell, and prints plain lines where
// the program runs outside a notebook; what is shown is HTML that asks the network for nothing, so
// that it is the same in Jupyter and in an exported page.
//
//	what                              shows                          as a value
//	a figure.Figure                   Show                           HTML, SVG, PNG, Text, WriteFile
//	a claim.Outcome                   ClaimCard                      ClaimHTML, ClaimText
//	the errata of some claims         Errata                         ErrataHTML
//	a table of results                Table                          TableHTML, TableText
//	a figure.Explorer                 Explore                        ExploreHTML, ExploreText
//	a lesson.Prediction               Predict                        PredictHTML, PredictText
//	a lesson.Break                    BreakIt                        BreakHTML, BreakText
//	a lesson.Exercise                 Exercise                       ExerciseHTML, ExerciseText
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
// # Explorers
//
// Explore computes the figures of all settings and packs them (package pack): the page moves them
// with no kernel, no network and no drawing code, by mouse, touch, keyboard and screen reader. All
// figures share their axes. Explorers with the same Link move together. What the whole takes is
// estimated from a few figures first; above MaxTime or MaxBytes it is refused.
//
// Under Jupyter a slider whose control has Between can also stand between its values. The cell's
// program leaves a copy of itself behind, which waits on 127.0.0.1 and draws what the page asks for;
// it wants a token that only the page has, and ends within a second of its kernel, with a newer run
// of the cell, or after an hour of rest. What the program draws from must be in place when it runs
// from its beginning once more, and other displays of the cell are computed again, and thrown away,
// before the first such figure. LEMMA_LIVE=0 leaves no copy behind, LEMMA_LIVE=1 does so where
// Jupyter does not say that it is there. A notebook server on another machine needs the extension
// jupyter-server-proxy for this. Where nothing answers, as in an exported page, after a restart or on
// Windows, the nearest setting is shown.
//
// # Where a figure comes from
//
// Figure.Origin, the library's version and the time taken stand in small print below. A notebook's
// output carries a still picture as well, for readers who have not said that they trust it:
// Jupyter hides drawings, styles and scripts from them. An exported page leaves it out.
//
// # Style and script
//
// Each fragment carries the style and script it needs in elements with the attribute data-lemma-once.
// A page keeps the first of each name; repeating them is harmless. Where scripts and styles are
// stripped, the pictures are still right.
//
// # Sub-packages
//
// num writes numbers, scene lays figures out, svg and raster write and paint what scene laid out, pack
// packs the frames of what moves.
package widgets
