// Package lessontest is the test that every package with hypotheses to drop has: the claim holds with them
// and fails without.
//
//	func TestBreaks(t *testing.T) { lessontest.Breaks(t, Breaks()) }
//
// No example: it needs the *testing.T of a test.
package lessontest
