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

// This file delivers what the state of alerts has to say: through the outbox, or
// directly where that does not work.

const (
	// An alert that has not left the outbox for sayAfter although Telegram is
	// there is sent directly, and again every sayAfter.
	sayAfter = 2 * time.Minute
	sayTime  = 15 * time.Second
)

// wait is the state of a chat's message in the outbox.
type wait struct {
	since    time.Time
	composed bool      // it is rendered and may be on its way: later news goes into the next message
	upTo     int64     // all news and changes up to this number are in its words
	said     time.Time // when it was last tried directly
}

// sayLate sends messages directly that have been in the outbox for too long: because
// nobody fetched them, or although Telegram answers.
func (m *Monitor) sayLate() {
	there := time.Since(m.Telegram.Polled()) <= sayAfter/2
	var late []int64
	m.mu.Lock()
	for chat, w := range m.queued {
		if time.Since(w.since) >= sayAfter && time.Since(w.said) >= sayAfter && (there || !w.composed) {
			w.said = time.Now()
			m.queued[chat] = w
			late = append(late, chat)
		}
	}
	m.mu.Unlock()
	m.sayTo(late)
}

// sayTo tells chats directly what they are to be told.
func (m *Monitor) sayTo(chats []int64) {
	var all sync.WaitGroup
	for _, chat := range chats {
		all.Go(func() { m.say(chat) })
	}
	all.Wait()
}

// say sends one chat its news directly. If another goroutine is doing that, it also
// sends what came in meanwhile, so that nothing is sent twice.
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
		words, ok := m.state.Next(chat, m.env())
		if !ok || !slices.Contains(m.Recipients.AlertChats(), chat) {
			return
		}
		m.mu.Unlock()
		number, err := m.sayDirectly(chat, words)
		m.mu.Lock()
		if err != nil {
			m.log.Warn("an alert could not be sent past the outbox", "chat", chat, "err", err)
			return
		}
		m.log.Warn("an alert was sent past the outbox", "chat", chat)
		b := m.state.Clone()
		b.Delivered(words.Tag, number)
		m.state = b
		if m.unsaved != nil { // else whoever is woken saves it
			m.mu.Unlock()
			m.saveDelivered()
			m.mu.Lock()
		}
		wake(m.wake)
	}
}

func (m *Monitor) sayDirectly(chat int64, words message.Message) (number int64, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), sayTime)
	defer cancel()
	return m.Telegram.Say(ctx, chat, words)
}

// saveDelivered saves in the fallback what was just told, so that it is not told
// again after a crash.
func (m *Monitor) saveDelivered() {
	ctx := context.Background()
	_ = m.saving.acquire(ctx) // it never fails
	defer m.saving.release()
	lost := !m.saveInFallback(ctx, m.State())
	m.mu.Lock()
	m.lost = lost
	m.mu.Unlock()
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
	if !slices.Contains(m.Recipients.AlertChats(), queued.Chat) {
		return nil, true, false, nil // the chat no longer gets alerts
	}
	// Read the receipts before the state: the state that takes a receipt in also
	// deletes it.
	receipts, err := m.receipts(ctx)
	if err != nil {
		return nil, true, false, err
	}
	b := m.State().Clone()
	b.Pass(m.clock.Now())
	for _, r := range receipts {
		b.Delivered(r.tag, r.number)
	}
	words, ok := b.Next(chat, m.env())
	if !ok {
		return nil, true, false, nil
	}
	m.mu.Lock()
	if w, waits := m.queued[chat]; waits {
		w.composed, w.upTo = true, b.Count
		m.queued[chat] = w
	}
	m.mu.Unlock()
	body, err = words.Fit().Encode()
	return body, true, true, err
}

// Gone notes that a message of ours has left the outbox: because it was
// delivered or had nothing to say any more, or because Telegram refused it for
// good.
func (m *Monitor) Gone(queued store.Message, refused bool) {
	waiting, err := message.Decode(queued.Body)
	if chat, ours := alert.ChatOf(waiting.Tag); err == nil && ours {
		m.mu.Lock()
		delete(m.queued, chat)
		if refused {
			m.rejected = append(m.rejected, chat)
		}
		m.mu.Unlock()
		wake(m.wake)
	}
}

// Posts returns what waits to be posted, the oldest first. It has been saved:
// a crash does not make it unsaid.
func (m *Monitor) Posts() []alert.Post {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.posts
}

// Posted forgets a post that was taken. Where that is not saved, it may come
// once more after a crash.
func (m *Monitor) Posted(ctx context.Context, id string) {
	if err := m.change(ctx, func(b *alert.State) { b.Posted(id) }); err != nil && ctx.Err() == nil {
		m.log.Error("it could not be saved that news was posted", "err", err)
	}
}
