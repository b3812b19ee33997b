// Package claimtest is the test that every package with claims has: they are complete, they hold, their
// alternatives fail, they stop with their context.
//
//	func TestClaims(t *testing.T) {
//		claimtest.Run(t, Claims(), claimtest.Options{Env: claim.Env{Backend: claimtest.Backend(t)}})
//	}
//
// No example: it needs the *testing.T of a test.
package claimtest
