package html

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShorten(t *testing.T) {
	ten := "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n"
	for _, row := range []struct {
		reason          string
		text            string
		lines, bytes    int
		head, tail, not string
	}{
		{"what fits stays whole", ten, 100, 100, ten, "", "0 bytes left out"},
		{"too many lines", ten, 6, 100, "0\n1\n2\n3\n", "8\n9\n", "4 lines (8 bytes) left out"},
		{"too many bytes", ten, 100, 12, "0\n1\n2\n3\n", "8\n9\n", "4 lines (8 bytes) left out"},
		{"one long line", "abcdefghij", 100, 6, "abcd", "ij", "4 bytes left out"},
		{"no character is cut", "ääääää", 100, 6, "ää", "ä", "6 bytes left out"},
	} {
		got := shorten(row.text, row.lines, row.bytes)
		if got.head != row.head || got.tail != row.tail || got.note() != row.not {
			t.Errorf("%s: got %q, %q, %q", row.reason, got.head, got.tail, got.note())
		}
		if len(got.head)+len(got.tail)+int(got.bytes) != len(row.text) {
			t.Errorf("%s: bytes do not add up", row.reason)
		}
	}
}

func FuzzShorten(f *testing.F) {
	f.Add("a\nb\nc", 1, 2)
	f.Add("\x1b[31mx\x1b[0m\r\n\b", 2, 3)
	f.Fuzz(func(t *testing.T, s string, lines, bytes int) {
		lines, bytes = lines&63+1, bytes&255+1
		got := shorten(s, lines, bytes)
		if len(got.head)+len(got.tail)+int(got.bytes) != len(s) || !strings.HasPrefix(s, got.head) || !strings.HasSuffix(s, got.tail) {
			t.Fatalf("%q: %+v", s, got)
		}
		if got.bytes > 0 && len(got.head)+len(got.tail) > bytes {
			t.Fatalf("%q: %d bytes shown, at most %d", s, len(got.head)+len(got.tail), bytes)
		}
		if utf8.ValidString(s) && (!utf8.ValidString(got.head) || !utf8.ValidString(got.tail)) {
			t.Fatalf("%q: cut inside a character", s)
		}
		var b strings.Builder
		a := ansiWriter{w: &b}
		a.write(overwrite(s))
		a.close()
		if strings.Count(b.String(), "<span") != strings.Count(b.String(), "</span>") {
			t.Fatalf("%q: %q", s, b.String())
		}
	})
}

func TestANSI(t *testing.T) {
	for _, row := range []struct{ reason, in, want string }{
		{"colour", "\x1b[31mred\x1b[0m x", `<span class="af1">red</span> x`},
		{"bold and colour in one", "\x1b[1;32mok\x1b[m", `<span class="ab af2">ok</span>`},
		{"bright", "\x1b[91mx", `<span class="af9">x</span>`},
		{"256 colours", "\x1b[38;5;196mx", `<span style="color:#ff0000">x</span>`},
		{"true colour behind", "\x1b[48;2;1;2;3mx", `<span style="background-color:#010203">x</span>`},
		{"no span for nothing", "\x1b[31m\x1b[0mx", "x"},
		{"cursor movements vanish", "a\x1b[2K\x1b[1Gb", "ab"},
		{"titles vanish", "\x1b]0;title\ax", "x"},
		{"links vanish, their text stays", "\x1b]8;;http://a\x1b\\x\x1b]8;;\x1b\\", "x"},
		{"a sequence broken off", "x\x1b[3", "x"},
		{"markup stays text", "\x1b[31m<b>\x1b[0m", `<span class="af1">&lt;b&gt;</span>`},
		{"nonsense parameters", "\x1b[38;5mx\x1b[999mx", "xx"},
	} {
		var b strings.Builder
		a := ansiWriter{w: &b}
		a.write(row.in)
		a.close()
		if b.String() != row.want {
			t.Errorf("%s: %q\n got %s\nwant %s", row.reason, row.in, b.String(), row.want)
		}
		if strings.Contains(stripANSI(row.in), "\x1b") {
			t.Errorf("%s: stripANSI(%q) = %q", row.reason, row.in, stripANSI(row.in))
		}
	}
}

func TestOverwrite(t *testing.T) {
	for _, row := range []struct{ reason, in, want string }{
		{"a progress bar shows its last state", "10%\r50%\r100%\ndone", "100%\ndone"},
		{"also when it ends with a return", "10%\r100%\r", "100%"},
		{"Windows line ends", "a\r\nb\r\n", "a\nb\n"},
		{"backspaces", "abc\b\bx", "ax"},
		{"nothing to do", "a\nb", "a\nb"},
	} {
		if got := overwrite(row.in); got != row.want {
			t.Errorf("%s: got %q, want %q", row.reason, got, row.want)
		}
	}
}
