package health

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"goalbot/store"
)

// stubborn is a store that answers as it is told.
type stubborn struct {
	store.Store
	err error
}

func (s *stubborn) Update(context.Context, store.Origin, func(store.Tx) error) error { return s.err }
func (s *stubborn) Batch(_ context.Context, f func(store.Store) error) error {
	_ = f(s)
	return s.err
}

type failingWith struct{ err *error }

func (f failingWith) Failing() error { return *f.err }

// A command is counted once, however often it is tried, and until the palace takes
// one; one that may have been saved is not, nor one that changes nothing.
func TestRefusedCommandsAreCounted(t *testing.T) {
	sick := errors.New("sick")
	var failing error
	r := &Refused{Truth: failingWith{&failing}, Changes: func(o store.Origin) bool { return o.Name != "goals" }, Settings: in{time.UTC}}
	inner := &stubborn{}
	counted := r.Of(inner)
	do := func(name, key string, err error) {
		inner.err, failing = err, err
		_ = counted.Update(t.Context(), store.Origin{Key: key, By: 1, Name: name}, nil)
	}
	expect := func(what, want string) {
		t.Helper()
		if got := r.words(); (got == "") != (want == "") || !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	do("done", "tg/1", sick)
	do("done", "tg/1", sick)
	expect("tried twice", ": 1 command.")
	do("addgoal", "tg/2", sick)
	do("goals", "tg/3", sick)
	do("done", "tg/4", store.ErrUnknown)
	expect("a question, and one that may be saved", ": 2 commands.")
	inner.err, failing = sick, sick
	_ = counted.Batch(t.Context(), func(s store.Store) error {
		for _, key := range []string{"tg/5", "tg/6", "tg/2"} {
			_ = s.Update(t.Context(), store.Origin{Key: key, By: 1, Name: "done"}, nil)
		}
		return nil
	})
	expect("several together", ": 4 commands.")
	inner.err, failing = sick, nil
	_ = counted.Update(t.Context(), store.Origin{Key: "tg/7", By: 1, Name: "done"}, nil)
	expect("a fault that is not the palace's", ": 4 commands.")
	_ = counted.Update(t.Context(), store.Origin{Key: "merge", Name: "merge"}, nil)
	do("done", "tg/8", store.ErrRefused)
	expect("the palace took one", "")
	if f := r.unwritten(store.ErrServerFull); f.Detail != "The disk of the database server is full; please free some space there." || f.Degree == "" {
		t.Errorf("on a server: %+v", f)
	}
	if f := r.unwritten(store.ErrFull); f.Detail != "The disk is full; please free some space." || f.Degree == "" {
		t.Errorf("%+v", f)
	}
}
