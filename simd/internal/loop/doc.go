// Package loop runs fused elementwise programs and reductions.
package loop
