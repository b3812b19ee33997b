// Package pack writes the frames of a picture that moves in few bytes. A frame is sections of parts,
// each part a piece of HTML or SVG in which the numbers that move are marked. The text around the
// numbers is the same in most frames and is kept once; a number is told by how far it is from where
// a neighbouring frame, or its neighbour in the same frame, lets it be expected; and these distances,
// most of them zero or one, go through an adaptive binary range coder, which spends a small fraction
// of a bit on what it has come to expect. A page decodes with the script Decoder, in one pass,
// without asking the browser for anything.
//
// # Notation
//
//	tenth      a place on the page in units of 0.1, as package svg rounds it
//	token      a marked number or list of numbers; piece: a token, or text between tokens
//	skeleton   the pieces of a part in order
//	grid       the frames of controls with n₁, n₂, ... points; the last runs fastest
//	mode       how a token is foretold: 0 within the frame; 1+2c by the frame one step back along
//	           control c; 2+2c by the line through the frames one and two steps back
//
// # What stands in a part
//
//	mark                                            function    numbers
//	one place                                       Tenths      1
//	a path of open or closed polylines              Path        2 + 2·points
//	values with four digits, in rows of w           Values      2 + 2·w·rows, mantissas and exponents
//	the cells of a heat map, with three digits      Cells       2 + 2·cells
//	a picture by its palette                        Image       3 + palette + pixels
//	other numbers in running text                   (found)     1
//
//	statement                                       function         test
//	what is packed comes back, number by number     Pack, unpack     TestRoundTrip
//	the script reads what Go writes                 Decoder          TestDecoderAgrees
//	200 frames of 500 points are below 300 kB       Pack             widgets.TestGoldenSizes
//
// An example: one number that rises by one from frame to frame.
//
//	frames := []pack.Frame{{{`<g x="` + pack.Tenths(1) + `"/>`}}, {{`<g x="` + pack.Tenths(1.1) + `"/>`}}}
//	data := pack.Pack(frames, []int{2})
//	pack.Plain(frames[1][0][0]) // <g x="1.1"/>
package pack
