package handlers

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// newsroom is a house whose notices have a clock of their own.
type newsroom struct {
	*house
	notices Notices
	at      time.Time
	tells   int
}

func newNewsroom(t *testing.T) *newsroom {
	r := &newsroom{house: open(t, goal("g-1", "call mother"), goal("g-2", "buy milk")), at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	r.notices = NewNotices(r.members, r.settings)
	r.notices.now = func() time.Time { return r.at }
	r.update(func(tx store.Tx) error { return tx.SetRecord(store.NoticesRecord, seriesName, "") })
	return r
}

func (r *newsroom) update(f func(store.Tx) error) {
	r.t.Helper()
	r.tells++
	r.must(r.truth.Update(r.t.Context(), store.Origin{Key: fmt.Sprint("notice/", r.tells), At: r.at, Once: true}, f))
}

// changes tells that another program changed the first goal, and left out the
// second.
func (r *newsroom) changes() {
	r.t.Helper()
	r.update(func(tx store.Tx) error {
		all := tx.List().All()
		return r.notices.Merged(tx, goals.Merged{Changed: unchanged(all[:1]), Vanished: all[1:]}, "")
	})
}

// unchanged are changes that left the goals as they are.
func unchanged(all []*goals.Goal) (changes []goals.Change) {
	for _, g := range all {
		changes = append(changes, goals.Change{Before: g, After: g})
	}
	return changes
}

func (r *newsroom) settles() (settled bool) {
	r.t.Helper()
	r.update(func(tx store.Tx) (err error) {
		settled, err = r.notices.Settle(tx)
		return err
	})
	return settled
}

// A program that wrote the file all the time made a message every two seconds,
// each with a list of all that was "missing" and a button that removes it. Red
// where each change is a message, where the one that sums up is sent anew and
// not edited, and where what is left to be told is forgotten.
func TestAProgramThatWritesAllTheTimeIsToldOfInOneMessage(t *testing.T) {
	r := newNewsroom(t)
	var first []message.Message
	for range maxNotices {
		r.changes()
		said := r.spoken()
		if len(said) != 2 || said[0].Edit != 0 || !strings.HasPrefix(said[0].Text, "Another program changed goals.json\n\nChanged there, and updated here (1):\n⬜ #1 call mother\n\nMissing there, but kept here (1):\n⬜ #2 buy milk") { // to two people
			t.Fatalf("said %+v", said)
		}
		first = said
	}
	button(t, first[0], "Remove it here too")

	// From then on it is one message, which is edited, less and less often.
	var messages, edits int
	for range 2000 {
		r.at = r.at.Add(2 * time.Second)
		r.changes()
		for _, m := range r.spoken() {
			if len(m.Buttons) > 0 {
				t.Errorf("a button in the message that is edited: %v", m.Buttons)
			}
			if m.Edit == 0 {
				messages++
			} else {
				edits++
			}
		}
	}
	if messages != 2 || edits < 10 || edits > 40 {
		t.Errorf("%d messages and %d edits for 2000 changes within an hour, to two people", messages, edits)
	}
	if r.settles() {
		t.Error("nothing is left to be told, though the last change was a moment ago")
	}
	r.spoken()
	r.at = r.at.Add(editEvery)
	if !r.settles() {
		t.Error("something is left to be told")
	}
	said := r.spoken()
	if len(said) != 2 || said[0].Edit == 0 || !strings.HasPrefix(said[0].Text, "Another program keeps changing goals.json: 2000 more times since 12:00, most recently at 13:06:40.") {
		t.Errorf("in the end it says %+v", said)
	}
	if !r.settles() || len(r.spoken()) > 0 {
		t.Error("what was told is told again")
	}

	// When it has been still for a while the next change is told by itself, and
	// nothing of all that stays behind.
	r.at = r.at.Add(noticeWindow)
	r.changes()
	if said := r.spoken(); len(said) != 2 || said[0].Edit != 0 || !strings.HasPrefix(said[0].Text, "Another program changed goals.json") {
		t.Errorf("after a while: %+v", said)
	}
	for name := range r.records(store.SentRecord) {
		if strings.HasPrefix(name, "notices/") {
			t.Errorf("there still is the record %s", name)
		}
	}
}

// An id that stands there twice again and again is told by the goal that it became.
func TestIDsThatStandThereTwiceAgainAndAgain(t *testing.T) {
	r := newNewsroom(t)
	for range maxNotices + 1 {
		r.update(func(tx store.Tx) error {
			return r.notices.Merged(tx, goals.Merged{DuplicateIDs: []string{"g-2", "g-nowhere"}}, "/there/goals.json.corrupt-1")
		})
	}
	said := r.spoken()
	if m := said[len(said)-1]; !strings.Contains(m.Text, "More than once there; the newest version wins (1):\n⬜ #2 buy milk") || !strings.Contains(m.Text, "goals.json.corrupt-1") {
		t.Errorf("in the end it says %q", m.Text)
	}
}

// While Telegram cannot be reached no more than one message waits.
func TestNoticesDoNotPileUp(t *testing.T) {
	r := newNewsroom(t)
	for range maxNotices {
		r.changes()
	}
	r.spoken()
	for range 500 {
		r.at = r.at.Add(time.Minute)
		r.changes()
	}
	if d, err := r.truth.Depth(t.Context()); d.Messages != 2 || err != nil {
		t.Errorf("%d messages wait, %v", d.Messages, err)
	}
	r.spoken()
	r.at = r.at.Add(editEvery)
	if !r.settles() {
		t.Error("something is left to be told")
	}
	if said := r.spoken(); len(said) != 2 || said[0].Edit == 0 || !strings.Contains(said[0].Text, "500 more times") {
		t.Errorf("then it says %+v", said)
	}
}

// The words say what happened, and no more.
func TestWhyAFileWasKept(t *testing.T) {
	for _, c := range []struct {
		cause error
		want  string
	}{
		{nil, "goals.json was damaged before"}, {errors.New("what"), "goals.json was damaged before"},
		{tooLarge{}, "goals.json was too large to read before"}, {unread{}, "goals.json could not be read before"},
		{notMerged{}, "What another program wrote to goals.json could not be saved."},
	} {
		if got := whyKept(c.cause); !strings.HasPrefix(got, c.want) {
			t.Errorf("of %v it says %q", c.cause, got)
		}
	}
	r := newNewsroom(t)
	for i := range maxNotices + 3 {
		r.update(func(tx store.Tx) error {
			return r.notices.Quarantined(tx, fmt.Sprintf("/x/goals.json.corrupt-%d", i), nil)
		})
		r.at = r.at.Add(time.Minute)
	}
	said := r.spoken()
	last := said[len(said)-1]
	if len(said) != 2*maxNotices+2 || !strings.Contains(said[0].Text, "It is kept as goals.json.corrupt-0, and goals.json has been rebuilt from the bot's database.") {
		t.Errorf("said %+v", said)
	}
	if !strings.Contains(last.Text, "Once the file could not be imported;") {
		t.Errorf("the last says %q", last.Text)
	}
	r.settles()
	if said := r.spoken(); len(said) != 2 || !strings.Contains(said[0].Text, "3 times the file could not be imported;") || !strings.Contains(said[0].Text, "The latest copy is goals.json.corrupt-7.") {
		t.Errorf("then it says %+v", said)
	}
}

type tooLarge struct{ error }

func (tooLarge) TooLarge() string { return "" }

type unread struct{ error }

func (unread) Access() (bool, string) { return false, "" }

type notMerged struct{ error }

func (notMerged) Differs() string { return "" }

// Questions that nobody answers are forgotten, the oldest first.
func TestQuestionsAboutMissingGoalsAreForgotten(t *testing.T) {
	r := newNewsroom(t)
	r.update(func(tx store.Tx) error {
		return tx.SetRecord(store.VanishedRecord, "old", `{"1":"2026-01-01T00:00:00Z"}`)
	})
	var asked []message.Message
	for range maxVanished + 3 {
		r.at = r.at.Add(noticeWindow)
		r.changes()
		asked = append(asked, r.spoken()[0])
	}
	if n := len(r.records(store.VanishedRecord)); n != maxVanished {
		t.Errorf("%d questions are kept", n)
	}
	if m := r.tap(asked[0], "Remove"); !strings.HasPrefix(m.Text, "That was already decided, or is too long ago.") {
		t.Errorf("the oldest is answered %q", m.Text)
	}
	r.tap(asked[3], "Keep")
	r.tap(r.tap(asked[len(asked)-1], "Remove"), "Yes, remove")
	r.wantList("#1 pending call mother")
	// As a former version kept it.
	if m, err := readMissing(`{"1":"2026-01-01T00:00:00Z"}`); err != nil || len(m.Goals) != 1 || !m.At.IsZero() {
		t.Errorf("got %+v, %v", m, err)
	}
}
