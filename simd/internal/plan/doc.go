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
// run by many goroutines at once; the results are the same bit for bit for every width of the pool.
//
// # From nodes to steps
//
// A node that only renames elements (Reshape, Transpose, BroadcastInDim, Slice, Reverse, Bitcast; Iota
// looks at a counting vector) is a strided view of another's array. Contractions take views as they
// are, elementwise programs, too; an operation that package generic evaluates gets a dense copy.
//
// Elementwise operations and reductions are merged into groups, each of which becomes one program of
// package loop. The rule knows no patterns. A group has a box of places that is divided into rows if a
// reduction over trailing axes runs along them; a value has an element for each place or for each row.
// Two groups merge if both fit into one box, if each value that passes between them is read just where
// it is computed (a row's value all along the row), and if no way from one to the other leads outside.
// So softmax, layer norm, cross-entropy and their gradients come out as one program each. A reduction
// over other axes leaves its group as an output that is summed over the rows. The merges that save most
// memory traffic come first; at last little groups of one size merge, as each costs a step.
//
// Compiling takes time and memory in proportion to the number of nodes: searches for a way that leads
// outside begin at both ends and have a limit, units have numbers with gaps between them in place of
// positions, partners are looked for among a few, and steps that compute the same share a kernel.
//
// A group stores only what others need, and not even that if those can make it anew from what they
// read anyway. An elementwise group is the epilogue of a product, done by blocks of its rows, if the result
// has 16 MiB or more, a sum 128 terms or fewer, and what else the group reads is an eighth as much at most:
// bias and activation. That makes both 0.97 to 1.4 times as fast, ReLU 1.03 or more (processor time, an
// Epyc with 32 MiB of third cache).
// Results that stay in that cache gain nothing, 0.96 to 1.03 times as fast; a residual loses as much as is
// gained (0.96 to 1.0), and of longer sums the product is all that counts.
//
// # Memory
//
// Intermediate values share an arena: each has an offset for the steps from its first to its last use.
// A step that may writes its result where an operand lay that nobody needs any more; outputs and
// donated arguments are part of such chains. Arenas belong to runs, are shared by all plans and given
// back to the collector when they are not wanted for long.
//
// # What is where
//
//	plan.go       Compile, Place, Run
//	describe.go   Steps, Arena, String
//	node.go       nodes: the graph's, and copies that the plan adds
//	read.go       which nodes are views, elementwise, …; outputs
//	ops.go        which operations are which
//	view.go       strided views and what operations make of them
//	within.go     operands of Concatenate and Pad computed inside the result
//	unit.go       what one step computes; order, merging without cycles
//	fuse.go       which groups fit together
//	recompute.go  values that are cheaper to compute twice
//	lower.go      units to steps
//	program.go    groups to loop programs
//	contract.go   contractions to gemm problems, epilogues
//	native.go     Concatenate, Pad, DynamicUpdateSlice
//	kernels.go    kernels that steps share
//	step.go       steps; evaluation by package generic, copies
//	memory.go     liveness, reuse, donation
//	pack.go       the arena's layout
//	arena.go      memory for runs
//	frame.go      what one run needs for itself
package plan
