// Package dropout holds what every model of chapter 11 shares: rates, masks, layers, and the penalty
// that dropout is.
package dropout
