package handlers

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/store"
)

// Every guard was broken once on purpose, and this is what went red:
//
//	comparing with what is shown        TestABoardIsNotEditedWithoutNeed
//	keeping what an edit has shown      TestABoardKeepsItselfCurrent
//	leaving a covered board             TestACardOnTheBoardIsLeftAlone
//	keeping the cover of a refusal      TestACardOnTheBoardIsLeftAlone
//	leaving a retired board             TestOnlyTheNewestBoardIsEdited
//	the role of whoever asked           TestABoardIsForItsReader
//	what Telegram did not take          TestABoardThatIsGoneStaysGone

// stale are the edits that are due.
func (h *house) stale() []BoardEdit {
	h.t.Helper()
	stale, err := h.h.StaleBoards(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, e := range stale {
		fits(h.t, e.Message)
	}
	return stale
}

// refresh edits what is stale, and returns the texts.
func (h *house) refresh() (texts []string) {
	h.t.Helper()
	for _, e := range h.stale() {
		texts = append(texts, e.Message.Text)
		h.h.BoardShown(e, true)
	}
	return texts
}

func (h *house) wantBoards(want ...string) {
	h.t.Helper()
	if got := h.refresh(); !slices.Equal(got, want) {
		h.t.Errorf("the boards are edited to\n%q, want\n%q", got, want)
	}
}

// plain are goals of one line each.
func plain(n int) (all []*goals.Goal) {
	for i := range n {
		all = append(all, goal(fmt.Sprintf("g-%08x", i+1), fmt.Sprint("goal ", i+1)))
	}
	return all
}

func TestABoardKeepsItselfCurrent(t *testing.T) {
	h := open(t)
	h.say("/addgoal one")
	board := h.shown[look(h.say("/goals"))]
	h.wantBoards()

	h.say("/addgoal two")
	h.say("/begin 2")
	stale := h.stale()
	if len(stale) != 1 || stale[0].Chat != ann || stale[0].Message.Edit != board || len(stale[0].Message.Buttons) == 0 {
		t.Fatalf("the edits are %+v", stale)
	}
	h.wantBoards("Open goals · 2\n\n▶️ #2 two\n⬜ #1 one") // two changes, one edit
	h.wantBoards()
	card := h.say("/goal 1")
	h.tap(card, "Done")
	h.wantBoards("Open goals · 1\n\n▶️ #2 two")
	h.say("/undo")
	h.wantBoards("Open goals · 2\n\n▶️ #2 two\n⬜ #1 one")
	h.one(h.at(ben, "/rename 2 zwei"))
	h.wantBoards("Open goals · 2\n\n▶️ #2 zwei\n⬜ #1 one")

	theirs := *h.truth.List().Number(1)
	theirs.Description, theirs.Updated = "uno", h.now.Add(time.Minute)
	path := cache.New(h.dir).Path()
	if err := os.WriteFile(path, goaljson.Append(nil, []*goals.Goal{&theirs, h.truth.List().Number(2)}), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.mirror.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.spoken()
	h.wantBoards("Open goals · 2\n\n▶️ #2 zwei\n⬜ #1 uno")

	// The answer is the board itself; then the same place is kept current.
	all := h.tap(h.say("/goals"), "All")
	h.wantBoards()
	h.say("/delete 1 yes")
	if got := h.stale()[0].Message.Edit; got != h.shown[look(all)] {
		t.Errorf("message %d is edited", got)
	}
	h.wantBoards("All goals · 1\n\n▶️ #2 zwei")
	h.say("/delete 2 yes")
	h.wantBoards(noGoals)
}

func TestABoardIsNotEditedWithoutNeed(t *testing.T) {
	h := open(t, plain(30)...)
	h.say("/goals blocked")
	h.say("/addgoal x")
	h.say("/note 1 nothing that a list shows")
	h.wantBoards()
	h.tap(h.say("/goals all"), "Page 2")
	h.say("/begin 25") // on another page
	h.wantBoards()
	h.say("/done 12")
	if got := h.refresh(); len(got) != 1 || !strings.Contains(got[0], "page 2 of ") {
		t.Errorf("edited to %q", got)
	}
	h.say("/undo") // as it was when it was asked for
	if got := h.refresh(); len(got) != 1 {
		t.Errorf("edited to %q", got)
	}

	// After a new start it is known what an answer showed. What an edit showed is
	// not, and one that changes nothing does no harm.
	h.start(nil, ann, ben)
	h.wantBoards()
	h.say("/begin 12")
	h.refresh()
	h.start(nil, ann, ben)
	if got := h.refresh(); len(got) != 1 {
		t.Errorf("edited to %q", got)
	}
}

func TestABoardOfASearchKeepsItsWords(t *testing.T) {
	h := open(t, goal("g-00000001", "buy milk"), goal("g-00000002", "milk the cow"))
	h.say("/search milk")
	h.say("/rename 1 buy oats")
	h.wantBoards("Found · 1 · “milk”\n\n⬜ #2 milk the cow")
	h.say("/rename 2 feed the cow")
	h.wantBoards("Found: no goals found for “milk” any more.")
}

// Something else may stand where the board stood, and somebody reads it.
func TestACardOnTheBoardIsLeftAlone(t *testing.T) {
	h := open(t, goal("g-00000001", "one"), goal("g-00000002", "two"))
	board := h.say("/goals")
	card := h.tap(board, "#1")
	h.say("/done 2")
	h.wantBoards()
	h.tap(card, "List")
	h.wantBoards()
	h.say("/undo")
	h.wantBoards("Open goals · 2\n\n⬜ #1 one\n⬜ #2 two")

	h.say("/delete 2 yes")
	m := h.tap(board, "#2") // which Ann saw just before
	if !strings.HasPrefix(m.Text, "There is no goal #2") || m.Edit != h.shown[look(board)] {
		t.Fatalf("answered %q in the place of %d", m.Text, m.Edit)
	}
	h.say("/done 1")
	h.wantBoards()

	// A question leaves the board where it is.
	h.tap(h.say("/goals"), "Add")
	h.say("three")
	h.wantBoards("Open goals · 1\n\n⬜ #3 three")
}

func TestOnlyTheNewestBoardIsEdited(t *testing.T) {
	h := open(t, goal("g-00000001", "one"))
	old := h.say("/goals")
	req := h.request("/goals all")
	if err := h.h.Handle(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if err := h.h.Handle(t.Context(), h.request("/addgoal two")); err != nil {
		t.Fatal(err)
	}
	if stale := h.stale(); len(stale) > 0 { // the new one is not there yet
		t.Errorf("edited: %+v", stale)
	}
	h.spoken()
	h.wantBoards("All goals · 2\n\n⬜ #1 one\n⬜ #2 two")

	// One that was taken up again late says so until something changes.
	if m := h.tap(old, "Blocked"); !strings.HasPrefix(m.Text, "A newer list") {
		t.Fatalf("got %q", m.Text)
	}
	h.wantBoards()
	h.say("/block 1")
	if stale := h.stale(); len(stale) != 1 || stale[0].Message.Edit != h.shown[look(old)] {
		t.Errorf("edited: %+v", stale)
	}
	h.wantBoards("Blocked goals · 1\n\n🚧 #1 one")
}

func TestABoardIsForItsReader(t *testing.T) {
	h := people(t)
	h.say("/addgoal one")
	h.one(h.at(viewer, "/goals"))
	req := h.at(editor, "/goals")
	req.Chat = Chat{ID: group}
	h.one(req)
	h.say("/addgoal two")
	stale := h.stale()
	if len(stale) != 2 {
		t.Fatalf("edited: %+v", stale)
	}
	for _, e := range stale {
		if add := strings.Contains(fmt.Sprint(e.Message.Buttons), "Add"); add != (e.Chat == group) {
			t.Errorf("in %d the buttons are %v", e.Chat, e.Message.Buttons)
		}
		h.h.BoardShown(e, true)
	}
	for _, who := range []string{"Vera", "Edith"} {
		h.tap(h.say("/revoke "+who), "Revoke")
	}
	h.say("/addgoal three")
	h.wantBoards()
}

func TestABoardThatIsGoneStaysGone(t *testing.T) {
	h := open(t)
	h.say("/goals")
	h.say("/addgoal one")
	h.h.BoardShown(h.stale()[0], false)
	h.wantBoards()
	h.say("/addgoal two")
	h.wantBoards()
	h.say("/goals")
	h.say("/addgoal three")
	h.wantBoards("Open goals · 3\n\n⬜ #1 one\n⬜ #2 two\n⬜ #3 three")
}

// A board of an older version says neither who asked for it nor what it shows.
func TestABoardOfAnOlderVersion(t *testing.T) {
	h := open(t, goal("g-00000001", "one"))
	m := h.say("/goals")
	err := h.truth.Update(t.Context(), store.Origin{Key: "old", At: h.now}, func(tx store.Tx) error {
		return tx.SetRecord(store.BoardRecord, fmt.Sprint(ann), `{"filter":"all"}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.say("/addgoal two")
	h.wantBoards()
	if m := h.tap(m, "Blocked"); m.Text != "Blocked goals: none." {
		t.Errorf("got %q", m.Text)
	}
}

func BenchmarkStaleBoards(b *testing.B) {
	h := open(b, plain(10_000)...)
	h.say("/goals all page 500")
	h.say("/done 4995")
	for b.Loop() {
		if stale, err := h.h.StaleBoards(b.Context()); err != nil || len(stale) != 1 {
			b.Fatal(stale, err)
		}
	}
}
