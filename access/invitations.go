package access

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"goalbot/store"
)

// This file keeps the codes that let people in: 128 random bits each, good for
// one use within ten minutes.

// CodeLifetime is how long a code can be used.
const CodeLifetime = 10 * time.Minute

const (
	// CodeKept is how long a code is remembered that is good for nothing any more,
	// so that whoever comes with it can be told so; MaxCodes is how many are.
	CodeKept = 24 * time.Hour
	MaxCodes = 100
	// clockSlack is how far the clock may be set back without a code being lost
	// that was made before.
	clockSlack = time.Minute
)

// Invitation is what a code is good for.
type Invitation struct {
	Role  Role      `json:"role"`
	By    int64     `json:"by,omitempty"` // 0 is the program, which lets the first owner in
	At    time.Time `json:"at"`
	Until time.Time `json:"until"`
	Ended Ending    `json:"ended,omitempty"`
}

// Ending is why a code is good for nothing.
type Ending string

// The endings. A valid code has none.
const (
	Ended   Ending = "ended" // by whoever made it, or since they may not let anybody in any more
	Expired Ending = "expired"
	Used    Ending = "used"
	Unknown Ending = "unknown" // it never was one, or nothing is known of it any more
	Valid   Ending = ""
)

// Invitations remembers when codes were made, by a clock that nobody sets. The wall
// clock alone would let a code live for as long as it was ahead.
type Invitations struct {
	Wall func() time.Time // the wall clock, which may be set

	mu   sync.Mutex
	Made map[string]time.Time // by the hash of the code, since the program started
}

// NewInvitations remembers no codes yet.
func NewInvitations() *Invitations { return &Invitations{Wall: time.Now, Made: map[string]time.Time{}} }

func (s *Invitations) note(hash string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.Made, func(_ string, at time.Time) bool { return time.Since(at) > CodeKept })
	s.Made[hash] = now
}

// over reports whether a code's time is over by either of the clocks. One that
// was made in the future was made while the wall clock was ahead.
func (s *Invitations) over(hash string, i Invitation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made, ok := s.Made[hash]; ok && time.Since(made) > CodeLifetime {
		return true
	}
	now := s.Wall()
	return now.After(i.Until) || now.Before(i.At.Add(-clockSlack))
}

// New makes a code and keeps what it is good for.
func (s *Invitations) New(tx store.Tx, i Invitation, now time.Time) (string, error) {
	if err := s.sweep(tx); err != nil {
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
	i.At, i.Until = now, now.Add(CodeLifetime)
	s.note(Hash(code), now)
	return code, keepCode(tx, Hash(code), i)
}

// Look returns what a code is good for, and why it is not where people are as in
// the roster. A code is looked up by its hash, so that the time which this takes
// tells nothing about it.
func (s *Invitations) Look(tx store.Tx, people *Roster, code string) (i Invitation, why Ending, err error) {
	hash := Hash(code)
	value, err := tx.Record(store.InviteRecord, hash)
	if err != nil || value == "" {
		return i, Unknown, err
	}
	if err := json.Unmarshal([]byte(value), &i); err != nil {
		return i, Unknown, fmt.Errorf("read invitation: %w", err)
	}
	switch {
	case i.Ended != Valid:
		return i, i.Ended, nil
	case s.over(hash, i):
		return i, Expired, nil
	case i.By == 0 && !people.None(), i.By != 0 && people.Role(i.By) != Owner:
		return i, Ended, nil
	}
	return i, Valid, nil
}

// Use makes a code good for nothing more.
func Use(tx store.Tx, code string, i Invitation) error {
	i.Ended = Used
	return keepCode(tx, Hash(code), i)
}

// Forget forgets a code.
func Forget(tx store.Tx, code string) error { return tx.SetRecord(store.InviteRecord, Hash(code), "") }

func keepCode(tx store.Tx, hash string, i Invitation) error {
	value, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return tx.SetRecord(store.InviteRecord, hash, string(value))
}

// Hash is the name under which a code is kept.
func Hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

func readCodes(tx store.Tx) (map[string]Invitation, error) {
	records, err := tx.Records(store.InviteRecord)
	if err != nil {
		return nil, err
	}
	all := make(map[string]Invitation, len(records))
	for hash, value := range records {
		var i Invitation
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
	all, err := readCodes(tx)
	if err != nil {
		return err
	}
	for hash, i := range all {
		if i.By != by || i.Ended != Valid {
			continue
		}
		i.Ended = Ended
		if err := keepCode(tx, hash, i); err != nil {
			return err
		}
	}
	return nil
}

// sweep forgets what is over for long, and the oldest where they are many.
func (s *Invitations) sweep(tx store.Tx) error {
	all, err := readCodes(tx)
	if err != nil {
		return err
	}
	now := s.Wall()
	newest := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(all[b].At.Compare(all[a].At), cmp.Compare(a, b)) })
	for n, hash := range newest {
		i := all[hash]
		if n < MaxCodes && now.Sub(i.Until) < CodeKept {
			continue
		}
		if err := tx.SetRecord(store.InviteRecord, hash, ""); err != nil {
			return err
		}
	}
	return nil
}
