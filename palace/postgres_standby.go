package palace

import (
	"context"
	"fmt"
)

// This file lets the bots that stand by be seen: each writes again and again, by the
// server's clock, that it is there.

// standbyTime is how long a bot that stands by is not heard of until it counts as gone.
const standbyTime = 5 * renewEvery

// standBy says that this process stands by, and forgets those that are gone.
func (l *lease) standBy(ctx context.Context, q querier) error {
	_, err := q.ExecContext(ctx, `
		WITH gone AS (DELETE FROM standbys WHERE holder <> $1 AND seen < clock_timestamp() - make_interval(secs => $2))
		INSERT INTO standbys VALUES ($1, clock_timestamp()) ON CONFLICT (holder) DO UPDATE SET seen = excluded.seen`,
		l.holder, standbyTime.Seconds())
	return err
}

func readStandbys(ctx context.Context, q querier) (all []string, err error) {
	rows, err := q.QueryContext(ctx, `
		SELECT holder FROM standbys
		WHERE seen > clock_timestamp() - make_interval(secs => $1) AND holder NOT IN (SELECT holder FROM lease) ORDER BY holder`, standbyTime.Seconds())
	if err != nil {
		return nil, fmt.Errorf("read who stands by: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var holder string
		if err := rows.Scan(&holder); err != nil {
			return nil, fmt.Errorf("read who stands by: %w", err)
		}
		all = append(all, holder)
	}
	return all, rows.Err()
}
