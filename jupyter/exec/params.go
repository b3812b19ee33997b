package exec

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lemma-ml/lemma/jupyter/ipynb"
)

// The tags of cells that steer a run. "injected-parameters" is papermill's name for the cell
// that carries overridden parameters; such a cell of an earlier run is replaced.
const (
	tagParameters = "parameters"
	tagInjected   = "injected-parameters"
	tagSkip       = "skip-execution"
	tagRaises     = "raises-exception"
)

// parameter is a package-level variable or constant of a cell tagged "parameters".
type parameter struct {
	name  string
	kind  token.Token // VAR or CONST
	typ   string      // Go type; "" where the declaration leaves it to a value that is not basic
	fixed string      // why it cannot be overridden; "" where it can
}

// Parameters returns the names that Options.Params may override in a notebook, sorted. An error
// says which cell does not parse.
func Parameters(nb *ipynb.Notebook) ([]string, error) {
	names := map[string]bool{}
	for i, c := range nb.Cells {
		if c.Type != ipynb.Code || !c.HasTag(tagParameters) || c.HasTag(tagInjected) {
			continue
		}
		ps, err := parametersOf(c.Source)
		if err != nil {
			return nil, fmt.Errorf("exec.Parameters: cell %d: %w", i+1, err)
		}
		for _, p := range ps {
			names[p.name] = true
		}
	}
	return slices.Sorted(maps.Keys(names)), nil
}

// inject puts, after each cell tagged "parameters", a cell that declares the given parameters of
// it anew; GoNB lets a later declaration replace an earlier one. Cells injected by an earlier
// run go.
func inject(nb *ipynb.Notebook, params map[string]string) error {
	known, err := Parameters(nb) // while the cells have their numbers
	if err != nil {
		return err
	}
	nb.Cells = slices.DeleteFunc(nb.Cells, func(c *ipynb.Cell) bool { return c.HasTag(tagInjected) })
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !slices.Contains(known, name) {
			return &ParameterError{Name: name, Msg: "unknown", Known: known}
		}
	}
	if len(params) == 0 {
		return nil
	}
	var cells []*ipynb.Cell
	for _, c := range nb.Cells {
		cells = append(cells, c)
		if c.Type != ipynb.Code || !c.HasTag(tagParameters) {
			continue
		}
		ps, _ := parametersOf(c.Source) // parsed a moment ago
		var lines []string
		for _, p := range ps {
			text, ok := params[p.name]
			if !ok {
				continue
			}
			line, err := p.declare(text)
			if err != nil {
				return &ParameterError{Name: p.name, Msg: err.Error(), Known: known}
			}
			lines = append(lines, line)
		}
		if len(lines) > 0 {
			cell := ipynb.NewCell(ipynb.Code, "// Parameters\n"+strings.Join(lines, "\n"))
			cell.AddTag(tagInjected)
			cells = append(cells, cell)
		}
	}
	nb.Cells = cells
	if nb.NBFormatMinor >= 5 {
		nb.EnsureIDs()
	}
	return nil
}

// parametersOf reads the declarations of a cell, up to a line that starts GoNB's main program
// (%% or %main). Special commands are passed over.
func parametersOf(src string) ([]parameter, error) {
	var code strings.Builder
	code.WriteString("package p; ")
	for line := range strings.Lines(src) {
		special := strings.TrimSpace(strings.TrimPrefix(line, "//gonb:"))
		if strings.HasPrefix(special, "%%") || strings.HasPrefix(special, "%main") {
			break
		}
		if strings.HasPrefix(special, "%") || strings.HasPrefix(special, "!") {
			line = "\n"
		}
		code.WriteString(line)
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "cell", code.String(), parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("the cell tagged %q is not Go declarations: %w", tagParameters, err)
	}
	var out []parameter
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || (g.Tok != token.VAR && g.Tok != token.CONST) {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			for i, name := range spec.Names {
				if name.Name == "_" {
					continue
				}
				p := parameter{name: name.Name, kind: g.Tok, typ: source(fset, spec.Type)}
				switch {
				case len(spec.Values) == len(spec.Names):
					if p.typ == "" {
						p.typ = literalType(spec.Values[i])
					}
					if mentions(spec.Values[i], "iota") {
						p.fixed = "it is numbered by iota; declare it with a value of its own"
					}
				case len(spec.Values) > 0:
					p.fixed = "it is one of several results of a call; declare it by itself"
				case g.Tok == token.CONST:
					p.fixed = "it takes its value from the line above; declare it with a value of its own"
				}
				out = append(out, p)
			}
		}
	}
	return out, nil
}

func source(fset *token.FileSet, e ast.Expr) string {
	if e == nil {
		return ""
	}
	var b bytes.Buffer
	if format.Node(&b, fset, e) != nil {
		return ""
	}
	return b.String()
}

func mentions(e ast.Expr, name string) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return true
	})
	return found
}

// literalType is the type that Go gives a variable with this value, where the value is made of
// literals alone.
func literalType(e ast.Expr) string {
	tv, err := types.Eval(token.NewFileSet(), nil, token.NoPos, source(token.NewFileSet(), e))
	if err != nil || tv.Value == nil {
		return ""
	}
	return types.Default(tv.Type).String()
}

// declare returns the declaration that gives the parameter another value. text is a Go
// expression; for a string the quotes may be missing, for a time.Duration it may be "1m30s".
func (p parameter) declare(text string) (string, error) {
	if p.fixed != "" {
		return "", fmt.Errorf("cannot be overridden: %s", p.fixed)
	}
	text = strings.TrimSpace(text)
	switch p.typ {
	case "string":
		if _, err := strconv.Unquote(text); err != nil {
			text = strconv.Quote(text)
		}
	case "time.Duration":
		if d, err := time.ParseDuration(text); err == nil {
			text = strconv.FormatInt(int64(d), 10)
		}
	}
	if _, err := parser.ParseExpr(text); err != nil || strings.ContainsAny(text, "\n") {
		return "", fmt.Errorf("got %s, want a Go expression%s", text, ofType(p.typ))
	}
	typ := ""
	if p.typ != "" {
		typ = " " + p.typ
	}
	if basic(p.typ) {
		if err := fits(p.typ, text); err != nil {
			return "", fmt.Errorf("got %s, want a value%s (%w)", text, ofType(p.typ), err)
		}
	}
	return fmt.Sprintf("%s %s%s = %s", p.kind, p.name, typ, text), nil
}

func ofType(typ string) string {
	if typ == "" {
		return ""
	}
	return " of type " + typ
}

func basic(typ string) bool {
	t, ok := types.Universe.Lookup(typ).(*types.TypeName)
	if !ok {
		return false
	}
	_, ok = t.Type().Underlying().(*types.Basic)
	return ok
}

// fits checks a constant expression against a basic type with the compiler's rules. Expressions
// that name something from the notebook are left to the compiler.
func fits(typ, text string) error {
	expr, _ := parser.ParseExpr(text)
	foreign := false
	ast.Inspect(expr, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && types.Universe.Lookup(id.Name) == nil {
			foreign = true
		}
		return true
	})
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "p", "package p; var _ "+typ+" = "+text, 0)
	if err != nil {
		return err
	}
	var conf types.Config
	_, err = conf.Check("p", fset, []*ast.File{f}, nil)
	if err == nil {
		return nil
	}
	if foreign {
		// A bare word where a number is wanted is more likely a slip than a name.
		if _, word := expr.(*ast.Ident); !word {
			return nil
		}
	}
	if e, ok := err.(types.Error); ok {
		return errors.New(e.Msg)
	}
	return err
}
