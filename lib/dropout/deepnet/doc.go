// Package deepnet is dropout on the top hidden layer of deep networks, section 11.2.
package deepnet
