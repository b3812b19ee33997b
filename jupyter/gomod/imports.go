package gomod

import (
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// Imports returns the import paths that cells name in import declarations, sorted. A cell is not
// a Go file (statements stand beside declarations, lines may begin with % or !), so its tokens
// are read, not its grammar.
func Imports(cells ...string) []string {
	seen := map[string]bool{}
	for _, cell := range cells {
		for _, path := range importsOf(cell) {
			seen[path] = true
		}
	}
	out := make([]string, 0, len(seen))
	for path := range seen {
		out = append(out, path)
	}
	slices.Sort(out)
	return out
}

func importsOf(cell string) (paths []string) {
	var s scanner.Scanner
	src := []byte(cell)
	file := token.NewFileSet().AddFile("", -1, len(src))
	s.Init(file, src, func(token.Position, string) {}, 0) // errors are the compiler's matter
	add := func(lit string) {
		if p, err := strconv.Unquote(lit); err == nil && p != "" {
			paths = append(paths, p)
		}
	}
	for {
		_, tok, _ := s.Scan()
		switch tok {
		case token.EOF:
			return paths
		case token.IMPORT:
		default:
			continue
		}
		// import [name] "path" or import ( ... )
		block := false
		for done := false; !done; {
			_, tok, lit := s.Scan()
			switch tok {
			case token.LPAREN:
				block = true
			case token.STRING:
				add(lit)
				done = !block
			case token.IDENT, token.PERIOD, token.SEMICOLON:
				done = tok == token.SEMICOLON && !block
			default: // also the closing parenthesis and the end
				done = true
			}
		}
	}
}

// Standard reports whether an import path belongs to the standard library: its first element has
// no dot, by which the go command tells the two apart.
func Standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// Provides reports whether the seed has a module for every import path, so that no network is
// needed for them.
func (s *Seed) Provides(paths []string) bool {
	for _, p := range paths {
		if !Standard(p) && s.module(p) == "" {
			return false
		}
	}
	return true
}

// module returns the longest required module path that is a prefix of an import path.
func (s *Seed) module(path string) string {
	if s == nil {
		return ""
	}
	for p := path; p != "."; p = parent(p) {
		if _, ok := s.Require[p]; ok {
			return p
		}
	}
	return ""
}

func parent(p string) string {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i]
	}
	return "."
}

// LocalDir returns the folder of a package of a local module, or "" where the path is not in
// one.
func (s *Seed) LocalDir(path string) string {
	mod := s.module(path)
	if mod == "" {
		return ""
	}
	for _, l := range s.Locals {
		if l.Path == mod {
			return l.Dir + strings.TrimPrefix(path, mod)
		}
	}
	return ""
}
