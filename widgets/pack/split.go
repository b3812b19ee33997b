package pack

import (
	"regexp"
	"strconv"
	"strings"
)

// skeleton is the pieces of a part: text, or a token as open and its kind.
type skeleton []string

// inText finds what is no number in running text, and the numbers: an entity, or up to nine digits.
var inText = regexp.MustCompile(`&#?\w+;|[0-9]+(?:\.[0-9]+)?`)

// split takes a marked text apart. Each token's numbers are one list; numbers in running text, that
// is outside tags, are tokens too.
func split(text string) (skeleton, [][]int) {
	var s skeleton
	var numbers [][]int
	add := func(kind string, n []int) {
		s = append(s, string(open)+kind)
		numbers = append(numbers, n)
	}
	literal := ""
	flush := func() {
		if literal != "" {
			s = append(s, literal)
			literal = ""
		}
	}
	running := func(t string) {
		for t != "" {
			at := inText.FindStringIndex(t)
			if at == nil {
				literal += t
				return
			}
			word := t[at[0]:at[1]]
			literal += t[:at[0]]
			t = t[at[1]:]
			whole, part, _ := strings.Cut(word, ".")
			if word[0] == '&' || len(word) > 9 || len(part) > 8 || len(whole) > 1 && whole[0] == '0' {
				literal += word
				continue
			}
			v, _ := strconv.Atoi(whole + part)
			flush()
			add(strconv.Itoa(len(part)), []int{v})
		}
	}
	last := "" // the last path
	inTag := false
	for text != "" {
		i := strings.IndexAny(text, "<>"+string(open))
		if i < 0 {
			i = len(text)
		}
		if inTag {
			literal += text[:i]
		} else {
			running(text[:i])
		}
		if text = text[i:]; text == "" {
			break
		}
		switch {
		case text[0] == '<':
			flush() // tags are often alike where the text before them is not
			literal, inTag, text = "<", true, text[1:]
		case text[0] == '>':
			literal, inTag, text = literal+">", false, text[1:]
		default:
			body, rest, _ := strings.Cut(text[len(string(open)):], string(shut))
			text = rest
			flush()
			if kind := body[0]; kind == kindLines || kind == kindClosed {
				if body == last {
					s = append(s, string(open)+string(rune(kindAgain)))
					continue
				}
				last = body
			}
			fields := strings.Split(body[1:], ",")
			n := make([]int, len(fields))
			for i, f := range fields {
				n[i], _ = strconv.Atoi(f)
			}
			add(body[:1], n)
		}
	}
	flush()
	return s, numbers
}
