package storetest

import (
	"errors"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

var commitTests = []func(*testing.T, Open){
	testACommitThatFailedIsLookedUp,
	testMemoryFollowsACommitOfUnknownOutcome,
}

func testACommitThatFailedIsLookedUp(t *testing.T, open Open) {
	for _, test := range []struct {
		name    string
		outcome Outcome
		want    error // nil: it has happened
	}{
		{"it happened", Applied, nil},
		{"it did not happen", Dropped, errDropped},
		{"nobody can tell, it happened", AppliedUnseen, store.ErrUnknown},
		{"nobody can tell, it did not", DroppedUnseen, store.ErrUnknown},
		{"the disk is full", DiskFull, store.ErrFull},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := open.fresh(t)
			add(t, p, "one")
			stop := p.FailCommits(t, test.outcome)
			o := origin("addgoal", 7)
			two := func(tx store.Tx) error {
				_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon)
				return errors.Join(err, send(7, "Added.")(tx))
			}
			err := p.Update(t.Context(), o, two)
			if test.want != nil {
				failed(t, err, test.want)
				same(t, "list", listed(p.List()), "#1 one ")
			} else if err != nil {
				t.Fatal(err)
			}

			// Then everything works again, and the same update is applied once.
			stop()
			if err := p.Update(t.Context(), o, two); err != nil && !errors.Is(err, store.ErrRepeat) {
				t.Fatal(err)
			}
			same(t, "next number", add(t, p, "three"), 3)
			same(t, "list", listed(p.List()), "#1 one #2 two #3 three ")
			same(t, "outbox", waiting(t, p), "7:Added. ")
			same(t, "list after reopening", listed(p.Reopen(t).List()), "#1 one #2 two #3 three ")
		})
	}
}

// A commit of unknown outcome had taken effect, and its repeat was known as
// one: the list in memory stayed the old one until the next change, and the
// sender never heard of the answer. Red without adopt, in either place.
func testMemoryFollowsACommitOfUnknownOutcome(t *testing.T, open Open) {
	addTwo := func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon)
		return errors.Join(err, send(7, "Added.")(tx))
	}
	two := origin("addgoal", 7)
	for name, tt := range map[string]struct {
		doubtful func(Engine) error
		then     func(Engine) error // notices
		want     error              // of the second
	}{
		"an update that is repeated": {
			func(p Engine) error { return p.Update(t.Context(), two, addTwo) },
			func(p Engine) error { return p.Update(t.Context(), two, addTwo) }, store.ErrRepeat,
		},
		"updates together that are repeated": {
			func(p Engine) error {
				return p.Batch(t.Context(), func(s store.Store) error { return s.Update(t.Context(), two, addTwo) })
			},
			func(p Engine) error {
				return p.Batch(t.Context(), func(s store.Store) error { return s.Update(t.Context(), two, addTwo) })
			}, store.ErrRepeat,
		},
		"a look": {
			func(p Engine) error { return p.Update(t.Context(), two, addTwo) },
			func(p Engine) error { return p.View(t.Context(), func(store.Tx) error { return nil }) }, nil,
		},
		"a failing update": {
			func(p Engine) error { return p.Update(t.Context(), two, addTwo) },
			func(p Engine) error {
				return p.Update(t.Context(), origin("x", 7), func(store.Tx) error { return errMine })
			}, errMine,
		},
		"a message that went": {
			func(p Engine) error { return p.Sent(t.Context(), 1, addTwo) },
			func(p Engine) error { return p.Sent(t.Context(), 1, addTwo) }, nil,
		},
		"a message that is put aside": {
			func(p Engine) error { return p.Update(t.Context(), two, addTwo) },
			func(p Engine) error { return p.MoveToDeadLetters(t.Context(), 1, "x") }, nil,
		},
		"a group that moves": {
			func(p Engine) error { return p.Update(t.Context(), two, addTwo) },
			func(p Engine) error { return p.MoveChat(t.Context(), -1, -2) }, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := open.fresh(t)
			add(t, p, "one")
			update(t, p, origin("x", 8), send(8, "Before."))
			<-p.Queued()
			stop := p.FailCommits(t, AppliedUnseen)
			wantErr(t, tt.doubtful(p), store.ErrUnknown)
			stop()
			if err := tt.then(p); !errors.Is(err, tt.want) {
				t.Fatalf("got error %v, want %v", err, tt.want)
			}
			same(t, "list", listed(p.List()), "#1 one #2 two ")
			select {
			case <-p.Queued():
			default:
				t.Error("nobody was told of the message that waits")
			}
			same(t, "outbox", queued(t, p), "Added.")
		})
	}
}

var errMine = errors.New("mine")

// none is the [Outcome] of a commit that does not fail.
const none Outcome = -1

// errDropped stands for whatever an engine says of a commit that took no effect.
var errDropped = errors.New("the commit took no effect")

func failed(t *testing.T, err, want error) {
	t.Helper()
	if want != errDropped {
		wantErr(t, err, want)
	} else if err == nil || errors.Is(err, store.ErrUnknown) {
		t.Fatalf("got %v, want an error that says that nothing was saved", err)
	}
}
