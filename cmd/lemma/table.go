package main

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// table is text in columns. The columns named in flex give way, longest first, where the terminal is
// narrow; nothing is cut in a pipe.
type table struct {
	head []string
	rows [][]string
	flex []int // columns that may be cut, in no order
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// write prints the table within width columns; 0 means as wide as it is.
func (t *table) write(w io.Writer, width int) {
	size := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, c := range row {
			size[i] = max(size[i], utf8.RuneCountInString(c))
		}
	}
	if width > 0 {
		over := 2 * (len(size) - 1)
		for _, s := range size {
			over += s
		}
		over -= width
		for over > 0 {
			widest := -1
			for _, c := range t.flex {
				if size[c] > 12 && (widest < 0 || size[c] > size[widest]) {
					widest = c
				}
			}
			if widest < 0 {
				break
			}
			size[widest]--
			over--
		}
	}
	line := func(cells []string) {
		var b strings.Builder
		for i, c := range cells {
			if n := utf8.RuneCountInString(c); n > size[i] {
				c = string([]rune(c)[:size[i]-1]) + "…"
			}
			b.WriteString(c)
			if i < len(cells)-1 {
				b.WriteString(strings.Repeat(" ", size[i]-utf8.RuneCountInString(c)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	line(t.head)
	for _, row := range t.rows {
		line(row)
	}
}

// number formats a value for people: six digits, or what it is if it is not a number.
func number(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.6g", x)
}

// plural is "1 claim", "2 claims".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
