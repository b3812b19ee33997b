// Package landscape holds chapter 6: what a nonconvex objective looks like where gradients vanish, and
// which objectives gradient descent can be trusted with.
package landscape
