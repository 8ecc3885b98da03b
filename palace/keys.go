package palace

import (
	"fmt"

	"goalbot/store"
)

// This file knows which updates were kept before: by their keys.

const keyQuery = "SELECT 1 FROM applied WHERE key = $1"

// Seen implements store.Tx.
func (t *tx) Seen(key string) (bool, error) {
	found := false
	err := t.query("look up key", func(scan func(...any) error) error { found = true; return nil }, keyQuery, key)
	return found, err
}

// maxExpected is how many keys are looked up at once. Telegram hands out no more updates
// together.
const maxExpected = 100

// keysQuery is one text for any number of keys, so that it need not be parsed anew.
var keysQuery = func() string {
	query := "SELECT key FROM applied WHERE key IN ($1"
	for i := range maxExpected - 1 {
		query += fmt.Sprintf(", $%d", i+2)
	}
	return query + ")"
}()

// keysRead looks up keys, maxExpected at most.
func keysRead(keys []string) read {
	args := make([]any, maxExpected)
	for i, key := range keys {
		args[i] = key
	}
	return read{statement{keysQuery, args}, keyTable.name}
}

// lookUp finds out which updates with these keys were kept before.
func (b *batch) lookUp(keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	for _, key := range keys {
		b.applied[key] = false
	}
	return b.tx(store.Origin{}).query("look up keys", func(scan func(...any) error) error {
		var key string
		err := scan(&key)
		b.applied[key] = true
		return err
	}, keysQuery, keysRead(keys).args...)
}

// seen reports whether an update with that key was kept before, or earlier in the batch.
func (b *batch) seen(t *tx, key string) (seen bool, err error) {
	seen, known := b.applied[key]
	if !known {
		seen, err = t.Seen(key)
	}
	return seen, err
}

const (
	keptKeys   = 50_000 // Telegram repeats an update for a day at most
	pruneEvery = 1_000
)

// prune forgets the oldest keys.
func (t *tx) prune(keptKeys int) error {
	return t.exec("forget old keys", `
		DELETE FROM applied WHERE revision <= (
			SELECT revision FROM applied ORDER BY revision DESC LIMIT 1 OFFSET $1)`, keptKeys)
}
