package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// faulty is a store that fails on demand: instead of an update, or after it.
type faulty struct {
	store.Store
	refuse, after error
}

func (f *faulty) wrap(s store.Store) store.Store { f.Store = s; return f }

func (f *faulty) Update(ctx context.Context, o store.Origin, do func(store.Tx) error) error {
	if f.refuse != nil {
		return f.refuse
	}
	if err := f.Store.Update(ctx, o, do); err != nil {
		return err
	}
	return f.after
}

func (f *faulty) Batch(ctx context.Context, do func(store.Store) error) error {
	err := f.Store.Batch(ctx, func(s store.Store) error { return errors.Join(do(s), f.refuse) })
	if err != nil {
		return err
	}
	return f.after
}

func TestWhatTheStoreSaysIsPassedOn(t *testing.T) {
	h := open(t)
	flaky := &faulty{}
	h.start(flaky.wrap, ann)
	for _, want := range []error{store.ErrFull, store.ErrUnknown, store.ErrRepeat, errors.New("anything else")} {
		flaky.refuse = want
		for _, words := range []string{"/addgoal x", "/goals", "words"} {
			if err := h.h.Handle(t.Context(), h.request(words)); !errors.Is(err, want) {
				t.Errorf("%s: got %v, want %v", words, err, want)
			}
		}
	}
	flaky.refuse = nil
	h.wantList()
	if said := h.spoken(); len(said) != 0 {
		t.Errorf("said %q", said[0].Text)
	}
}

// unknowing is a store of whose commits nobody can tell, and which cannot be read
// for a while either.
type unknowing struct {
	store.Store
	on bool
}

func (b *unknowing) wrap(s store.Store) store.Store { b.Store = s; return b }

func (b *unknowing) Update(ctx context.Context, o store.Origin, do func(store.Tx) error) error {
	err := b.Store.Update(ctx, o, do)
	if b.on {
		return errors.Join(store.ErrUnknown, err)
	}
	return err
}

func (b *unknowing) View(ctx context.Context, do func(store.Tx) error) error {
	if b.on {
		return errors.New("the disk does not answer")
	}
	return b.Store.View(ctx, do)
}

// That the members could not be read again hid that nobody knew what had become
// of the commit: "nothing was changed" would not be true. Red where reload does
// not say so.
func TestWhatIsNotKnownStaysSo(t *testing.T) {
	h := open(t)
	flaky := &unknowing{}
	h.start(flaky.wrap, ann)
	flaky.on = true
	for _, words := range []string{"/addgoal x", "/settings digest 8:00", "words"} {
		if err := h.h.Handle(t.Context(), h.request(words)); !errors.Is(err, store.ErrUnknown) {
			t.Errorf("%s: got %v, want that nobody knows", words, err)
		}
	}
}

// What is done outside of the store is done, whether or not the store takes the
// answer: "nothing was changed" would not be true.
func TestWhatIsDoneOutsideIsAnsweredWhateverTheStoreSays(t *testing.T) {
	h := open(t)
	flaky := &faulty{}
	h.start(flaky.wrap, ann)
	for _, fails := range []error{store.ErrFull, store.ErrUnknown, errors.New("anything else")} {
		flaky.refuse = fails
		err := h.h.Handle(t.Context(), h.request("/restore"))
		unsaid, ok := errors.AsType[*Unsaid](err)
		if !ok || !errors.Is(err, fails) || len(unsaid.Chats) != 1 || unsaid.Message.Text != "goals.json has been rebuilt from the bot's database." {
			t.Errorf("%v: got %#v", fails, err)
		}
	}
	// What was handled before is not done again.
	flaky.refuse = nil
	req := h.request("/testalert")
	h.do(req)
	h.fake.boom = true // whoever asks it again dies
	req.Name = "health"
	if err := h.h.Handle(t.Context(), req); !errors.Is(err, store.ErrRepeat) {
		t.Errorf("a repeat: %v", err)
	}
}

// A file that stays behind does not undo the change; it is told once with
// the change, and not at every look at the list.
func TestAFileThatFallsBehindIsTold(t *testing.T) {
	for cause, words := range map[error]string{
		syscall.ENOSPC: "the disk is full", syscall.EROFS: "mounted read-only", syscall.EACCES: "not allowed to write", syscall.EBUSY: "mount its directory",
		errors.New("odd"): "in the log",
	} {
		h := open(t)
		flaky := &faulty{}
		h.start(flaky.wrap, ann)
		flaky.after = fmt.Errorf("%w: %w", store.ErrFileBehind, cause)
		said := h.do(h.request("/addgoal x"))
		if len(said) != 2 || !strings.Contains(said[0].Text, "Added") ||
			!strings.Contains(said[1].Text, "Your change is saved, but goals.json could not be rewritten: ") || !strings.Contains(said[1].Text, words) {
			t.Errorf("%v: said %+v", cause, said)
		}
		h.wantList("#1 pending x")
		for _, words := range []string{"/goals", "/goal 1", "/done 99", "/health", "hello"} {
			if said := h.do(h.request(words)); len(said) != 1 {
				t.Errorf("%s: said %+v", words, said)
			}
		}
	}
}

// Without the recover the test program ends here.
func TestAPanicIsOnlyAnError(t *testing.T) {
	h := open(t)
	h.h.table = append(h.h.table, command{name: "boom", do: func(c *call) (message.Message, error) {
		if _, err := c.tx.List().Add(goals.Draft{Description: "half done"}, newID(), c.At); err != nil {
			return message.Message{}, err
		}
		panic("boom")
	}})
	h.fake.boom = true
	var boom Request
	for _, words := range []string{"/boom", "/health"} {
		req := h.request(words)
		if err := h.h.Handle(t.Context(), req); err == nil || !strings.Contains(err.Error(), "panic") {
			t.Errorf("%s: got %v", words, err)
		}
		if words == "/boom" {
			boom = req
		}
		if err := h.h.Failed(t.Context(), req); err != nil {
			t.Fatal(err)
		}
		if said := h.spoken(); len(said) != 1 || !strings.Contains(said[0].Text, "nothing was changed") {
			t.Errorf("%s: said %+v", words, said)
		}
	}
	if n := strings.Count(h.log.String(), "a command panicked"); n != 2 {
		t.Errorf("the log tells of %d panics", n)
	}
	h.h.table[len(h.h.table)-1].do = (*call).add
	if err := h.h.Handle(t.Context(), boom); !errors.Is(err, store.ErrRepeat) {
		t.Errorf("what was given up is done later: %v", err)
	}
	h.hear("/addgoal x", "Added: ⬜ #1 x")
	h.wantList("#1 pending x")
}

func TestAnAnswerThatFailedMayBeGivenAgain(t *testing.T) {
	h := open(t)
	h.say("/addgoal")
	if err := h.h.Failed(t.Context(), h.request("call mother")); err != nil {
		t.Fatal(err)
	}
	h.spoken()
	h.hear("call mother", "Added: ⬜ #1 call mother")
}

func TestRestoreSaysWhatBecameOfTheFile(t *testing.T) {
	h := open(t)
	h.hear("/restore", "goals.json has been rebuilt from the bot's database.")
	h.fake.kept = "/somewhere/goals.json.corrupt-20260301T120000Z"
	h.hear("/restore", "kept as goals.json.corrupt-20260301T120000Z.")
	h.fake.err = fmt.Errorf("write: %w", syscall.EROFS)
	h.hear("/restore", "could not be restored: the disk is mounted read-only. Your goals are safe in the bot's database; /restore tries again.")
	h.hear("/health", "goals.json is OK.")
}

func TestAlertsGoToTheChatsOfTheSettings(t *testing.T) {
	h := open(t)
	m, err := access.Load(t.Context(), h.truth, access.Config{Owners: []int64{ben, ann}, Alerts: []int64{group}}, h.h.log)
	if err != nil || fmt.Sprint(m.AlertChats()) != fmt.Sprint([]int64{group}) {
		t.Errorf("got %v, %v", m.AlertChats(), err)
	}
	if got := fmt.Sprint(h.members.AlertChats()); got != fmt.Sprint([]int64{ann, ben}) {
		t.Errorf("got %v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m.Wait(ctx, 1<<40) {
		t.Error("waited on after the end")
	}
}

// blind is a store that cannot be read.
type blind struct {
	store.Store
	err error
}

func (b *blind) View(ctx context.Context, f func(store.Tx) error) error {
	if b.err != nil {
		return b.err
	}
	return b.Store.View(ctx, f)
}

// A change of people that is committed, and cannot be read anew: whoever is told
// "nothing was changed" is told something untrue. Passing the error of reading
// on as it is turns this red.
func TestAChangeThatCannotBeReadAnewIsNotDenied(t *testing.T) {
	h := people(t)
	flaky := &blind{}
	h.start(func(s store.Store) store.Store { flaky.Store = s; return flaky }, ann, ben)
	flaky.err = errors.New("the disk does not answer")
	one := h.at(ann, fmt.Sprintf("/members %d owner", viewer))
	if err := h.h.Handle(t.Context(), one); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("one: %v", err)
	}
	two := []Request{h.at(ann, fmt.Sprintf("/members %d owner", editor)), h.at(ann, "/addgoal x")}
	if done, err := h.h.Batch(t.Context(), two); done != 0 || !errors.Is(err, store.ErrUnknown) {
		t.Errorf("two: %d, %v", done, err)
	}
	flaky.err = nil
	for _, req := range append(two, one) {
		if err := h.h.Handle(t.Context(), req); !errors.Is(err, store.ErrRepeat) {
			t.Errorf("again: %v", err)
		}
	}
	h.wantRole(viewer, access.Owner)
	h.wantRole(editor, access.Owner)
}

// What is done outside of a transaction may be half done when it fails.
func TestNobodyIsToldThatNothingWasChangedWhereThatIsNotKnown(t *testing.T) {
	h := open(t)
	for words, want := range map[string]string{"/restore": "I can't tell how much of it was done", "/mute 1h": "I can't tell", "/addgoal x": "nothing was changed", "/health": "nothing was changed", "words": "nothing was changed"} {
		if err := h.h.Failed(t.Context(), h.request(words)); err != nil {
			t.Fatal(err)
		}
		if said := h.spoken(); len(said) != 1 || !strings.Contains(said[0].Text, want) {
			t.Errorf("%s: said %+v", words, said)
		}
	}
	// A file that was set aside is named, also where no new one could be written.
	h.fake.kept, h.fake.err = "/somewhere/goals.json.corrupt-20260301T120000Z", syscall.ENOSPC
	h.hear("/restore", "could not be restored: the disk is full. Your goals are safe in the bot's database; /restore tries again. The damaged file is kept as goals.json.corrupt-20260301T120000Z.")
	// Goals are safe where the store takes that very sentence.
	flaky := &faulty{}
	h.start(flaky.wrap, ann)
	flaky.refuse = errors.New("the palace is gone")
	unsaid, ok := errors.AsType[*Unsaid](h.h.Handle(t.Context(), h.request("/restore")))
	if !ok || unsaid.Message.Text != "goals.json could not be restored: the disk is full. /restore tries again. The damaged file is kept as goals.json.corrupt-20260301T120000Z." {
		t.Fatalf("said %+v", unsaid)
	}
	fits(t, unsaid.Message)
	if e := unsaid.Message.Entities[0]; !strings.HasPrefix(unsaid.Message.Text[e.Offset:], "goals.json.corrupt-") {
		t.Errorf("the name of the file is not what is marked: %+v", e)
	}
}
