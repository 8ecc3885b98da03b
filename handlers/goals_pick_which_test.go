package handlers

import (
	"strings"
	"testing"
)

// "/done 1-3" once finished the goal "read chapters 1-3". Whatever is written
// with digits and marks names goals by their numbers or is refused with what
// to write instead. Looking for words where goals.List.Named returns an error
// turns this red.
func TestNumbersAreNeverTakenForWords(t *testing.T) {
	h := open(t)
	for _, text := range []string{"call mother", "read chapters 1-3", "solve 9/10 puzzles", "run 3.5 km", "buy 12 eggs"} {
		h.say("/addgoal " + text)
	}
	before := h.list()
	for words, want := range map[string]string{
		"/done 9/10":     "“9/10” is not the number of a goal, so nothing was changed. Goal numbers are whole numbers, as in /done 3; for several, /done 1-3 or /done 1, 2, 5.",
		"/begin 3.5":     "“3.5” is not the number of a goal, so nothing was changed. Goal numbers are whole numbers, as in /begin 3.",
		"/goal ٣٫٥":      "“\u2068٣٫٥\u2069” is not the number of a goal. Goal numbers are whole numbers, as in /goal 3.",
		"/done 12":       "There is no goal #12, so nothing was changed. /goals shows the list.",
		"/done 1\u200B2": "There is no goal #12, so",
		"/done 1 12":     "There is no goal #12, so",
		"/done 20-30":    "There is no goal from #20 to #30, so nothing was changed.",
		"/done 3-1":      "“3-1” runs backwards, so nothing was changed. The smaller number goes first.",
		"/done 1-99999":  "“1-99999” is more than 1000 numbers, so nothing was changed. Name fewer at once.",
		"/block 9/10 x":  "“9/10” is not the number of a goal",
		"/note 3.5 x":    "“3.5” is not the number of a goal",
		"/delete -1":     "“-1” is not the number of a goal",
		"/rename 0 x":    "“0” is not the number of a goal",
		"/history 9/10":  "“9/10” is not the number of a goal.",
	} {
		h.hear(words, want)
	}
	if h.list() != before {
		t.Errorf("the goals are\n%s", h.list())
	}
	h.hear("/goals #2", "#2 read chapters 1-3\nto do")
	h.hear("/goals ＃９９", "There is no goal #99")
	h.hear("/goals 3", "#3 solve 9/10 puzzles\nto do")
	h.tap(h.hear("/goals 1-3", "/goals takes one goal at a time. Which one do you want to see?"), "#3")
	h.hear("/search 1-3", "Found · 1") // which looks for words
	m := h.hear("/begin 1-3", "/begin takes one goal at a time, so nothing was changed. Which one do you want to start?")
	h.tap(m, "#2")
	h.hear("/done 1-3", "Done: ✅ #1 call mother\nDone: ✅ #2 read chapters 1-3\nDone: ✅ #3 solve 9/10 puzzles")
	h.hear("/reopen ٣", "Reopened: ⬜ #3")
	h.hear("/done #3#4", "Done: ✅ #3 solve 9/10 puzzles\nDone: ✅ #4 run 3.5 km")
	h.hear("/reopen chapters 1-3", "Reopened: ⬜ #2")
	h.hear("/delete 4 yes", "Deleted")
	h.hear("/done 2-5", "Done: ✅ #2 read chapters 1-3\n✅ #3 is already done.\nDone: ✅ #5") // what is left of a span
}

// A row that is copied from a list and sent back is the goal that it shows.
func TestAPastedRowIsItsGoal(t *testing.T) {
	h := open(t)
	for _, text := range []string{"call mother", "שלום, call עולם", "write the report"} {
		h.say("/addgoal " + text)
	}
	board := h.say("/goals").Text
	rows := strings.Split(board, "\n")
	h.hear("/begin "+rows[2], "In progress: ▶️ #1 call mother")
	h.hear("/note "+rows[3]+"\nask Ann", "Note added to: ⬜ #2")
	h.hear("/block ⬜ #3 write the report\nno figures yet", "Blocked: 🚧 #3 write the report")
	h.hear("/block ⬜ #1 write the report", "#1 is “call mother”, not “write the report”, so nothing was changed. Send only the number, as in /block 1, or words from the goal.")
	h.hear("/goal "+rows[3], "ask Ann")
	if g := h.truth.List().Number(3); len(g.Notes) != 1 || g.Notes[0] != "Blocked: no figures yet" {
		t.Errorf("the notes are %q", g.Notes)
	}
	h.hear("/done "+board, "Done: ✅ #1 call mother\nDone: ✅ #2 \u2068שלום, call עולם\u2069\nDone: ✅ #3 write the report")
}

// Words that answer which goal is meant and fit several are asked about, and never taken
// for something new.
func TestAnAnswerThatFitsSeveralGoalsAsksAgain(t *testing.T) {
	h := open(t, goal("g-00000001", "call mother"), goal("g-00000002", "call father"), goal("g-00000003", "buy milk"))
	h.hear("/rename", "Which goal")
	m := h.hear("call", "2 goals match “call”. Which one do you want to rename?")
	h.tap(m, "#2")
	h.say("call Zoë")
	h.wantList("#1 pending call mother", "#2 pending call Zoë", "#3 pending buy milk")
}
