package rewrite

// Expr and Same let external tests print and compare.
var (
	Expr      = expr
	Rewritten = rewritten
)
