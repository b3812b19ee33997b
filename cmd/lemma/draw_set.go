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
		for i, o := range c.Options {
			if strings.EqualFold(o, value) {
				return float64(i), true
			}
		}
		return 0, false
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

// choices says in words what a control takes: "m from 64 to 4096, whole (default 1024)".
func choices(c figure.Control) string {
	var b strings.Builder
	b.WriteString(c.Name + " ")
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
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
			word := c.Word(i)
			if c.Kind == figure.Slider {
				word = number(c.Values[i])
			}
			words = append(words, word)
		}
		b.WriteString("one of " + strings.Join(words, ", "))
	}
	word := c.Word(c.Default)
	if c.Kind == figure.Slider {
		word = number(c.Values[c.Default])
	}
	b.WriteString(" (default " + word + ")")
	return b.String()
}
