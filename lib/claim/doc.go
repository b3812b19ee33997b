// Package claim turns a row of the book into something that can be checked and can fail.
//
// A Claim is one row of a chapter's inventory: its number in the book, its statement, and a function
// that produces evidence. A piece of Evidence is a pair of numbers reached by separate routes, a
// theory value and a measured value, with the tolerance and the tolerance's cause. The verdict
// follows from the evidence and from nothing else:
//
//	Holds         every piece of evidence is within its tolerance, and every printed statement that
//	              the errata call wrong is seen to fail
//	Fails         one of them is not
//	Inconclusive  nothing failed, but a measurement was too coarse to tell
//
// A check that cannot fail is a defect. Every claim therefore names alternatives (a wrong constant,
// a dropped factor, a broken hypothesis) whose verdict must be Fails; Power runs them.
//
//	question                          function
//	does the claim hold?              Registry.Check, Run
//	would the check notice an error?  Registry.Power
//	which rows have no claim yet?     Registry.Missing
//	where is the book wrong?          Registry.Errata
package claim
