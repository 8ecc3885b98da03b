// Package progress lets long work say how far it has come, to whoever shows it.
package progress

import "context"

// Func is told how far work has come: done of total, in the units that the work
// counts in. It is called often and must return at once.
type Func func(work Work, done, total int64)

// Work is what is being done.
type Work string

// The kinds of work that take long where the list is long.
const (
	Reading Work = "Reading the database" // goals
	Copying Work = "Copying the database" // rows
	Saving  Work = "Saving"               // goals
	Sending Work = "Sending the file"     // bytes
)

type key struct{}

// With returns a context in which [Report] tells f, or nobody where that is nil.
func With(ctx context.Context, f Func) context.Context { return context.WithValue(ctx, key{}, f) }

// Report says how far work has come. Where nobody listens it does nothing.
func Report(ctx context.Context, work Work, done, total int64) {
	if f, ok := ctx.Value(key{}).(Func); ok && f != nil {
		f(work, done, total)
	}
}

// Every is how many steps pass between two reports, so that they cost nothing
// beside the work.
const Every = 256

// Step reports every [Every] steps and at the end.
func Step(ctx context.Context, work Work, done, total int64) {
	if done%Every == 0 || done == total {
		Report(ctx, work, done, total)
	}
}
