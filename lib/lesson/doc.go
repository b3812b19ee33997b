// Package lesson describes what a reader is asked: to predict before something is shown, to drop a
// hypothesis and see the claim fail, to solve an exercise. It is plain data and the arithmetic of
// right and wrong; package widgets shows it on a page and the command lemma check runs a reader's
// code against it.
//
//	what                                          type         arithmetic             checked by
//	draw a curve or guess a number, then reveal   Prediction   Curve.Score,           TestCurveScore,
//	                                                           Guess.Score            TestGuessScore
//	a switch that drops a hypothesis              Break        Break.States           TestBreakStates
//	statement, hint, solution                     Exercise     Exercise.Validate      TestExerciseValidate
//	an answer typed into the page                 Answer       Answer.Check           TestAnswerCheck
//	a function written in Go                      Code         Find, Judge            TestFindShrinks, TestJudge
//
// # Texts
//
// Questions, statements, hints and solutions are Markdown with TeX between $ signs: paragraphs,
// lists, emphasis, `code` and $$ display $$. Fields that say so are plain text.
//
// # Expressions
//
// A reader types formulas as on paper: sqrt(1-x^2)/(2π), 2 sqrt(2), (π - arccos(ρ))/(2 pi). ParseExpr reads them; the page has the same reader in its script, and both
// are tested on one table, testdata/expr.json. What could be read in two ways, such as 1/2x or e^2x,
// is refused with the place, not guessed.
//
// Two expressions are equal if they agree at sample points of their variables to 1e-9 of their size.
// The points come from a fixed low-discrepancy sequence, the same on every page and every run.
//
// # Property-based checks
//
// Code is checked by properties: what must hold for every input. Find looks for an input for which
// one fails, among the telling ones first and then at random, and makes it smaller while it still
// fails; what it returns is the smallest counterexample it can find, in words.
//
// # Writing an exercise
//
//	lesson.Exercise{
//		Number: "9.3c", Row: "9.X3c", Title: "The trace of H*",
//		Text: "Compute $\\mathrm{tr}(H^*)$ for $n$ inputs of norm 1.", Hint: ..., Solution: ...,
//		Answers: []lesson.Answer{{
//			Prompt: "for $n$ unit inputs", Reference: "n/2",
//			Variables: []lesson.Variable{{Name: "n", Low: 1, High: 200, Whole: true}},
//			Traps:     []lesson.Trap{{Answer: "n", Say: "a gate is open half of the time."}},
//		}},
//		Code: []*lesson.Code{{Name: "Trace", Signature: "func(x [][]float64) float64", Check: checkTrace, ...}},
//	}
//
// Check asserts the function's type and calls Find. Order the properties from what a reader can see at
// once (a sign, a scaling) to the value itself, and compute the value by another route than the
// solution's. The package that has the exercises exports them as Exercises; package book lists it.
package lesson
