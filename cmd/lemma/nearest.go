package main

import "fmt"

// didYouMean returns " (did you mean X?)" for the known name nearest to got, or nothing if none is
// near.
func didYouMean(got string, known []string) string {
	best, name := 1+len(got)/3, ""
	for _, k := range known {
		if d := editDistance(got, k); d <= best && (name == "" || d < best) {
			best, name = d, k
		}
	}
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", name)
}

// editDistance is the number of letters to insert, delete, replace or swap with the next to turn a
// into b (optimal string alignment). It costs |a|·|b|.
func editDistance(a, b string) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
