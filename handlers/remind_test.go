package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// plans changes the plan of a goal without a command.
func (h *house) plans(number int64, change func(*goals.Plan)) {
	h.t.Helper()
	h.keys++
	h.must(h.truth.Update(h.t.Context(), store.Origin{Key: fmt.Sprint("plan/", h.keys), By: ann, Name: "plan", At: h.now}, func(tx store.Tx) error {
		_, err := tx.List().SetPlan(number, h.now, func(p *goals.Plan) error { change(p); return nil })
		return err
	}))
}

// reminds lets the time come, and returns what is said.
func (h *house) reminds(at time.Time) (said []string) {
	h.t.Helper()
	h.now = at
	h.must(h.h.Remind(h.t.Context(), h.truth.List(), h.now))
	for _, m := range h.spoken() {
		said = append(said, m.Text)
	}
	return said
}

func (h *house) wantReminders(at time.Time, want ...string) {
	h.t.Helper()
	if got := h.reminds(at); !slices.Equal(got, want) {
		h.t.Errorf("at %s:\ngot  %q\nwant %q", at.Format(time.DateTime), got, want)
	}
}

// A reminder comes at its time, once, however often it is looked and the program
// started. Red where what was told is not noted, and where it is noted without the
// message.
func TestAReminderComesOnce(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/addgoal write the report")
	h.plans(1, func(p *goals.Plan) { p.Due, p.Chat = "2026-03-02 09:00", ann })
	h.plans(2, func(p *goals.Plan) { p.Due, p.Chat = "2026-03-03", ann }) // a day: in the morning
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	h.wantReminders(day.Add(9*time.Hour - time.Second))
	h.wantReminders(day.Add(9*time.Hour), "⏰ ⬜ #1 call mother – due today 09:00")
	h.wantReminders(day.Add(9 * time.Hour))
	h.start(nil, ann, ben)
	h.wantReminders(day.Add(10 * time.Hour))
	h.wantReminders(day.AddDate(0, 0, 1).Add(8*time.Hour), "⏰ ⬜ #2 write the report – due today")
	// Who moves the date is reminded again.
	h.plans(1, func(p *goals.Plan) { p.Due = "2026-03-04 12:00" })
	h.wantReminders(day.AddDate(0, 0, 2).Add(12*time.Hour), "⏰ ⬜ #1 call mother – due today 12:00")
	// A goal that is done has no reminder, and one that is open again does.
	h.plans(1, func(p *goals.Plan) { p.Due = "2026-03-05 12:00" })
	h.say("/done 1")
	h.wantReminders(day.AddDate(0, 0, 3).Add(12 * time.Hour))
	h.say("/reopen 1")
	h.wantReminders(day.AddDate(0, 0, 3).Add(12*time.Hour+time.Minute), "⏰ ⬜ #1 call mother – due today 12:00")
}

// Who says in the course of a day that a goal is due on it is not reminded at once that it
// is, and late; of the next time of one that repeats they are.
func TestADateThatWasJustSaidIsNotToldAgain(t *testing.T) {
	h := open(t) // at noon
	h.say("/addgoal call mother today")
	h.say("/addgoal water the plants")
	h.say("/due 2 every day")
	h.say("/addgoal write the report")
	h.say("/due 3 tomorrow")
	h.say("/due 3 today")
	h.wantReminders(h.now.Add(5 * time.Second))
	h.say("/undo")
	h.say("/done 2")
	h.wantReminders(time.Date(2026, 3, 2, 7, 59, 0, 0, time.UTC))
	if said := h.reminds(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)); len(said) != 1 || said[0] != "⏰ 2 reminders\n⬜ #3 write the report – due today\n⬜ #4 water the plants – due today" {
		t.Errorf("said %q", said)
	}
}

// What was due while the bot was down comes once, says so, and several are one message.
func TestLateRemindersAreOneMessage(t *testing.T) {
	h := open(t)
	for i := range 12 {
		h.say(fmt.Sprintf("/addgoal goal %d", i+1))
		h.plans(int64(i+1), func(p *goals.Plan) { p.Due, p.Chat = "2026-03-02 09:00", ann })
	}
	said := h.reminds(time.Date(2026, 3, 3, 11, 0, 0, 0, time.UTC))
	if len(said) != 1 || !strings.HasPrefix(said[0], "⏰ 12 reminders\n⬜ #1 goal 1 – was due yesterday 09:00 (1 d 2 h late)\n") || !strings.HasSuffix(said[0], "\n… and 2 more") {
		t.Errorf("said %q", said)
	}
	h.wantReminders(h.now.Add(time.Hour))
}

// Of ten thousand goals five thousand are due in one minute, of which every tenth has a
// reminder of its own as well: each place hears of them in one message, which names a few
// and counts the rest, and every one is noted. Red where each is sent alone, where a goal
// counts twice, and where only those that are named are noted.
func TestManyRemindersAreNoFlood(t *testing.T) {
	h := open(t)
	places := []struct{ chat, topic int64 }{{ann, 0}, {ben, 0}, {group, 0}, {group, 3}}
	h.must(h.truth.Update(t.Context(), store.Origin{Key: "many", At: h.now}, func(tx store.Tx) error {
		for i := range 10_000 {
			g := &goals.Goal{Number: int64(i + 1), ID: fmt.Sprint("g-", i), Description: fmt.Sprint("goal ", i), Status: goals.Pending, Created: h.now, Updated: h.now}
			if i < 5000 {
				at := places[i%len(places)]
				g.SetPlan(goals.Plan{Due: "2026-03-02 09:00", Chat: at.chat, Topic: at.topic})
				if i%10 == 0 {
					g.ChangePlan(func(p *goals.Plan) { p.Remind = "2026-03-02 09:00" })
				}
			}
			tx.List().Put(g)
		}
		return nil
	}))
	began := time.Now()
	said := h.reminds(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	t.Logf("it takes %v", time.Since(began).Round(time.Millisecond))
	if len(said) != len(places) {
		t.Errorf("%d messages", len(said))
	}
	for _, m := range append(h.last, h.told...) {
		if !strings.HasPrefix(m.Text, "⏰ 1250 reminders\n") || strings.Count(m.Text, "\n⬜ #") != maxReminded || !strings.HasSuffix(m.Text, "\n… and 1240 more") {
			t.Errorf("in %d: %.400s", m.chat, m.Text)
		}
	}
	for _, g := range h.truth.List().All() {
		if g.Plan().Told != g.Plan().Due || g.Plan().Remind != "" || g.Number > 5000 != g.Plan().IsZero() {
			t.Fatalf("left as it was: %+v", g)
		}
	}
	h.start(nil, ann, ben)
	h.wantReminders(h.now.Add(time.Minute))
}

// Where too much waits to be sent a reminder waits too, and others do not wait for it;
// it was lost.
func TestAReminderThatHasNoRoomComesLater(t *testing.T) {
	h := open(t)
	for n, chat := range []int64{ann, ben} {
		h.say(fmt.Sprintf("/addgoal goal %d", n+1))
		h.plans(int64(n+1), func(p *goals.Plan) { p.Due, p.Remind, p.Chat = "2026-03-02 09:00", "2026-03-02 09:00", chat })
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h.must(h.truth.Update(t.Context(), store.Origin{Key: "full", At: at}, func(tx store.Tx) error {
		return h.h.SendReminders(fullFor{tx, ann}, at)
	}))
	for _, want := range []string{"2", "1"} {
		if said := h.spoken(); len(said) != 1 || said[0].Text != "⏰ ⬜ #"+want+" goal "+want+" – due today 09:00" {
			t.Errorf("said %q, want #%s", wordsOf(said), want)
		}
		h.must(h.h.Remind(t.Context(), h.truth.List(), at))
	}
	h.wantReminders(at.Add(time.Minute))
}

// fullFor is a transaction whose outbox takes nothing for a chat.
type fullFor struct {
	store.Tx
	chat int64
}

func (t fullFor) Send(m store.Message) error {
	if m.Chat == t.chat {
		return store.ErrOutboxFull
	}
	return t.Tx.Send(m)
}

// In quiet hours reminders wait. Red where the quiet hours are not asked for.
func TestRemindersWaitForTheEndOfQuietHours(t *testing.T) {
	h := open(t)
	h.say("/settings quiet 22:00-07:00")
	h.spoken()
	h.say("/addgoal call mother")
	h.plans(1, func(p *goals.Plan) { p.Remind, p.Chat = "2026-03-01 23:00", ann })
	h.wantReminders(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC))
	h.wantReminders(time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), "⏰ ⬜ #1 call mother")
	if v := h.settings.Values(); v.Quiet == (settings.Hours{}) {
		t.Error("there are no quiet hours")
	}
}

// It is told where it was asked for, and to the owners where nobody asked or who did
// may not use the bot any more.
func TestWhereAReminderGoes(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		chat, topic int64
		want        []int64
	}{{group, 3, []int64{group}}, {ann, 0, []int64{ann}}, {nobody, 0, []int64{ann, ben}}, {0, 0, []int64{ann, ben}}} {
		at = at.AddDate(0, 0, 1)
		h.plans(1, func(p *goals.Plan) { p.Remind, p.Chat, p.Topic = at.Format("2006-01-02 15:04"), c.chat, c.topic })
		h.reminds(at)
		var chats []int64
		for _, m := range append(h.last, h.told...) {
			chats = append(chats, m.chat)
			if m.Thread != c.topic {
				t.Errorf("for %d: it is in topic %d", c.chat, m.Thread)
			}
		}
		if !slices.Equal(chats, c.want) {
			t.Errorf("for %d: told in %v, want %v", c.chat, chats, c.want)
		}
	}
}

// What a reminder offers.
func TestSnooze(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	if got := h.say("/remind 1 tomorrow at 9").Text; got != "I'll remind you tomorrow 09:00 of: ⬜ #1 call mother" {
		t.Errorf("said %q", got)
	}
	h.now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	h.must(h.h.Remind(t.Context(), h.truth.List(), h.now))
	m := h.spoken()[0]
	if m.Text != "⏰ ⬜ #1 call mother" {
		t.Errorf("said %q", m.Text)
	}
	said := h.tap(m, "in 1 h")
	if !strings.HasPrefix(said.Text, "I'll remind you today 10:00\n\n⬜ #1 call mother") {
		t.Errorf("said %q", said.Text)
	}
	h.tap(said, "Undo")
	h.wantReminders(h.now.Add(time.Hour))
	h.say("/remind 1 in 2 hours")
	h.say("/remind 1 off")
	h.wantReminders(h.now.Add(5 * time.Hour))
	for words, want := range map[string]string{
		"/remind 1 never ever":   "I cannot read “never ever” as a date.",
		"/remind 1 every monday": "A reminder comes once.",
		"/snooze 1 hour":         "",
	} {
		if got := h.say(words).Text; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", words, got)
		}
	}
}

// reminderAt is the message that reminds of some goals which are due at a time.
func (h *house) reminderAt(due string, numbers ...int64) []message.Message {
	h.t.Helper()
	for _, n := range numbers {
		h.plans(n, func(p *goals.Plan) { p.Due, p.Chat = due, ann })
	}
	at, err := time.Parse("2006-01-02 15:04", due)
	h.must(err)
	h.now = at.Add(90 * time.Minute)
	h.must(h.h.Remind(h.t.Context(), h.truth.List(), h.now))
	return h.spoken()
}

// Who finishes a goal that repeats has the next one; to undo it takes that away.
func TestARepeatingGoalComesAgain(t *testing.T) {
	h := open(t)
	h.say("/addgoal water the plants\n- the fern\n- the palm")
	h.plans(1, func(p *goals.Plan) { p.Due, p.Repeat, p.Chat = "2026-03-02 09:00", "every monday", ann })
	h.say("/tick 1 1")
	h.now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC) // a week late
	m := h.say("/done 1 anyway")
	if want := "Done: ✅ #1 water the plants\nNext: #2, due Mon 16 Mar 09:00."; m.Text != want {
		t.Errorf("said %q, want %q", m.Text, want)
	}
	next := h.truth.List().Number(2)
	if next.Description != "water the plants" || len(next.Acceptance) != 2 || len(next.Plan().Ticked) != 0 || next.Plan().Due != "2026-03-16 09:00" || next.Plan().Repeat != "every Monday" && next.Plan().Repeat != "every monday" || next.Plan().Chat != ann {
		t.Errorf("the next is %+v", next)
	}
	h.say("/reopen 1")
	if m := h.say("/done 1 anyway"); strings.Contains(m.Text, "Next") {
		t.Errorf("the finished one repeats again: %q", m.Text)
	}
	h.say("/undo")
	h.say("/undo")
	h.say("/undo")
	if g := h.truth.List().Number(1); h.truth.List().Number(2) != nil || g.Status != goals.Pending || g.Plan().Repeat != "every monday" {
		t.Errorf("undone it is %+v, and there are %d goals", g, h.truth.List().Len())
	}
}
