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

// This file changes the state of alerts and saves it: in the store, or in the
// fallback while the store does not take it.

const (
	storeTime    = 10 * time.Second // for one transaction of ours
	fallbackTime = 2 * time.Second  // for the small file that holds the state then

	stateName  = "book"
	secretName = "secret"
)

// change changes the state, saves it, and queues what is to be told, all of it
// in one transaction. Where that fails, the state goes into the fallback, and what
// is to be told is said directly. f must not block.
func (m *Monitor) change(ctx context.Context, f func(*alert.State)) error {
	return m.changeAndSay(ctx, false, f)
}

// changeAndSay is change that, where direct, queues nothing and says directly
// what is to be told.
func (m *Monitor) changeAndSay(ctx context.Context, direct bool, f func(*alert.State)) error {
	chats, err := m.changeAndSave(ctx, direct, f)
	m.sayTo(chats)
	return err
}

// changeAndSave returns the chats that are to be told directly. A state that
// cannot be loaded is not changed; what cannot be saved is changed all the same.
func (m *Monitor) changeAndSave(ctx context.Context, direct bool, f func(*alert.State)) (chats []int64, err error) {
	if err := m.saving.acquire(ctx); err != nil {
		return nil, err
	}
	defer m.saving.release()
	own, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	if err := m.load(own); !m.loaded {
		return nil, err
	}
	receipts, err := withTimeout(own, m.storeCalls, storeTime, m.receipts)
	s := m.next(receipts, direct, f)
	data := s.state.Encode()
	if err == nil && m.secretSaved && !m.inFallback && len(s.queue) == 0 && len(receipts) == 0 && bytes.Equal(data, m.saved) {
		m.noteSaved(s, nil, false)
		return s.direct, nil
	}
	if err == nil {
		s.full, err = withTimeout(own, m.storeCalls, storeTime, func(ctx context.Context) ([]int64, error) { return m.store(ctx, s) })
	}
	if err == nil {
		m.saved, m.secretSaved = data, true
		m.emptyFallback(ctx)
		m.noteSaved(s, nil, false)
		return append(s.direct, s.full...), nil
	}
	m.saved, s.full = nil, s.queue // or the store has it all the same, in a moment
	if ctx.Err() != nil {
		m.dequeue(s.full)
		return nil, err // the program ends, and the next start finds it all again
	}
	m.log.Error("the state of alerts could not be saved in the bot's database", "err", err)
	m.noteSaved(s, err, !m.saveInFallback(ctx, s.state))
	return s.chats, err
}

// update is a state that is to be saved, and what goes with it.
type update struct {
	state    *alert.State
	receipts []delivery // that the state takes in
	chats    []int64    // that get alerts
	queue    []int64    // that a message is to be queued for
	full     []int64    // of those, the ones that it could not be queued for
	direct   []int64    // that are to be told directly
}

// next makes the next state from the present one.
func (m *Monitor) next(receipts []delivery, direct bool, f func(*alert.State)) update {
	chats, env, now := m.Recipients.AlertChats(), m.env(), m.clock.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.state.Clone()
	b.Revision++
	b.Pass(now)
	for _, r := range receipts {
		b.Delivered(r.tag, r.number)
	}
	for _, chat := range m.rejected {
		b.Refused(chat)
	}
	f(b)
	b.Meet(chats)
	m.state, m.rejected = b, nil // before anything is queued that is composed from it
	s := update{state: b, receipts: receipts, chats: chats}
	maps.DeleteFunc(m.queued, func(chat int64, _ wait) bool { return !slices.Contains(chats, chat) })
	for _, chat := range chats {
		w, waits := m.queued[chat]
		switch {
		case direct && (!w.composed || time.Since(w.since) >= sayAfter): // else it may be on its way
			s.direct = append(s.direct, chat)
		case direct, waits && (!w.composed || b.Count <= w.upTo):
		default:
			if _, ok := b.Next(chat, env); ok {
				m.queued[chat] = wait{since: time.Now()}
				s.queue = append(s.queue, chat)
			}
		}
	}
	return s
}

// noteSaved notes that a state was saved, or why not. Whoever posts is shown it
// now, and not before.
func (m *Monitor) noteSaved(s update, err error, lost bool) {
	m.dequeue(s.full)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unsaved != nil && err == nil {
		wake(m.soon) // the last check may have found that it could not be saved
	}
	m.tried, m.unsaved, m.lost, m.posts = true, err, lost, s.state.Posts
}

func (m *Monitor) dequeue(chats []int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, chat := range chats {
		delete(m.queued, chat)
	}
}

// store saves a state and queues, both or neither. Chats for which too much
// waits already are left out and returned.
func (m *Monitor) store(ctx context.Context, s update) (full []int64, err error) {
	state, err := json.Marshal(s.state)
	if err != nil {
		return nil, err
	}
	env, now := m.env(), time.Now()
	o := store.Origin{Key: "health/" + strconv.FormatInt(now.UnixNano(), 36) + "/" + strconv.FormatInt(s.state.Revision, 36), Name: "health", At: now, Once: true}
	err = m.truth.Update(ctx, o, func(tx store.Tx) error {
		full = nil
		for _, r := range s.receipts {
			if err := tx.SetRecord(store.SentRecord, r.name, ""); err != nil {
				return err
			}
		}
		err := errors.Join(tx.SetRecord(store.AlertRecord, stateName, string(state)), tx.SetRecord(store.AlertRecord, secretName, hex.EncodeToString(m.secret)))
		if err != nil {
			return err
		}
		for _, chat := range s.queue {
			// These words are for whoever empties the outbox without asking us.
			words, _ := s.state.Next(chat, env)
			words.Tag = alert.WaitingTag(chat)
			body, err := words.Fit().Encode()
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

// receipts reads which of our messages were delivered since the state was saved.
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
