package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/goals"
)

// tasks are what the sessions of a goal say: "build verified log".
func (h *house) tasks(n int64) string {
	h.t.Helper()
	var all []string
	g := h.truth.List().Number(n)
	for _, s := range g.Sessions {
		said := s.Task + " " + string(s.State)
		if s.Evidence != nil {
			said += " " + *s.Evidence
		}
		all = append(all, said)
	}
	if g.Progress != g.DerivedProgress() {
		h.t.Errorf("the progress is %d", g.Progress)
	}
	return strings.Join(all, "|")
}

func (h *house) wantTasks(want string) {
	h.t.Helper()
	if got := h.tasks(1); got != want {
		h.t.Errorf("the tasks are\n%s\nwant\n%s", got, want)
	}
}

// ship is a house with a goal that has three tasks, the first of which is verified.
func ship(t *testing.T) *house {
	g := sample()[5]
	g.Progress = g.DerivedProgress()
	return open(t, g)
}

// /fail and /verify offer the goals that have a task to report on.
func TestGoalsWithoutTasksAreNotOfferedForAReport(t *testing.T) {
	for _, command := range []string{"/fail", "/verify"} {
		h := ship(t)
		h.say("/addgoal another release")
		h.hear(command+" release", "Which task of #1 “ship the release”")
	}
}

func TestWhichTaskIsMeant(t *testing.T) {
	for _, c := range []struct{ say, want string }{
		{"/verify 1 2 https://example.org", "build verified|upload verified https://example.org|announce launched"},
		{"/verify 1 ann told them", "build verified|upload running|announce verified told them"},
		{"/verify ship #3", "build verified|upload running|announce verified"},
		{"/verify the release", "build verified|upload running|announce launched"}, // asks
		{"/verify 1 https://example.org", "build verified|upload running|announce launched"},
		{"/fail 1 UPLOAD\nthe wire\nis cut", "build verified|upload failed the wire\nis cut|announce launched"},
		{"/fail 1 build", "build failed|upload running|announce launched"},
		{"/verify 1 9", "build verified|upload running|announce launched"},
		{"/verify 1 1 a log", "build verified a log|upload running|announce launched"},
		{"/verify 1 2 -", "build verified|upload verified|announce launched"},
		{"/verify 1 2 " + strings.Repeat("x", 1001), "build verified|upload running|announce launched"},
		{"/link 1 sign it", "build verified|upload running|announce launched|sign it launched"},
		{"/link 1 Build", "build verified|upload running|announce launched"},
	} {
		h := ship(t)
		before := h.tasks(1)
		h.say(c.say)
		if got := h.tasks(1); got != c.want {
			t.Errorf("%s\nleaves %s\nwant   %s", c.say, got, c.want)
		}
		if before == c.want {
			continue
		}
		h.say("/undo")
		h.wantTasks(before)
		h.say("/redo")
		h.wantTasks(c.want)
	}
}

// The evidence that was said before the task was asked for is kept.
func TestATaskThatIsAskedForGetsTheEvidence(t *testing.T) {
	for answer, want := range map[string]string{
		"tap":    "build verified|upload verified https://example.org|announce launched",
		"3":      "build verified|upload running|announce verified https://example.org",
		"upload": "build verified|upload verified https://example.org|announce launched",
	} {
		h := ship(t)
		asks := h.hear("/verify 1 https://example.org", "Which task of #1 “ship the release” do you want to verify?")
		if answer == "tap" {
			h.tap(asks, "upload")
		} else {
			h.say(answer)
		}
		h.wantTasks(want)
		h.say("/undo")
		h.wantTasks("build verified|upload running|announce launched")
	}
}

// A program may put the tasks in another order, or drop the one that is asked
// about, while the question is open. Going by the place alone turns this red.
func TestEvidenceIsForTheTaskThatWasAskedAbout(t *testing.T) {
	for _, dropped := range []bool{false, true} {
		h := ship(t)
		asks := h.tap(h.say("/goal 1"), "Failed")
		h.tap(asks, "announce")
		h.rewrite(func(g *goals.Goal) {
			s := g.Sessions
			g.Sessions = []goals.Session{s[2], s[0], s[1]}
			if dropped {
				g.Sessions = g.Sessions[1:]
			}
			g.Progress = g.DerivedProgress()
		})
		m := h.say("nobody listened")
		want := "announce failed nobody listened|build verified|upload running"
		if dropped {
			want = "build verified|upload running"
			if !strings.HasPrefix(m.Text, "#1 no longer has that task") {
				t.Errorf("said %q", m.Text)
			}
		}
		h.wantTasks(want)
	}
}

// An edit takes back what the message did, also where the task was asked for.
func TestAnEditOfEvidence(t *testing.T) {
	h := ship(t)
	req := h.request("/verify 1 2 https://example.org/a")
	h.one(req)
	h.one(h.edit(req, "/verify 1 3 https://example.org/b"))
	h.wantTasks("build verified|upload running|announce verified https://example.org/b")
	h.say("/undo")
	h.say("/undo")
	h.wantTasks("build verified|upload running|announce launched")

	req = h.request("/verify 1 https://example.org/c")
	h.tap(h.one(req), "announce")
	h.one(h.edit(req, "/fail 1 2 too slow"))
	h.wantTasks("build verified|upload failed too slow|announce launched")
}

// Only the goal's own change is taken back where it has changed since.
func TestUndoOfEvidenceKeepsWhatCameLater(t *testing.T) {
	h := ship(t)
	h.say("/verify 1 2 a log")
	h.one(h.at(ben, "/note 1 from Ben"))
	h.one(h.at(ben, "/fail 1 3 nobody listened"))
	h.tap(h.say("/undo"), "Undo anyway")
	h.wantTasks("build verified|upload running|announce failed nobody listened")
	if notes := fmt.Sprint(h.truth.List().Number(1).Notes); notes != "[from Ben]" {
		t.Errorf("notes %s", notes)
	}
}

// Evidence never closes a goal, and a closed one takes it.
func TestEvidenceLeavesTheStatus(t *testing.T) {
	h := ship(t)
	h.say("/verify 1 2")
	m := h.say("/verify 1 3")
	if s := h.truth.List().Number(1).Status; s != goals.Pending {
		t.Errorf("it is %s", s)
	}
	h.tap(m, "Done")
	if s := h.truth.List().Number(1).Status; s != goals.Done {
		t.Errorf("it is %s after Done was tapped", s)
	}
	if m := h.say("/verify 1 1 a late log"); strings.Contains(m.Text, "Is it done?") {
		t.Errorf("said %q of a goal that is done", m.Text)
	}
	h.wantTasks("build verified a late log|upload verified|announce verified")
	h.hear("/link 1 more", "#1 is done. /reopen 1 brings it back.")
}

func TestEvidenceInAGroup(t *testing.T) {
	h := ship(t)
	in := func(words string) Request {
		req := h.request(words)
		req.Chat, req.Bot = Chat{ID: group, Thread: 3}, "our_bot"
		return req
	}
	card := h.one(in("/goal 1"))
	tap := h.tapped(card, "Verify")
	tap.Chat = in("").Chat
	asks := h.one(tap)
	tap = h.tapped(asks, "upload")
	tap.Chat = in("").Chat
	if m := h.one(tap); !strings.HasSuffix(m.Text, "Reply to this message with a link or a note as evidence, or tap Skip.") {
		t.Errorf("said %q", m.Text)
	}
}

// The answer to the question for evidence can be edited, and is then for the same
// task. Forgetting the task of the question turns this red.
func TestAnEditedAnswerWithEvidence(t *testing.T) {
	h := ship(t)
	h.tap(h.tap(h.say("/goal 1"), "Verify"), "announce")
	said := h.request("https://example.org/old")
	h.one(said)
	h.wantTasks("build verified|upload running|announce verified https://example.org/old")
	h.one(h.edit(said, "https://example.org/new"))
	h.wantTasks("build verified|upload running|announce verified https://example.org/new")
}

func TestEvidenceInAReply(t *testing.T) {
	h := ship(t)
	h.say("/addgoal two")
	h.one(h.replyTo(h.say("/goal 1"), "/verify 2 https://example.org"))
	h.wantTasks("build verified|upload verified https://example.org|announce launched")
	h.one(h.replyTo(h.say("/goal 1"), "/link sign it"))
	h.wantTasks("build verified|upload verified https://example.org|announce launched|sign it launched")
}

// Words that name no task are not for the question which one, unless they reply
// to it; then it stays open.
func TestWhatIsNoTask(t *testing.T) {
	h := ship(t)
	asks := h.say("/fail 1")
	if m := h.say("buy some milk"); m.Text != "Add this as a goal?" {
		t.Errorf("said %q", m.Text)
	}
	if m := h.one(h.replyTo(asks, "sign")); m.Text != "#1 has no task “sign”. Tap one, or answer with its number." {
		t.Errorf("said %q", m.Text)
	}
	if m := h.one(h.replyTo(asks, "7")); !strings.HasPrefix(m.Text, "#1 has no task 7; it has 3 tasks.") {
		t.Errorf("said %q", m.Text)
	}
	h.one(h.replyTo(asks, "ann he was ill"))
	h.wantTasks("build verified|upload running|announce failed he was ill")
}

// More tasks than buttons, with texts and ids as another program may write them.
func TestATaskOfMany(t *testing.T) {
	g := goal("g-00000001", "ship")
	for i := range 60 {
		g.Sessions = append(g.Sessions, goals.Session{ID: strings.Repeat("x", 300), Task: fmt.Sprint(strings.Repeat("w", 2000), " ", i), State: goals.Running})
	}
	h := open(t, g)
	asks := h.hear("/verify 1", "These are the first 8")
	if n := len(asks.Buttons); n != 9 {
		t.Errorf("%d rows", n)
	}
	h.hear("60", "1/60 tasks verified")
	h.tap(h.tap(h.tap(h.say("/goal 1"), "Verify"), "2."), "Skip")
	if s := h.truth.List().Number(1).Sessions; s[59].State != goals.Verified || s[1].State != goals.Verified {
		t.Errorf("the states are %s and %s", s[59].State, s[1].State)
	}
	h.hear("/link 1 more", "#1 already has 60 tasks, which is the limit.")
}

// A button shows the tasks as they were: after a change of somebody else it does nothing.
func TestATapOnTasksThatChanged(t *testing.T) {
	h := ship(t)
	asks := h.tap(h.say("/goal 1"), "Verify")
	h.one(h.at(ben, "/fail 1 2 broken"))
	if m := h.tap(asks, "upload"); !strings.HasPrefix(m.Text, "#1 has changed since this was shown") || !strings.Contains(m.Text, "task “upload” failed (broken)") {
		t.Errorf("said %q", m.Text)
	}
	h.wantTasks("build verified|upload failed broken|announce launched")
}
