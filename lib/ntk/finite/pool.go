package finite

import (
	"context"
	"runtime"
	"sync"
)

// each runs job(0), ..., job(n-1) on GOMAXPROCS goroutines and waits for all. Job i writes to slot i
// only, so results do not depend on the schedule; the error of the lowest index comes back, and after
// an error or a cancellation no new job starts. progress, if not nil, is called from the caller's
// goroutine. Jobs are handed out from the last to the first: callers list them from cheap to dear, and
// starting the dear ones first keeps the processors busy to the end.
//
// Networks are trained side by side because a job also works on the host on one core: it draws weights,
// and computes kernels and their eigenvalues. One after the other on simd, which shares each of its
// operations, keeps two cores busy 1.0 (RunWidth) to 1.75 (RunLabels) at a time.
func each(ctx context.Context, n int, progress func(done, total int), job func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	jobs := make(chan int, n)
	for i := n - 1; i >= 0; i-- {
		jobs <- i
	}
	close(jobs)
	errs := make([]error, n)
	done := make(chan bool, n)
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := range jobs {
				if errs[i] = ctx.Err(); errs[i] == nil {
					if errs[i] = job(ctx, i); errs[i] != nil {
						cancel()
					}
				}
				done <- true
			}
		})
	}
	for k := range n {
		<-done
		if progress != nil {
			progress(k+1, n)
		}
	}
	wg.Wait()
	// A job stopped by another's failure reports the cancellation; the failure itself says more.
	var stopped error
	for _, err := range errs {
		if err != nil && err != context.Canceled {
			return err
		}
		if err != nil && stopped == nil {
			stopped = err
		}
	}
	return stopped
}
