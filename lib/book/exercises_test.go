package book

import (
	"strings"
	"testing"
)

// Every exercise of a chapter's inventory that has been begun can be checked, and stands where its row
// stands.
func TestExercises(t *testing.T) {
	at := map[string]int{}
	for _, ch := range MustRegistry().Chapters() {
		for _, row := range ch.Rows {
			at[row.ID] = len(at)
		}
	}
	seen := map[string]bool{}
	for _, e := range Exercises() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		if _, ok := at[e.Row]; !ok {
			t.Errorf("%s: its row %s is not in the inventory", e.Number, e.Row)
		}
		if seen[e.Number] || seen[e.Row] {
			t.Errorf("%s (%s) is there twice", e.Number, e.Row)
		}
		seen[e.Number], seen[e.Row] = true, true
		if path, err := ExercisePackage(e.Number); err != nil || path == "" {
			t.Errorf("%s: package %q, %v", e.Number, path, err)
		}
	}
	for _, ch := range MustRegistry().Chapters() {
		for _, row := range ch.Rows {
			if row.Kind == "exercise" && !seen[row.ID] {
				t.Errorf("row %s has no exercise", row.ID)
			}
		}
	}
}

func TestFindExercises(t *testing.T) {
	for _, c := range []struct{ why, id, want string }{
		{"a number", "9.1", "9.1"},
		{"a part", "9.3b", "9.3b"},
		{"all parts", "9.3", "9.3a 9.3b 9.3c 9.3d"},
		{"a row", "9.X3c", "9.3c"},
		{"all parts by row", "9.x3", "9.3a 9.3b 9.3c 9.3d"},
		{"a prefix is no number", "9.", ""},
		{"another chapter", "19.1", ""},
	} {
		found, err := FindExercises(c.id)
		var got []string
		for _, e := range found {
			got = append(got, e.Number)
		}
		if strings.Join(got, " ") != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s: %q finds %v (%v), want %s", c.why, c.id, got, err, c.want)
		}
	}
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "9.3a, 9.3b") {
			t.Errorf("an exercise with parts: got %v, want an error that names them", err)
		}
	}()
	Exercise("9.3")
}
