package health

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"goalbot/alert"
	"goalbot/store"
)

// This file reads the state from where it may be, and keeps it in a file beside
// goals.json while the palace does not take it. Others may write to that
// directory, and a state that they made up would silence every alert: it counts
// only with a seal that is made with a secret of the palace's.

// sealed is what that file holds.
type sealed struct {
	Seal string          `json:"seal"` // HMAC-SHA256 of the state in compact JSON
	Book json.RawMessage `json:"book"`
}

var errSeal = errors.New("it has no seal of this palace")

func seal(secret, book []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(book)
	return hex.EncodeToString(mac.Sum(nil))
}

// unseal returns the state in what was kept aside.
func unseal(secret, data []byte) ([]byte, error) {
	var s sealed
	var book bytes.Buffer
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if err := json.Compact(&book, s.Book); err != nil || !hmac.Equal([]byte(s.Seal), []byte(seal(secret, book.Bytes()))) {
		return nil, errSeal
	}
	return book.Bytes(), nil
}

// load reads the state, once: the newer one of the two places that may hold it.
// Where the palace does not answer it is not loaded, for what was told before
// must not be told again. m.mu is held.
func (m *Monitor) load(ctx context.Context) error {
	if m.loaded {
		return nil
	}
	type inPalace struct{ book, secret string }
	kept, err := through(ctx, m.store, storeTime, func(ctx context.Context) (kept inPalace, err error) {
		err = m.truth.View(ctx, func(tx store.Tx) (err error) {
			if kept.secret, err = tx.Record(store.AlertRecord, secretName); err == nil {
				kept.book, err = tx.Record(store.AlertRecord, stateName)
			}
			return err
		})
		return kept, err
	})
	if err != nil && (ctx.Err() != nil || errors.Is(err, errNoAnswer)) {
		return err
	}
	m.loaded = true
	if m.secret, _ = hex.DecodeString(kept.secret); len(m.secret) > 0 {
		m.secretKept = true
	} else {
		m.secret = make([]byte, sha256.Size)
		_, _ = rand.Read(m.secret) // it never fails
	}
	for _, data := range [][]byte{[]byte(kept.book), m.loadAside(ctx)} {
		if len(data) == 0 {
			continue
		}
		b := alert.New()
		if jerr := json.Unmarshal(data, b); jerr != nil {
			m.log.Error("the state of alerts cannot be read and is begun anew", "err", jerr)
			continue
		}
		if b.Revision >= m.state.Revision {
			m.state = b
		}
	}
	if err == nil && !m.keptAside {
		m.kept = m.state.Encode()
	}
	return err
}

// loadAside returns the state that was kept aside, nil without one of ours.
func (m *Monitor) loadAside(ctx context.Context) []byte {
	if m.Aside == nil {
		return nil
	}
	data, err := through(ctx, m.aside, storeTime, func(context.Context) ([]byte, error) { return m.Aside.Load() })
	if err != nil {
		m.log.Error("the state of alerts that was kept aside cannot be read", "err", err)
	}
	if len(data) == 0 {
		return nil
	}
	m.keptAside = true
	book, err := unseal(m.secret, data)
	if err != nil {
		m.log.Error("the state of alerts that was kept aside is not ours, or was altered, and is passed over", "err", err)
	}
	return book
}

func (m *Monitor) keepAside(ctx context.Context, b *alert.State) {
	if m.Aside == nil {
		m.forgets = true
		return
	}
	book, err := json.Marshal(b)
	if err == nil {
		var data []byte
		if data, err = json.MarshalIndent(sealed{Seal: seal(m.secret, book), Book: book}, "", "  "); err == nil {
			err = m.saveAside(ctx, data)
		}
	}
	if m.forgets = err != nil; m.forgets {
		m.log.Error("the state of alerts cannot be kept aside either", "err", err)
	}
	m.keptAside = m.keptAside || err == nil || errors.Is(err, errNoAnswer)
}

// forgetting says of what somebody has just decided that it is kept nowhere.
func (m *Monitor) forgetting() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forgets {
		return "\nI could not save this: when I am started anew, it is forgotten."
	}
	return ""
}

func (m *Monitor) dropAside(ctx context.Context) {
	if !m.keptAside {
		return
	}
	if err := m.saveAside(ctx, nil); err != nil {
		m.log.Error("the state of alerts that was kept aside stays", "err", err)
		return
	}
	m.keptAside = false
}

func (m *Monitor) saveAside(ctx context.Context, data []byte) error {
	// The palace may have taken all the time that ctx had.
	_, err := through(context.WithoutCancel(ctx), m.aside, asideTime, func(context.Context) (struct{}, error) { return struct{}{}, m.Aside.Save(data) })
	return err
}
