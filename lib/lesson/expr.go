package lesson

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// SyntaxError says what cannot be read in an expression, and where.
type SyntaxError struct {
	Pos int // the character, counted from 1
	Msg string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("character %d: %s", e.Pos, e.Msg) }

// Expr is a formula that a reader typed. It is safe for concurrent use.
type Expr struct {
	Source string
	root   node
	names  []string
}

// node is one operation of an expression; env holds the variables in the order given to ParseExpr.
type node func(env []float64) float64

// The limits of an expression: what a person types, and no depth that could exhaust a stack.
const (
	maxLength = 500
	maxDepth  = 60
)

// ParseExpr reads a formula in the given variables: numbers, + - * / ^, parentheses, π, pi and e,
// the functions of Functions, and products without a sign where they can be read in one way only
// (2x, 3(1+x), (1+x)(1-x), x y). A power binds tighter than a sign (-x^2 is -(x²)) and to the right.
// Also accepted: ** for ^, · and × for *, − for -, √x, x². The error is a *SyntaxError.
func ParseExpr(src string, variables ...string) (*Expr, error) {
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, names: variables}
	root, err := p.sum()
	if err == nil && p.peek().kind != tokEnd {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	return &Expr{Source: src, root: root, names: slices.Clone(variables)}, nil
}

// Eval returns the value for the given values of the variables, in the order of ParseExpr. Outside
// its domain it is NaN or infinite, as in package math.
func (e *Expr) Eval(values ...float64) float64 {
	if len(values) != len(e.names) {
		return math.NaN()
	}
	return e.root(values)
}

// Functions lists the functions that expressions may call, each with what computes it.
var functions = []struct {
	name string
	args int // 2 means two or more
	f    func(a []float64) float64
}{
	{"sqrt", 1, one(math.Sqrt)}, {"exp", 1, one(math.Exp)}, {"log", 1, one(math.Log)}, {"ln", 1, one(math.Log)},
	{"sin", 1, one(math.Sin)}, {"cos", 1, one(math.Cos)}, {"tan", 1, one(math.Tan)},
	{"arcsin", 1, one(math.Asin)}, {"arccos", 1, one(math.Acos)}, {"arctan", 1, one(math.Atan)},
	{"asin", 1, one(math.Asin)}, {"acos", 1, one(math.Acos)}, {"atan", 1, one(math.Atan)},
	{"sinh", 1, one(math.Sinh)}, {"cosh", 1, one(math.Cosh)}, {"tanh", 1, one(math.Tanh)},
	{"abs", 1, one(math.Abs)},
	{"max", 2, func(a []float64) float64 { return fold(a, math.Max) }},
	{"min", 2, func(a []float64) float64 { return fold(a, math.Min) }},
}

func one(f func(float64) float64) func([]float64) float64 {
	return func(a []float64) float64 { return f(a[0]) }
}

func fold(a []float64, f func(x, y float64) float64) float64 {
	v := a[0]
	for _, x := range a[1:] {
		v = f(v, x)
	}
	return v
}

// function returns the index of a function, or -1.
func function(name string) int {
	for i := range functions {
		if functions[i].name == name {
			return i
		}
	}
	return -1
}

// parser is recursive descent over the tokens:
//
//	sum     = product (("+" | "-") product)*
//	product = sign (("*" | "/") sign | power)*      the bare power is a product without a sign
//	sign    = ("-" | "+") sign | power
//	power   = primary raised* ("^" sign)?
//	primary = number | name | function "(" sum ("," sum)* ")" | "(" sum ")" | "√" primary
type parser struct {
	tokens []token
	at     int
	names  []string
	depth  int
	tight  bool // what was read last ends in a power or a root, to which a name that follows closely may belong
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) fail(t token, format string, args ...any) error {
	return &SyntaxError{Pos: t.pos, Msg: fmt.Sprintf(format, args...)}
}

func (p *parser) unexpected() error {
	t := p.peek()
	switch {
	case t.kind == tokEnd:
		return p.fail(t, "something is missing at the end")
	case t.text == ",":
		return p.fail(t, "a comma stands between the arguments of a function; decimals have a point")
	case t.text == ")":
		return p.fail(t, "no parenthesis is open here")
	}
	return p.fail(t, "%s is not expected here", t.text)
}

func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail(p.peek(), "nested too deeply")
	}
	return nil
}

func (p *parser) sum() (node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	left, err := p.product()
	for err == nil {
		op := p.peek().text
		if op != "+" && op != "-" {
			break
		}
		p.at++
		var right node
		if right, err = p.product(); err == nil {
			left = binary(op, left, right)
		}
	}
	return left, err
}

func (p *parser) product() (node, error) {
	left, err := p.sign()
	divided := false // the product so far ends with a division: 1/2x could mean two things
	for err == nil {
		t := p.peek()
		var right node
		switch {
		case t.text == "*" || t.text == "/":
			p.at++
			divided = t.text == "/"
			if right, err = p.sign(); err == nil {
				left = binary(t.text, left, right)
			}
		case t.kind == tokNumber:
			return nil, p.fail(t, "write * before %s", t.text)
		case t.kind == tokName || t.text == "(" || t.text == "√":
			if divided || p.tight && t.kind == tokName && !t.space {
				return nil, p.fail(t, "not clear what %s belongs to: write parentheses, or *", t.text)
			}
			if right, err = p.power(); err == nil {
				left = binary("*", left, right)
			}
		default:
			return left, nil
		}
	}
	return nil, err
}

func (p *parser) sign() (node, error) {
	t := p.peek()
	if t.text != "-" && t.text != "+" {
		return p.power()
	}
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	p.at++
	x, err := p.sign()
	if err != nil || t.text == "+" {
		return x, err
	}
	return func(env []float64) float64 { return -x(env) }, nil
}

func (p *parser) power() (node, error) {
	p.tight = false
	base, err := p.primary()
	for err == nil && p.peek().kind == tokRaised {
		exponent := p.peek().value
		x := base
		base = func(env []float64) float64 { return math.Pow(x(env), exponent) }
		p.tight = false
		p.at++
	}
	if err != nil || p.peek().text != "^" {
		return base, err
	}
	p.at++
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	exponent, err := p.sign()
	if err != nil {
		return nil, err
	}
	p.tight = p.tokens[p.at-1].text != ")"
	return binary("^", base, exponent), nil
}

func (p *parser) primary() (node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	t := p.peek()
	switch {
	case t.kind == tokNumber:
		p.at++
		return func([]float64) float64 { return t.value }, nil
	case t.text == "(":
		p.at++
		x, err := p.sum()
		if err != nil {
			return nil, err
		}
		p.tight = false
		return x, p.closing(t)
	case t.text == "√":
		p.at++
		x, err := p.primary()
		p.tight = p.tokens[p.at-1].text != ")"
		return func(env []float64) float64 { return math.Sqrt(x(env)) }, err
	case t.kind == tokName:
		return p.name(t)
	}
	return nil, p.unexpected()
}

func (p *parser) closing(open token) error {
	if t := p.peek(); t.text != ")" {
		if t.kind == tokEnd {
			return p.fail(open, "this parenthesis is not closed")
		}
		return p.unexpected()
	}
	p.at++
	return nil
}

// name reads a variable, a constant or a call.
func (p *parser) name(t token) (node, error) {
	p.at++
	next := p.peek()
	call := next.text == "("
	if i := slices.Index(p.names, t.text); i >= 0 {
		if call && !next.space {
			return nil, p.fail(next, "%s is not a function: write %s*(", t.text, t.text)
		}
		return func(env []float64) float64 { return env[i] }, nil
	}
	switch t.text {
	case "π", "pi":
		return func([]float64) float64 { return math.Pi }, nil
	case "e":
		return func([]float64) float64 { return math.E }, nil
	}
	i := function(t.text)
	switch {
	case i < 0:
		if product := p.split(t.text); product != "" {
			return nil, p.fail(t, "%s is not known: write %s", t.text, product)
		}
		return nil, p.fail(t, "%s is not known%s", t.text, p.known())
	case !call:
		return nil, p.fail(t, "%s needs parentheses: %s(…)", t.text, t.text)
	}
	p.at++
	var args []node
	for {
		x, err := p.sum()
		if err != nil {
			return nil, err
		}
		args = append(args, x)
		if p.peek().text != "," || functions[i].args == 1 {
			break
		}
		p.at++
	}
	if err := p.closing(next); err != nil {
		return nil, err
	}
	if len(args) < functions[i].args {
		return nil, p.fail(t, "%s takes two or more values, with commas between", t.text)
	}
	p.tight = false
	f := functions[i].f
	return func(env []float64) float64 {
		v := make([]float64, len(args))
		for k, a := range args {
			v[k] = a(env)
		}
		return f(v)
	}, nil
}

// split writes a name whose letters are all variables as their product: "CT" as "C*T"; else nothing.
func (p *parser) split(name string) string {
	letters := strings.Split(name, "")
	for _, l := range letters {
		if !slices.Contains(p.names, l) {
			return ""
		}
	}
	if len(letters) < 2 {
		return ""
	}
	return strings.Join(letters, "*")
}

// known says which variables there are.
func (p *parser) known() string {
	if len(p.names) == 0 {
		return ""
	}
	var names []string
	for _, n := range p.names {
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return "; the variables are " + strings.Join(names, ", ")
}

func binary(op string, a, b node) node {
	switch op {
	case "+":
		return func(env []float64) float64 { return a(env) + b(env) }
	case "-":
		return func(env []float64) float64 { return a(env) - b(env) }
	case "*":
		return func(env []float64) float64 { return a(env) * b(env) }
	case "/":
		return func(env []float64) float64 { return a(env) / b(env) }
	}
	return func(env []float64) float64 { return math.Pow(a(env), b(env)) }
}
