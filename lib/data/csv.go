package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// ReadCSV reads a table of comma-separated values (RFC 4180, and what people write): quoted fields
// with separators and line breaks in them, LF or CRLF, a byte order mark, spaces around fields,
// blank lines skipped. Every row must have as many fields as the first, and every feature must be a
// finite number; file is the name that errors give. On error no table is returned.
//
// With HeaderAuto, the first line is taken for a header when a field of it that is not a number
// stands above a number and no field of it that is a number does, or when there is no number in
// either line. If some fields speak for a header and others against it, that is an error that asks
// for Header to be set: a missing value in the first row would else make the row vanish. A first line
// that holds the label's name is a header in any case.
func ReadCSV(r io.Reader, file string, opt ReadOptions) (*Table, error) {
	const fn = "data.ReadCSV"
	s, err := newScanner(fn, r, file, opt)
	if err != nil {
		return nil, err
	}
	first, err := s.next()
	if err == io.EOF {
		return nil, s.fail(0, 0, "the file is empty")
	}
	if err != nil {
		return nil, err
	}
	second, err := s.next()
	if err != nil && err != io.EOF {
		return nil, err
	}
	if opt.Header == HeaderAuto && opt.Label != "" && !isNumber(opt.Label) && slices.Contains(trimmed(first.fields), opt.Label) {
		opt.Header = HeaderYes
	}
	header, problem := isHeader(first, second, opt.Header)
	if problem != "" {
		return nil, s.fail(first.line(0), 0, "%s", problem)
	}
	names := make([]string, len(first.fields))
	for i := range names {
		if header {
			names[i] = strings.TrimSpace(first.fields[i])
		}
		if names[i] == "" {
			names[i] = fmt.Sprintf("column %d", i+1)
		}
	}
	b, err := newBuilder(fn, file, opt, names, header, first.line(0))
	if err != nil {
		return nil, err
	}
	rec := first
	if header {
		if second == nil {
			return nil, s.fail(first.line(0), 0, "the file has a header and no rows of data")
		}
		rec, second = second, nil
	}
	for {
		if len(rec.fields) != len(names) {
			return nil, s.fail(rec.line(0), 0, "the row has %d fields, want %d as on line %d", len(rec.fields), len(names), first.line(0))
		}
		if err := b.add(rec.fields, rec.line); err != nil {
			return nil, err
		}
		if second != nil {
			rec, second = second, nil
			continue
		}
		rec, err = s.next()
		if err == io.EOF {
			return b.table()
		}
		if err != nil {
			return nil, err
		}
	}
}

// record is one row with the line on which each field begins.
type record struct {
	fields []string
	lines  []int
}

// line gives the line of a field.
func (r *record) line(i int) int { return r.lines[min(i, len(r.lines)-1)] }

// scanner wraps encoding/csv with our errors.
type scanner struct {
	fn, file string
	c        *csv.Reader
}

// peekSize is how much of the file the choice of separator may look at.
const peekSize = 64 << 10

func newScanner(fn string, r io.Reader, file string, opt ReadOptions) (*scanner, error) {
	s := &scanner{fn: fn, file: file}
	br := bufio.NewReaderSize(r, peekSize)
	head, err := br.Peek(peekSize)
	if err != nil && err != io.EOF {
		return nil, s.wrap("cannot be read", err)
	}
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return nil, s.fail(0, 0, "the file is UTF-16; save it as UTF-8")
	}
	if i := bytes.IndexByte(head, 0); i >= 0 {
		return nil, s.fail(1+bytes.Count(head[:i], []byte("\n")), 0, "the file holds a zero byte: it is not text")
	}
	const bom = "\xef\xbb\xbf"
	if bytes.HasPrefix(head, []byte(bom)) {
		head = head[len(bom):]
		if _, err := br.Discard(len(bom)); err != nil {
			return nil, s.wrap("cannot be read", err)
		}
	}
	if bytes.IndexByte(head, '\n') < 0 && bytes.Count(head, []byte("\r")) > 1 {
		return nil, s.fail(0, 0, "the lines end in carriage returns alone; convert them to line feeds")
	}
	s.c = csv.NewReader(br)
	s.c.Comma = opt.Comma
	if opt.Comma == 0 {
		s.c.Comma = separator(head, opt.Comment)
	}
	if c := opt.Comma; c == '"' || c == '\r' || c == '\n' || c == utf8.RuneError || opt.Comment == s.c.Comma {
		return nil, s.fail(0, 0, "separator %q with comment mark %q cannot be told apart from the data", s.c.Comma, opt.Comment)
	}
	s.c.Comment = opt.Comment
	s.c.FieldsPerRecord = -1 // we say it better
	// With a blank as separator, trimming would swallow empty fields.
	s.c.TrimLeadingSpace = s.c.Comma != '\t' && s.c.Comma != ' '
	return s, nil
}

func (s *scanner) next() (*record, error) {
	fields, err := s.c.Read()
	var pe *csv.ParseError
	switch {
	case err == io.EOF:
		return nil, io.EOF
	case errors.As(err, &pe):
		e := s.fail(pe.Line, 0, "byte %d of the line: %v", pe.Column, pe.Err)
		if pe.StartLine != pe.Line {
			e.Msg += fmt.Sprintf(" (the row begins on line %d)", pe.StartLine)
		}
		return nil, e
	case err != nil:
		return nil, s.wrap("cannot be read", err)
	}
	r := &record{fields: fields, lines: make([]int, len(fields))}
	for i := range fields {
		r.lines[i], _ = s.c.FieldPos(i)
	}
	return r, nil
}

func (s *scanner) fail(line, column int, format string, args ...any) *ParseError {
	return &ParseError{Func: s.fn, File: s.file, Line: line, Column: column, Offset: -1, Msg: fmt.Sprintf(format, args...)}
}

func (s *scanner) wrap(msg string, err error) *ParseError {
	e := s.fail(0, 0, "%s", msg)
	e.Err = err
	return e
}

// separator counts the candidates outside quotes in the first line with data and takes the commonest,
// the earlier in the list when two tie; a line without any is a single column.
func separator(head []byte, comment rune) rune {
	candidates := []rune{',', ';', '\t', '|'}
	counts := make([]int, len(candidates))
	quoted := false
	for _, line := range bytes.SplitAfter(head, []byte("\n")) {
		trimmed := bytes.TrimSpace(line)
		if !quoted && (len(trimmed) == 0 || comment != 0 && bytes.HasPrefix(line, []byte(string(comment)))) {
			continue
		}
		for _, c := range string(line) {
			if c == '"' {
				quoted = !quoted
			} else if i := slices.Index(candidates, c); i >= 0 && !quoted {
				counts[i]++
			}
		}
		if !quoted {
			break
		}
	}
	best := 0
	for i, n := range counts {
		if n > counts[best] {
			best = i
		}
	}
	return candidates[best]
}

// isHeader applies the rule of ReadCSV. second is nil when the file has one row.
func isHeader(first, second *record, kind HeaderKind) (header bool, problem string) {
	switch kind {
	case HeaderYes:
		return true, ""
	case HeaderNo:
		return false, ""
	}
	words, numbers := 0, 0 // of the first row, above numbers
	anyFirst, anySecond := false, false
	word := -1
	for i, f := range first.fields {
		num := isNumber(f)
		anyFirst = anyFirst || num
		if second == nil || i >= len(second.fields) || !isNumber(second.fields[i]) {
			continue
		}
		anySecond = true
		if num {
			numbers++
		} else {
			words++
			word = i
		}
	}
	switch {
	case second == nil:
		return !anyFirst, ""
	case words == 0 && !anyFirst && !anySecond:
		return true, ""
	case words > 0 && numbers > 0:
		return false, fmt.Sprintf("cannot tell whether this line is a header: column %d is %s above the number %s, other columns hold numbers; say whether there is one",
			word+1, short(first.fields[word]), strings.TrimSpace(second.fields[word]))
	}
	return words > 0, ""
}

func trimmed(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = strings.TrimSpace(f)
	}
	return out
}

func isNumber(s string) bool {
	s = strings.TrimSpace(s)
	_, problem := number(s)
	return problem == "" || strings.EqualFold(s, "nan")
}
