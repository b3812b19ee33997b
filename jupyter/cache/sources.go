package cache

import (
	"errors"
	"go/parser"
	"go/scanner"
	"go/token"
	"hash"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lemma-ml/lemma/jupyter/gomod"
)

// sources adds the files of the local packages that cells use.
func sources(h hash.Hash, seed *gomod.Seed, cells []Cell) error {
	var code []string
	names := map[string]bool{}
	for _, c := range cells {
		code = append(code, c.Source)
		selectors(c.Source, names)
	}
	todo := gomod.Imports(code...)
	// A cell may use a package that it does not import: GoNB runs goimports, which finds it by
	// its name.
	for _, l := range seed.Locals {
		todo = append(todo, namedPackages(l, names)...)
	}
	seen := map[string]bool{}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		dir := seed.LocalDir(p)
		if dir == "" {
			continue // its version stands in go.mod
		}
		imports, err := packageImports(dir)
		if err != nil {
			return err
		}
		todo = append(todo, imports...)
	}
	for _, p := range slices.Sorted(maps.Keys(seen)) {
		if dir := seed.LocalDir(p); dir != "" {
			item(h, "package", p)
			if err := files(h, dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// selectors collects the identifiers before a dot: the x of x.Name.
func selectors(src string, into map[string]bool) {
	var s scanner.Scanner
	b := []byte(src)
	s.Init(token.NewFileSet().AddFile("", -1, len(b)), b, func(token.Position, string) {}, 0)
	last := ""
	for {
		_, tok, lit := s.Scan()
		switch tok {
		case token.EOF:
			return
		case token.PERIOD:
			if last != "" {
				into[last] = true
			}
		}
		last = ""
		if tok == token.IDENT {
			last = lit
		}
	}
}

// namedPackages returns the packages of a module whose last path element is among names.
func namedPackages(l gomod.Local, names map[string]bool) (paths []string) {
	filepath.WalkDir(l.Dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return nil // an unreadable folder holds no package that could be compiled
		}
		base := d.Name()
		if p != l.Dir && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" || base == "node_modules") {
			return filepath.SkipDir
		}
		if rel, err := filepath.Rel(l.Dir, p); err == nil && names[base] {
			paths = append(paths, path.Join(l.Path, filepath.ToSlash(rel)))
		}
		return nil
	})
	return paths
}

func goFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // the compiler will say so
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if n := e.Name(); !e.IsDir() && strings.HasSuffix(n, ".go") && !strings.HasSuffix(n, "_test.go") {
			out = append(out, filepath.Join(dir, n))
		}
	}
	return out, nil
}

func packageImports(dir string) ([]string, error) {
	names, err := goFiles(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			continue // does not compile; its text counts all the same
		}
		for _, imp := range f.Imports {
			if p, err := strconv.Unquote(imp.Path.Value); err == nil {
				out = append(out, p)
			}
		}
	}
	return out, nil
}

var compiled = map[string]bool{
	".go": true, ".s": true, ".S": true, ".sx": true, ".syso": true,
	".c": true, ".cc": true, ".cpp": true, ".cxx": true, ".h": true, ".hh": true, ".hpp": true, ".m": true,
}

var embedLine = regexp.MustCompile(`(?m)^//go:embed[ \t]+(.*)$`)

// files adds the files of a package that the compiler reads, and those that it embeds.
func files(h hash.Hash, dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	embedded := map[string]bool{}
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || !compiled[filepath.Ext(name)] || strings.HasSuffix(name, "_test.go") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		item(h, "file", name, string(data))
		for _, m := range embedLine.FindAllSubmatch(data, -1) {
			for _, pattern := range strings.Fields(string(m[1])) {
				pattern = strings.TrimPrefix(strings.Trim(pattern, "\"`"), "all:")
				matches, _ := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
				for _, f := range matches {
					embedded[f] = true
				}
			}
		}
	}
	for _, root := range slices.Sorted(maps.Keys(embedded)) {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(dir, p)
			item(h, "embedded", filepath.ToSlash(rel), string(data))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
