package handlers

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"goalbot/message"
	"goalbot/store"
)

// This file keeps the codes that let people in: 128 random bits each, good for
// one use within ten minutes.

// CodeLasts is how long a code can be used.
const CodeLasts = 10 * time.Minute

const (
	// inviteRecord holds, under the hash of a code, what it is good for. The
	// code itself is kept nowhere.
	inviteRecord = "invite"
	// One that is good for nothing any more is kept for so long, so that whoever
	// comes with it can be told so, and so many of them.
	codeKept = 24 * time.Hour
	maxCodes = 100
	// clockSlack is how far the clock may be set back without a code being lost
	// that was made before.
	clockSlack = time.Minute
)

type invitation struct {
	Role  Role      `json:"role"`
	By    int64     `json:"by,omitempty"` // 0 is the program, which lets the first owner in
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
	Ended ending    `json:"ended,omitempty"`
}

// ending is why a code is good for nothing.
type ending string

const (
	ended     ending = "ended" // by whoever made it, or since they may not let anybody in any more
	expired   ending = "expired"
	used      ending = "used"
	noSuch    ending = "unknown" // it never was one, or nothing is known of it any more
	stillGood ending = ""
)

// issues remembers when codes were made, by a clock that nobody sets. The wall
// clock alone would let a code live for as long as it was ahead.
type issues struct {
	wall func() time.Time // the clock that may be set

	mu   sync.Mutex
	made map[string]time.Time // by the hash of the code, since the program started
}

func newIssues() *issues { return &issues{wall: time.Now, made: map[string]time.Time{}} }

func (s *issues) note(hash string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.made, func(_ string, at time.Time) bool { return time.Since(at) > codeKept })
	s.made[hash] = now
}

// over reports whether a code's time is over by either of the clocks. One that
// was made in the future was made while the wall clock was ahead.
func (s *issues) over(hash string, i invitation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made, ok := s.made[hash]; ok && time.Since(made) > CodeLasts {
		return true
	}
	now := s.wall()
	return now.After(i.Until) || now.Before(i.At.Add(-clockSlack))
}

// newCode makes a code and keeps what it is good for.
func (h *Handlers) newCode(tx store.Tx, i invitation, now time.Time) (string, error) {
	if err := h.sweepCodes(tx); err != nil {
		return "", err
	}
	if i.By == 0 { // one pairing link at a time
		if err := endCodes(tx, 0); err != nil {
			return "", err
		}
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	code := base64.RawURLEncoding.EncodeToString(b[:])
	i.At, i.Until = now, now.Add(CodeLasts)
	h.codes.note(hashed(code), now)
	return code, keepCode(tx, hashed(code), i)
}

func keepCode(tx store.Tx, hash string, i invitation) error {
	value, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return tx.SetRecord(inviteRecord, hash, string(value))
}

func hashed(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

func codesOf(tx store.Tx) (map[string]invitation, error) {
	records, err := tx.Records(inviteRecord)
	if err != nil {
		return nil, err
	}
	all := make(map[string]invitation, len(records))
	for hash, value := range records {
		var i invitation
		if err := json.Unmarshal([]byte(value), &i); err != nil {
			return nil, fmt.Errorf("read invitation: %w", err)
		}
		all[hash] = i
	}
	return all, nil
}

// endCodes ends what somebody has made: whoever may not let people in any more
// must not find their old links good again when they may once more.
func endCodes(tx store.Tx, by int64) error {
	all, err := codesOf(tx)
	if err != nil {
		return err
	}
	for hash, i := range all {
		if i.By != by || i.Ended != stillGood {
			continue
		}
		i.Ended = ended
		if err := keepCode(tx, hash, i); err != nil {
			return err
		}
	}
	return nil
}

// sweepCodes forgets what is over for long, and the oldest where they are many.
func (h *Handlers) sweepCodes(tx store.Tx) error {
	all, err := codesOf(tx)
	if err != nil {
		return err
	}
	now := h.codes.wall()
	newest := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(all[b].At.Compare(all[a].At), cmp.Compare(a, b)) })
	for n, hash := range newest {
		i := all[hash]
		if n < maxCodes && now.Sub(i.Until) < codeKept {
			continue
		}
		if err := tx.SetRecord(inviteRecord, hash, ""); err != nil {
			return err
		}
	}
	return nil
}

// NewCode makes the code by which somebody becomes the first owner. The one
// before it ends.
func (h *Handlers) NewCode(ctx context.Context, now time.Time) (code string, err error) {
	o := store.Origin{Key: "pair/" + newID() + now.UTC().Format(time.RFC3339Nano), Name: "pair", At: now}
	err = h.store.Update(ctx, o, func(tx store.Tx) error {
		code, err = h.newCode(tx, invitation{Role: Owner}, now)
		return err
	})
	if errors.Is(err, store.ErrFileBehind) {
		err = nil // the code is kept all the same
	}
	return code, err
}

// invited returns what the code in a request is good for, and why it is not.
// It is looked up by its hash, so that the time which this takes tells nothing
// about it.
func (c *call) invited() (i invitation, why ending, err error) {
	hash := hashed(c.Args)
	value, err := c.tx.Record(inviteRecord, hash)
	if err != nil || value == "" {
		return i, noSuch, err
	}
	if err := json.Unmarshal([]byte(value), &i); err != nil {
		return i, noSuch, fmt.Errorf("read invitation: %w", err)
	}
	switch {
	case i.Ended != stillGood:
		return i, i.Ended, nil
	case c.codes.over(hash, i):
		return i, expired, nil
	case i.By == 0 && !c.people.None(), i.By != 0 && c.people.Role(i.By) != Owner:
		return i, ended, nil
	}
	return i, stillGood, nil
}

// use makes a code good for nothing more.
func (c *call) use(i invitation) error {
	i.Ended = used
	return keepCode(c.tx, hashed(c.Args), i)
}

// tellEnded tells somebody who comes with a genuine code that it is over, once:
// then it is forgotten, and whoever tries it again gets no answer.
func (h *Handlers) tellEnded(ctx context.Context, req Request) error {
	err := h.store.Update(ctx, req.origin(), func(tx store.Tx) error {
		c, err := h.call(tx, req)
		if err != nil {
			return err
		}
		i, why, err := c.invited()
		if err != nil || why == noSuch || why == stillGood || c.role != 0 {
			return err
		}
		if err := tx.SetRecord(inviteRecord, hashed(req.Args), ""); err != nil {
			return err
		}
		return c.send(linkOver(i, why))
	})
	if errors.Is(err, store.ErrFileBehind) || errors.Is(err, store.ErrRepeat) {
		return nil
	}
	return err
}

// linkOver says why a link lets nobody in.
func linkOver(i invitation, why ending) message.Message {
	what := map[ending]string{used: "was used already", expired: "has expired", ended: "does not work any more"}[why]
	next := "Ask whoever sent it for a new one."
	if i.By == 0 {
		next = "I print a new one where I run, as long as nobody is my owner."
	}
	t := new(message.Text).Addf("This link %s. A link works once, for %d minutes. %s", what, int(CodeLasts.Minutes()), next)
	m := t.Message()
	m.For = forAnybody
	return m
}
