package handlers

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
	"goalbot/store"
)

// These tests hold every screen to what Telegram takes, whatever the goals are
// like. What is beyond that is left out where the screen is made; the cut that
// no message escapes is for what nobody has thought of, and is in the log.

func (h *house) wantNothingCut() {
	h.t.Helper()
	if log := h.log.String(); strings.Contains(log, "too long") {
		h.t.Errorf("an answer did not fit:\n%s", log)
	}
}

// rewrite changes goals as another program does that writes the file.
func (h *house) rewrite(alter func(*goals.Goal)) {
	h.t.Helper()
	var all []*goals.Goal
	for _, g := range h.truth.List().All() {
		now := *g
		now.Notes, now.Acceptance, now.Sessions = slices.Clone(g.Notes), slices.Clone(g.Acceptance), slices.Clone(g.Sessions)
		alter(&now)
		now.Updated = now.Updated.Add(time.Hour)
		all = append(all, &now)
	}
	if err := os.WriteFile(h.mirror.Path(), goaljson.Append(nil, all), 0o600); err != nil {
		h.t.Fatal(err)
	}
	if err := h.mirror.Check(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.spoken()
}

// A card that nearly fills a message, changed three times by another program,
// and then a tap on the old card: what has changed stands above the card and
// takes of its room. Giving the card a fixed room turns this red.
func TestATapOnAnOutdatedCardOfALongGoal(t *testing.T) {
	words := func(n int) string { return strings.TrimSpace(strings.Repeat("word ", n/5)) }
	for extra := 0; extra < 400; extra += 50 {
		g := goal("g-00000001", words(900))
		for i := range 5 {
			g.Notes = append(g.Notes, fmt.Sprint(i, " ", words(270)))
		}
		g.Notes = append(g.Notes, "x "+words(extra))
		h := open(t, g)
		old := h.say("/goal 1")
		status := []goals.Status{goals.InProgress, goals.Blocked, goals.InProgress}
		for i := range 3 {
			h.rewrite(func(g *goals.Goal) {
				g.Description, g.Status = fmt.Sprint(i, " ", words(900)), status[i]
				g.Notes = append(g.Notes, fmt.Sprint("new ", i, " ", words(70)))
				g.Acceptance = append(g.Acceptance, fmt.Sprint("criterion ", i, " ", words(70)))
				g.Sessions = append(g.Sessions, goals.Session{ID: "s", Task: "t", State: goals.Verified})
			})
		}
		m := h.tap(old, "Abandon")
		for _, want := range []string{"#1 has changed since this was shown", "Success criteria", "Tasks", "Notes", "added 1 Feb"} {
			if !strings.Contains(m.Text, want) {
				t.Errorf("%d more: no %q in %q", extra, want, m.Text)
			}
		}
		h.wantNothingCut()
	}
}

// A card shows the lines of a text as they are. One of more lines than a person types,
// or that is too long with what isolates each line, is one line.
func TestACardHasTheLinesOfItsText(t *testing.T) {
	lines := func(n int) string { return strings.TrimSpace(strings.Repeat("line\n", n)) }
	long := "line\n" + strings.Repeat("x", maxInList-len("line\n")-2*2)
	h := open(t, goal("g-1", lines(20)), goal("g-2", lines(21)), goal("g-3", long), goal("g-4", long+"x"))
	h.hear("/goal 1", "#1 "+lines(20)+"\nto do")
	h.hear("/goal 2", "#2 "+strings.ReplaceAll(lines(21), "\n", " ")+"\nto do")
	h.hear("/goal 3", "#3 "+long+"\nto do")
	h.hear("/goal 4", "#4 "+strings.ReplaceAll(long, "\n", " ")+"x\nto do")
}

// Formatting of which Telegram keeps a hundred pieces is not lost at the end of
// a long answer.
func TestManyLinesKeepTheirFormatting(t *testing.T) {
	var all []*goals.Goal
	var numbers []string
	for i := range 120 {
		all = append(all, goal(fmt.Sprintf("g-%08x", i+1), "x"))
		numbers = append(numbers, fmt.Sprint(i+1))
	}
	h := open(t, all...)
	for _, n := range []int{34, 86} {
		m := h.say("/done " + strings.Join(numbers[:n], " "))
		numbers = numbers[n:]
		if len(m.Entities) > message.MaxEntities {
			t.Errorf("%d entities", len(m.Entities))
		}
		for i, line := range strings.Split(m.Text, "\n") {
			if strings.Contains(line, "#") && !slices.ContainsFunc(m.Entities, func(e message.Entity) bool {
				return e.Type == message.Bold && e.Offset == message.UTF16Len(m.Text[:strings.Index(m.Text, line)])+message.UTF16Len(line[:strings.Index(line, "#")])
			}) {
				t.Errorf("line %d of %d has lost its formatting: %q", i, n, line)
			}
		}
	}
	h.wantNothingCut()
}

// A digest of goals with tasks, whose lines are longer, goes out too.
func TestADigestOfLongGoalsFits(t *testing.T) {
	var all []*goals.Goal
	for i := range 40 {
		g := goal(fmt.Sprintf("g-%08x", i+1), strings.Repeat("long ", 200))
		g.Status, g.Updated = []goals.Status{goals.InProgress, goals.Blocked, goals.Pending, goals.Done}[i%4], time.Now()
		g.Sessions = slices.Repeat([]goals.Session{{ID: "s", Task: "t", State: goals.Verified}}, 1000)
		all = append(all, g)
	}
	h := open(t, all...)
	err := h.truth.Update(t.Context(), store.Origin{Key: "digest", At: h.now}, func(tx store.Tx) error {
		return h.h.SendDigest(tx, time.Now(), func(time.Time) time.Time { return time.Now() })
	})
	if err != nil {
		t.Fatal(err)
	}
	if said := h.spoken(); len(said) != 2 || !strings.Contains(said[0].Text, "Done in the last week") || strings.HasSuffix(said[0].Text, "\n…") {
		t.Errorf("said %+v", said)
	}
}

// hostile makes a few goals of the longest texts that a person can type, or
// longer ones, in scripts that are measured in different ways.
func hostile(random *rand.Rand) (all []*goals.Goal) {
	scripts := []string{"w", "word ", "שלום ", "😀", "👩‍👩‍👧‍👦", "e\u0301\u0302", "𝕏", "line\n", "https://example.org/a?b=c#d ", "#tag @name /done ", `<b>&"`, "\u2068", "\u200f", "🇩🇪"}
	text := func(most int) string {
		s := scripts[random.IntN(len(scripts))]
		n := []int{1, most / 4, most - 1, most}[random.IntN(4)]
		return strings.TrimSpace("x " + string([]rune(strings.Repeat(s, most))[:n]))
	}
	several := func(most int) (texts []string) {
		for range []int{0, 1, 3, most}[random.IntN(4)] {
			texts = append(texts, text(goals.MaxDescription))
		}
		return texts
	}
	for i := range 1 + random.IntN(12) {
		g := goal(fmt.Sprintf("g-%08x", i+1), text([]int{1000, 1000, 5000}[random.IntN(3)]))
		g.Status = goals.Statuses[random.IntN(len(goals.Statuses))]
		g.Acceptance, g.Notes = several(goals.MaxAcceptance), several(goals.MaxNotes/10)
		for range random.IntN(3) * random.IntN(30) {
			evidence := text(1000)
			g.Sessions = append(g.Sessions, goals.Session{ID: "s", Task: text(1000), State: goals.SessionStates[random.IntN(4)], Evidence: &evidence})
		}
		g.Progress = g.DerivedProgress()
		all = append(all, g)
	}
	for range goals.MaxNotes {
		all[0].Notes = append(all[0].Notes, text(30))
	}
	return all
}

// FuzzScreens: whatever the goals are like, whatever is said and tapped, also
// on cards that another program has overtaken, is answered within the limits.
func FuzzScreens(f *testing.F) {
	seeds := uint64(1)
	if *deep {
		seeds = 12
	}
	for seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, seed))
		h := open(t, hostile(random)...)
		shown := []message.Message{h.say("/goals all"), h.say("/goal 1"), h.say("/settings"), h.say("/members")}
		name := strings.Repeat([]string{"Ann ", "אן", "😀", "<"}[random.IntN(4)], 60)
		for range 60 {
			n := 1 + random.IntN(h.truth.List().Len()+1)
			req := h.request([]string{
				"/goal %d", "/done %d", "/done 1 2 3 4 5 6 7 8 9 10 11 12", "/done %d anyway", "/begin %d", "/block %d " + strings.Repeat("why ", 250),
				"/reopen %d", "/abandon %d", "/note %d " + strings.Repeat("😀", 1000), "/criterion %d " + strings.Repeat("ש", 1000), "/rename %d " + strings.Repeat("<", 1000),
				"/delete %d", "/delete %d yes", "/undo", "/history", "/history %d", "/goals", "/goals all %d", "/goals done", "/search x", "/search word / 2", "/members", "/stats",
				"/export", "/settings timezone", "/help", "/nonsense " + strings.Repeat("x", 3000), strings.Repeat("words\n", 100), "/done", "/note x", "/addgoal " + strings.Repeat("𝕏", 1000),
			}[random.IntN(31)])
			req.Args = strings.ReplaceAll(req.Args, "%d", fmt.Sprint(n))
			req.From.Name = name
			if m := shown[random.IntN(len(shown))]; random.IntN(2) == 0 && len(m.Buttons) > 0 {
				row := m.Buttons[random.IntN(len(m.Buttons))]
				req = h.tapped(m, row[random.IntN(len(row))].Label)
			}
			if random.IntN(8) == 0 {
				h.rewrite(func(g *goals.Goal) {
					g.Description = "again " + strings.Repeat("ש", random.IntN(1000))
					g.Notes = append(g.Notes, strings.Repeat("n", random.IntN(1000)))
					g.Status = goals.Statuses[random.IntN(len(goals.Statuses))]
				})
			}
			shown = append(shown, h.do(req)...)
			if n := len(shown); n > 8 {
				shown = shown[n-8:]
			}
		}
		h.wantNothingCut()
	})
}
