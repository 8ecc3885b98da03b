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

// pipelined returns a context for a transaction that says what it reads first, and
// that does not ask after each statement that writes whether it succeeded. Where each
// statement is a round trip to a server, those reads go together with the BEGIN, and
// what is written waits for the next read or the COMMIT and goes with that. An error of
// a statement is then that of what it went with.
func pipelined(ctx context.Context, reads ...read) context.Context {
	return context.WithValue(ctx, pipelinedKey{}, reads)
}

type pipelinedKey struct{}
