package health

import (
	"context"
	"slices"
	"sync"
	"time"

	"goalbot/alert"
	"goalbot/message"
	"goalbot/store"
)

// This file delivers what the state of alerts has to say: by the outbox, or past it
// where that does not work.

// wait is a message that waits in the outbox.
type wait struct {
	since    time.Time
	composed bool      // it has its words and may be on its way, so that what comes now waits for the next
	upTo     int64     // all news and changes up to this number are in its words
	said     time.Time // when it was last tried past the outbox
}

// sayTo tells chats past the outbox what they are to be told. The network may
// take its time, so m.mu must not be held.
func (m *Monitor) sayTo(chats []int64) {
	var all sync.WaitGroup
	for _, chat := range chats {
		all.Go(func() { m.say(chat) })
	}
	all.Wait()
}

// say tells one chat. Where that is being done already, whoever does it says
// what has come since too, and nothing is said twice.
func (m *Monitor) say(chat int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, busy := m.saying[chat]; busy {
		m.saying[chat] = true
		return
	}
	defer delete(m.saying, chat)
	for again := true; again; again = m.saying[chat] {
		m.saying[chat] = false
		words, ok := m.state.Next(chat, m.voice())
		if !ok || m.Say == nil || !slices.Contains(m.Chats(), chat) {
			return
		}
		number, err := m.sayAloud(chat, words)
		if err != nil {
			m.log.Warn("an alert could not be sent past the outbox", "chat", chat, "err", err)
			return
		}
		m.log.Warn("an alert was sent past the outbox", "chat", chat)
		b := m.state.Clone()
		b.Delivered(words.Tag, number)
		m.show(b)
		if m.unkept != nil {
			m.keepAside(context.Background(), b)
		}
		wake(m.wake)
	}
}

// sayAloud sends with m.mu given back, and takes it again.
func (m *Monitor) sayAloud(chat int64, words message.Message) (number int64, err error) {
	m.mu.Unlock()
	defer m.mu.Lock()
	ctx, cancel := context.WithTimeout(context.Background(), sayTime)
	defer cancel()
	return m.Say(ctx, chat, words)
}

// Compose makes the words of a message that waits in the outbox. ours is false
// for a message that is none of the monitor's, and ok where there is nothing to
// say any more.
func (m *Monitor) Compose(ctx context.Context, queued store.Message) (body []byte, ours, ok bool, err error) {
	waiting, err := message.Decode(queued.Body)
	chat, ours := alert.ChatOf(waiting.Tag)
	if err != nil || !ours {
		return nil, false, false, nil
	}
	if !slices.Contains(m.Chats(), queued.Chat) {
		return nil, true, false, nil // who has been an owner when it was queued, and is none now
	}
	// First the receipts and then the state, which takes them in before they go.
	receipts, err := m.receipts(ctx)
	if err != nil {
		return nil, true, false, err
	}
	b := m.shared.Load().Clone()
	b.Pass(m.clock.Now())
	for _, r := range receipts {
		b.Delivered(r.tag, r.number)
	}
	words, ok := b.Next(chat, m.voice())
	if !ok {
		return nil, true, false, nil
	}
	m.queue.Lock()
	if w, waits := m.waits[chat]; waits {
		w.composed, w.upTo = true, b.Count
		m.waits[chat] = w
	}
	m.queue.Unlock()
	body, err = words.Fit().Encode()
	return body, true, true, err
}

// Gone notes that a message of ours has left the outbox: because it was
// delivered or had nothing to say any more, or because Telegram refused it for
// good.
func (m *Monitor) Gone(queued store.Message, refused bool) {
	waiting, err := message.Decode(queued.Body)
	if chat, ours := alert.ChatOf(waiting.Tag); err == nil && ours {
		m.queue.Lock()
		delete(m.waits, chat)
		if refused {
			m.refused = append(m.refused, chat)
		}
		m.queue.Unlock()
		wake(m.wake)
	}
}

func wake(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // it will look anyway
	}
}
