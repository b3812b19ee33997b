// Package ntk is chapter 9: what an ultra-wide network computes, and how gradient descent trains it,
// in closed form. Everything here runs on the host in float64; finite networks that are really
// trained live in package finite beside it.
//
// # Notation
//
// The rows x_1..x_n of an n×d matrix are inputs, y their labels, ρ the cosine of a pair. κ₀ and κ₁
// are the arc-cosine functions Kappa0 and Kappa1. Σ^{(h)} is the covariance of layer h at random
// initialisation, Θ^{(L)} the tangent kernel of L hidden layers, H* the kernel of section 9.2 (one
// hidden layer, first layer trained), H an n×n Gram matrix with eigenvalues λ_1 >= ... >= λ_n and
// eigenvectors v_i, u(t) the outputs on the training inputs. Time t is gradient-flow time on
// ½Σ(f(x_i) - y_i)², so that t steps of size η make time ηt.
package ntk
