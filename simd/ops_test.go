package simd_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/backends"
)

// tables hold a test for every operation of GoMLX's builders.
var tables = []map[string]func(t *testing.T){
	elementwiseTests, compareTests, moveTests, reduceTests, contractTests, specialTests,
}

// notInGo are the operations that are compared with the backend go as soon as it has them.
var notInGo = []string{
	"Conj", "Imag", "Real", "ShiftLeft", "ShiftRightArithmetic", "ShiftRightLogical",
	"EqualTotalOrder", "GreaterOrEqualTotalOrder", "GreaterThanTotalOrder", "LessOrEqualTotalOrder", "LessThanTotalOrder", "NotEqualTotalOrder",
}

// Every operation, on random arrays of all types and ranks, against its definition in float64 and
// exact integers.
func TestStandardOps(t *testing.T) {
	for _, table := range tables {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			t.Run(name, table[name])
			if c := comparisons[t.Name()+"/"+name]; c != nil && c.made == 0 && !slices.Contains(notInGo, name) {
				t.Errorf("%s: none of %d comparisons with the backend go was made", name, c.asked)
			}
		}
	}
}

func TestEveryStandardOpIsTested(t *testing.T) {
	tested := make(map[string]bool)
	for _, table := range tables {
		for name := range table {
			if tested[name] {
				t.Errorf("%s is in two tables", name)
			}
			tested[name] = true
		}
	}
	methods := reflect.TypeFor[backends.StandardOps]()
	for i := range methods.NumMethod() {
		name := methods.Method(i).Name
		if !tested[name] {
			t.Errorf("%s has no test", name)
		}
		delete(tested, name)
	}
	for name := range tested {
		t.Errorf("%s is no operation of GoMLX", name)
	}
}
