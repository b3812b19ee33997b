package html

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ansiWriter writes terminal text as HTML: colours and weights of SGR sequences become spans, every
// other control sequence disappears.
type ansiWriter struct {
	w    io.Writer
	open bool // a span is open
	sgr  sgr
}

// sgr is the state that "select graphic rendition" sets.
type sgr struct {
	bold, dim, italic, underline, inverse bool
	fg, bg                                string // a class suffix "1" or "#rrggbb"; "" for none
}

// write writes a piece of text; close ends the last span.
func (a *ansiWriter) write(s string) {
	for s != "" {
		i := strings.IndexAny(s, "\x1b\x9b")
		if i < 0 {
			a.text(s)
			return
		}
		a.text(s[:i])
		s = a.sequence(s[i:])
	}
}

func (a *ansiWriter) text(s string) {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	if s == "" {
		return
	}
	if !a.open && a.sgr != (sgr{}) {
		io.WriteString(a.w, a.sgr.span())
		a.open = true
	}
	io.WriteString(a.w, escape(s))
}

func (a *ansiWriter) close() {
	if a.open {
		io.WriteString(a.w, "</span>")
		a.open = false
	}
}

// sequence consumes the escape sequence at the start of s and returns the rest.
func (a *ansiWriter) sequence(s string) string {
	params, final, rest := cutSequence(s)
	if final == 'm' {
		a.close()
		a.sgr.apply(params)
	}
	return rest
}

// cutSequence splits an escape sequence off s: parameters and final byte of a control sequence, 0
// for any other.
func cutSequence(s string) (params string, final byte, rest string) {
	body := s[1:]
	if s[0] == 0x1b {
		switch {
		case body == "":
			return "", 0, ""
		case body[0] == ']' || body[0] == 'P' || body[0] == '_' || body[0] == '^': // a string, up to BEL or ESC \
			if i := strings.IndexAny(body, "\a\x1b"); i >= 0 {
				rest = strings.TrimPrefix(body[i+1:], `\`)
				return "", 0, rest
			}
			return "", 0, ""
		case body[0] != '[':
			return "", 0, body[1:]
		}
		body = body[1:]
	}
	for i := range len(body) {
		switch c := body[i]; {
		case 0x40 <= c && c <= 0x7e:
			return body[:i], c, body[i+1:]
		case c < 0x20 || c > 0x7e: // broken off
			return "", 0, body[i:]
		}
	}
	return "", 0, ""
}

func (s *sgr) apply(params string) {
	var nums []int
	for _, p := range strings.FieldsFunc(params+";", func(r rune) bool { return r == ';' || r == ':' }) {
		n, err := strconv.Atoi(p)
		if err != nil {
			return // a private sequence
		}
		nums = append(nums, n)
	}
	if nums == nil {
		nums = []int{0}
	}
	for i := 0; i < len(nums); i++ {
		switch n := nums[i]; {
		case n == 0:
			*s = sgr{}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 3:
			s.italic = true
		case n == 4:
			s.underline = true
		case n == 7:
			s.inverse = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 23:
			s.italic = false
		case n == 24:
			s.underline = false
		case n == 27:
			s.inverse = false
		case 30 <= n && n <= 37:
			s.fg = strconv.Itoa(n - 30)
		case n == 39:
			s.fg = ""
		case 40 <= n && n <= 47:
			s.bg = strconv.Itoa(n - 40)
		case n == 49:
			s.bg = ""
		case 90 <= n && n <= 97:
			s.fg = strconv.Itoa(n - 90 + 8)
		case 100 <= n && n <= 107:
			s.bg = strconv.Itoa(n - 100 + 8)
		case n == 38 || n == 48:
			color, used := extended(nums[i+1:])
			if n == 38 {
				s.fg = color
			} else {
				s.bg = color
			}
			i += used
		}
	}
}

// extended reads 5;n of the 256 colours or 2;r;g;b.
func extended(nums []int) (string, int) {
	switch {
	case len(nums) >= 2 && nums[0] == 5:
		n := nums[1]
		switch {
		case n < 0 || n > 255:
			return "", 2
		case n < 16:
			return strconv.Itoa(n), 2
		case n >= 232:
			g := 8 + 10*(n-232)
			return fmt.Sprintf("#%02x%02x%02x", g, g, g), 2
		}
		level := func(k int) int {
			if k == 0 {
				return 0
			}
			return 55 + 40*k
		}
		n -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(n/36), level(n/6%6), level(n%6)), 2
	case len(nums) >= 4 && nums[0] == 2:
		return fmt.Sprintf("#%02x%02x%02x", nums[1]&255, nums[2]&255, nums[3]&255), 4
	}
	return "", len(nums)
}

// span opens the element for a state that is not the plain one.
func (s sgr) span() string {
	var class, style []string
	add := func(on bool, name string) {
		if on {
			class = append(class, name)
		}
	}
	add(s.bold, "ab")
	add(s.dim, "ad")
	add(s.italic, "ai")
	add(s.underline, "au")
	add(s.inverse, "av")
	for _, c := range []struct{ color, class, css string }{{s.fg, "f", "color"}, {s.bg, "g", "background-color"}} {
		switch {
		case strings.HasPrefix(c.color, "#"):
			style = append(style, c.css+":"+c.color)
		case c.color != "":
			class = append(class, "a"+c.class+c.color)
		}
	}
	out := "<span"
	if class != nil {
		out += ` class="` + strings.Join(class, " ") + `"`
	}
	if style != nil {
		out += ` style="` + strings.Join(style, ";") + `"`
	}
	return out + ">"
}

// stripANSI removes the sequences.
func stripANSI(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "\x1b\x9b")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		_, _, s = cutSequence(s[i:])
	}
	return b.String()
}
