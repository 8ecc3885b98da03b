package handlers

import (
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// replyTo is a reply to a message of ours, as Telegram hands it over.
func (h *house) replyTo(m message.Message, words string) Request {
	h.t.Helper()
	number := h.shown[look(m)]
	if number == 0 {
		h.t.Fatalf("nobody was shown %q", m.Text)
	}
	req := h.request(words)
	req.Reply, req.Answered, req.Marked = true, number, boldOf(m)
	return req
}

// edit is an edit of what was said.
func (h *house) edit(said Request, words string) Request {
	req := h.request(words)
	req.Message, req.Edited, req.Chat, req.From = said.Message, true, said.Chat, said.From
	return req
}

// A reply to an older question once answered the newest. Taking plain words
// before replied turns this red.
func TestAReplyAnswersItsQuestion(t *testing.T) {
	h := open(t, goal("g-00000001", "alpha"), goal("g-00000002", "beta"))
	note := h.hear("/note alpha", "What's the note for #1 “alpha”?")
	rename := h.hear("/rename beta", "What's the new name for #2, now “beta”?")
	which := h.hear("/begin", "Which goal do you want to start? Tap it, or send its number.")
	block := h.tap(h.say("/goal 2"), "Block")
	add := h.say("/addgoal")
	for _, tt := range []struct {
		to          message.Message
		words, want string
	}{
		{note, "buy paper", "Note added to: ⬜ #1 alpha"},
		{rename, "2", "Renamed: ⬜ #2 2"}, // which is no answer to which one
		{which, "alpha", "In progress: ▶️ #1 alpha"},
		{add, "gamma", "Added: ⬜ #3 gamma"},
		{block, "because of rain", "Blocked: 🚧 #2 2"},
	} {
		if m := h.one(h.replyTo(tt.to, tt.words)); m.Text != tt.want {
			t.Errorf("%s is answered %q, want %q", tt.words, m.Text, tt.want)
		}
	}
	h.wantNotes(1, "buy paper")
	h.hear("delta", "Add this as a goal?") // no question is left
}

// A question that is closed stayed as it was, and a reply to it went elsewhere.
// Not closing it in one of these ways, or leaving its buttons, turns this red.
func TestAClosedQuestionSaysSo(t *testing.T) {
	const nothing = ", so nothing was changed."
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "call father"))
	for _, tt := range []struct {
		name        string
		close       func(asked Request, m message.Message)
		ends, reply string
	}{
		{"answered", func(_ Request, m message.Message) { h.one(h.replyTo(m, "1")) }, "Answered.", "That question has been answered already" + nothing},
		{"answered by tap", func(_ Request, m message.Message) { h.tap(m, "#1") }, "", "That question has been answered already" + nothing},
		{"done otherwise", func(_ Request, m message.Message) { h.say("/note 1 y") }, "Answered.", "That question has been answered already" + nothing},
		{"cancelled", func(_ Request, m message.Message) { h.say("/cancel") }, "Cancelled.", "You cancelled that question" + nothing},
		{"cancelled by it", func(_ Request, m message.Message) { h.one(h.replyTo(m, "never mind")) }, "Cancelled.", "You cancelled that question" + nothing},
		{"asked again", func(_ Request, m message.Message) { h.say("/note call y") }, "Asked again below.", "I have asked that again since" + nothing},
		{"edited", func(asked Request, m message.Message) { h.one(h.edit(asked, "/goals")) }, "You have edited your message since.", "That question is closed: you have edited your message since. Nothing was changed."},
		{"late", func(_ Request, m message.Message) { h.now = h.now.Add(time.Hour); h.say("/goals") }, "No longer waiting for an answer. /note asks again.", "I asked that more than an hour ago"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := h.request("/note call x")
			m := h.one(asked)
			tt.close(asked, m)
			before := h.truth.List()
			if tt.ends != "" && (len(h.ended) != 1 || h.ended[0].Text != "2 goals match “call”. Which one do you want to add a note to?\n"+tt.ends || h.ended[0].Edit != h.shown[look(m)] || len(h.ended[0].Buttons) > 0) {
				t.Errorf("the question says %+v", h.ended)
			}
			if m := h.one(h.replyTo(m, "2")); !strings.HasPrefix(m.Text, tt.reply) {
				t.Errorf("a reply is answered %q", m.Text)
			}
			if m := h.tap(m, "#2"); !strings.HasPrefix(m.Text, tt.reply) {
				t.Errorf("a tap is answered %q", m.Text)
			}
			if changed := goals.Diff(before, h.truth.List()); len(changed) > 0 {
				t.Errorf("changed %+v", changed)
			}
		})
	}
}

// Questions of several people, in several chats and topics, are kept apart.
func TestEverybodyAnswersTheirOwnQuestion(t *testing.T) {
	h := open(t, goal("g-00000001", "alpha"), goal("g-00000002", "beta"))
	in := func(who Person, thread int64, words string) Request {
		req := h.request(words)
		req.From, req.Chat = who, Chat{ID: group, Thread: thread}
		return req
	}
	anna, benno := Person{ID: ann, Name: "Ann"}, Person{ID: ben, Name: "Ben"}
	here := h.one(in(anna, 1, "/note 1"))
	there := h.one(in(anna, 2, "/rename 2"))
	his := h.one(in(benno, 1, "/note 2"))
	private := h.say("/note 2")
	for _, tt := range []struct {
		to          message.Message
		who         Person
		thread      int64
		words, want string
	}{
		{his, anna, 1, "mine", "That question is for Ben.\n\nWhat should I do with this?\n\n⬜ #2 beta"},
		{here, anna, 1, "in the first", "Note added to: ⬜ #1 alpha"},
		{his, benno, 1, "from Ben", "Note added to: ⬜ #2 beta"},
		{there, anna, 2, "gamma", "Renamed: ⬜ #2 gamma"},
	} {
		req := h.replyTo(tt.to, tt.words)
		req.From, req.Chat = tt.who, Chat{ID: group, Thread: tt.thread}
		if m := h.one(req); m.Text != tt.want {
			t.Errorf("%s is answered %q, want %q", tt.words, m.Text, tt.want)
		}
	}
	if m := h.one(h.replyTo(private, "in private")); m.Text != "Note added to: ⬜ #2 gamma" {
		t.Errorf("in private: %q", m.Text)
	}
	h.wantNotes(1, "in the first")
	h.wantNotes(2, "from Ben", "in private")
}

// Whoever has done something else since a question is told what became of the
// words; after a tap they once were not. Leaving Last out turns this red.
func TestALateAnswerSaysWhatItAnswers(t *testing.T) {
	h := open(t, goal("g-00000001", "alpha"))
	card := h.say("/goal 1")
	h.tap(card, "Note")
	if m := h.say("at once"); m.Text != "Note added to: ⬜ #1 alpha" {
		t.Errorf("said %q", m.Text)
	}
	h.say("/search")
	h.hear("beta", "No goals found for “beta”.")
	h.hear("gamma", "Add this as a goal?") // a search that has found nothing is over
	h.tap(card, "Note")
	h.say("/goals")
	h.hear("later", "Note added to: ⬜ #1 alpha\nI took that as the answer to: What's the note for #1 “alpha”?")
}

// What was asked is said in words too, and holds what the command said with it.
func TestWhichOneIsAQuestion(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "call father"), goal("g-00000003", "call aunt"))
	h.hear("/note call "+strings.Repeat("ä", 100), "3 goals match “call”. Which one do you want to add a note to?")
	h.hear("father", "Note added to: ⬜ #2 call father")
	h.wantNotes(2, strings.Repeat("ä", 100))
	h.say("/done call")
	h.hear("1 and 3", "Done: ✅ #1 call mother\nDone: ✅ #3 call aunt")
	h.hear("/note call once more", "Note added to: ⬜ #2 call father") // the only one that is open
	h.say("/reopen call")
	h.hear("pyramids", "Add this as a goal?") // no goal is called so
	h.say("/goals all")
	h.hear("#3", "Reopened: ⬜ #3 call aunt\nI took that as the answer to: 2 goals match “call”. Which one do you want to reopen?")
}
