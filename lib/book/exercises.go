package book

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/lemma-ml/lemma/lib/landscape"
	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/lib/ntk"
)

// topic is a package that has exercises, with its path within the module: a reader's program imports
// it alone, not the whole book.
type topic struct {
	path      string
	exercises func() []lesson.Exercise
}

// exercises lists the topic packages that have exercises, in the order of the chapters.
var exercises = []topic{
	{"lib/landscape", landscape.Exercises},
	{"lib/ntk", ntk.Exercises},
}

// Exercises returns all exercises in the book's order.
var Exercises = sync.OnceValue(func() []lesson.Exercise {
	var all []lesson.Exercise
	for _, t := range exercises {
		all = append(all, t.exercises()...)
	}
	return all
})

// Exercise returns the exercise of that number, for a notebook. It panics on a number that does not
// exist, so that a misspelt cell fails.
func Exercise(number string) lesson.Exercise {
	found, err := FindExercises(number)
	if err != nil {
		panic(err)
	}
	if len(found) > 1 {
		panic(fmt.Errorf("book.Exercise: %s has %d parts, want one of %s", number, len(found), numbers(found)))
	}
	return found[0]
}

// FindExercises returns the exercise of that number or row of the inventory (9.3a, 9.X3a), or all
// parts of one (9.3, 9.X3). The error names those that there are.
func FindExercises(number string) ([]lesson.Exercise, error) {
	var found []lesson.Exercise
	for _, e := range Exercises() {
		for _, id := range []string{e.Number, e.Row} {
			part, ok := strings.CutPrefix(strings.ToLower(id), strings.ToLower(number))
			if ok && (part == "" || len(part) == 1 && part >= "a" && part <= "z") {
				found = append(found, e)
				break
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no exercise %q; there are %s", number, numbers(Exercises()))
	}
	return found, nil
}

func numbers(all []lesson.Exercise) string {
	var list []string
	for _, e := range all {
		list = append(list, e.Number)
	}
	return strings.Join(list, ", ")
}

// ExercisePackage returns the path within the module of the package whose Exercises has the one of
// that number.
func ExercisePackage(number string) (string, error) {
	for _, t := range exercises {
		if slices.ContainsFunc(t.exercises(), func(e lesson.Exercise) bool { return e.Number == number }) {
			return t.path, nil
		}
	}
	return "", fmt.Errorf("no exercise %q; there are %s", number, numbers(Exercises()))
}
