package palace

import (
	"context"
	"fmt"
	"time"
)

// This file lets the bots that stand by be seen: each writes again and again, by the
// server's clock, that it is there, and how its goals.json is.

// standbyTime is how long a bot that stands by is not heard of until it counts as gone.
const standbyTime = 5 * renewEvery

// beSeen says that this process stands by, and forgets those that are gone.
func (l *lease) beSeen(ctx context.Context, q querier) error {
	age, trouble := -1.0, ""
	if c := l.copy.Load(); c != nil {
		trouble = c.trouble
		if !c.at.IsZero() {
			age = max(time.Since(c.at), 0).Seconds()
		}
	}
	_, err := q.ExecContext(ctx, `
		WITH gone AS (DELETE FROM standbys WHERE holder <> $1 AND seen < clock_timestamp() - make_interval(secs => $2))
		INSERT INTO standbys (holder, seen, copied, trouble)
		VALUES ($1, clock_timestamp(), CASE WHEN $3::float8 < 0 THEN '-infinity' ELSE clock_timestamp() - make_interval(secs => $3) END, $4)
		ON CONFLICT (holder) DO UPDATE SET seen = excluded.seen, copied = excluded.copied, trouble = excluded.trouble`,
		l.holder, standbyTime.Seconds(), age, trouble)
	return err
}

func readStandbys(ctx context.Context, q querier) (all []StandbyState, err error) {
	rows, err := q.QueryContext(ctx, `
		SELECT holder, isfinite(copied), CASE WHEN isfinite(copied) THEN extract(epoch FROM clock_timestamp() - copied) ELSE 0 END::float8, trouble
		FROM standbys
		WHERE seen > clock_timestamp() - make_interval(secs => $1) AND holder NOT IN (SELECT holder FROM lease) ORDER BY holder`, standbyTime.Seconds())
	if err != nil {
		return nil, fmt.Errorf("read who stands by: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s StandbyState
		var age float64
		if err := rows.Scan(&s.Holder, &s.Copied, &age, &s.Trouble); err != nil {
			return nil, fmt.Errorf("read who stands by: %w", err)
		}
		s.Age = time.Duration(age * float64(time.Second))
		all = append(all, s)
	}
	return all, rows.Err()
}
