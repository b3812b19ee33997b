// Package plan turns a graph into steps over memory and runs them.
//
// [Compile] takes an [ir.Graph] after its rewriting and decides what is computed together and where
// every array lies; [Plan.Run] executes the steps in order, each parallel inside. A caller does
//
//	p, err := plan.Compile(g, plan.Options{})
//	p.Place(donated, from)                   // from[i]: the argument whose memory output i takes, or -1
//	outs[i] = args[from[i]] or new memory    // 64-byte aligned, as large as the output
//	err = p.Run(pool, args, outs, nil)
//
// Arguments and outputs are dense row-major arrays. A donated argument is the plan's to overwrite; its
// memory is the output's where from says so, and otherwise still the caller's to free. A plan may be
// run by many goroutines at once; the results are the same for every width of the pool.
package plan
