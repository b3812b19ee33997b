package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/lemma-ml/lemma/lib/claim"
)

// JUnit's XML, as CI systems read it: a suite a chapter, a case a claim.

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
	seconds  float64
}

type junitCase struct {
	Class   string     `xml:"classname,attr"`
	Name    string     `xml:"name,attr"`
	Time    string     `xml:"time,attr"`
	Failure *junitText `xml:"failure"`
	Error   *junitText `xml:"error"`
	Skipped *junitText `xml:"skipped"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes outcomes as JUnit XML. Inconclusive is "skipped"; an alternative that survives
// is a failure.
func writeJUnit(w io.Writer, outcomes []claim.Outcome) error {
	var all junitSuites
	for _, o := range outcomes {
		name := fmt.Sprintf("lemma.chapter%d", chapterOf(o.Claim))
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != name {
			all.Suites = append(all.Suites, junitSuite{Name: name})
		}
		s := &all.Suites[len(all.Suites)-1]
		c := junitCase{Class: name, Name: o.Claim.ID + " " + o.Claim.Title, Time: fmt.Sprintf("%.3f", o.Seconds)}
		var bad []string
		for _, e := range o.Evidence {
			if e.Verdict() == claim.Fails {
				bad = append(bad, fmt.Sprintf("%s: measured %s, theory %s %s, tolerance %s (%s)", evidenceName(e), number(e.Measured), evidenceOf(e).sign(), number(e.Theory), number(e.Tolerance.Value), e.Tolerance.Cause))
			}
		}
		for _, p := range o.Power {
			if p.Survived {
				bad = append(bad, "alternative survives: "+p.Name)
			}
		}
		switch {
		case notChecked(o):
			c.Skipped = &junitText{Message: "interrupted"}
			s.Skipped++
		case o.Err != nil:
			c.Error = &junitText{Message: "no evidence", Text: o.Err.Error()}
			s.Errors++
		case len(bad) > 0:
			c.Failure = &junitText{Message: bad[0], Text: strings.Join(bad, "\n")}
			s.Failures++
		case o.Verdict == claim.Inconclusive:
			c.Skipped = &junitText{Message: "inconclusive"}
			s.Skipped++
		}
		s.Tests++
		s.seconds += o.Seconds
		s.Time = fmt.Sprintf("%.3f", s.seconds)
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
