// Package figuretest is the test that every package with explorers has: they are drawn, and what is drawn
// is whole.
//
//	func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 1) }
//
// No example: it needs the *testing.T of a test.
package figuretest
