package palace

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"goalbot/store"
)

// This file is what a bot does with a palace while another one leads: it reads, and
// hands over to the leader what others wrote to its own goals.json.
//
// It does not commit that itself. Only the leader changes the list, so that the rules
// for it are in one place, the leader finds no change that it does not know of, and
// one fence is enough. What is handed over waits in a record, which anybody may add
// and which the leader removes in the transaction that takes it in: that happens
// once, whoever leads by then.

// Changed receives when the leader has committed something. Behind a connection pooler
// it may never, so who follows looks now and then as well.
func (p *Palace) Changed() <-chan struct{} { return p.changed }

// Handed receives when a bot that stands by may have handed something over. On an
// SQLite file it never does.
func (p *Palace) Handed() <-chan struct{} { return p.handed }

// HandOver keeps a record of the kind [store.HandedRecord] for the leader. It changes
// nothing else, so it is all that a bot may save that does not lead.
func (p *Palace) HandOver(ctx context.Context, name, value string) error {
	s, ok := p.engine.(*server)
	if !ok {
		return fmt.Errorf("hand over: %w", ErrReadOnly)
	}
	if err := s.handOver(ctx, name, value); err != nil {
		return fmt.Errorf("hand over: %w", explain(err))
	}
	return nil
}

func (s *server) handOver(ctx context.Context, name, value string) error {
	db := dial(s.config, lockMeta, nil, 1)
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	f, err := s.inspect(ctx, tx) // it may have moved, or be of another version by now
	if err == nil && (f.status != Existing || f.version != version()) {
		err = fmt.Errorf("%w: the database is of another version", ErrIdentity)
	}
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, recordTable.insert+" ON CONFLICT (kind, name) DO NOTHING", recordTable.with(string(store.HandedRecord), name, value)...); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, notify(handedChannel(f.store))); err != nil {
		return err
	}
	return tx.Commit()
}

// Copied notes how the goals.json of a bot that stands by is: when it was last what
// the list was, zero for never, and what is wrong with it, empty for nothing. The
// leader can tell then.
func (p *Palace) Copied(at time.Time, trouble string) {
	if l := p.lease(); l != nil {
		l.copy.Store(&ownCopy{at, trouble})
	}
}

// ownCopy is the goals.json of a bot that stands by.
type ownCopy struct {
	at      time.Time
	trouble string
}

// changedChannel and handedChannel are where the leader and the others are heard.
func changedChannel(store string) string { return "goalbot_" + store }
func handedChannel(store string) string  { return "goalbot_" + store + "_handed" }

// notify is a statement that is heard when its transaction has committed.
func notify(channel string) string { return "NOTIFY " + identifier(channel) }

// identifier quotes a name. PostgreSQL takes no longer one for a channel.
func identifier(channel string) string {
	return pgx.Identifier{channel[:min(len(channel), 63)]}.Sanitize()
}

// listen lets heard receive whenever something is notified on a channel, until ctx
// ends. Where that cannot be, as behind a connection pooler, it is silent.
func (s *server) listen(ctx context.Context, channel string, heard chan struct{}) {
	for {
		_ = s.listenOnce(ctx, channel, heard) // whoever waits looks now and then as well
		select {
		case <-ctx.Done():
			return
		case <-time.After(renewEvery):
		}
	}
}

func (s *server) listenOnce(ctx context.Context, channel string, heard chan struct{}) error {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = conn.Close(closing)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+identifier(channel)); err != nil {
		return err
	}
	for {
		wake(heard) // first for what was committed before
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}
