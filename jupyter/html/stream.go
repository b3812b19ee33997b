package html

import (
	"fmt"
	"strings"
)

// longText is text whose middle may be left out: at most maxLines lines and maxBytes bytes of it
// are shown, two thirds from the start and one from the end.
type longText struct {
	head, tail string
	lines      int   // left out between them
	bytes      int64 // likewise
}

// shorten splits text. A cut falls on a line end where there is one within reach, else on a
// character.
func shorten(text string, maxLines, maxBytes int) longText {
	if len(text) <= maxBytes && strings.Count(text, "\n") < maxLines {
		return longText{head: text}
	}
	headLines, headBytes := 2*maxLines/3, 2*maxBytes/3
	head := prefixLines(text, headLines, headBytes)
	tail := suffixLines(text[len(head):], max(maxLines-headLines, 1), max(maxBytes-headBytes, 1))
	middle := text[len(head) : len(text)-len(tail)]
	return longText{head, tail, strings.Count(middle, "\n"), int64(len(middle))}
}

// prefixLines is the longest prefix of whole lines within the bounds.
func prefixLines(s string, lines, bytes int) string {
	end := 0
	for range lines {
		i := strings.IndexByte(s[end:], '\n')
		if i < 0 || end+i+1 > bytes {
			break
		}
		end += i + 1
	}
	if end == 0 { // one line, longer than the page takes
		end = min(bytes, len(s))
		for end > 0 && end < len(s) && !runeStart(s[end]) {
			end--
		}
	}
	return s[:end]
}

// suffixLines is the longest suffix of whole lines within the bounds.
func suffixLines(s string, lines, bytes int) string {
	start := len(s)
	for range lines {
		i := strings.LastIndexByte(strings.TrimSuffix(s[:start], "\n"), '\n')
		if len(s)-(i+1) > bytes {
			break
		}
		if start = i + 1; start == 0 {
			break
		}
	}
	if start == len(s) {
		start = max(0, len(s)-bytes)
		for start < len(s) && !runeStart(s[start]) {
			start++
		}
	}
	return s[start:]
}

func runeStart(b byte) bool { return b&0xC0 != 0x80 }

// note says what is missing: "98,000 lines (4.1 MB) left out".
func (t longText) note() string {
	size := humanBytes(t.bytes)
	if t.lines < 2 {
		return size + " left out"
	}
	return fmt.Sprintf("%s lines (%s) left out", thousands(t.lines), size)
}

// humanBytes is for example "4.1 MB".
func humanBytes(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// thousands is n with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// overwrite applies carriage returns and backspaces as a terminal would: what follows \r on a line
// replaces what it had, so that a progress bar shows its last state.
func overwrite(s string) string {
	if !strings.ContainsAny(s, "\r\b") {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(overwriteLine(line))
	}
	return b.String()
}

func overwriteLine(line string) string {
	if !strings.ContainsAny(line, "\r\b") {
		return line
	}
	// Only the last state is read by anybody; with a bar of ten thousand steps the rest of each
	// longer state is not worth its cost.
	parts := strings.Split(line, "\r")
	last := ""
	for i := len(parts) - 1; i >= 0 && last == ""; i-- {
		last = parts[i]
	}
	if !strings.Contains(last, "\b") {
		return last
	}
	var out []rune
	for _, r := range last {
		if r != '\b' {
			out = append(out, r)
		} else if len(out) > 0 {
			out = out[:len(out)-1]
		}
	}
	return string(out)
}

// text writes terminal text, shortened, as the content of a <pre>.
func (p *page) text(s string) {
	t := shorten(overwrite(s), p.opt.MaxLines, p.opt.MaxText)
	a := ansiWriter{w: p.out}
	a.write(t.head)
	a.close()
	if t.bytes > 0 {
		p.stats.LeftOut += t.bytes
		p.printf("<span class=\"left-out\">… %s; the notebook file has everything …</span>\n", t.note())
		a.write(t.tail)
		a.close()
	}
}
