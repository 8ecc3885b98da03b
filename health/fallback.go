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

// This file loads the state, and saves it in the fallback, which is a file beside
// goals.json. Others may write to that directory, and a state that they made up
// would silence every alert: it counts only with a seal that is made with a secret
// of the store.

// sealed is what that file holds.
type sealed struct {
	Seal  string          `json:"seal"` // HMAC-SHA256 of the state in compact JSON
	State json.RawMessage `json:"book"`
}

var errSeal = errors.New("it has no seal of this palace")

func seal(secret, state []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(state)
	return hex.EncodeToString(mac.Sum(nil))
}

// unseal returns the state in what the fallback holds.
func unseal(secret, data []byte) ([]byte, error) {
	var s sealed
	var state bytes.Buffer
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, err
	}
	if err := json.Compact(&state, s.State); err != nil || !hmac.Equal([]byte(s.Seal), []byte(seal(secret, state.Bytes()))) {
		return nil, errSeal
	}
	return state.Bytes(), nil
}

// load reads the state, once: the newer one of the two places that may hold it.
// Where the store does not answer it is not loaded, for what was told before
// must not be told again.
func (m *Monitor) load(ctx context.Context) error {
	if m.loaded {
		return nil
	}
	type records struct{ state, secret string }
	stored, err := withTimeout(ctx, m.storeCalls, storeTime, func(ctx context.Context) (r records, err error) {
		err = m.truth.View(ctx, func(tx store.Tx) (err error) {
			if r.secret, err = tx.Record(store.AlertRecord, secretName); err == nil {
				r.state, err = tx.Record(store.AlertRecord, stateName)
			}
			return err
		})
		return r, err
	})
	if err != nil && (ctx.Err() != nil || errors.Is(err, errNoAnswer)) {
		return err
	}
	m.loaded = true
	if m.secret, _ = hex.DecodeString(stored.secret); len(m.secret) > 0 {
		m.secretSaved = true
	} else {
		m.secret = make([]byte, sha256.Size)
		_, _ = rand.Read(m.secret) // it never fails
	}
	newest := alert.New()
	for _, data := range [][]byte{[]byte(stored.state), m.loadFallback(ctx)} {
		if len(data) == 0 {
			continue
		}
		b := alert.New()
		if jerr := json.Unmarshal(data, b); jerr != nil {
			m.log.Error("the state of alerts cannot be read and is begun anew", "err", jerr)
		} else if b.Revision >= newest.Revision {
			newest = b
		}
	}
	m.mu.Lock()
	m.state = newest
	m.mu.Unlock()
	if err == nil && !m.inFallback {
		m.saved = newest.Encode()
	}
	return err
}

// loadFallback returns the state in the fallback, nil without one of ours.
func (m *Monitor) loadFallback(ctx context.Context) []byte {
	if m.Fallback == nil {
		return nil
	}
	data, err := withTimeout(ctx, m.fallbackCalls, storeTime, func(context.Context) ([]byte, error) { return m.Fallback.Load() })
	if err != nil {
		m.log.Error("the state of alerts in the fallback file cannot be read", "err", err)
	}
	if len(data) == 0 {
		return nil
	}
	m.inFallback = true
	state, err := unseal(m.secret, data)
	if err != nil {
		m.log.Error("the state of alerts in the fallback file is not ours, or was altered, and is ignored", "err", err)
	}
	return state
}

// saveInFallback reports whether the fallback has taken a state.
func (m *Monitor) saveInFallback(ctx context.Context, b *alert.State) bool {
	if m.Fallback == nil {
		return false
	}
	state, err := json.Marshal(b)
	if err == nil {
		var data []byte
		if data, err = json.MarshalIndent(sealed{Seal: seal(m.secret, state), State: state}, "", "  "); err == nil {
			err = m.writeFallback(ctx, data)
		}
	}
	if err != nil {
		m.log.Error("the state of alerts could not be saved in the fallback file either", "err", err)
	}
	m.inFallback = m.inFallback || err == nil || errors.Is(err, errNoAnswer)
	return err == nil
}

func (m *Monitor) emptyFallback(ctx context.Context) {
	if !m.inFallback {
		return
	}
	if err := m.writeFallback(ctx, nil); err != nil {
		m.log.Error("the fallback file of the state of alerts could not be emptied", "err", err)
		return
	}
	m.inFallback = false
}

func (m *Monitor) writeFallback(ctx context.Context, data []byte) error {
	// The store may have taken all the time that ctx had.
	_, err := withTimeout(context.WithoutCancel(ctx), m.fallbackCalls, fallbackTime, func(context.Context) (struct{}, error) { return struct{}{}, m.Fallback.Save(data) })
	return err
}
