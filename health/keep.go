package health

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"goalbot/alert"
	"goalbot/store"
)

// This file keeps the state: in the palace, or aside while the palace does not
// take it.

const (
	storeTime = 10 * time.Second // for one transaction of ours
	asideTime = 2 * time.Second  // for the small file that holds the state then

	stateName  = "book"
	secretName = "secret" // proves that what was kept aside is ours
)

// change changes the state, keeps it, and queues what is to be told, all of it
// in one transaction. Where the palace does not take it, the state is kept
// aside, and what is to be told is said at once.
func (m *Monitor) change(ctx context.Context, f func(*alert.State)) error {
	return m.alter(ctx, false, f)
}

// alter is change that may say what is to be told before anything is kept.
func (m *Monitor) alter(ctx context.Context, sayFirst bool, f func(*alert.State)) error {
	if sayFirst {
		chats, err := m.advance(ctx, f)
		if err != nil {
			return err
		}
		m.sayTo(chats)
		f = func(*alert.State) {} // the state is changed already, and only to be kept
	}
	unsaid, err := m.changeAndKeep(ctx, f)
	m.sayTo(unsaid)
	return err
}

// advance changes the state without keeping it, and returns the chats that are
// to be told of it at once.
func (m *Monitor) advance(ctx context.Context, f func(*alert.State)) (chats []int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	own, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	c, err := m.next(own, f)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(c.chats, m.onItsWay), nil
}

// changed is a state that is not kept yet, and what else is to be kept with it.
type changed struct {
	*alert.State
	chats    []int64
	receipts []delivery
	unread   error // why the receipts could not be read
}

// next makes the next book from the present one. The error means that there is
// none: the program ends, or the palace does not answer yet. m.mu is held.
func (m *Monitor) next(ctx context.Context, f func(*alert.State)) (changed, error) {
	if err := m.load(ctx); !m.loaded {
		return changed{}, err
	}
	c := changed{State: m.state.Clone(), chats: m.Chats()}
	c.Pass(m.clock.Now())
	c.receipts, c.unread = through(ctx, m.store, storeTime, m.receipts)
	for _, r := range c.receipts {
		c.Delivered(r.tag, r.number)
	}
	for _, chat := range m.takeRefused() {
		c.Refused(chat)
	}
	f(c.State)
	c.Meet(c.chats)
	m.queue.Lock()
	maps.DeleteFunc(m.waits, func(chat int64, _ wait) bool { return !slices.Contains(c.chats, chat) })
	m.queue.Unlock()
	m.show(c.State) // before anything is queued that is composed from it
	return c, nil
}

// changeAndKeep changes the state, keeps it and queues. Where the palace does
// not take that, it returns the chats that are to be told past the outbox, and
// where only the outbox has no room for some, those.
func (m *Monitor) changeAndKeep(ctx context.Context, f func(*alert.State)) (unsaid []int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	own, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	next, err := m.next(own, f)
	if err != nil {
		return nil, err
	}
	due := m.due(next.State, next.chats)
	kept := next.Encode()
	if err = next.unread; err == nil && m.secretKept && !m.keptAside && len(due) == 0 && len(next.receipts) == 0 && bytes.Equal(kept, m.kept) {
		m.settled()
		return nil, nil
	}
	next.Revision++
	m.queue.Lock()
	for _, chat := range due {
		m.waits[chat] = wait{since: time.Now()}
	}
	m.queue.Unlock()
	var full []int64
	if err == nil {
		full, err = through(own, m.store, storeTime, func(ctx context.Context) ([]int64, error) {
			return m.keep(ctx, next.State, next.receipts, due)
		})
	}
	unqueued := full
	if err != nil {
		unqueued = due
	}
	m.queue.Lock()
	for _, chat := range unqueued {
		delete(m.waits, chat)
	}
	m.queue.Unlock()
	if err == nil {
		m.kept, m.unkept, m.secretKept, m.forgets = kept, nil, true, false
		m.dropAside(ctx)
		m.settled()
		return full, nil
	}
	m.kept = nil // or it is kept all the same, in a moment
	if ctx.Err() != nil {
		return nil, err // the program ends, and the next start finds it all again
	}
	m.log.Error("the state of alerts could not be saved in the bot's database", "err", err)
	m.unkept = err
	m.keepAside(ctx, next.State)
	m.settled()
	return next.chats, err
}

// takeRefused returns the chats of [Monitor.Gone] that the state does not know yet.
func (m *Monitor) takeRefused() []int64 {
	m.queue.Lock()
	defer m.queue.Unlock()
	chats := m.refused
	m.refused = nil
	return chats
}

// due returns the chats that a message is to be queued for: they are to be told
// something, and no message waits that will say it.
func (m *Monitor) due(b *alert.State, chats []int64) (due []int64) {
	for _, chat := range chats {
		m.queue.Lock()
		w, waits := m.waits[chat]
		m.queue.Unlock()
		if waits && (!w.composed || b.Count <= w.upTo) {
			continue
		}
		if _, ok := b.Next(chat, m.voice()); ok {
			due = append(due, chat)
		}
	}
	return due
}

// onItsWay reports whether somebody has just taken the words for a chat.
func (m *Monitor) onItsWay(chat int64) bool {
	m.queue.Lock()
	defer m.queue.Unlock()
	w := m.waits[chat]
	return w.composed && time.Since(w.since) < sayAfter
}

// settled is for a state that has been kept, or was to be: whoever posts is shown
// it now, and not before.
func (m *Monitor) settled() {
	m.asked = true
	m.posts.Store(&m.state.Posts)
}

func (m *Monitor) show(b *alert.State) {
	m.state = b
	m.shared.Store(b.Clone()) // what is kept still gets its revision
}

// keep keeps the state and queues, both or neither. Chats for which too much
// waits already are left out and returned.
func (m *Monitor) keep(ctx context.Context, b *alert.State, receipts []delivery, due []int64) (full []int64, err error) {
	data, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	o := store.Origin{Key: "health/" + strconv.FormatInt(now.UnixNano(), 36) + "/" + strconv.FormatInt(b.Revision, 36), Name: "health", At: now, Once: true}
	err = m.truth.Update(ctx, o, func(tx store.Tx) error {
		full = nil
		for _, r := range receipts {
			if err := tx.SetRecord(store.SentRecord, r.name, ""); err != nil {
				return err
			}
		}
		if err := tx.SetRecord(store.AlertRecord, stateName, string(data)); err != nil {
			return err
		}
		if err := tx.SetRecord(store.AlertRecord, secretName, hex.EncodeToString(m.secret)); err != nil {
			return err
		}
		for _, chat := range due {
			// These words are for whoever empties the outbox without asking us.
			m, _ := b.Next(chat, m.voice())
			m.Tag = alert.WaitingTag(chat)
			body, err := m.Fit().Encode()
			if err != nil {
				return err
			}
			switch err := tx.Send(store.Message{Chat: chat, Body: body}); {
			case errors.Is(err, store.ErrOutboxFull):
				full = append(full, chat)
			case err != nil:
				return err
			}
		}
		return nil
	})
	return full, err
}

// delivery is a message of ours that Telegram took.
type delivery struct {
	name   string // of its record
	tag    string
	number int64
}

// receipts reads which of our messages were delivered since the state was kept.
func (m *Monitor) receipts(ctx context.Context) (list []delivery, err error) {
	err = m.truth.View(ctx, func(tx store.Tx) error {
		records, err := tx.Records(store.SentRecord)
		for name, value := range records {
			tag := name[:max(0, strings.LastIndexByte(name, '/'))]
			if _, ours := alert.ChatOf(tag); !ours {
				continue
			}
			number, _ := strconv.ParseInt(value, 10, 64)
			list = append(list, delivery{name, tag, number})
		}
		return err
	})
	slices.SortFunc(list, func(x, y delivery) int { return cmp.Compare(x.number, y.number) })
	return list, err
}
