package pack

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Frame is sections of parts. All frames of a picture have equally many sections; the parts of a
// section may come and go.
type Frame [][]string

// Data is packed frames as a page carries them.
type Data struct {
	Grid   []int    `json:"n"` // points of the controls
	Pieces []string `json:"d"` // texts and kinds of tokens
	Bits   string   `json:"b"` // base64
}

// Size is about the bytes that the data take in a page.
func (d Data) Size() int {
	n := len(d.Bits)
	for _, p := range d.Pieces {
		n += len(p) + 5*strings.Count(p, `"`)/4 + 4
	}
	return n
}

// Contexts of numbers: those of the structure, then slots of tokens, two contexts each: foretold
// within the frame, or by another.
const (
	ctxCount = iota
	ctxPiece
	ctxParts
	ctxSkeleton
	ctxMode
	ctxTokens
)

// part is a part taken apart.
type part struct {
	skeleton int
	tokens   [][]int
}

// codec goes through the frames once, writing or reading: what it does is the format.
type codec struct {
	bits      *bitCoder
	grid      []int
	skeletons []skeleton
	frames    [][][]part
	mode      int // of the token before
}

// Pack packs the frames of a grid; the last control runs fastest.
// Cost: linear in the marked numbers, some 10 million a second.
func Pack(frames []Frame, grid []int) Data {
	c := &codec{bits: newWriter(), grid: grid}
	ids := map[string]int{}
	for _, f := range frames {
		var sections [][]part
		for _, texts := range f {
			var parts []part
			for _, text := range texts {
				s, n := split(text)
				key := strings.Join(s, "\x00")
				id, ok := ids[key]
				if !ok {
					id = len(c.skeletons)
					ids[key] = id
					c.skeletons = append(c.skeletons, s)
				}
				parts = append(parts, part{id, n})
			}
			sections = append(sections, parts)
		}
		c.frames = append(c.frames, sections)
	}
	pieces := c.dictionary(nil)
	c.all(len(frames))
	return Data{Grid: grid, Pieces: pieces, Bits: base64.StdEncoding.EncodeToString(c.bits.finish())}
}

// unpack returns the frames with their numbers written out, as Plain writes them.
func unpack(d Data) ([]Frame, error) {
	raw, err := base64.StdEncoding.DecodeString(d.Bits)
	if err != nil {
		return nil, fmt.Errorf("pack.unpack: %w", err)
	}
	n := 1
	for _, k := range d.Grid {
		n *= k
	}
	c := &codec{bits: newReader(raw), grid: d.Grid}
	c.dictionary(d.Pieces)
	c.all(n)
	out := make([]Frame, n)
	for i, sections := range c.frames {
		for _, parts := range sections {
			var texts []string
			for _, p := range parts {
				texts = append(texts, c.skeletons[p.skeleton].write(p.tokens))
			}
			out[i] = append(out[i], texts)
		}
	}
	return out, nil
}

// dictionary codes the skeletons as numbers of pieces. A skeleton begins and ends like the one
// before; a piece is mostly one that was not there yet. A writer returns the pieces.
func (c *codec) dictionary(pieces []string) []string {
	decoding := c.bits.decoding
	number := map[string]int{}
	count := c.bits.number(ctxCount, len(c.skeletons))
	if decoding {
		c.skeletons = make([]skeleton, count)
	}
	var last []int
	fresh := 0
	for i := range count {
		var s []int
		for _, p := range c.skeletons[i] {
			k, ok := number[p]
			if !ok {
				k = len(pieces)
				number[p] = k
				pieces = append(pieces, p)
			}
			s = append(s, k)
		}
		head, tail := 0, 0
		if !decoding {
			for head < len(s) && head < len(last) && s[head] == last[head] {
				head++
			}
			for tail < len(s)-head && tail < len(last)-head && s[len(s)-1-tail] == last[len(last)-1-tail] {
				tail++
			}
		}
		head = c.bits.number(ctxCount, head)
		tail = c.bits.number(ctxCount, tail)
		middle := c.bits.number(ctxCount, len(s)-head-tail)
		if decoding {
			s = append(append(slices.Clone(last[:head]), make([]int, middle)...), last[len(last)-tail:]...)
		}
		for k := head; k < head+middle; k++ {
			s[k] = fresh - c.bits.number(ctxPiece, fresh-s[k])
			if s[k] == fresh {
				fresh++
			}
		}
		if decoding {
			for _, k := range s {
				c.skeletons[i] = append(c.skeletons[i], pieces[k])
			}
		}
		last = s
	}
	return pieces
}

// all codes the frames in order.
func (c *codec) all(n int) {
	decoding := c.bits.decoding
	sections := 0
	if !decoding && n > 0 {
		sections = len(c.frames[0])
	}
	sections = c.bits.number(ctxCount, sections)
	if decoding {
		c.frames = make([][][]part, n)
	}
	for k := range n {
		if decoding {
			c.frames[k] = make([][]part, sections)
		}
		for s := range sections {
			before := 0
			if k > 0 {
				before = len(c.frames[k-1][s])
			}
			count := before + c.bits.number(ctxParts, len(c.frames[k][s])-before)
			if decoding {
				c.frames[k][s] = make([]part, count)
			}
			for i := range count {
				c.part(k, s, i)
			}
		}
	}
}

func (c *codec) part(k, s, i int) {
	p := &c.frames[k][s][i]
	guess := 0
	if q := c.at(k-1, s, i); q != nil {
		guess = q.skeleton
	}
	p.skeleton = guess + c.bits.number(ctxSkeleton, p.skeleton-guess)
	t := 0
	for _, piece := range c.skeletons[p.skeleton] {
		if !strings.HasPrefix(piece, string(open)) || piece[len(string(open))] == kindAgain {
			continue
		}
		kind := piece[len(string(open))]
		if c.bits.decoding {
			p.tokens = append(p.tokens, c.token(k, s, i, t, kind, 0, nil))
		} else {
			c.token(k, s, i, t, kind, c.best(k, s, i, t, kind), p.tokens[t])
		}
		t++
	}
}

func (c *codec) at(k, s, i int) *part {
	if k < 0 || i >= len(c.frames[k][s]) {
		return nil
	}
	return &c.frames[k][s][i]
}

// references returns the tokens by which a mode foretells token t: one and two steps back.
func (c *codec) references(k, s, i, t, mode int) (a, b []int) {
	if mode < 2 {
		return nil, nil
	}
	stride := 1
	for j := len(c.grid) - 1; j > (mode-2)/2; j-- {
		stride *= c.grid[j]
	}
	digit := k / stride % c.grid[(mode-2)/2]
	get := func(steps int) []int {
		if digit < steps {
			return nil
		}
		if q := c.at(k-steps*stride, s, i); q != nil && t < len(q.tokens) {
			return q.tokens[t]
		}
		return nil
	}
	a = get(1)
	if mode%2 == 1 {
		b = get(2)
	}
	return a, b
}

// best is the mode that foretells a token best, by about the bits it would take.
func (c *codec) best(k, s, i, t int, kind byte) int {
	n := c.frames[k][s][i].tokens[t]
	best, least := 0, math.Inf(1)
	for mode := range 2 + 2*len(c.grid) {
		a, b := c.references(k, s, i, t, mode)
		if mode >= 2 && (a == nil || mode%2 == 1 && b == nil) {
			continue
		}
		cost := 0.0
		if mode != c.mode {
			cost = 6
		}
		walk(kind, mode, a, b, func(at, _, guess int) int {
			d := n[at] - guess
			if d != 0 {
				cost += 1.5 + 1.7*math.Log2(1+math.Abs(float64(d)))
			} else {
				cost += 0.15
			}
			return n[at]
		})
		if cost < least {
			best, least = mode, cost
		}
	}
	return best
}

// token codes one token and returns its numbers.
func (c *codec) token(k, s, i, t int, kind byte, mode int, n []int) []int {
	mode = c.mode + c.bits.number(ctxMode, mode-c.mode)
	c.mode = mode
	a, b := c.references(k, s, i, t, mode)
	foreign := 0
	if mode >= 2 {
		foreign = 1
	}
	var out []int
	walk(kind, mode, a, b, func(at, slot, guess int) int {
		d := 0
		if !c.bits.decoding {
			d = n[at] - guess
		}
		v := guess + c.bits.number(ctxTokens+2*slot+foreign, d)
		out = append(out, v)
		return v
	})
	return out
}

// JSON returns the data as JSON for a script element: nothing in it ends the element.
func (d Data) JSON() string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		panic(err) // strings and whole numbers
	}
	return Embed(strings.TrimSpace(b.String()))
}

// Embed makes JSON safe inside a script element.
func Embed(json string) string {
	return strings.NewReplacer("</", `<\/`, "<!", `\u003c!`).Replace(json)
}
