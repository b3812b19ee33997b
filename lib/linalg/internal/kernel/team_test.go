package kernel

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestTeam(t *testing.T) {
	old := runtime.GOMAXPROCS(4)
	defer runtime.GOMAXPROCS(old)
	for _, c := range []struct {
		name string
		make func(context.Context) *Team
	}{{"with helpers", NewTeam}, {"alone", Alone}} {
		t.Run(c.name, func(t *testing.T) {
			team := c.make(t.Context())
			defer team.Close()
			for n := range 50 {
				hits := make([]int, n)
				team.Run(n, func(i int) { hits[i]++ })
				for i, h := range hits {
					if h != 1 {
						t.Fatalf("piece %d of %d ran %d times", i, n, h)
					}
				}
			}
		})
	}
	t.Run("helpers that fell asleep wake up", func(t *testing.T) {
		team := NewTeam(t.Context())
		defer team.Close()
		for range 3 {
			for i := 0; team.asleep.Load() < int32(team.helpers); i++ {
				time.Sleep(time.Millisecond)
				if i > 10000 {
					t.Fatal("the helpers do not fall asleep")
				}
			}
			// Two pieces that wait for each other need two goroutines.
			var met atomic.Int32
			team.Run(2, func(int) {
				met.Add(1)
				for met.Load() < 2 {
					runtime.Gosched()
				}
			})
		}
	})
	t.Run("a done context leaves the rest out", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		team := NewTeam(ctx)
		defer team.Close()
		var ran atomic.Int32
		team.Run(1000, func(i int) {
			if ran.Add(1) == 5 {
				cancel()
			}
		})
		if n := ran.Load(); n > 5+int32(team.helpers) || team.Err() == nil {
			t.Errorf("%d pieces ran, err %v", n, team.Err())
		}
	})
}
