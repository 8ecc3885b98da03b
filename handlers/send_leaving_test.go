package handlers

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// These tests let messages wait, and look at what leaves.

// Broken on purpose, and what went red: dropping what waits,
// TestWhatWaitsForSomebodyWhoIsShutOutIsDropped; asking again when a message
// leaves, TestWhoeverMayNotHaveItAnyMoreDoesNotGetIt; the mark of what is on its
// way, TestOneExportAtATime; keeping the picture, TestTheSamePictureIsDrawnOnce.

// waiting is how many messages wait for a chat, and their size.
func (h *house) waiting(chat int64) (n, size int) {
	h.t.Helper()
	all, err := h.truth.Waiting(h.t.Context(), chat, 10_000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range all {
		size += len(m.Body)
	}
	return len(all), size
}

// handle acts on a request and lets the answer wait.
func (h *house) handle(req Request) {
	h.t.Helper()
	if err := h.h.Handle(h.t.Context(), req); err != nil {
		h.t.Fatal(err)
	}
}

func TestWhatWaitsForSomebodyWhoIsShutOutIsDropped(t *testing.T) {
	h := people(t)
	h.one(h.at(ann, "/addgoal a secret"))
	for _, words := range []string{"/goals", "/goal 1", "/export", "a thought", "/addgoal"} {
		h.handle(h.at(editor, words))
	}
	h.handle(h.at(viewer, "/goals"))
	h.handle(h.at(ann, fmt.Sprintf("/revoke %d yes", editor)))
	if n, _ := h.waiting(editor); n != 1 { // which says that they are
		t.Errorf("%d messages wait for whoever was shut out", n)
	}
	if n, _ := h.waiting(viewer); n != 1 {
		t.Errorf("%d messages wait for somebody else", n)
	}
	if n, _ := h.waiting(ann); n != 1 {
		t.Errorf("%d messages wait for the owner", n)
	}
	h.spoken()
	for _, kind := range []store.Kind{store.BoardRecord, store.QuestionRecord, store.SaidRecord} {
		for name := range h.records(kind) {
			if strings.Contains(name, fmt.Sprint(editor)) {
				t.Errorf("%s %s is kept", kind, name)
			}
		}
	}
	for name := range h.records(store.OfferRecord) {
		t.Errorf("offer %s is kept", name)
	}
	// What was asked then is not open when they come in again.
	h.knock(h.at(editor, "/start "+h.invitation(ann, access.Editor)))
	h.spoken()
	if m := h.one(h.at(editor, "call mother")); !strings.Contains(m.Text, "Add this as a goal?") {
		t.Errorf("answered %q", m.Text)
	}
}

// A message that is under way when its reader loses a role is looked at again.
func TestWhoeverMayNotHaveItAnyMoreDoesNotGetIt(t *testing.T) {
	h := people(t)
	for _, c := range []struct {
		chat int64
		whom string
		want bool
	}{
		{viewer, forWhoAsked, true}, {nobody, forWhoAsked, false}, {group, forWhoAsked, true}, {nobody, forAnybody, true},
		{viewer, forOwners, false}, {second, forOwners, true}, {ann, ForAlerts, true}, {viewer, ForAlerts, false}, {group, ForAlerts, false},
	} {
		_, ok, err := h.h.Leaving(t.Context(), c.chat, message.Message{Text: "x", For: c.whom})
		if err != nil || ok != c.want {
			t.Errorf("to %d for %q: %v, %v", c.chat, c.whom, ok, err)
		}
	}
	// What somebody asked for in a group is not for the group when they are out.
	asked := h.at(editor, "/export")
	asked.Chat = Chat{ID: group}
	h.handle(asked)
	h.handle(h.at(ann, fmt.Sprintf("/revoke %d yes", editor)))
	if said := h.spoken(); len(said) != 4 || slices.ContainsFunc(said, func(m message.Message) bool { return m.Document != nil }) { // to the owners and to the editor
		t.Errorf("said %+v", said)
	}
	// A digest and a notice that wait for an owner who is none any more.
	h.one(h.at(ann, "/addgoal x"))
	err := h.truth.Update(t.Context(), store.Origin{Key: "notices", At: h.now}, func(tx store.Tx) error {
		if err := NewNotices(h.members, h.settings).Quarantined(tx, "kept", nil); err != nil {
			return err
		}
		return h.h.SendDigest(tx, h.now, func(time.Time) time.Time { return h.now })
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := h.waiting(second); n != 2 {
		t.Fatalf("%d messages wait", n)
	}
	h.handle(h.at(second, "/goals"))
	h.handle(h.at(ann, fmt.Sprintf("/members %d viewer", second)))
	var got []string
	for _, m := range h.spoken() {
		got = append(got, m.For)
	}
	// Two for each of the two other owners, the news for one of them, the list and the news for the
	// former one, and the card.
	slices.Sort(got)
	if want := []string{"", "", "", ForAlerts, ForAlerts, forOwners, forOwners, forOwners}; !slices.Equal(got, want) {
		t.Errorf("said for %q", got)
	}
}

// Who may look can ask for a file of all goals as often as they like: it costs
// a line each. Queueing the file itself turns this red.
func TestOneExportAtATime(t *testing.T) {
	var all []*goals.Goal
	for i := range 200 {
		all = append(all, goal(fmt.Sprintf("g-%08x", i+1), strings.Repeat("long ", 200)))
	}
	h := open(t, all...)
	for range 30 {
		h.handle(h.request("/export"))
		h.handle(h.request("/stats"))
	}
	if n, size := h.waiting(ann); size > n*1000 {
		t.Errorf("%d bytes wait in %d messages", size, n)
	}
	files, pictures := 0, 0
	for _, m := range h.spoken() {
		switch {
		case m.Document != nil:
			files++
		case m.Photo != nil:
			pictures++
		case m.Text != "That export is already on its way. Ask again once it has arrived." && m.Text != "The picture is already on its way. Ask again once it has arrived.":
			t.Errorf("said %q", m.Text)
		}
	}
	if files != 1 || pictures != 1 {
		t.Errorf("%d files and %d pictures", files, pictures)
	}
	// What has arrived may be asked for again, and another format at any time.
	h.handle(h.request("/export"))
	h.handle(h.request("/export csv"))
	for _, m := range h.spoken() {
		if m.Document == nil {
			t.Errorf("said %q", m.Text)
		}
	}
	// One of which nothing more is heard does not stand in the way for long.
	h.handle(h.request("/export"))
	h.dropWaiting(ann)
	h.hear("/export", "already on its way")
	h.now = h.now.Add(uploadWaits)
	if m := h.say("/export"); m.Document == nil {
		t.Errorf("said %q", m.Text)
	}
}

func (h *house) dropWaiting(chat int64) {
	h.t.Helper()
	err := h.truth.Update(h.t.Context(), store.Origin{Key: fmt.Sprint("drop ", h.now), At: h.now}, func(tx store.Tx) error { return tx.Unsend(chat) })
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestOnlyAFewFilesAreOnTheirWayAtOnce(t *testing.T) {
	h := people(t)
	h.one(h.at(ann, "/addgoal x"))
	for _, who := range []int64{ann, ben, second, editor} {
		h.handle(h.at(who, "/export"))
	}
	h.handle(h.at(viewer, "/export"))
	h.handle(h.at(viewer, "/stats"))
	files, words := 0, ""
	for _, m := range h.spoken() {
		if m.Document != nil {
			files++
		} else {
			words += m.Text
		}
	}
	if files != maxUploads || !strings.Contains(words, "I'm already sending 4 files") || !strings.Contains(words, "1 open goal") {
		t.Errorf("%d files, and %q", files, words)
	}
	if m := h.one(h.at(viewer, "/export")); m.Document == nil {
		t.Errorf("then: %q", m.Text)
	}
}

func TestTheSamePictureIsDrawnOnce(t *testing.T) {
	h := open(t)
	h.say("/addgoal a")
	first := h.say("/stats").Photo
	if again := h.say("/stats").Photo; h.h.pictures.png == nil || !bytes.Equal(first, again) {
		t.Error("the picture is another one")
	}
	kept := &h.h.pictures.png[0]
	h.say("/stats")
	if &h.h.pictures.png[0] != kept {
		t.Error("the same picture was drawn again")
	}
	h.say("/addgoal b")
	if again := h.say("/stats").Photo; bytes.Equal(first, again) {
		t.Error("the picture shows what was")
	}
	h.now = h.now.Add(21 * 24 * time.Hour)
	h.say("/stats")
	if &h.h.pictures.png[0] == kept {
		t.Error("the picture shows other weeks")
	}
}

// A group may take no pictures and no files. Then the words go there, and the
// rest to whoever wants it, in private.
func TestWhereAGroupTakesNoFiles(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	for command, want := range map[string][2]string{
		"/stats":      {"1 open goal: 1 to do", "I can't send pictures in this group. I can send it in our private chat."},
		"/export csv": {"I can't send files in this group.", "I can send it in our private chat."},
	} {
		req := h.request(command)
		req.Chat = Chat{ID: group, Thread: 7}
		m := h.one(req)
		instead, ok := m.InPlaceOf()
		if !ok || instead.Attached() || !strings.Contains(instead.Text, want[0]) || !strings.HasSuffix(instead.Text, want[1]) || instead.Thread != 7 || instead.Instead != nil {
			t.Fatalf("%s: instead there is %+v", command, instead)
		}
		fits(t, instead)
		tap := h.request("/" + button(t, instead, "Send it to me").Command)
		tap.Chat, tap.Tap, tap.Message = req.Chat, true, 99
		h.handle(tap)
		if n, _ := h.waiting(ann); n != 1 {
			t.Errorf("%s: %d messages wait in private", command, n)
		}
		said := h.spoken()
		var attached, words []message.Message
		for _, m := range said {
			if m.Attached() {
				attached = append(attached, m)
			} else {
				words = append(words, m)
			}
		}
		if len(attached) != 1 || attached[0].Instead != nil || attached[0].Edit != 0 || attached[0].Thread != 0 || len(words) != 1 || words[0].Edit != 99 || !strings.Contains(words[0].Text, "in our private chat") {
			t.Errorf("%s: said %+v and %+v", command, attached, words)
		}
	}
	if m := h.say("/stats"); m.Instead != nil {
		t.Error("in private there is something instead")
	}
}

// What another version of the program has queued, and what cannot be made, is
// answered and does not hold the chat up.
func TestWhatCannotBeMadeIsSaid(t *testing.T) {
	h := open(t)
	for _, m := range []message.Message{{Render: "nonsense"}, {Render: exportRender, Args: "xml"}} {
		if made, ok, err := h.h.Leaving(t.Context(), ann, m); err != nil || !ok || made.Text == "" {
			t.Errorf("%+v: %+v, %v, %v", m, made, ok, err)
		}
	}
	renderers["boom"] = func(*Handlers, context.Context, int64, message.Message) (message.Message, bool, error) { panic("boom") }
	defer delete(renderers, "boom")
	if made, ok, err := h.h.Leaving(t.Context(), ann, message.Message{Render: "boom"}); err != nil || !ok || made.Text != notDone().Text {
		t.Errorf("%+v, %v, %v", made, ok, err)
	}
}
