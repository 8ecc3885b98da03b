package cache

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// This file is the mirror of a bot that stands by.

// Leader is the palace while another bot leads: it can be read, and what the leader is
// to take in can be handed over.
type Leader interface {
	Palace
	Past
	HandOver(ctx context.Context, name, value string) error
}

// standby is what only a mirror has that stands by.
type standby struct {
	leader Leader
	begun  bool
	waits  struct { // the version of the file that was handed over last and may not be taken in yet
		name string
		hash uint64
	}
}

// NewStandby is [NewMirror] for a bot that stands by. What others write to its file it
// hands over to the leader; a file that does not load it leaves alone. Its palace must
// not be written to.
func NewStandby(leader Leader, file *File, log *slog.Logger, now func() time.Time) *Mirror {
	m := NewMirror(leader, file, nil, log, now)
	m.standby, m.past, m.settled = &standby{leader: leader}, leader, true
	return m
}

// Follow lets the file of a bot that stands by follow the list. A thorough look is at
// the bytes of the file, another one at its outward marks. fresh says that the file is
// what the list is; bad is what is wrong with it, and err why the list is not known.
// It needs no [Mirror.Start], and is called by one goroutine at a time.
func (m *Mirror) Follow(ctx context.Context, thorough bool) (fresh bool, bad, err error) {
	if !m.standby.begun {
		if err := m.begin(ctx); err != nil {
			return false, nil, err
		}
		m.standby.begun = true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.palace.View(ctx, func(store.Tx) error { return nil }); err != nil {
		return false, nil, err
	}
	bad = m.takeIn(ctx, thorough)
	if isMissing(bad) { // it is a copy, and is made again
		m.behind, bad = errOlder, nil
	}
	switch {
	case errors.Is(bad, errWaits):
		return false, nil, nil
	case bad == nil:
		bad = m.catchUp(ctx, nil)
	}
	return bad == nil && !m.outdated(), bad, nil
}

// errWaits is that of a version that was handed over and is not taken in yet. The file
// stays as it is until then.
var errWaits = errors.New("what others wrote waits for the leader")

// offer hands over what stands in the file, unless that was done, and reports whether
// the leader has taken it in: the error is errWaits until then. What was handed over
// before comes first.
func (s *standby) offer(ctx context.Context, a arrival) error {
	if s.waits.name != "" {
		waiting := ""
		err := s.leader.View(ctx, func(tx store.Tx) (err error) {
			waiting, err = tx.Record(store.HandedRecord, s.waits.name)
			return err
		})
		switch {
		case err != nil:
			return err
		case waiting != "":
			return errWaits
		}
		taken := s.waits.hash
		s.waits.name = ""
		if taken == a.st.hash {
			return nil
		}
	}
	name := handedName(a)
	if err := s.leader.HandOver(ctx, name, a.value()); err != nil {
		return err
	}
	s.waits.name, s.waits.hash = name, a.st.hash
	return errWaits
}

// handOver hands over a version that does not stand in the file any more.
func (s *standby) handOver(ctx context.Context, a arrival) error {
	return s.leader.HandOver(ctx, handedName(a), a.value())
}

// handedName is the name under which a version is handed over. Their order is that in
// which they were written.
func handedName(a arrival) string {
	return fmt.Sprintf("%019d/%s", a.st.time.UnixNano(), rand.Text()[:8])
}

// handed is a version that stood in the goals.json beside a bot that does not lead.
type handed struct {
	Base    json.RawMessage `json:"base"`   // what the file held before, as it would stand there
	Theirs  json.RawMessage `json:"theirs"` // what others made of it
	Written time.Time       `json:"written"`
	Hash    uint64          `json:"hash,string"` // of the file

	name string
	base []*goals.Goal
}

// value is what is handed over.
func (a arrival) value() string {
	value, err := json.Marshal(handed{Base: goaljson.Append(nil, a.held.All()), Theirs: goaljson.Append(nil, a.theirs), Written: a.st.time, Hash: a.st.hash})
	if err != nil {
		panic(err) // it has texts and numbers only
	}
	return string(value)
}
