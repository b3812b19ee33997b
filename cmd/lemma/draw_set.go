package main

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/lib/figure"
)

// settings are the explorer's defaults with the given controls set, or an error that says what a
// control takes.
func settings(e figure.Explorer, set params) (figure.Settings, error) {
	at := e.Index(e.Default())
	var names []string
	for _, c := range e.Controls {
		names = append(names, c.Name)
	}
	for name, value := range set {
		i := slices.IndexFunc(e.Controls, func(c figure.Control) bool { return c.Name == name })
		if i < 0 {
			return nil, badUsage("-set %s: no such control%s; %s has %s", name, didYouMean(name, names), e.ID, strings.Join(names, ", "))
		}
		x, ok := settingOf(e.Controls[i], value)
		if !ok {
			return nil, badUsage("-set %s=%s: want %s", name, value, choices(e.Controls[i]))
		}
		at[name] = x
	}
	return at, nil
}

// settingOf reads the value of one control.
func settingOf(c figure.Control, value string) (float64, bool) {
	switch c.Kind {
	case figure.Toggle:
		switch strings.ToLower(value) {
		case "on", "true", "1":
			return 1, true
		case "off", "false", "0":
			return 0, true
		}
		return 0, false
	case figure.Select:
		return optionOf(c.Options, value)
	}
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(x) {
		return 0, false
	}
	if slices.Contains(c.Values, x) {
		return x, true
	}
	within := x >= c.Values[0] && x <= c.Values[len(c.Values)-1]
	return x, c.Between && within && (!c.Whole || x == math.Trunc(x))
}

// optionOf is the index of the option that has the name, in any case, or else is the only one that
// begins with it.
func optionOf(options []string, name string) (float64, bool) {
	begin := -1
	for i, o := range options {
		switch {
		case strings.EqualFold(o, name):
			return float64(i), true
		case name == "" || len(o) < len(name) || !strings.EqualFold(o[:len(name)], name):
		case begin >= 0:
			begin = len(options)
		default:
			begin = i
		}
	}
	return float64(begin), begin >= 0 && begin < len(options)
}

// choices says in words what a control takes: "m from 64 to 4096, whole (default 1024)".
func choices(c figure.Control) string {
	var b strings.Builder
	b.WriteString(c.Name + " ")
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	word := func(i int) string {
		switch c.Kind {
		case figure.Slider:
			return number(c.Values[i])
		case figure.Select: // names may hold spaces and commas
			return strconv.Quote(c.Options[i])
		}
		return c.Word(i)
	}
	switch {
	case c.Kind == figure.Slider && c.Between:
		b.WriteString("from " + number(c.Values[0]) + " to " + number(c.Values[len(c.Values)-1]))
		if c.Whole {
			b.WriteString(", whole")
		}
	case c.Kind == figure.Slider && len(c.Values) > 12:
		b.WriteString("one of " + number(c.Values[0]) + ", " + number(c.Values[1]) + ", ..., " + number(c.Values[len(c.Values)-1]))
	default:
		var words []string
		for i := range c.Points() {
			words = append(words, word(i))
		}
		b.WriteString("one of " + strings.Join(words, ", "))
	}
	b.WriteString(" (default " + word(c.Default) + ")")
	return b.String()
}
