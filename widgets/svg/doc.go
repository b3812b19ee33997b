// Package svg writes laid out figures: Fragment as HTML for notebooks and reports, Document as one
// SVG file.
//
//	output                                            function
//	a <figure> with one <svg> a panel, legend, data   Fragment
//	the same, for a picture that moves                Frame, Moving
//	a single .svg                                     Document
//	the colours of both themes as CSS                 Variables
//
// # The fragment
//
// Each panel is an <svg> of its own in a CSS grid, so that panels stand below each other on a phone
// and the text keeps its size. The pictures need neither script nor style sheet: geometry is cut
// and coloured by attributes. The style sheet adds dark pages, print and narrow screens; the script
// adds switching by the legend and the readout. Both are emitted with every fragment inside
// <style data-lemma-once="lemma-figure"> and <script data-lemma-once="lemma-figure">: a page may
// keep the first of each, and running the script again does nothing.
//
// Element ids derive from Figure.ID and the figure's content: the same figure gives the same bytes.
package svg
