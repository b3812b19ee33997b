// Package figure describes a figure as plain data: panels, axes and layers. It draws nothing;
// package widgets turns a Figure into SVG or PNG, and a test can read the series it was given.
//
// A layer has a kind (how the points are joined) and a role (what it stands for). The role decides
// the look, so that a reader learns it once: theory is a line, a measurement is points with
// intervals, a bound is a dashed line.
//
//	statement                         function
//	theory as a line                  Line
//	measurement with its interval     Points
//	a range of values along x         Band
//	counts or categories              Bars
//	a piecewise constant function     Steps
//	a function of two variables       Heat, Contour
//	a figure that a reader changes    Explorer, with Slide, Choose and Switch
//	how a figure is drawn again       Origin
//
// A Figure round-trips through JSON; a NaN, which marks a gap, is null there. Validate reports what a renderer would stumble on.
package figure
