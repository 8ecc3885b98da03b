package telegram

import (
	"context"
	"maps"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/progress"
	"goalbot/store"
)

// This file sends one message and records the outcome in the outbox. It works
// on a copy of the chat's state; see [Sender.run].

// unsureWaits are the pauses before another try at a message that may have arrived
// already: the Bot API has no key that would make a second call harmless. The last
// pause is for all further tries. It is long, because each try may add a copy, but not
// so long that a chat seems dead once Telegram works again.
var unsureWaits = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 15 * time.Minute}

// maxBroken is how many uploads of a message may break off, while Telegram is
// reachable, before the message is sent without its picture or file. On a slow
// connection a large file would never arrive, and would hold up everything else in its
// chat.
const maxBroken = 3

// An outboxUpdate records in the outbox what became of a message. It is nil if
// nothing is to be recorded: the message stays the next one of its chat.
type outboxUpdate func(context.Context) error

// deliver sends one of the messages that wait for a chat and records the outcome.
// A message that causes a panic even when it is sent alone becomes a dead letter:
// it would cause one at every start.
func (s *Sender) deliver(ctx context.Context, oldest store.Message, p *chatState) {
	queued := oldest
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		s.log.Error("a message caused a panic", "id", queued.ID, "chat", queued.Chat, "panic", r, "stack", string(debug.Stack()))
		p.blockedUntil = time.Now().Add(outboxRetry)
		if p.head.sent { // only the record is missing
			return
		}
		if !p.head.alone { // the panic may be due to another message that was combined with it
			p.head.alone = true
			return
		}
		s.record(ctx, queued, s.deadLetter(queued, "it caused a panic"), p)
	}()
	next, err := s.choose(ctx, oldest, p)
	if err != nil {
		s.log.Error("what waits for a chat could not be read", "chat", oldest.Chat, "err", err)
		p.blockedUntil = time.Now().Add(outboxRetry)
		return
	}
	queued = next
	if p.head.message != queued.ID {
		p.head = attempt{message: queued.ID, ahead: queued.ID != oldest.ID}
	}
	if !p.head.sent {
		s.record(ctx, queued, s.attempt(ctx, queued, p), p)
	}
	if p.head.sent {
		s.record(ctx, queued, s.markSent(queued, p), p)
	}
}

// record runs an update of the outbox, even if the program is told to end: a message
// that was sent must be recorded as sent.
func (s *Sender) record(ctx context.Context, queued store.Message, write outboxUpdate, p *chatState) {
	if write == nil {
		return
	}
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), outboxTimeout)
	defer cancel()
	if err := write(own); err != nil {
		p.blockedUntil = time.Now().Add(outboxRetry)
		s.log.Error("the outbox could not be written", "id", queued.ID, "err", err)
	}
}

func (s *Sender) deadLetter(queued store.Message, reason string) outboxUpdate {
	return func(own context.Context) error { return s.outbox.MoveToDeadLetters(own, queued.ID, reason) }
}

// forget drops a message that has nothing to say any more.
func (s *Sender) forget(queued store.Message) outboxUpdate {
	return func(own context.Context) error { return s.outbox.Sent(own, queued.ID, nil) }
}

func (s *Sender) markSent(queued store.Message, p *chatState) outboxUpdate {
	return func(own context.Context) error {
		if p.head.all != nil {
			return s.outbox.SentBatch(own, p.head.all)
		}
		numbers := map[int64]int64{queued.Chat: p.head.number}
		if p.head.ask { // the answer comes from the chat where it was asked
			maps.Copy(numbers, p.head.told)
		}
		return s.outbox.Sent(own, queued.ID, recordSent(p.head.tag, numbers))
	}
}

// attempt sends a message and sets p.head.sent if it was sent. If it never can
// be, attempt returns the update of the outbox that says so.
func (s *Sender) attempt(ctx context.Context, queued store.Message, p *chatState) outboxUpdate {
	own, cancel := outlive(ctx, 2*uploadDeadline)
	defer cancel()
	if p.head.work == nil {
		p.head.work = s.client.showing(queued.Chat, s.log)
	}
	work := p.head.work
	shown, hide := context.WithCancel(own)
	defer hide()
	own = progress.With(shown, work.report)
	m, write, err := s.prepare(own, queued, p, work)
	if err != nil {
		s.log.Error("a message could not be read or made", "id", queued.ID, "chat", queued.Chat, "err", err)
		p.blockedUntil = time.Now().Add(outboxRetry)
		return nil
	}
	if write != nil {
		return write
	}
	if p.head.unsure > 0 || p.head.broken > 0 {
		// Try again, at the risk of a second copy, only if Telegram is reachable.
		err = s.client.reach(own, queued.Chat)
	}
	if err == nil {
		if m.Uploads() && p.head.broken >= maxBroken {
			s.log.Error("a file could not be uploaded and is left out", "id", queued.ID, "chat", queued.Chat, "tries", p.head.broken)
			m = handlers.WithoutFile(m)
		}
		p.head.number, err = s.client.send(own, queued.Chat, m)
		if kind, _ := classify(err); err != nil && kind == transient && m.Uploads() && ctx.Err() == nil {
			p.head.broken++
		}
	}
	if kind, _ := classify(err); err != nil && kind.final() && p.head.all != nil && (kind != gone || len(m.Elsewhere) == 0 && queued.Chat < 0) {
		s.log.Error("Telegram does not take answers together; they are sent one by one", "chat", queued.Chat, "err", err)
		p.head.alone = true
		return nil
	} else if err != nil && kind.final() && len(m.Elsewhere) > 0 {
		p.head.number, err = s.elsewhere(own, m, err, p)
	}
	if err != nil {
		return s.failed(ctx, queued, err, p)
	}
	p.head.sent, p.burst = true, p.burst || p.head.all != nil
	p.head.tag, p.head.ask = m.Tag, m.Ask // the row in the outbox may have changed when this is recorded
	p.retry.Reset()
	p.wrote = true
	return nil
}

// prepare reads the next message of the chat and renders it. If the message is not
// to be sent, prepare returns the update of the outbox instead.
func (s *Sender) prepare(ctx context.Context, queued store.Message, p *chatState, work *showing) (m message.Message, write outboxUpdate, err error) {
	limit := 1
	if p.head.ahead {
		limit = maxCombined
	}
	row, err := s.outbox.Waiting(ctx, queued.Chat, limit)
	if err != nil {
		return m, nil, err
	}
	i := indexOf(row, queued.ID)
	if i < 0 {
		return m, s.forget(queued), nil // it was removed a moment ago
	}
	queued = row[i]
	waiting, err := message.Decode(queued.Body)
	if err != nil {
		s.log.Error("a message in the outbox cannot be read and is put aside", "id", queued.ID, "err", err)
		return m, s.deadLetter(queued, "it cannot be read"), nil
	}
	if unneeded, err := s.superseded(ctx, queued, waiting); err != nil || unneeded && !p.head.tried() {
		return m, s.forget(queued), err
	}
	m, p.head.all = waiting, nil
	s.show(ctx, work, waiting)
	if s.hooks.Render != nil {
		var ok bool
		if m, ok, err = s.hooks.Render(ctx, queued, waiting); err != nil {
			return m, nil, err
		}
		if !ok {
			return m, s.forget(queued), nil
		}
	}
	if waiting.Answer && waiting.Render == "" && !p.head.alone {
		m, p.head.all, err = s.combine(ctx, queued, m, p)
	}
	return m, nil, err
}

// combine makes one message of the answers that wait for a chat, if there are too
// many to send them one by one, and returns the ids of those that it holds. Otherwise
// it returns the message alone and no ids.
func (s *Sender) combine(ctx context.Context, queued store.Message, alone message.Message, p *chatState) (message.Message, []int64, error) {
	waiting, err := s.outbox.Waiting(ctx, queued.Chat, maxCombined)
	if err != nil {
		return alone, nil, err
	}
	if len(waiting) <= maxBurst && !p.burst || len(waiting) == 0 || waiting[0].ID != queued.ID {
		return alone, nil, nil
	}
	var row []message.Message
	var ids []int64
	for _, w := range waiting {
		m, err := message.Decode(w.Body)
		if err != nil {
			break // it can be set aside only once it is the oldest
		}
		if len(row) > 0 && s.hooks.Render != nil && m.Answer && m.Render == "" {
			if _, ok, err := s.hooks.Render(ctx, w, m); err != nil || !ok {
				break // likewise: its reader may no longer be allowed to see it
			}
		}
		row, ids = append(row, m), append(ids, w.ID)
	}
	m, n := handlers.Combine(row)
	if n == 0 || n <= maxBurst && !p.burst && n == len(row) {
		return alone, nil, nil
	}
	return m, ids[:n], nil
}

// elsewhere sends a message to private chats because its own chat refuses it. The error
// is that refusal if nobody could be reached, and another one if the message is to be
// tried again.
func (s *Sender) elsewhere(ctx context.Context, m message.Message, refusal error, p *chatState) (number int64, err error) {
	said := false
	for _, chat := range m.Elsewhere {
		private := m.Private()
		if _, told := p.head.told[chat]; told {
			said = true
			continue
		}
		if s.hooks.Render != nil {
			if _, ok, err := s.hooks.Render(ctx, store.Message{Chat: chat}, private); err != nil || !ok {
				continue // they may no longer see it
			}
		}
		number, err := s.client.send(ctx, chat, private)
		switch kind, _ := classify(err); {
		case err == nil:
			told := map[int64]int64{chat: number}
			maps.Copy(told, p.head.told)
			said, p.head.told = true, told
			s.log.Warn("Telegram does not take a message, which was said in private", "to", chat, "err", refusal)
		case !kind.final():
			return 0, err
		}
	}
	if !said {
		return 0, refusal
	}
	return noNumber, nil
}

// failed decides what to do about a message that Telegram did not accept.
func (s *Sender) failed(ctx context.Context, queued store.Message, err error, p *chatState) outboxUpdate {
	kind, e := classify(err)
	switch kind {
	case flood:
		wait := retryAfter(e)
		p.blockedUntil, p.refused = time.Now().Add(wait), true
		s.client.Retries.Add(1)
		s.log.Warn("Telegram asks for patience", "chat", queued.Chat, "wait", wait.Round(time.Millisecond))
		return nil
	case migrated:
		if e.MigrateToChatID == queued.Chat {
			return s.deadLetter(queued, e.Message)
		}
		return func(own context.Context) error { return s.moveChat(own, queued.Chat, e.MigrateToChatID) }
	}
	if kind.final() {
		s.log.Error("Telegram does not take a message; it is put aside", "id", queued.ID, "chat", queued.Chat, "err", err)
		return s.deadLetter(queued, e.Message)
	}
	if ctx.Err() != nil {
		return nil // it was cut off by ourselves
	}
	wait := p.retry.NextBackOff()
	if mayHaveSent(err) {
		unsure := unsureWaits[min(p.head.unsure, len(unsureWaits)-1)]
		wait = max(wait, unsure+rand.N(unsure/10))
		p.head.unsure++
	}
	p.blockedUntil = time.Now().Add(wait)
	s.client.Retries.Add(1)
	s.log.Warn("a message could not be sent and will be tried again", "id", queued.ID, "chat", queued.Chat, "err", err, "wait", wait.Round(time.Millisecond))
	return nil
}

// moveChat follows a group that has become a supergroup.
func (s *Sender) moveChat(ctx context.Context, from, to int64) error {
	s.log.Info("a group has become a supergroup", "from", from, "to", to)
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), outboxTimeout)
	defer cancel()
	return s.outbox.MoveChat(own, from, to)
}
