package main

import (
	"context"
	"crypto/sha256"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// This file holds goals.json against the palace while a bot may be at work on
// both.

// Between a commit and the file the two differ for as long as the disk takes,
// and a bot that is busy may be there at every look.
const (
	lookEvery    = 250 * time.Millisecond
	standsFor    = time.Second      // a difference that stays as it is for so long is one
	looksForMost = 10 * time.Second // at what does not keep still
)

// sight is what one look saw.
type sight struct {
	theirs []*goals.Goal // of the file; nil where there is none
	err    error         // why it does not load
	truth  goals.List
}

// differs reports whether the file can be read and says something else than the
// palace.
func (s sight) differs() bool { return s.err == nil && differs(s.theirs, s.truth) }

// settle looks again for as long as a difference may come from a bot at work,
// and returns the last sight. differs is false where the file keeps changing: it
// follows.
func settle(ctx context.Context, s sight, look func() sight) (last sight, differs bool) {
	began := time.Now()
	since, follows := began, false
	for s.differs() {
		now := time.Now()
		if now.Sub(since) >= standsFor {
			return s, true
		}
		if now.Sub(began) >= looksForMost {
			return s, !follows
		}
		select {
		case <-ctx.Done():
			return s, true
		case <-time.After(lookEvery):
		}
		next := look()
		if next.err == nil {
			wrote := sumOf(next.theirs) != sumOf(s.theirs)
			follows = follows || wrote
			if wrote || sumOf(next.truth.All()) != sumOf(s.truth.All()) {
				since = time.Now()
			}
		}
		s = next
	}
	return s, false
}

func differs(file []*goals.Goal, truth goals.List) bool {
	return sumOf(file) != sumOf(truth.All())
}

// sumOf is the same for the same goals, whatever their numbers.
func sumOf(list []*goals.Goal) (sum [sha256.Size]byte) {
	h := sha256.New()
	var line []byte
	for _, g := range list {
		line = append(goaljson.AppendGoal(line[:0], g), '\n')
		h.Write(line)
	}
	return [sha256.Size]byte(h.Sum(sum[:0]))
}
