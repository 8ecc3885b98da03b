package palace

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"goalbot/goals"
	"goalbot/store"
)

// What is tested here: that memory follows the file after a commit of which
// nobody could tell whether it took effect.

// doubted lets the next commits take effect and report an error, in such a way
// that nobody can tell. known ends that.
func doubted(t *testing.T, p *Palace) (known func()) {
	path := p.path
	p.commit = func(tx *sql.Tx) error {
		p.path = filepath.Join(t.TempDir(), "nowhere", "palace.db") // which settle cannot open
		return errors.Join(tx.Commit(), errors.New("broken"))
	}
	return func() { p.path, p.commit = path, (*sql.Tx).Commit }
}

// A commit of unknown outcome had taken effect, and its repeat was known as
// one: the list in memory stayed the old one until the next change, and the
// sender never heard of the answer. Red without adopt, in either place.
func TestMemoryFollowsACommitOfUnknownOutcome(t *testing.T) {
	addTwo := func(tx store.Tx) error {
		_, err := tx.List().Add(goals.Draft{Description: "two"}, "g-two", noon)
		return errors.Join(err, send(7, "Added.")(tx))
	}
	two := origin("addgoal", 7)
	for name, road := range map[string]struct {
		doubtful func(*Palace) error
		then     func(*Palace) error // notices
		want     error               // of the second
	}{
		"an update that is repeated": {
			func(p *Palace) error { return p.Update(t.Context(), two, addTwo) },
			func(p *Palace) error { return p.Update(t.Context(), two, addTwo) }, store.ErrRepeat,
		},
		"updates together that are repeated": {
			func(p *Palace) error {
				return p.Batch(t.Context(), func(s store.Store) error { return s.Update(t.Context(), two, addTwo) })
			},
			func(p *Palace) error {
				return p.Batch(t.Context(), func(s store.Store) error { return s.Update(t.Context(), two, addTwo) })
			}, store.ErrRepeat,
		},
		"a look": {
			func(p *Palace) error { return p.Update(t.Context(), two, addTwo) },
			func(p *Palace) error { return p.View(t.Context(), func(store.Tx) error { return nil }) }, nil,
		},
		"a failing update": {
			func(p *Palace) error { return p.Update(t.Context(), two, addTwo) },
			func(p *Palace) error {
				return p.Update(t.Context(), origin("x", 7), func(store.Tx) error { return errMine })
			}, errMine,
		},
		"a message that went": {
			func(p *Palace) error { return p.Sent(t.Context(), 1, addTwo) },
			func(p *Palace) error { return p.Sent(t.Context(), 1, addTwo) }, nil,
		},
		"a message that is put aside": {
			func(p *Palace) error { return p.Update(t.Context(), two, addTwo) },
			func(p *Palace) error { return p.MoveToDeadLetters(t.Context(), 1, "x") }, nil,
		},
		"a group that moves": {
			func(p *Palace) error { return p.Update(t.Context(), two, addTwo) },
			func(p *Palace) error { return p.MoveChat(t.Context(), -1, -2) }, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := fresh(t)
			add(t, p, "one")
			update(t, p, origin("x", 8), send(8, "Before."))
			<-p.Queued()
			known := doubted(t, p)
			wantErr(t, road.doubtful(p), store.ErrUnknown)
			known()
			if err := road.then(p); !errors.Is(err, road.want) {
				t.Fatalf("got error %v, want %v", err, road.want)
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

// An older snapshot, which a reader took before, does not take the list back.
func TestMemoryNeverGoesBack(t *testing.T) {
	p := fresh(t)
	add(t, p, "one")
	old := p.committed.Load()
	add(t, p, "two")
	p.adopt(old)
	same(t, "list", listed(p.List()), "#1 one #2 two ")
}

func TestAnOnlookersListFollows(t *testing.T) {
	bot := fresh(t)
	add(t, bot, "one")
	p, err := OpenReadOnly(t.Context(), bot.path)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	add(t, bot, "two")
	view(t, p, func(tx store.Tx) (int, error) { return tx.List().Len(), nil })
	same(t, "list", listed(p.List()), "#1 one #2 two ")
}
