package rewrite

// Rewritten and Evaluate let external tests check what they record.
var (
	Rewritten = rewritten
	Evaluate  = eval
)
