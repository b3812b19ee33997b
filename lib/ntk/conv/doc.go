// Package conv has the exact kernels of infinitely wide convolutional networks.
package conv
