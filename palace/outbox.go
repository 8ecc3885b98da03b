package palace

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"goalbot/goals"
	"goalbot/store"
)

// This file keeps messages from the commit that queued them until Telegram has
// accepted them, or has rejected them for good.

// Outbox returns the oldest waiting message of every chat, oldest first:
// those that may be sent now without changing any chat's order. Their bodies
// are left out; [Palace.Waiting] reads them.
func (p *Palace) Outbox(ctx context.Context) ([]store.Message, error) {
	var messages []store.Message
	err := p.each(ctx, func(scan func(...any) error) error {
		var m store.Message
		err := scan(&m.ID, &m.Chat)
		messages = append(messages, m)
		return err
	}, "SELECT min(id), chat FROM outbox GROUP BY chat ORDER BY min(id)")
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	return messages, nil
}

// maxWaiting is how many bytes of bodies [Palace.Waiting] reads at once.
const maxWaiting = 1 << 20

// Waiting returns the oldest messages that wait for one chat, in order: limit
// at most, and no more than a megabyte of bodies, but at least one message.
func (p *Palace) Waiting(ctx context.Context, chat int64, limit int) ([]store.Message, error) {
	n, size := 0, 0
	err := p.each(ctx, func(scan func(...any) error) error {
		var length int
		if err := scan(&length); err != nil {
			return err
		}
		if size += length; size <= maxWaiting || n == 0 {
			n++
		}
		return nil
	}, "SELECT length(body) FROM outbox WHERE chat = $1 ORDER BY id LIMIT $2", chat, limit)
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	messages, damaged, err := p.messages(ctx, "WHERE chat = $1 ORDER BY id LIMIT $2", chat, n)
	if err != nil {
		return nil, fmt.Errorf("read outbox: %w", err)
	}
	if len(damaged) == 0 {
		return messages, nil
	}
	for _, id := range damaged {
		p.notice(fmt.Sprintf("message %d, which waited for chat %d", id, chat))
		if err := p.MoveToDeadLetters(ctx, id, damagedReason); err != nil {
			return nil, err
		}
	}
	return p.Waiting(ctx, chat, limit)
}

// messages reads waiting messages, and the ids of those that are damaged.
func (p *Palace) messages(ctx context.Context, which string, args ...any) (messages []store.Message, damaged []int64, err error) {
	err = p.each(ctx, func(scan func(...any) error) error {
		var m store.Message
		var at, sum int64
		if err := scan(&m.ID, &m.Chat, &at, &m.Body, &sum); err != nil {
			return err
		}
		if sum != messageTable.sum(m.ID, m.Chat, at, m.Body) {
			damaged = append(damaged, m.ID)
			return nil
		}
		messages = append(messages, m)
		return nil
	}, "SELECT "+messageTable.read+" FROM outbox "+which, args...)
	return messages, damaged, err
}

// Depth counts what waits without reading any of it.
func (p *Palace) Depth(ctx context.Context) (store.Depth, error) {
	var d store.Depth
	var oldest int64
	err := p.each(ctx, func(scan func(...any) error) error { return scan(&d.Messages, &d.Bytes, &oldest, &d.DeadLetters) }, `
		SELECT count(*), coalesce(sum(length(body)), 0), coalesce(min(at), 0), (SELECT count(*) FROM parked) FROM outbox`)
	if err != nil {
		return store.Depth{}, fmt.Errorf("read outbox: %w", err)
	}
	d.Oldest = fromNanos(oldest)
	return d, nil
}

// Sent forgets a message, since Telegram has said yes, and keeps in the same
// transaction what f records; f may be nil. A message that is not waiting any
// more is no error, and f is not run then: it was run when the message went.
func (p *Palace) Sent(ctx context.Context, id int64, f func(store.Tx) error) error {
	name := "sent/" + strconv.FormatInt(id, 10)
	err := p.write(ctx, store.Origin{Name: "sent", At: p.now()}, func(t *tx) error {
		n, err := t.execCount("forget message", "DELETE FROM outbox WHERE id = $1", id)
		if err == nil && n == 0 {
			return errNothing
		}
		if err != nil || f == nil {
			return err
		}
		if err := f(t); err != nil {
			return err
		}
		if t.list != nil && len(goals.Diff(t.before, *t.list)) > 0 {
			t.origin.Key = name // events need one
		}
		return nil
	})
	return unless(err, errNothing)
}

// SentBatch forgets messages that Telegram took as one: all of them, or
// none. Those that are not waiting any more are no error.
func (p *Palace) SentBatch(ctx context.Context, ids []int64) error {
	return p.write(ctx, store.Origin{Name: "sent", At: p.now()}, func(t *tx) error {
		for _, id := range ids {
			if err := t.exec("forget message", "DELETE FROM outbox WHERE id = $1", id); err != nil {
				return err
			}
		}
		return nil
	})
}

// errNothing ends a transaction that has nothing to do.
var errNothing = errors.New("nothing to do")

func unless(err, expected error) error {
	if err == expected {
		return nil
	}
	return err
}

const (
	maxDeadLetterBody = 16 << 10 // no text is as large
	// damagedReason is why a message is set aside that does not match its
	// checksum. A check reports these until a repair drops them.
	damagedReason = "it was damaged on the disk"
)

// deadLetterBody is what is kept of a body: nothing of one that is large, as that
// of a file.
func deadLetterBody(body []byte) []byte {
	if len(body) > maxDeadLetterBody {
		return nil
	}
	return body
}

// MoveToDeadLetters sets a message aside that Telegram will never take. A body of
// more than 16 KiB, as of a file, is not kept. The newest thousand dead letters
// stay. A message that is not waiting any more is no error.
func (p *Palace) MoveToDeadLetters(ctx context.Context, id int64, reason string) error {
	err := p.write(ctx, store.Origin{}, func(t *tx) error {
		m := store.Message{}
		err := t.query("read message", func(scan func(...any) error) error { return scan(&m.ID, &m.Chat, &m.Body) },
			"SELECT id, chat, body FROM outbox WHERE id = $1", id)
		if err == nil && m.ID == 0 {
			return errNothing
		}
		if reason == damagedReason {
			m.Body = nil // it may say anything
		}
		if err == nil {
			err = t.insert("set message aside", deadLetterTable, m.ID, m.Chat, nanos(t.now), reason, deadLetterBody(m.Body))
		}
		if err == nil {
			err = t.exec("set message aside", "DELETE FROM outbox WHERE id = $1", id)
		}
		if err == nil {
			err = t.exec("forget dead letters", `
				DELETE FROM parked WHERE id NOT IN (
					SELECT id FROM parked ORDER BY at DESC, id DESC LIMIT $1)`, t.capacity.deadLetters)
		}
		return err
	})
	return unless(err, errNothing)
}

// DeadLetters returns the messages that were set aside, newest first.
func (p *Palace) DeadLetters(ctx context.Context) ([]store.DeadLetter, error) {
	var letters []store.DeadLetter
	err := p.each(ctx, func(scan func(...any) error) error {
		var m store.DeadLetter
		var at, sum int64
		if err := scan(&m.ID, &m.Chat, &at, &m.Reason, &m.Body, &sum); err != nil {
			return err
		}
		if sum != deadLetterTable.sum(m.ID, m.Chat, at, m.Reason, m.Body) {
			p.notice(fmt.Sprintf("message %d, which was set aside", m.ID))
			return nil
		}
		m.At = fromNanos(at)
		letters = append(letters, m)
		return nil
	}, "SELECT "+deadLetterTable.read+" FROM parked ORDER BY at DESC, id DESC")
	if err != nil {
		return nil, fmt.Errorf("read dead letters: %w", err)
	}
	return letters, nil
}

// each reads rows of the last commit.
func (p *Palace) each(ctx context.Context, each func(scan func(...any) error) error, query string, args ...any) error {
	t, err := p.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	defer t.Close()
	for t.Next() {
		if err := each(t.Scan); err != nil {
			return err
		}
	}
	return explain(t.Err())
}
