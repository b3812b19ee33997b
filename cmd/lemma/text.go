package main

import (
	"strings"
	"unicode/utf8"
)

// wrap breaks text into lines of at most width characters at spaces; lines after the first start
// with indent.
func wrap(text string, width int, indent string) string {
	var b strings.Builder
	n := 0
	for i, word := range strings.Fields(text) {
		w := utf8.RuneCountInString(word)
		switch {
		case i > 0 && n+1+w > width:
			b.WriteString("\n" + indent)
			n = 0
		case i > 0:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(word)
		n += w
	}
	return b.String()
}
