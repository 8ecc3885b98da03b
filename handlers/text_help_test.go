package handlers

import (
	"strings"
	"testing"
	"time"

	"goalbot/message"
)

func TestAQuestionIsAnsweredByTheNextMessage(t *testing.T) {
	h := open(t)
	m := h.hear("/addgoal", "What is the goal? Lines that begin with - become its criteria. Send it as your next message.\n/cancel to skip.")
	if !m.Ask {
		t.Error("the keyboard stays shut")
	}
	h.hear("call mother\n- today", "Added: ⬜ #1 call mother")
	h.hear("call father", "Add this as a goal?")
	h.hear("/note 1", "What's the note for #1 “call mother”?")
	h.start(nil, ann) // a question survives a restart
	h.hear("busy", "Note added to: ⬜ #1 call mother")
	h.hear("/rename mother", "What's the new name for #1, now “call mother”?")
	h.hear("call mum", "Renamed: ⬜ #1 call mum")
	h.wantList("#1 pending call mum")
	h.hear("/undo", "Undone: renaming #1\n⬜ #1 call mother")
	h.hear("/undo", "Undone: adding a note to")
	h.hear("/undo", "Undone: adding #1\n🗑 #1")
}

func TestAnAnswerThatIsRefusedMayBeGivenAgain(t *testing.T) {
	h := open(t)
	h.say("/addgoal")
	h.hear(strings.Repeat("x", 1001), "this has 1001")
	h.hear("", "I need it as text.")
	h.hear("\u200b", "can be seen")
	h.hear("call mother", "Added: ⬜ #1")
}

// Comparing with the time of the check instead of the message's, or not at
// all, turns this red; so does keeping a question that is too old.
func TestAQuestionRunsOutAfterAnHour(t *testing.T) {
	h := open(t)
	h.say("/addgoal")
	h.now = h.now.Add(time.Hour - 2*time.Second)
	h.hear("just in time", "Added: ⬜ #1")
	h.say("/note 1")
	h.now = h.now.Add(time.Hour)
	h.hear("too late", "I asked that more than an hour ago and no longer wait for an answer, so nothing was changed. /note 1 asks again.")
	h.hear("later still", "Add this as a goal?")
	if g := h.truth.List().Number(1); len(g.Notes) != 0 {
		t.Errorf("noted %q", g.Notes)
	}
}

// A question once died without a word when its person looked at something else.
func TestACommandKeepsAQuestion(t *testing.T) {
	for _, command := range []string{"/goals", "/goal 1", "/done 99", "/nonsense", "/help", "/health", "/restore", "/begin 1"} {
		t.Run(command, func(t *testing.T) {
			h := open(t)
			h.say("/addgoal keep this")
			h.say("/addgoal")
			h.say(command)
			h.hear("call mother", "Added: ⬜ #2 call mother")
			h.hear("call father", "Add this as a goal?")
		})
	}
}

func TestAQuestionAboutAGoalThatIsGone(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/note 1")
	req := h.request("/delete 1 yes")
	req.From.ID, req.Chat.ID = ben, ben
	h.one(req)
	h.hear("busy", "#1 has been deleted meanwhile")
	h.hear("busy", "Add this as a goal?")
}

// In a group a question is for the person who was asked, and only a reply to
// the bot answers it; all else there is for others.
func TestQuestionsInAGroup(t *testing.T) {
	h := open(t)
	in := func(words string, from int64, reply bool, thread int64) Request {
		req := h.request(words)
		req.Chat, req.From.ID, req.Reply = Chat{ID: group, Thread: thread}, from, reply
		return req
	}
	if m := h.one(in("/addgoal", ann, false, 5)); !strings.Contains(m.Text, "Reply to this message with it.") || m.ReplyTo == 0 || m.Thread != 5 || !m.Ask {
		t.Errorf("asked with %+v", m)
	}
	for name, req := range map[string]Request{
		"no reply":      in("call mother", ann, false, 5),
		"somebody else": in("call mother", ben, true, 5),
		"another topic": in("call mother", ann, true, 6),
	} {
		if said := h.do(req); len(said) != 0 {
			t.Errorf("%s: answered with %q", name, said[0].Text)
		}
	}
	h.wantList()
	if m := h.one(in("call mother", ann, true, 5)); !strings.Contains(m.Text, "Added: ⬜ #1") || m.ReplyTo == 0 || m.Thread != 5 {
		t.Errorf("answered with %+v", m)
	}
	if said := h.do(in("/weather", ann, false, 5)); len(said) != 0 {
		t.Errorf("another bot's command is answered with %q", said[0].Text)
	}
	if said := h.do(in("good morning", ann, true, 5)); len(said) != 0 {
		t.Errorf("a reply to nothing is answered with %q", said[0].Text)
	}
}

func TestHelpFitsOneMessageAndKnowsEveryCommand(t *testing.T) {
	h := open(t)
	help := h.say("/help").Text
	for _, c := range Commands() {
		if !strings.Contains(help, "\n/"+c.Name) {
			t.Errorf("/help does not know /%s", c.Name)
		}
		if n := len(c.Short); n == 0 || n > 256 || len(c.Name) > 32 {
			t.Errorf("the menu cannot hold /%s", c.Name)
		}
		more := h.hear("/help "+c.Name, "/"+c.Name)
		if h.say("/help /"+strings.ToUpper(c.Name)).Text != more.Text {
			t.Errorf("/help /%s says something else", strings.ToUpper(c.Name))
		}
		if !IsCommand(c.Name) || IsCommand(c.Name+"x") {
			t.Errorf("/%s is no command to type, or /%sx is", c.Name, c.Name)
		}
	}
	h.hear("/help nonsense", "There is no command /nonsense. /help lists them all.")
	h.hear("/help redo", "/redo\nRedo what you last undid.")
	h.hear("/help keep", "There is no command /keep.") // only buttons say it
	h.hear("/add milk", "I don't know /add. Did you mean /addgoal?")
	h.hear("/goalz", "Did you mean /goals?")
	h.hear("/weather", "I don't know /weather. /help lists what I can do.")
	h.hear("/start", "I keep your goals.")
}

// A tap in a group asks with a message of its own. It answers nobody's message,
// so it opens the keyboard only for whom it mentions. Without the mention the
// answer is typed as an ordinary message, which a bot does not see there.
func TestAQuestionAfterATapInAGroupMentionsThePerson(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	card := h.say("/goal 1")
	for _, label := range []string{"Rename", "Note", "Criterion"} {
		tap := h.tapped(card, label)
		tap.Chat = Chat{ID: group, Thread: 3}
		tap.From = Person{ID: ben, Name: "Ben \u05d0"}
		m := h.one(tap)
		if !m.Ask || m.Edit != 0 || m.Asked != ben || len(m.Entities) == 0 || m.Entities[0].Type != message.Mention || !strings.HasPrefix(m.Text, "\u2068Ben \u05d0\u2069: ") && !strings.HasPrefix(m.Text, "Ben \u05d0: ") {
			t.Errorf("%s: asked with %+v", label, m)
		}
		req := h.request("some words")
		req.Chat, req.From, req.Reply = tap.Chat, tap.From, true
		if m := h.one(req); m.Asked != 0 {
			t.Errorf("%s: answered with %+v", label, m)
		}
		if events := h.events(1); events[0].By != ben {
			t.Errorf("%s: the answer was not taken", label)
		}
		card = h.say("/goal 1")
	}
	tap := h.tapped(card, "Note")
	if m := h.one(tap); m.Asked != 0 || strings.Contains(m.Text, "Ann") {
		t.Errorf("in private: asked with %+v", m)
	}
}

// An admin who writes as the group taps under their own name, so the question is
// theirs, and what they reply is the group's. It is taken for the answer to the
// very message that it replies to.
func TestAnAnonymousAdminAnswersTheQuestionAfterATap(t *testing.T) {
	h := open(t)
	h.members.Config.Editors = []int64{group}
	if err := h.members.Load(t.Context(), h.truth); err != nil {
		t.Fatal(err)
	}
	h.say("/addgoal call mother")
	card := h.say("/goal 1")
	tap := func(label string) message.Message {
		req := h.tapped(card, label)
		req.Chat, req.From = Chat{ID: group, Thread: 3}, Person{ID: ben, Name: "Ben"}
		return h.one(req)
	}
	reply := func(words string, to int64) []message.Message {
		req := h.request(words)
		req.Chat, req.From, req.Reply, req.Answered = Chat{ID: group, Thread: 3}, Person{ID: group, Name: "The group"}, true, to
		return h.do(req)
	}
	asked := tap("Note")
	number := h.shown[look(asked)]
	if said := reply("busy", number+100); len(said) != 0 {
		t.Errorf("a reply to something else is answered %q", said[0].Text)
	}
	if said := reply("on Sunday", number); len(said) != 1 || !strings.Contains(said[0].Text, "Note added to: ⬜ #1 call mother") {
		t.Fatalf("answered %+v", said)
	}
	if e := h.events(1)[0]; e.By != group || e.Edit.Notes[0].Added[0] != "on Sunday" {
		t.Errorf("kept as %+v", e)
	}
	if said := reply("again", number); len(said) != 1 || !strings.HasPrefix(said[0].Text, "That question has been answered already") {
		t.Errorf("the question is open still: %+v", said)
	}
	// Whoever else answers it is offered the choice.
	number = h.shown[look(tap("Criterion"))]
	req := h.request("mine")
	req.Chat, req.Reply, req.Answered = Chat{ID: group, Thread: 3}, true, number
	if m := h.one(req); !strings.HasPrefix(m.Text, "That question is for Ben.\n\nWhat should I do with this?\n\n⬜ #1 call mother") {
		t.Errorf("another member's reply is answered %q", m.Text)
	}
	if said := reply("on paper", number); len(said) != 1 || !strings.Contains(said[0].Text, "New criterion: ⬜ #1 call mother") {
		t.Errorf("the admin is answered %+v", said)
	}
}
