package handlers

import (
	"strings"
	"testing"
	"time"

	"goalbot/message"
	"goalbot/store"
)

// What people say to a bot they have just met was offered as a goal, whatever it
// was. Leaving any of guess's readers out turns a row of this red.
func TestWordsWithoutASlashAreUnderstood(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "buy milk"), goal("g-00000003", "call the plumber"), goal("g-00000004", "tax"))
	h.say("/done 4")
	err := h.truth.View(t.Context(), func(tx store.Tx) error {
		c, err := h.h.call(tx, h.request(""))
		for words, want := range map[string]string{
			"done milk":                "! done milk",
			"Done: the milk!":          "! done milk",
			"done 2":                   "! done 2",
			"done #1 and 2":            "! done #1 and 2",
			"done 9":                   "! done 9",
			"finished the milk":        "! done milk",
			"I finished milk":          "! done milk",
			"milk is done":             "! done milk",
			"Milk done.":               "! done Milk",
			"#2 is done":               "! done #2",
			"mark milk as done":        "! done milk",
			"done call":                "! done call",
			"done":                     "! done",
			"it's done":                "! done",
			"all done":                 "! done all",
			"#2":                       "! goal #2",
			"2":                        "! goal 2",
			"#9":                       "! goal #9",
			"⬜ #2 buy milk":            "! goal ⬜ #2 buy milk",
			"⬜ #1 call mother\n⬜ #2":   "! goal ⬜ #1 call mother\n⬜ #2",
			"g-00000002":               "! goal g-00000002",
			"begin 2":                  "! begin 2",
			"Start 2":                  "! begin 2",
			"delete 2":                 "! delete 2",
			"show 2":                   "! goal 2",
			"history 2":                "! history 2",
			"undo":                     "! undo",
			"undo that":                "! undo",
			"what are my goals?":       "! goals",
			"What are my goals":        "! goals",
			"my goals":                 "! goals",
			"show me the list":         "! goals",
			"list":                     "! goals",
			"goals please":             "! goals",
			"what’s on my list?":       "! goals",
			"What do I have to do":     "! goals",
			"how many goals are left?": "! goals open",
			"what's next?":             "! next",
			"what's due?":              "! goals due",
			"what's due today?":        "! today",
			"today":                    "! today",
			"next":                     "! next",
			"what is blocked?":         "! goals blocked",
			"done goals":               "! goals done",
			"what's in progress?":      "! goals progress",
			"list my open goals":       "! goals open",
			"what did I do today?":     "! history",
			"hello":                    "! start",
			"Who are you?":             "! start",
			"help":                     "! help",
			"help me!":                 "! help",
			"?":                        "! help",
			"help done":                "! help done",
			"thanks":                   "👍",
			"yes":                      "I can't tell what you mean by that. If a message of mine asks something, tap a button on it.",
			"new goal: call aunt":      "! addgoal call aunt",
			"todo: call aunt":          "! addgoal call aunt",
			"addgoal call aunt":        "! addgoal call aunt",
			"addgoal":                  "! addgoal",
			"redo":                     "! redo",
			"#1 is blocked":            "! block #1",
			"tell me about #2":         "! goal #2",
			"I'm done with the milk":   "! done milk",
			"done the tax":             "! done tax",
			"good night":               "👋",
			"add a goal":               "! addgoal",
			"add":                      "! addgoal",
			"add: call aunt":           "! addgoal call aunt",
			"please show my goals":     "! goals",
			"is the tax done?":         "! goal tax",
			"is milk blocked?":         "! goal milk",
			"What should I do today?":  "! today",

			// What may as well be a goal is asked about.
			"finish milk":         "done milk",
			"note 2 call back":    "note 2 call back",
			"search milk":         "search milk",
			"finish 9":            "done 9",
			"export":              "export",
			"health":              "health",
			"share":               "invite",
			"add insulation":      "addgoal insulation",
			"please add a rug":    "addgoal a rug",
			"block milk":          "block #2",
			"history milk":        "history #2",
			"abandon the plumber": "abandon #3",

			// And what is likely to be a goal is one.
			"done with it by Sunday":                 "",
			"1984":                                   "",
			"9/10":                                   "",
			"get things done":                        "",
			"make a list of guests":                  "",
			"finish the thesis":                      "",
			"note the number":                        "",
			"is it raining?":                         "",
			"block the draught":                      "",
			"abandon call":                           "", // which of two?
			"start running":                          "",
			"keep 1":                                 "",
			"learn what love is":                     "",
			"list all guests":                        "",
			"say hello to Tom":                       "",
			"run 3 miles":                            "",
			"settings 1":                             "",
			"get the homework done":                  "",
			"complete the form to move":              "",
			"search milk" + strings.Repeat(" x", 30): "",
		} {
			g := c.guess(words, nil)
			got := g.says + g.command()
			if g.sure {
				got = "! " + got
			}
			if got != want {
				t.Errorf("%q means %q, want %q", words, got, want)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A guess does what the command would, and no more: it is taken back as that,
// asks for the right to it, and gives way to an answer.
func TestAGuessIsACommand(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "buy milk"))
	m := h.hear("finish milk", "Did you mean /done milk?")
	h.tap(m, "/done milk")
	h.wantList("#1 pending call mother", "#2 done buy milk")
	h.say("done mother")
	h.hear("/undo", "Undone: finishing #1\n⬜ #1 call mother")
	h.tap(h.say("finish mother"), "Add as a goal")
	h.wantList("#1 pending call mother", "#2 done buy milk", "#3 pending finish mother")

	h.hear("done 9", "There is no goal #9")
	h.hear("yes", "I can't tell what you mean by that.")
	h.hear("Why is the sky blue?", "I can't answer that. /goals shows your goals")
	h.tap(h.hear("How do I undo?", "/help undo says how. Or add this as a goal?"), "/help undo")
	h.hear("done bread", "No goal matches “bread”. Add this as a goal?")
	h.hear("the bread is done", "No goal matches “the bread”. Add this as a goal?")
	if m := h.hear("get bread done", "Add this as a goal?"); strings.Contains(m.Text, "matches") {
		t.Errorf("of a wish it says %q", m.Text)
	}
	h.tap(h.hear("health", "Did you mean /health? Or add this as a goal?"), "/health")

	h.say("/note 2")
	h.hear("done mother", "Note added to: ✅ #2") // right behind a question it is the answer
	h.say("/note 1")
	h.hear("what are my goals?", "Open goals") // but for a question
	h.hear("goal 2", "#2 buy milk")
	h.hear("she is away", "Note added to: ⬜ #1 call mother\nI took that as the answer to: What's the note for #1")

	// In reply to a goal only a command alone is none of the words about it.
	if m := h.one(h.reply("done", "#1")); !strings.Contains(m.Text, "Done: ✅ #1 call mother") {
		t.Errorf("said %q", m.Text)
	}
	if m := h.one(h.reply("milk is done", "#1")); !strings.HasPrefix(m.Text, "What should I do with this?") {
		t.Errorf("said %q", m.Text)
	}
	h.now = h.now.Add(time.Minute) // else it goes with what was said before it
	forwarded := h.request("done milk")
	forwarded.Source = "Ben"
	if m := h.one(forwarded); !strings.HasPrefix(m.Text, "Add this as a goal?") {
		t.Errorf("of somebody else's words it says %q", m.Text)
	}

	p := people(t)
	p.one(p.at(editor, "/addgoal one"))
	for words, want := range map[string]string{"settings": "Add this", "members": "Add this", "done one": "Done: ✅ #1"} {
		if m := p.one(p.at(editor, words)); !strings.HasPrefix(m.Text, want) {
			t.Errorf("%s: said %q", words, m.Text)
		}
	}
	for words, want := range map[string]string{"what are all the goals?": "All goals · 1", "delete 1": "You may look", "undo": "You may look"} {
		if m := p.one(p.at(viewer, words)); !strings.HasPrefix(m.Text, want) {
			t.Errorf("a viewer's %s: said %q", words, m.Text)
		}
	}
	for _, words := range []string{"hello", "what are my goals?", "done one"} {
		req := p.at(editor, words)
		req.Chat = Chat{ID: group}
		if all := p.do(req); len(all) != 0 {
			t.Errorf("in a group %q is answered %q", words, all[0].Text)
		}
	}
}

// A change that plain words made once went by the name "text": "undo" undid the
// undo before it, "redo" found nothing, and what was finished so was missing from
// the digest. Without the name in act this is red.
func TestPlainWordsAreNamedAsTheirCommand(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "buy milk"))
	h.hear("done mother", "Done: ✅ #1")
	h.say("/done")
	h.hear("2", "Done: ✅ #2") // an answer
	h.hear("undo", "Undone: finishing #2")
	h.hear("undo that", "Undone: finishing #1")
	h.hear("undo", "You have nothing to undo.")
	h.hear("redo", "Redone: finishing #1")
	h.hear("redo", "Redone: finishing #2")
	h.hear("/history 2", "you: redo, to do → ✅ done")
	h.hear("/undo", "Undone: finishing #2")
	h.hear("redo", "Redone: finishing #2")
	h.say("delete 2")
	h.hear("yes", "Deleted: ✅ #2")

	h = open(t, goal("g-00000001", "call mother"))
	h.say("done mother")
	var finished map[int64]time.Time
	if err := h.truth.View(t.Context(), func(tx store.Tx) (err error) { finished, err = tx.Last("done"); return err }); err != nil || len(finished) != 1 {
		t.Errorf("finished are %v, %v", finished, err)
	}
}

// An edit changes what the words were taken for.
func TestAnEditOfAGuess(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "buy milk"))
	said := h.request("done milk")
	h.one(said)
	edit := func(words string) message.Message {
		req := h.request(words)
		req.Message, req.Edited = said.Message, true
		return h.one(req)
	}
	if m := edit("done mother"); !strings.HasPrefix(m.Text, "✏️ Edited. Undone: #2 to do → ✅ done\nDone: ✅ #1 call mother") {
		t.Errorf("said %q", m.Text)
	}
	h.wantList("#1 done call mother", "#2 pending buy milk")
	said = h.request("new goal: call aunt")
	h.one(said)
	if m := edit("new goal: call uncle"); !strings.HasPrefix(m.Text, "Changed: ⬜ #3 call uncle") {
		t.Errorf("said %q", m.Text)
	}
}
