// Package lessontest is the test that every package with hypotheses to drop has: the claim holds with them
// and fails without.
//
//	func TestBreaks(t *testing.T) { lessontest.Breaks(t, Breaks()) }
package lessontest
