package handlers

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/cache"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// Broken on purpose, and what went red: no look at what a goal was before, no look
// at the setting, news of closed goals, news of what was found at the first start,
// an edit where an hour has passed, and the notice with a sound too, each in
// TestWhatMattersRings or TestWhatIsNoNews; no limit of messages,
// TestNewsOfManyGoalsAtOnce.

// otherProgram is one that keeps its goals in memory and writes all of them
// at each change. It never reads the file.
type otherProgram struct {
	h     *house
	goals map[string]*goals.Goal
}

// remembers begins such a program with the goals that are there.
func remembers(h *house) *otherProgram {
	p := &otherProgram{h, map[string]*goals.Goal{}}
	for _, g := range h.truth.List().All() {
		p.goals[g.ID] = g
	}
	return p
}

// alters changes a goal in its memory.
func (p *otherProgram) alters(id string, change func(*goals.Goal)) {
	p.h.t.Helper()
	if p.goals[id] == nil {
		p.goals[id] = goal(id, "goal "+id)
	}
	g := *p.goals[id]
	g.Notes, g.Sessions = slices.Clone(g.Notes), slices.Clone(g.Sessions)
	change(&g)
	p.h.now = p.h.now.Add(time.Second)
	g.Progress, g.Updated = g.DerivedProgress(), p.h.now
	p.goals[id] = &g
}

// saves writes its memory, the bot looks, and what it has to say is sent.
func (p *otherProgram) saves() []message.Message {
	h := p.h
	h.t.Helper()
	p.writes()
	h.keys++
	h.must(h.mirror.Update(h.t.Context(), store.Origin{Key: fmt.Sprint("look/", h.keys), At: h.now, Once: true}, func(store.Tx) error { return nil }))
	return h.spoken()
}

// writes replaces the file by its memory.
func (p *otherProgram) writes() {
	h := p.h
	h.t.Helper()
	var all []*goals.Goal
	for _, id := range slices.Sorted(maps.Keys(p.goals)) {
		all = append(all, p.goals[id])
	}
	path := cache.New(h.dir).Path()
	h.must(os.WriteFile(path+".theirs", encoded(all...), 0o600))
	h.must(os.Rename(path+".theirs", path))
}

// does is a change of one goal that it saves.
func (p *otherProgram) does(id string, change func(*goals.Goal)) []message.Message {
	p.h.t.Helper()
	p.alters(id, change)
	return p.saves()
}

// task changes the state of a task.
func task(name string, state goals.SessionState, evidence string) func(*goals.Goal) {
	return func(g *goals.Goal) {
		i := slices.IndexFunc(g.Sessions, func(s goals.Session) bool { return s.Task == name })
		if i < 0 {
			i = len(g.Sessions)
			g.Sessions = append(g.Sessions, goals.Session{ID: "s-" + name, Task: name})
		}
		g.Sessions[i].State = state
		if evidence != "" {
			g.Sessions[i].Evidence = &evidence
		}
	}
}

func blocks(why string) func(*goals.Goal) {
	return func(g *goals.Goal) {
		if g.Status = goals.Blocked; why != "" {
			g.Notes = append(g.Notes, "Blocked: "+why)
		}
	}
}

// news are those of what was said that are about one goal.
func newsIn(said []message.Message) (all []message.Message) {
	for _, m := range said {
		if strings.Contains(m.Text, "\n\n• ") {
			all = append(all, m)
		}
	}
	return all
}

// A build that failed was one line in a list that came without a sound.
func TestWhatMattersRings(t *testing.T) {
	h := open(t, sample()...)
	h.say("/settings ring everything")
	p := remembers(h)
	h.now = time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	said := p.does("g-00000006", task("upload", goals.Failed, "exit status 3"))
	news := newsIn(said)
	if len(news) != 2 || news[0].Edit != 0 || news[0].Quiet || !strings.Contains(news[0].Text, "❌ A task failed\n⬜ #6 ship the release") || !strings.HasSuffix(news[0].Text, "\n\n• today 13:00: “upload” failed (exit status 3)") {
		t.Fatalf("said %+v", said)
	}
	silent := func(said []message.Message) { // but for the news
		t.Helper()
		if len(said) != 4 {
			t.Errorf("said %+v", said)
		}
		for _, m := range said {
			if !m.Quiet && !strings.HasPrefix(m.Text, "❌") {
				t.Errorf("a second sound: %q", m.Text)
			}
		}
	}
	silent(said)
	// The next news of the same goal are in the same message; others are none.
	number := h.shown[look(news[0])]
	h.now = h.now.Add(time.Minute)
	if news := newsIn(p.does("g-00000006", func(g *goals.Goal) { g.Notes = append(g.Notes, "trying again") })); len(news) != 2 || news[0].Edit == 0 {
		t.Errorf("the message about the goal does not follow it: %+v", news)
	}
	h.now = h.now.Add(time.Minute)
	if news := newsIn(p.does("g-00000006", blocks("the server is down"))); len(news) != 2 || news[1].Edit != number && news[0].Edit != number || !strings.Contains(news[0].Text, "🚧 Blocked by another program\n🚧 #6") || !strings.HasSuffix(news[0].Text, "\n• today 13:02: blocked (the server is down)") {
		t.Errorf("then it says %+v", news)
	}
	// A moment later it waits, and is told all the same.
	p.alters("g-00000006", func(g *goals.Goal) { g.Status = goals.InProgress })
	for _, name := range []string{"build", "upload", "announce"} {
		p.alters("g-00000006", task(name, goals.Verified, ""))
	}
	if news := newsIn(p.saves()); len(news) > 0 {
		t.Errorf("an edit at once after another: %+v", news)
	}
	h.now = h.now.Add(time.Minute)
	h.must(h.mirror.Check(t.Context()))
	news = newsIn(h.spoken())
	if len(news) != 2 || news[0].Edit == 0 || !strings.Contains(news[0].Text, "🏁 Ready to close\n▶️ #6") || strings.Count(news[0].Text, "\n• ") != 3 || !strings.HasSuffix(news[0].Text, ": all 3 tasks verified") {
		t.Fatalf("ready to close: %+v", news)
	}
	// Nothing is said twice, also not after a restart.
	h.now = h.now.Add(time.Minute)
	h.start(nil, ann, ben)
	if said := newsIn(append(p.saves(), h.spoken()...)); len(said) > 0 {
		t.Errorf("said again: %+v", said)
	}
	// The button closes the goal as the command does.
	if m := h.tap(news[0], "Done"); !strings.HasPrefix(m.Text, "Done\n\n✅ #6") {
		t.Errorf("the button answers %q", m.Text)
	}
	h.hear("/reopen 6", "Reopened")
	// What comes much later is a new message, with a sound and with what was before.
	h.now = h.now.Add(newsEdited)
	said = p.does("g-00000006", task("announce", goals.Failed, ""))
	silent(said)
	news = newsIn(said)
	if len(news) != 2 || news[0].Edit != 0 || news[0].Quiet || !strings.Contains(news[0].Text, "• today 13:00: “upload” failed (exit status 3)\n") || !strings.HasSuffix(news[0].Text, ": “announce” failed") {
		t.Errorf("much later: %+v", news)
	}
	// And after a day nothing is left of it.
	h.now = h.now.Add(newsKept)
	p.does("g-00000001", func(g *goals.Goal) { g.Description = "call father" })
	if kept := h.records(store.NoticesRecord)[newsName]; kept != "" && kept != "{}" {
		t.Errorf("kept %s", kept)
	}
	// What is new is told although something else is too old.
	p.does("g-00000006", task("upload", goals.Failed, ""))
	h.now = h.now.Add(newsKept)
	if news := newsIn(p.does("g-00000001", task("call", goals.Failed, ""))); len(news) != 2 || !strings.Contains(news[0].Text, "❌ A task failed\n⬜ #1 call father") {
		t.Errorf("a day later: %+v", news)
	}
}

func TestWhatIsNoNews(t *testing.T) {
	all := sample()
	all[5].Sessions[1].State = goals.Failed
	h := open(t, all...) // where they stood before
	for _, kept := range h.records(store.NoticesRecord) {
		if strings.Contains(kept, "Kind") {
			t.Errorf("told of what was found: %s", kept)
		}
	}
	p := remembers(h)
	none := func(what string, said []message.Message) {
		t.Helper()
		if news := newsIn(said); len(news) > 0 {
			t.Errorf("%s: said %+v", what, news)
		}
	}
	rename := func(g *goals.Goal) { g.Description += "!" }
	none("failed as before", p.does("g-00000006", rename))
	none("blocked as before", p.does("g-00000003", rename))
	none("a task of a closed goal", p.does("g-00000004", task("swim", goals.Failed, "")))
	none("the tasks of a closed goal", p.does("g-00000004", task("swim", goals.Verified, "")))
	none("closed there", p.does("g-00000006", func(g *goals.Goal) {
		for i := range g.Sessions {
			g.Sessions[i].State = goals.Verified
		}
		g.Status = goals.Done
	}))
	none("a new goal", p.does("g-00000007", rename))
	p.does("g-00000002", task("write", goals.Verified, ""))
	h.now = h.now.Add(newsEdited)
	none("verified as before", p.does("g-00000002", rename))
	h.say("/begin 1")
	h.say("/block 1 on the phone")
	none("blocked here", p.does("g-00000001", rename))
	h.say("/done 1")
	h.now = h.now.Add(time.Minute)
	none("verified there, and closed here", p.does("g-00000001", task("call", goals.Verified, "")))

	// Owners say what is news.
	h.say("/settings news blocked")
	none("switched off", p.does("g-00000007", task("try", goals.Failed, "")))
	if news := newsIn(p.does("g-00000007", blocks(""))); len(news) != 2 || !strings.HasSuffix(news[0].Text, ": blocked") {
		t.Errorf("switched on: %+v", news)
	}
	h.say("/settings news off")
	none("off", p.does("g-00000008", blocks("")))
	h.say("/settings news all")

	// A goal that is new is none that was so before.
	if news := newsIn(p.does("g-00000009", task("try", goals.Failed, ""))); len(news) != 2 {
		t.Errorf("a new goal that failed: %+v", news)
	}
	// They make no sound in quiet hours, and none where nothing may.
	for setting, back := range map[string]string{"quiet 0:00-23:59": "quiet off", "ring nothing": "ring default"} {
		h.say("/settings " + setting)
		id := "g-" + fingerprint(setting)
		if news := newsIn(p.does(id, blocks(""))); len(news) != 2 || !news[0].Quiet {
			t.Errorf("%s: %+v", setting, news)
		}
		h.say("/settings " + back)
	}
	if v := h.settings.Values(); v.News != settings.AllNews {
		t.Errorf("news are %s", v.News)
	}
}

// Nobody is shouted at: many goals that fail at once are ten messages.
func TestNewsOfManyGoalsAtOnce(t *testing.T) {
	h := open(t, plain(3*maxNews)...)
	p := remembers(h)
	for _, g := range plain(3 * maxNews) {
		p.alters(g.ID, task("try", goals.Failed, ""))
	}
	if news := newsIn(p.saves()); len(news) != 2*maxNews {
		t.Errorf("%d messages", len(news))
	}
	// A goal that fails and is tried again all the time is one message.
	messages, edits := 0, 0
	for i := range 40 {
		state := goals.Running
		if i%2 == 0 {
			state = goals.Failed
		}
		for _, m := range newsIn(p.does("g-00000001", task("again", state, ""))) {
			if m.Edit == 0 {
				messages++
			} else {
				edits++
			}
			if n := strings.Count(m.Text, "\n• "); n > maxEvents {
				t.Errorf("it tells %d times of the same", n)
			}
		}
	}
	if messages != 0 || edits == 0 || edits > 20 {
		t.Errorf("%d messages and %d edits", messages, edits)
	}
}
