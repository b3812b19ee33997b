package landscape

import (
	"context"
	"math"
	"testing"

	"github.com/lemma-ml/lemma/lib/figure/figuretest"
	"github.com/lemma-ml/lemma/lib/lesson"
	"github.com/lemma-ml/lemma/lib/lesson/lessontest"
)

func TestLessons(t *testing.T) {
	for _, e := range Exercises() {
		if err := e.Validate(); err != nil {
			t.Error(err)
		}
		for _, a := range e.Answers {
			if r := a.Check(a.Reference); r.Verdict != lesson.Right {
				t.Errorf("%s: the reference answer %s is wrong: %+v", e.Number, a.Reference, r)
			}
			for _, trap := range a.Traps {
				if r := a.Check(trap.Answer); r.Verdict == lesson.Right {
					t.Errorf("%s: the trap %s is right", e.Number, trap.Answer)
				}
			}
		}
	}
	lessontest.Breaks(t, Breaks())
}

func TestExercise(t *testing.T) {
	right := func(z float64) (float64, float64) {
		a := Sigmoid.Derivative(z)
		return 8 * a, a * a
	}
	checker := func() *lesson.Checker { return &lesson.Checker{} }
	if w := checkConstantsCode(right, checker()); w != nil {
		t.Errorf("the right function is refused: %+v", w)
	}
	for name, f := range map[string]func(float64) (float64, float64){
		"without the factor 2": func(z float64) (float64, float64) { a := Sigmoid.Derivative(z); return 4 * a, a * a },
		"linear in the slope":  func(z float64) (float64, float64) { a := Sigmoid.Derivative(z); return 8 * a, a },
		"the slope of tanh":    func(z float64) (float64, float64) { a := 1 / math.Pow(math.Cosh(z), 2) / 4; return 8 * a, a * a },
		"nothing":              func(float64) (float64, float64) { return 0, 0 },
	} {
		if checkConstantsCode(f, checker()) == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestExplorers(t *testing.T) { figuretest.Explorers(t, Explorers(), 0) }

// TestSlice: around a saddle the slice holds its up and its down, and a path within the plane is drawn
// whole.
func TestSlice(t *testing.T) {
	o := exampleM().Objective()
	points, err := exampleM().CriticalPoints()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	s, err := SliceAlong(ctx, o, points[3].X)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(s.Curvatures[0]-4) > 1e-6 || math.Abs(s.Curvatures[1]+1) > 1e-6 {
		t.Errorf("curvatures %v at the saddle v₂, want 4 and -1", s.Curvatures)
	}
	fig, err := s.Figure(ctx, o, 1, 21, [][]float64{points[3].X, points[1].X})
	if err != nil {
		t.Fatal(err)
	}
	if err := fig.Validate(); err != nil {
		t.Error(err)
	}
	if _, err := SliceAlong(ctx, Wavy(1), []float64{0}); err == nil {
		t.Error("one variable: no error")
	}
	if _, err := SliceAlong(ctx, quadratic(1, 1), []float64{0, 0}); err == nil {
		t.Log("a multiple of the identity has planes too: the vectors are some basis")
	}
}
