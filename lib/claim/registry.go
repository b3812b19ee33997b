package claim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Row is one line of a chapter's inventory: what the book states, whether or not a claim exists.
type Row struct {
	ID   string // "9.L2"
	Ref  string // "Lemma 9.2.2"
	Kind Kind
	What string // a few words
}

// Chapter is a chapter of the book with its inventory and the claims made so far.
type Chapter struct {
	Number int
	Title  string
	Rows   []Row
	Claims []Claim
}

// Registry holds all chapters and finds claims by inventory ID.
type Registry struct {
	chapters []Chapter
	byID     map[string]*Claim
}

// NewRegistry checks the chapters against their inventories and returns the registry. It reports
// every fault it finds: two claims with one ID, a claim on a row that the inventory lacks, a claim
// without statement, check or alternative.
func NewRegistry(chapters ...Chapter) (*Registry, error) {
	r := &Registry{chapters: chapters, byID: map[string]*Claim{}}
	var errs []error
	for i := range chapters {
		ch := &chapters[i]
		rows := map[string]bool{}
		for _, row := range ch.Rows {
			if rows[row.ID] {
				errs = append(errs, fmt.Errorf("claim: inventory of chapter %d lists %s twice", ch.Number, row.ID))
			}
			rows[row.ID] = true
		}
		for j := range ch.Claims {
			c := &ch.Claims[j]
			if r.byID[c.ID] != nil {
				errs = append(errs, fmt.Errorf("claim %s: registered twice", c.ID))
			}
			r.byID[c.ID] = c
			if !rows[c.Row()] {
				errs = append(errs, fmt.Errorf("claim %s: chapter %d has no row %s", c.ID, ch.Number, c.Row()))
			}
			errs = append(errs, c.validate())
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r, nil
}

func (c *Claim) validate() error {
	switch {
	case c.Title == "" || c.Statement == "" || c.Ref == "":
		return fmt.Errorf("claim %s: title, reference and statement are all required", c.ID)
	case c.Check == nil:
		return fmt.Errorf("claim %s: no check", c.ID)
	case len(c.Alternatives) == 0:
		return fmt.Errorf("claim %s: no alternative under which it must fail", c.ID)
	}
	return nil
}

// Row is the inventory ID the claim is about: "9.L2" for "9.L2/hoeffding".
func (c *Claim) Row() string {
	row, _, _ := strings.Cut(c.ID, "/")
	return row
}

// Chapters returns the chapters in order.
func (r *Registry) Chapters() []Chapter { return r.chapters }

// Claim returns the claim with the given ID; case does not matter. The error for any other ID says
// what stands in its place: a row that has no claim yet, or the nearest claims.
func (r *Registry) Claim(id string) (*Claim, error) {
	if c := r.byID[id]; c != nil {
		return c, nil
	}
	var near []string
	for _, ch := range r.chapters {
		for i := range ch.Claims {
			if c := &ch.Claims[i]; strings.EqualFold(c.ID, id) {
				return c, nil
			}
			near = append(near, ch.Claims[i].ID)
		}
		for _, row := range ch.Rows {
			if strings.EqualFold(row.ID, id) {
				return nil, fmt.Errorf("%s (%s) has no claim yet", row.ID, row.What)
			}
		}
		if id == strconv.Itoa(ch.Number) {
			return nil, fmt.Errorf("chapter %s (%s) has no claims yet", id, ch.Title)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int { return common(b, id) - common(a, id) })
	return nil, fmt.Errorf("no claim %q; the nearest are %s", id, strings.Join(near[:min(3, len(near))], ", "))
}

// common is the length of the longest common prefix of two IDs, whatever their case.
func common(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && strings.EqualFold(a[:n+1], b[:n+1]) {
		n++
	}
	return n
}

// Select returns the claims that the arguments name, in book order: "9" is a chapter, "9.L2" a row
// with all its claims, "9.L2/hoeffding" one claim. No argument selects everything.
func (r *Registry) Select(args ...string) ([]*Claim, error) {
	known := make([]bool, len(args))
	var out []*Claim
	for i := range r.chapters {
		ch := &r.chapters[i]
		for k, a := range args {
			if a == strconv.Itoa(ch.Number) {
				known[k] = true
			}
		}
		for j := range ch.Claims {
			c := &ch.Claims[j]
			chosen := len(args) == 0
			for k, a := range args {
				if strings.EqualFold(a, c.ID) || strings.EqualFold(a, c.Row()) || a == strconv.Itoa(ch.Number) {
					chosen, known[k] = true, true
				}
			}
			if chosen {
				out = append(out, c)
			}
		}
	}
	for k, a := range args {
		if !known[k] {
			_, err := r.Claim(a)
			return nil, err
		}
	}
	return out, nil
}

// Missing returns the inventory rows without a claim, of the given chapters or of all.
func (r *Registry) Missing(chapters ...int) []Row {
	var out []Row
	for _, ch := range r.chapters {
		if len(chapters) > 0 && !slices.Contains(chapters, ch.Number) {
			continue
		}
		covered := map[string]bool{}
		for i := range ch.Claims {
			covered[ch.Claims[i].Row()] = true
		}
		for _, row := range ch.Rows {
			if !covered[row.ID] {
				out = append(out, row)
			}
		}
	}
	return out
}

// Errata returns the claims that carry errata, of the given chapters or of all, in book order.
func (r *Registry) Errata(chapters ...int) []*Claim {
	var out []*Claim
	for i := range r.chapters {
		ch := &r.chapters[i]
		if len(chapters) > 0 && !slices.Contains(chapters, ch.Number) {
			continue
		}
		for j := range ch.Claims {
			if len(ch.Claims[j].Errata) > 0 {
				out = append(out, &ch.Claims[j])
			}
		}
	}
	return out
}
