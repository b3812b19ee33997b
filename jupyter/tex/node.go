package tex

// class is TeX's class of an atom; it decides the space around it (The TeXbook, chapter 17).
type class uint8

const (
	ord     class = iota // x, 1, \infty, \frac12
	op                   // \sum, \log
	bin                  // +, \times
	rel                  // =, \to
	opening              // (
	closing              // )
	punct                // ,
	inner                // \left( ... \right)
	none                 // no atom: spaces, \displaystyle
)

// node is a part of a formula's tree: one of the types below.
type node interface{ class() class }

// symbol is one element with text: <mi>, <mn>, <mo> or <mtext>.
type symbol struct {
	tag    string
	text   string // characters of the final alphabet
	cls    class
	pos    int
	attrs  string // further attributes, written as they are
	limits bool   // scripts go above and below in display style
	rigid  bool   // <mo> that would stretch by default and must not
	space  *gap   // for <mo>: set by spaceRow
}

// gap is the space on the left and right of an operator, in mu (1/18 em).
type gap struct {
	left, right int
	edge        bool // first or last of its row, where a browser may take it for a pre- or postfix
}

// row is {...}, or several nodes seen as one.
type row struct {
	items  []node
	cls    class
	limits bool // as in symbol
}

// script is a base with sub- and superscript, nil where missing.
type script struct {
	base, sub, sup node
	limits         limits
}

// limits says where scripts go.
type limits uint8

const (
	limitsByStyle limits = iota // above and below in display style, beside it inline
	limitsAlways
	limitsNever
)

// frac is a fraction, or with thickness "0" two things above one another.
type frac struct {
	num, den    node
	thickness   string
	left, right string // delimiters, "" for none
	style       style  // keep for the surrounding one
	align       string // "left", "right" for \cfrac[l]
	continued   bool   // \cfrac: numerator and denominator in display style
}

// radical is a root; index is nil for a square root.
type radical struct{ body, index node }

// fence is \left ... \right; the parts are separated by the delimiters of \middle.
type fence struct {
	left, right string
	parts       []node
	middle      []string
}

// stack puts things over and under a base: accents, braces, \overset.
type stack struct {
	base, over, under node
	accent            bool // over is an accent: close to the base
	accentUnder       bool
	limits            bool // a further script goes above or below, as with \overbrace
	cls               class
}

// styled is a group in another style or colour.
type styled struct {
	items []node
	style style
	color string
	// A switch such as \displaystyle holds the rest of its group; \textcolor is an atom.
	switchs bool
	before  class // the class of what stands before a switch
}

// style is a TeX style.
type style uint8

const (
	keep style = iota
	displayStyle
	textStyle
	scriptStyle
	scriptScriptStyle
)

// space is an explicit space of a width in em.
type space struct{ em float64 }

// phantom is invisible or of changed size.
type phantom struct {
	body         node
	hidden       bool
	zeroW, zeroH bool
	shift        string // horizontal, in its own width
}

// box is \boxed, \cancel and the like, drawn by a style of its own.
type box struct {
	body node
	css  string
}

// table is an environment.
type table struct {
	rows        [][]node // cells
	tags        []node   // one for each row, nil for none; empty for a table without tags
	lines       []bool   // an \hline above row i
	columns     []column
	left, right string
	display     bool // cells in display style
	small       bool // \substack, smallmatrix
	equations   bool // align: pairs of columns that meet at the relation
	cls         class
}

// column is how a table's column is set.
type column struct {
	align string // left, center, right
	line  bool   // a vertical line on its left
}

func (s *symbol) class() class { return s.cls }
func (r *row) class() class    { return r.cls }
func (s *script) class() class { return s.base.class() }
func (*frac) class() class     { return ord }
func (*radical) class() class  { return ord }
func (*fence) class() class    { return inner }
func (s *stack) class() class  { return s.cls }
func (s *styled) class() class {
	if s.switchs {
		return none
	}
	return ord
}
func (*space) class() class     { return none }
func (p *phantom) class() class { return ord }
func (b *box) class() class     { return ord }
func (t *table) class() class   { return t.cls }

// core returns the operator that a browser sees at the heart of n, which carries n's space: the
// "embellished operator" of MathML Core. It is nil where there is none.
func core(n node) *symbol {
	switch n := n.(type) {
	case *symbol:
		if n.tag == "mo" {
			return n
		}
	case *script:
		return core(n.base)
	case *stack:
		return core(n.base)
	case *row:
		if len(n.items) == 1 {
			return core(n.items[0])
		}
	}
	return nil
}
