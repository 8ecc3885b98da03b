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
	// codeKept is how long a code is remembered that is good for nothing any more,
	// so that whoever comes with it can be told so; maxCodes is how many are.
	codeKept = 24 * time.Hour
	maxCodes = 100
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

// Clocks reads two clocks: the wall clock, which may be set at any time, and how
// long the program has run, which nobody can set.
type Clocks func() (wall time.Time, running time.Duration)

// SystemClocks are the clocks of the machine.
func SystemClocks() Clocks {
	start := time.Now()
	return func() (time.Time, time.Duration) { return time.Now(), time.Since(start) }
}

// Invitations makes codes and says what they are good for. A code runs out by
// either clock: the wall clock alone would let one live for as long as it was
// ahead, and the other one knows nothing of what was before a restart.
type Invitations struct {
	now Clocks

	mu   sync.Mutex
	made map[string]time.Duration // by the hash of the code, for those of this run
}

// NewInvitations goes by these clocks.
func NewInvitations(now Clocks) *Invitations {
	return &Invitations{now: now, made: map[string]time.Duration{}}
}

func (s *Invitations) note(hash string, running time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.made, func(_ string, at time.Duration) bool { return running-at > codeKept })
	s.made[hash] = running
}

// over reports whether a code's time is over by either of the clocks. One that
// was made in the future was made while the wall clock was ahead.
func (s *Invitations) over(hash string, i Invitation) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	wall, running := s.now()
	if made, ok := s.made[hash]; ok && running-made > CodeLifetime {
		return true
	}
	return wall.After(i.Until) || wall.Before(i.At.Add(-clockSlack))
}

// New makes a code and keeps what it is good for, which it returns with the times.
func (s *Invitations) New(tx store.Tx, i Invitation) (code string, made Named, err error) {
	wall, running := s.now()
	if err := sweep(tx, wall); err != nil {
		return "", made, err
	}
	if i.By == 0 { // one pairing link at a time
		if err := endCodes(tx, 0); err != nil {
			return "", made, err
		}
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	code = base64.RawURLEncoding.EncodeToString(b[:])
	i.At, i.Until = wall, wall.Add(CodeLifetime)
	hash := hashOf(code)
	s.note(hash, running)
	return code, Named{hash[:idLength], i}, keepCode(tx, hash, i)
}

// Look returns what a code is good for, and why it is not where people are as in
// the roster. A code is looked up by its hash, so that the time which this takes
// tells nothing about it.
func (s *Invitations) Look(tx store.Tx, people *Roster, code string) (i Invitation, why Ending, err error) {
	hash := hashOf(code)
	value, err := tx.Record(store.InviteRecord, hash)
	if err != nil || value == "" {
		return i, Unknown, err
	}
	if err := json.Unmarshal([]byte(value), &i); err != nil {
		return i, Unknown, fmt.Errorf("read invitation: %w", err)
	}
	return i, s.ending(hash, i, people), nil
}

// ending is why an invitation lets nobody in.
func (s *Invitations) ending(hash string, i Invitation, people *Roster) Ending {
	switch {
	case i.Ended != Valid:
		return i.Ended
	case s.over(hash, i):
		return Expired
	case i.By == 0 && !people.none(), i.By != 0 && people.Role(i.By) != Owner:
		return Ended
	}
	return Valid
}

// Named is an invitation with the id that tells it from others. The id does not let
// anybody in: it is a part of the hash of the code.
type Named struct {
	ID string
	Invitation
}

// idLength is how many hex digits of the hash are the id.
const idLength = 16

// Open are the invitations that let somebody in, those that end first before others.
func (s *Invitations) Open(tx store.Tx, people *Roster) (open []Named, err error) {
	all, err := readCodes(tx)
	for hash, i := range all {
		if s.ending(hash, i, people) == Valid && i.By != 0 {
			open = append(open, Named{hash[:idLength], i})
		}
	}
	slices.SortFunc(open, func(a, b Named) int { return cmp.Or(a.Until.Compare(b.Until), cmp.Compare(a.ID, b.ID)) })
	return open, err
}

// End ends an invitation. ok is false where none with that id is open.
func (s *Invitations) End(tx store.Tx, people *Roster, id string) (ended Named, ok bool, err error) {
	all, err := readCodes(tx)
	for hash, i := range all {
		if len(id) == idLength && hash[:idLength] == id && s.ending(hash, i, people) == Valid {
			i.Ended = Ended
			return Named{id, i}, true, keepCode(tx, hash, i)
		}
	}
	return ended, false, err
}

// Use makes a code good for nothing more.
func Use(tx store.Tx, code string, i Invitation) error {
	i.Ended = Used
	return keepCode(tx, hashOf(code), i)
}

// Forget forgets a code.
func Forget(tx store.Tx, code string) error {
	return tx.SetRecord(store.InviteRecord, hashOf(code), "")
}

func keepCode(tx store.Tx, hash string, i Invitation) error {
	value, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return tx.SetRecord(store.InviteRecord, hash, string(value))
}

// hashOf is the name under which a code is kept.
func hashOf(code string) string {
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
func sweep(tx store.Tx, now time.Time) error {
	all, err := readCodes(tx)
	if err != nil {
		return err
	}
	newest := slices.SortedFunc(maps.Keys(all), func(a, b string) int { return cmp.Or(all[b].At.Compare(all[a].At), cmp.Compare(a, b)) })
	for n, hash := range newest {
		i := all[hash]
		if n < maxCodes && now.Sub(i.Until) < codeKept {
			continue
		}
		if err := tx.SetRecord(store.InviteRecord, hash, ""); err != nil {
			return err
		}
	}
	return nil
}
