package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/schedule"
	"goalbot/settings"
	"goalbot/store"
)

// away is a house in which Edith lives in Tokyo, on a Sunday at noon in UTC, the zone of
// the list.
func away(t *testing.T) *house {
	h := people(t)
	h.now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if m := h.one(h.at(editor, "/me timezone tokyo")); !strings.HasPrefix(m.Text, "✅ 🌍 Time zone: Asia/Tokyo\n\nYour settings\n") || !strings.Contains(m.Text, "It is Sunday 21:00 now.") {
		t.Fatalf("said %q", m.Text)
	}
	return h
}

// Dates that somebody types are read in their zone, and everybody reads all dates in their
// own; in a group all read them in that of the list. Broken on purpose: keeping a date
// without the zone of whoever said it, and reading those of others without theirs.
func TestDatesAreReadInEverybodysZone(t *testing.T) {
	h := away(t)
	h.one(h.at(editor, "/addgoal call mother tomorrow at 9"))
	h.say("/addgoal mend the roof")
	h.say("/due 2 tomorrow at 18")
	h.say("/addgoal water the plants")
	h.say("/due 3 tomorrow")
	h.one(h.at(editor, "/park 3 2 Mar 8:00"))
	for n, want := range map[int64]string{1: "2026-03-02 09:00 Asia/Tokyo", 2: "2026-03-02 18:00", 3: "2026-03-02"} {
		if got := h.truth.List().Number(n).Plan().Due; got != want {
			t.Errorf("#%d is due %q, want %q", n, got, want)
		}
	}
	in := func(who int64, words string) string {
		req := h.at(who, words)
		req.Chat = Chat{ID: group}
		return h.one(req).Text
	}
	for _, tt := range []struct{ who, said, want string }{
		{"Edith", h.one(h.at(editor, "/goals")).Text, "⬜ #1 call mother  📅 tomorrow 09:00\n⬜ #2 mend the roof  📅 Tue 3 Mar 03:00\n⬜ #3 water the plants  📅 tomorrow  💤 until tomorrow 08:00"},
		{"Ann", h.say("/goals").Text, "⬜ #1 call mother  📅 tomorrow 00:00\n⬜ #2 mend the roof  📅 tomorrow 18:00\n⬜ #3 water the plants  📅 tomorrow  💤 until today 23:00"},
		{"a group", in(editor, "/goals"), "⬜ #1 call mother  📅 tomorrow 00:00\n⬜ #2 mend the roof  📅 tomorrow 18:00\n"},
		{"Edith's card", h.one(h.at(editor, "/goal 2")).Text, "\n📅 due Tue 3 Mar 03:00\n"},
		{"Edith's answer", h.one(h.at(editor, "/due 2 3 Mar 4am")).Text, "Due Tue 3 Mar 04:00."},
		{"Edith's question", h.one(h.at(editor, "/due 1")).Text, "It is due tomorrow 09:00 now."},
	} {
		if !strings.Contains(tt.said, tt.want) {
			t.Errorf("%s reads\n%s\nwant\n%s", tt.who, tt.said, tt.want)
		}
	}
	h.now = h.now.Add(13 * time.Hour) // Monday 01:00 in UTC, 10:00 in Tokyo
	for who, want := range map[int64]string{editor: "Today, Monday 2 March\n\nOverdue · 1\n⬜ #1 call mother  ❗ overdue", ann: "Today, Monday 2 March\n\nOverdue · 1\n⬜ #1 call mother  ❗ overdue"} {
		if m := h.one(h.at(who, "/today")); !strings.HasPrefix(m.Text, want) {
			t.Errorf("%s reads %q", names[who], m.Text)
		}
	}
	in(editor, "/due 3 today at 9")
	if got := h.truth.List().Number(3).Plan().Due; got != "2026-03-02 09:00" {
		t.Errorf("in a group it is due %q", got)
	}
	// What repeats stays on its weekday there, though it is another one here.
	h.one(h.at(editor, "/due 2 every tuesday 7:00"))
	if m := h.one(h.at(ann, "/done 2")); !strings.Contains(m.Text, "Next: #4, due Mon 9 Mar 22:00.") {
		t.Errorf("said %q", m.Text)
	}
	if got := h.truth.List().Number(4).Plan().Due; got != "2026-03-10 07:00 Asia/Tokyo" {
		t.Errorf("the next is due %q", got)
	}
	if board := h.one(h.at(editor, "/goals")); !strings.Contains(board.Text, "#4 mend the roof  📅 Tue 10 Mar 07:00") {
		t.Errorf("said %q", board.Text)
	}
	h.say("/note 4 x")
	stale, err := h.h.StaleBoards(t.Context())
	h.must(err)
	for _, e := range stale {
		if e.Chat == editor {
			t.Errorf("a list that shows the same is written anew: %q", e.Message.Text)
		}
	}
}

// What somebody has set for themselves goes before what is set for everybody, and goes
// with them when they are out.
func TestOnesOwnSettings(t *testing.T) {
	h := people(t)
	h.one(h.at(ann, "/settings quiet 22-7"))
	h.one(h.at(ann, "/settings digest 8"))
	m := h.one(h.at(editor, "/me"))
	if want := "Your settings\n\n🌍 Time zone: UTC, as for everybody\n📬 Digest: off, by default\n🌙 Quiet hours: 22:00–07:00, as for everybody\n"; !strings.HasPrefix(m.Text, want) {
		t.Errorf("said %q", m.Text)
	}
	if m := h.one(h.at(ann, "/me")); !strings.Contains(m.Text, "📬 Digest: every day at 08:00, as for everybody") {
		t.Errorf("an owner reads %q", m.Text)
	}
	quiet := func() string { return h.settings.For(editor).Quiet.String() }
	m = h.one(h.at(editor, "/me quiet 20-9"))
	if quiet() != "20:00-09:00" || h.settings.For(ann).Quiet.String() != "22:00-07:00" || h.settings.For(group).Quiet.String() != "22:00-07:00" || !hasButton(m, "Undo") {
		t.Errorf("quiet %s, and %s for others: %q", quiet(), h.settings.For(ann).Quiet, m.Text)
	}
	h.one(h.at(ann, "/settings quiet off"))
	if quiet() != "20:00-09:00" {
		t.Errorf("then quiet %s", quiet())
	}
	h.start(nil, ann, ben)
	if quiet() != "20:00-09:00" {
		t.Errorf("after a restart quiet %s", quiet())
	}
	for _, step := range []struct{ words, want string }{{"/undo", "off"}, {"/redo", "20:00-09:00"}, {"/me quiet default", "off"}, {"/undo", "20:00-09:00"}, {"/me quiet soon", "20:00-09:00"}, {"/me ring nothing", "20:00-09:00"}, {"/me quiet", "20:00-09:00"}} {
		if h.one(h.at(editor, step.words)); quiet() != step.want {
			t.Errorf("%s: quiet %s, want %s", step.words, quiet(), step.want)
		}
	}
	if m := h.one(h.at(viewer, "/me digest 9")); hasButton(m, "Undo") || !strings.HasPrefix(m.Text, "✅ 📬 Digest: every day at 09:00") {
		t.Errorf("a viewer hears %q", m.Text)
	}
	in := h.at(editor, "/me")
	in.Chat = Chat{ID: group}
	h.do(in)
	if said := h.saidIn(group); len(said) != 1 || said[0] != inPrivate {
		t.Errorf("a group hears %q", said)
	}
	h.must(h.truth.Update(t.Context(), store.Origin{Key: "damage", At: h.now}, func(tx store.Tx) error {
		return tx.SetRecord(store.PersonalRecord, fmt.Sprint(second), "{")
	}))
	h.hear("/goals", "No goals yet.")
	if m := h.one(h.at(second, "/me quiet 1-2")); !strings.HasPrefix(m.Text, "✅") { // what is damaged stands in nobody's way
		t.Errorf("said %q", m.Text)
	}
	h.one(h.at(second, "/me quiet default"))
	for _, who := range []int64{editor, viewer} {
		h.say(fmt.Sprintf("/revoke %d yes", who))
	}
	if kept := h.records(store.PersonalRecord); len(kept) > 0 || quiet() != "off" {
		t.Errorf("of those who are out is kept %v", kept)
	}
	for name := range h.records(store.DigestRecord) {
		if name == ownDigest(viewer) {
			t.Errorf("%s is kept", name)
		}
	}
}

// A reminder that comes to somebody's private chat waits while it is quiet for them.
func TestRemindersGoByTheHoursOfTheirChat(t *testing.T) {
	h := away(t)
	h.one(h.at(editor, "/me quiet 22-7"))
	h.one(h.at(editor, "/addgoal call mother"))
	h.say("/addgoal mend the roof")
	h.one(h.at(editor, "/remind 1 today 22:30")) // 13:30 in UTC
	h.say("/remind 2 13:30")
	rings := func(at string) (chats []string) {
		h.t.Helper()
		var err error
		h.now, err = time.Parse("2006-01-02 15:04", at)
		h.must(err)
		h.must(h.h.Remind(t.Context(), h.truth.List(), h.now))
		h.spoken()
		for _, m := range h.last {
			if strings.HasPrefix(m.Text, "⏰") {
				chats = append(chats, names[m.chat]+" "+strings.Fields(m.Text)[2])
			}
		}
		return chats
	}
	if got := fmt.Sprint(rings("2026-03-01 13:29")); got != "[]" {
		t.Errorf("early: %s", got)
	}
	if got := fmt.Sprint(rings("2026-03-01 13:30")); got != "[Ann #2]" {
		t.Errorf("while it is quiet for Edith: %s", got)
	}
	if due, held := h.h.RemindersDue(h.truth.List(), h.now); due || held != 1 {
		t.Errorf("due %v, held %d", due, held)
	}
	if got := fmt.Sprint(rings("2026-03-01 22:00")); got != "[Edith #1]" {
		t.Errorf("in Edith's morning: %s", got)
	}
	if got := fmt.Sprint(rings("2026-03-01 22:01")); got != "[]" {
		t.Errorf("again: %s", got)
	}
}

// digests sends those that members have set, as the program does.
func (h *house) digests(at string) (heard []string) {
	h.t.Helper()
	var err error
	h.now, err = time.Parse("2006-01-02 15:04", at)
	h.must(err)
	h.must(h.h.OwnDigests(h.t.Context(), h.now, 6*time.Hour, func(v settings.Values, since time.Time) time.Time {
		s, err := schedule.Parse(v.Digest, v.Zone)
		h.must(err)
		return s.PutOff(v.QuietAt).Last(since, h.now)
	}))
	h.spoken()
	for _, m := range h.last {
		heard = append(heard, names[m.chat]+": "+m.Text)
	}
	return heard
}

// Whoever has set a digest gets it once a day, in their own zone, of what is theirs. Broken
// on purpose: sending it without keeping that it was.
func TestADigestOfOnesOwn(t *testing.T) {
	h := away(t)
	h.one(h.at(editor, "/addgoal call mother"))
	h.say("/addgoal mend the roof")
	h.say("/addgoal water the plants")
	h.say("/assign 2 Edith")
	h.one(h.at(editor, "/me digest 8:00")) // 23:00 in UTC
	wants := func(at string, want ...string) {
		t.Helper()
		if got := h.digests(at); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Errorf("at %s: %q, want %q", at, got, want)
		}
	}
	wants("2026-03-01 22:59")
	first := h.digests("2026-03-01 23:00")
	if len(first) != 1 || !strings.HasPrefix(first[0], "Edith: Your goals\n\nTo do · 2\n⬜ #1 call mother\n⬜ #2 mend the roof") || strings.Contains(first[0], "plants") {
		t.Fatalf("said %q", first)
	}
	wants("2026-03-01 23:01")
	h.start(nil, ann, ben)
	wants("2026-03-02 22:59")
	if late := h.digests("2026-03-02 23:30"); len(late) != 1 || !strings.HasPrefix(late[0], "Edith: This was due at 08:00.\n\nYour goals") {
		t.Errorf("late: %q", late)
	}
	wants("2026-03-03 22:00")
	wants("2026-03-04 06:00") // seven hours late
	wants("2026-03-04 06:01")
	// Moving to where it is earlier gives no second one on the same day.
	if again := h.digests("2026-03-04 23:00"); len(again) != 1 {
		t.Fatalf("said %q", again)
	}
	h.one(h.at(editor, "/me timezone new york"))
	wants("2026-03-05 13:00") // 8:00 there
	if next := h.digests("2026-03-06 13:00"); len(next) != 1 {
		t.Errorf("the next day: %q", next)
	}
	// The list's goes to the owners who have none of their own.
	h.say("/me digest off")
	send := func() (chats []string) {
		h.must(h.truth.Update(t.Context(), store.Origin{Key: "digest" + h.now.String(), At: h.now}, func(tx store.Tx) error {
			return h.h.SendDigest(tx, h.now, func(time.Time) time.Time { return h.now })
		}))
		h.spoken()
		for _, m := range h.last {
			chats = append(chats, fmt.Sprint(m.chat))
		}
		return chats
	}
	if got := fmt.Sprint(send()); got != "[1002 2003]" {
		t.Errorf("the list's digest goes to %s", got)
	}
	wants("2026-03-07 12:00")
	h.say(fmt.Sprintf("/revoke %d yes", editor))
	wants("2026-03-07 14:00")
}
