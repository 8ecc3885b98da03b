package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/store"
)

// Every guard here was broken once on purpose, and this is what went red:
//
//	who may take an offer               TestAnOfferIsForWhoeverSaidTheWords
//	how long it lasts                   TestAnOfferRunsOut
//	forgetting it once it is taken      TestWordsBecomeAGoal
//	following an edit before the tap    TestWordsMayBeEditedBeforeAndAfter
//	forgetting what nobody took         TestAnOfferRunsOut
//	one goal only in about              TestARepliedMessageNamesAGoal
//	the rule for bare numbers in replies TestACommandInReply

func TestWordsBecomeAGoal(t *testing.T) {
	h := open(t)
	offer := h.hear("see https://example.org/?a=1&b=2 with @someone", "Add this as a goal?")
	h.wantList()
	h.start(nil, ann, ben) // what is offered survives a restart
	h.tap(offer, "Add as a goal")
	h.wantList("#1 pending see https://example.org/?a=1&b=2 with @someone")
	if m := h.tap(offer, "Add as a goal"); !strings.Contains(m.Text, "I no longer have that text") {
		t.Errorf("the second tap is answered %q", m.Text)
	}
	h.wantList("#1 pending see https://example.org/?a=1&b=2 with @someone")
	h.hear("/undo", "Undone: adding #1")
	long := h.say(strings.Repeat("x", 1001))
	if m := h.tap(long, "Add as a goal"); !strings.Contains(m.Text, "this has 1001") {
		t.Errorf("a long text is answered %q", m.Text)
	}
	h.hear("", "I can't do anything with this.")
}

// A setting is no goal: in reply to a message about one, /settings shows them.
func TestSettingsInReplyToAGoal(t *testing.T) {
	h := open(t, goal("g-00000001", "one"))
	if m := h.one(h.reply("/settings", "#1")); !strings.HasPrefix(m.Text, "Settings\n") {
		t.Errorf("said %q", m.Text)
	}
}

func TestSeveralLines(t *testing.T) {
	h := open(t)
	offer := h.hear("shopping\n- [ ] milk\n2. bread\n\n• butter", "These are 4 lines. What should they become?")
	if m := h.tap(offer, "4 goals, one each"); !strings.Contains(m.Text, "Added 4 goals\n⬜ #1 shopping\n⬜ #2 milk\n⬜ #3 bread\n⬜ #4 butter") {
		t.Errorf("said %q", m.Text)
	} else if m = h.tap(m, "Undo"); !strings.Contains(m.Text, "Undone") {
		t.Errorf("said %q", m.Text)
	}
	h.wantList()

	h.tap(h.say("the report\n- three pages\nask Ben first\n\n- read by somebody"), "One goal with notes")
	g := h.truth.List().All()[0]
	if fmt.Sprintf("%s%q%q", g.Description, g.Acceptance, g.Notes) != `the report["three pages" "read by somebody"]["ask Ben first"]` {
		t.Errorf("got %+v", g)
	}
	h.tap(h.say("- the talk\n- ten minutes\n- with slides"), "One goal with criteria")
	g = h.truth.List().All()[1]
	if fmt.Sprintf("%s%q%q", g.Description, g.Acceptance, g.Notes) != `the talk["ten minutes" "with slides"][]` {
		t.Errorf("got %+v", g)
	}

	many := h.say(strings.Repeat("a line\n", 51))
	if len(many.Buttons) != 1 {
		t.Errorf("offered %+v", many.Buttons)
	}
	h.hear("/"+strings.Replace(button(t, many, "One goal").Command, "goal", "each", 1), "I take at most 50 at once")
	// The limit is said before anybody taps a button that could only refuse.
	// Leaving the lines out of the answer turns this red.
	if !strings.Contains(many.Text, "These are 51 lines. What should they become?\nI add at most 50 goals at once: for one goal each, send the lines in parts") {
		t.Errorf("said %q", many.Text)
	}
	h.hear("a goal\n"+strings.Repeat("- with too much\n", 51), "That is 51 criteria; a goal takes 50 at most.")
	h.hear(strings.Repeat("x", 1001), "A goal can have up to 1000 characters; this has 1001.")
	before := h.list()
	some := h.say("good\n" + strings.Repeat("x", 1001))
	if m := h.tap(some, "one each"); !strings.Contains(m.Text, "this has 1001") || h.list() != before {
		t.Errorf("said %q", m.Text)
	}
}

// Lists look alike whichever program they are pasted from, and what is ticked
// there is done here, on every way in. Leaving Done out of a draft, or any
// place without formats.ReadLine, turns this red.
func TestTickedLinesAreDone(t *testing.T) {
	h := open(t)
	offer := h.hear("☐ milk\n☑️ bread\n3) [x] tea\n◦ eggs\n(5) jam\na) salt", "These are 6 lines. What should they become? 2 of them are ticked and become done goals.")
	m := h.tap(offer, "6 goals, one each")
	if want := "Added 6 goals\n⬜ #1 milk\n✅ #2 bread\n✅ #3 tea\n⬜ #4 eggs\n⬜ #5 jam\n⬜ #6 salt"; m.Text != want {
		t.Errorf("said %q", m.Text)
	}
	h.hear("/addgoal - [x] buy rice", "Added: ✅ #7 buy rice")
	h.hear("/addgoal ✅ sell rice\n☐ to whom\n1. for how much", "Added: ✅ #8 sell rice")
	h.tap(h.say("- [X] cook rice"), "Add as a goal")
	h.tap(h.say("[ ] eat rice\n▪ with salt"), "One goal with criteria")
	h.hear("/addgoal 1.5 litres", "Added: ⬜ #11 1.5 litres")
	var got []string
	for _, g := range h.truth.List().All()[6:] {
		got = append(got, fmt.Sprint(g.Status, " ", g.Description, g.Acceptance))
	}
	want := "done buy rice[]|done sell rice[to whom for how much]|done cook rice[]|pending eat rice[with salt]|pending 1.5 litres[]"
	if strings.Join(got, "|") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "|"), want)
	}
}

func TestWhatIsForwardedKeepsItsSource(t *testing.T) {
	h := open(t)
	req := h.request("call mother")
	req.Source = "Somebody\nElse"
	h.tap(h.one(req), "Add as a goal")
	h.say("/note 1")
	req = h.request("on Sunday")
	req.Source = "Ben"
	h.one(req)
	if g := h.truth.List().Number(1); fmt.Sprint(g.Notes) != "[From Somebody Else on Sunday (from Ben)]" {
		t.Errorf("noted %q", g.Notes)
	}
}

func TestWordsMayBeEditedBeforeAndAfter(t *testing.T) {
	h := open(t)
	said := h.request("cal mother")
	offer := h.one(said)
	edit := func(words string) []string {
		req := h.request(words)
		req.Edited, req.Message = true, said.Message
		var texts []string
		for _, m := range h.do(req) {
			texts = append(texts, m.Text)
		}
		return texts
	}
	if said := edit("call mother"); len(said) != 0 {
		t.Errorf("said %q", said)
	}
	h.tap(offer, "Add as a goal")
	h.wantList("#1 pending call mother")
	if said := edit("call mother today"); len(said) != 1 || !strings.Contains(said[0], "Changed: ⬜ #1 call mother\nDue today.") {
		t.Errorf("said %q", said)
	}
}

func TestAnOfferIsForWhoeverSaidTheWords(t *testing.T) {
	h := people(t)
	h.say("/addgoal the report")
	req := h.at(editor, "three pages")
	req.Chat, req.Reply, req.Marked = Chat{ID: group}, true, "#1"
	offer := h.one(req)
	for who, want := range map[int64]string{second: "somebody else's", viewer: "Only editors and owners may"} {
		tap := h.at(who, "/"+button(t, offer, "Add as a note to #1").Command)
		tap.Chat, tap.Tap = Chat{ID: group}, true
		if m := h.one(tap); !strings.Contains(m.Text, want) {
			t.Errorf("said %q", m.Text)
		}
	}
	elsewhere := h.at(editor, "/"+button(t, offer, "Add as a note to #1").Command)
	if m := h.one(elsewhere); !strings.Contains(m.Text, "I no longer have that text") {
		t.Errorf("said %q", m.Text)
	}
	if m := h.one(h.at(viewer, "a thought")); !strings.Contains(m.Text, "You may look") || len(h.records(store.OfferRecord)) != 1 {
		t.Errorf("a viewer's words are answered %q", m.Text)
	}
	// A tap in private on what the group did not take is as good.
	private := elsewhere
	private.Key, private.Tap = "tapped in private", true
	if m := h.one(private); !strings.HasPrefix(m.Text, "Note added\n\n⬜ #1 the report") {
		t.Errorf("a tap in private is answered %q", m.Text)
	}
	h.do(h.at(editor, "/undo"))
	for _, odd := range []string{"/keep", "/keep goal", "/keep goal x", "/keep goal -1", "/keep eat 1", fmt.Sprintf("/keep fly %d", req.Message)} {
		h.say(odd)
	}
	if g := h.truth.List().Number(1); len(g.Notes) != 0 {
		t.Errorf("noted %q", g.Notes)
	}
}

func TestAnOfferRunsOut(t *testing.T) {
	h := open(t)
	offer := h.say("call mother")
	h.now = h.now.Add(offerLasts)
	if m := h.tap(offer, "Add as a goal"); !strings.Contains(m.Text, "no longer") {
		t.Errorf("said %q", m.Text)
	}
	h.say("another thought")
	if n := len(h.records(store.OfferRecord)); n != 1 {
		t.Errorf("%d offers are kept", n)
	}
}

// reply answers a message that shows these pieces in bold.
func (h *house) reply(words string, marked ...string) Request {
	req := h.request(words)
	req.Reply, req.Marked = true, strings.Join(marked, "\n")
	return req
}

func TestARepliedMessageNamesAGoal(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/addgoal call father")
	m := h.one(h.reply("on Sunday", "Done", "#2", "call father"))
	if !strings.Contains(m.Text, "What should I do with this?\n\n⬜ #2 call father") {
		t.Fatalf("said %q", m.Text)
	}
	if m = h.tap(m, "Add as a note to #2"); !strings.Contains(m.Text, "Note added\n\n") || !strings.Contains(m.Text, "on Sunday") {
		t.Errorf("said %q", m.Text)
	}
	h.tap(h.one(h.reply("call dad", "#2")), "Rename #2 to this")
	h.wantList("#1 pending call mother", "#2 pending call dad")
	for name, marked := range map[string][]string{"a list": {"#1", "#2"}, "no goal": {"#77"}, "words": {"call #1", "#", "# 1", "#1x"}} {
		if m := h.one(h.reply("a thought", marked...)); !strings.Contains(m.Text, "Add this as a goal?") {
			t.Errorf("a reply to %s is answered %q", name, m.Text)
		}
	}
	// A question that is open waits for its own answer.
	h.say("/addgoal")
	h.one(h.reply("about father", "#2"))
	h.hear("call aunt", "Added: ⬜ #3 call aunt")
	h.say("/note 1")
	if m := h.one(h.reply("about mother", "#1")); !strings.Contains(m.Text, "Note added to: ⬜ #1") {
		t.Errorf("the answer to the question is answered %q", m.Text)
	}
	in := h.reply("a thought", "#1")
	in.Chat = Chat{ID: group, Thread: 4}
	if m := h.one(in); m.Thread != 4 || !strings.Contains(m.Text, "#1 call mother") {
		t.Errorf("said %+v", m)
	}
}

func TestACommandInReply(t *testing.T) {
	for _, tt := range []struct{ words, want string }{
		{"/done", "Done: ✅ #2 call father"},
		{"/done 1", "Done: ✅ #1 call mother"},
		{"/done mother", "Done: ✅ #1 call mother"},
		{"/goal", "⬜ #2 call father"},
		{"/note 1 more thing", "Note added to: ⬜ #2 call father"},
		{"/note #1 more", "Note added to: ⬜ #1 call mother"},
		{"/rename call dad", "Renamed: ⬜ #2 call dad"},
		{"/block no phone", "Blocked: 🚧 #2 call father"},
		{"/note", "What's the note for #2 “call father”?"},
		{"/goals", "Open goals · 2"},
	} {
		t.Run(tt.words, func(t *testing.T) {
			h := open(t)
			h.say("/addgoal call mother")
			h.say("/addgoal call father")
			if m := h.one(h.reply(tt.words, "#2")); !strings.Contains(m.Text, tt.want) {
				t.Errorf("said %q", m.Text)
			}
		})
	}
}

// Whoever marks a part of a list to answer it means the row that it lies in.
func TestAQuoteNamesTheGoalOfItsRow(t *testing.T) {
	for name, tt := range map[string]struct {
		words string
		quote Quote
		want  string
	}{
		"a row":                  {"/done", Quote{Text: "call father", On: "#2", Above: "#1\nOpen goals"}, "Done: ✅ #2 call father"},
		"words for it":           {"on Sunday", Quote{Text: "father", On: "#2", Above: "#1\nOpen goals"}, "What should I do with this?\n\n⬜ #2 call father"},
		"what is below a row":    {"/done", Quote{Text: "she is away", Above: "#2\n#1\nOpen goals"}, "Done: ✅ #2 call father"},
		"a row that is gone":     {"/done", Quote{Text: "⬜ #2 call father"}, "Done: ✅ #2 call father"},
		"two rows":               {"/done", Quote{Text: "mother\n⬜ #2 call", On: "#1\n#2"}, "Done: ✅ #1 call mother\nDone: ✅ #2 call father"},
		"two rows, one too many": {"/rename call all", Quote{Text: "mother\n⬜ #2 call", On: "#1\n#2"}, "2 goals match “call”."},
		"the head of the list":   {"/done", Quote{Text: "Open goals", On: "Open goals"}, "Which goal do you want to finish?"},
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "call father"), goal("g-00000003", "buy milk"))
			req := h.reply(tt.words, "Open goals", "#1", "#2", "#3")
			req.Quote = tt.quote
			if m := h.one(req); !strings.Contains(m.Text, tt.want) {
				t.Errorf("answered %q", m.Text)
			}
		})
	}
}

func TestGoalsOfOneMessageAreTakenBackTogether(t *testing.T) {
	h := open(t)
	h.tap(h.say("milk\nbread\nbutter"), "3 goals")
	h.hear("/undo", "↩️ Undone: adding 3 goals\n")
	h.tap(h.say("cheese"), "Add as a goal")
	h.hear("/undo", "↩️ Undone: adding #")
	h.say("/addgoal call mother")
	h.hear("/undo", "↩️ Undone: adding #")
}

func TestASlipIsUnderstood(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	for typed, want := range map[string]string{"/dnoe 1": "/done", "/godls": "/goals", "/ad x": "/addgoal", "/add x": "/addgoal", "/renam": "/rename", "/notes": "/note", "/HLEP": "/help", "/saerhc x": "/search", "/setings": "/settings", "/criterom 1 x": "/criterion"} {
		if m := h.say(typed); !strings.Contains(m.Text, "Did you mean "+want+"?") {
			t.Errorf("%s: said %q", typed, m.Text)
		}
	}
	for _, typed := range []string{"/weather", "/x", "/vanishd", "/kep", "/doo", "/blak 1", "/udno", "/und", "/undoo", "/delet 1", "/deleted", "/" + strings.Repeat("x", 60)} {
		if m := h.say(typed); strings.Contains(m.Text, "Did you mean") {
			t.Errorf("%s: said %q", typed, m.Text)
		}
	}
	h.hear("/todo", "Did you mean /goals?") // it was /undo once, and a tap took the last goal away
	other := h.request("/dnoe 1")
	other.Chat = Chat{ID: group}
	if all := h.do(other); len(all) != 0 {
		t.Errorf("another bot may be meant, and this one says %+v", all)
	}
	named := h.request("/dnoe 1")
	named.Chat, named.Named = other.Chat, true
	if m := h.one(named); !strings.Contains(m.Text, "Did you mean /done?") {
		t.Errorf("named in a group it says %q", m.Text)
	}
	h.tap(h.say("/dnoe 1"), "/done 1")
	h.wantList("#1 done call mother")
	for typed, want := range map[string]string{
		"/list": "goals", "/LS": "goals", "/todo buy milk": "addgoal buy milk", "/tasks": "goals", "/new buy milk": "addgoal buy milk", "/finish 1": "done 1",
		"/remove 1": "delete 1", "/show": "goals", "/show 1": "goal 1", "/timezone Tokyo": "settings timezone Tokyo",
	} {
		if m := h.say(typed); button(t, m, "/").Command != want {
			t.Errorf("%s: %q %v", typed, m.Text, m.Buttons)
		}
	}
	for word, want := range synonyms {
		name, _, _ := strings.Cut(want, " ")
		if _, known := h.h.find(name); !known {
			t.Errorf("%s means /%s, which there is not", word, want)
		}
		if _, known := h.h.find(word); known {
			t.Errorf("/%s is a command", word)
		}
	}
	h = people(t)
	if m := h.one(h.at(viewer, "/dnoe 1")); strings.Contains(m.Text, "Did you mean") {
		t.Errorf("a viewer is offered %q", m.Text)
	}
}
