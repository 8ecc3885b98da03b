package palace

import "context"

// statement is SQL, and the values that stand in it as $1 and so on.
type statement struct {
	text string
	args []any
}

// read is a statement that reads one table.
type read struct {
	statement
	table string
}

// pipelined returns a context for a transaction that names its first reads and does not
// wait for the result of each write. If each statement is a round trip to a server,
// those reads are sent with the BEGIN, and a write is sent with the next read or the
// COMMIT. The error of a write is then returned by the statement that it was sent with.
func pipelined(ctx context.Context, reads ...read) context.Context {
	return context.WithValue(ctx, pipelinedKey{}, reads)
}

type pipelinedKey struct{}
