package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// What a person sends as one thing comes as several messages, in the same poll
// or a moment apart.

// Broken on purpose, and what went red: looking for what a message goes on with,
// all of these; the time between, TestWhatIsNotOneCapture; what joins an album,
// TestAnAlbumIsOneCapture; altering the question in its place,
// TestWhatComesLaterAltersTheQuestion.

// sends are messages that Ann sends at once.
func (h *house) sends(parts ...Request) (reqs []Request) {
	at := h.now
	for _, p := range parts {
		req := h.request("")
		req.Args, req.Source, req.Album, req.Media, req.Files, req.At = p.Args, p.Source, p.Album, p.Media, p.Files, at
		reqs = append(reqs, req)
	}
	h.now = at
	return reqs
}

func comment(words string) Request   { return Request{Args: words} }
func forwarded(words string) Request { return Request{Args: words, Source: "A friend"} }

// sentPictures counts those that were sent: no two are the same.
var sentPictures int

func picture(album, words string) Request {
	sentPictures++
	return Request{Args: words, Album: album, Media: "photo", Files: []goals.File{{Kind: goals.Photo, ID: fmt.Sprint("id", sentPictures), Same: fmt.Sprint("same", sentPictures)}}}
}

// oneQuestion is what is asked, once.
func (h *house) oneQuestion() message.Message {
	h.t.Helper()
	said := h.spoken()
	if len(said) != 1 {
		h.t.Fatalf("said %d times: %+v", len(said), said)
	}
	return said[0]
}

func TestAForwardWithItsCommentIsOneCapture(t *testing.T) {
	h := open(t)
	h.together(2, h.sends(comment("do this"), forwarded("the roof leaks"))...)
	m := h.oneQuestion()
	if !strings.Contains(m.Text, "These are 2 lines. What should they become?\nIts source becomes a note: from A friend.") {
		t.Fatalf("asked %q", m.Text)
	}
	if m := h.tap(m, "One goal with notes"); !strings.Contains(m.Text, "#1 do this") || !strings.Contains(m.Text, "• From A friend\n• the roof leaks") {
		t.Errorf("added %q", m.Text)
	}
	h.wantList("#1 pending do this")
	// Several that are forwarded together are one as well.
	h.together(3, h.sends(forwarded("milk"), forwarded("bread"), forwarded("butter"))...)
	h.tap(h.oneQuestion(), "3 goals, one each")
	h.wantList("#1 pending do this", "#2 pending milk", "#3 pending bread", "#4 pending butter")
}

// The second part comes with the next poll, when the question has been asked.
func TestWhatComesLaterAltersTheQuestion(t *testing.T) {
	h := open(t)
	reqs := h.sends(comment("do this"), forwarded("the roof leaks"), forwarded("and the cellar is wet"))
	first := h.one(reqs[0])
	if first.Edit != 0 || first.Text != "Add this as a goal?" {
		t.Fatalf("asked %+v", first)
	}
	second := h.one(reqs[1])
	if second.Edit == 0 || second.Edit != h.shown[look(first)] || !strings.Contains(second.Text, "These are 2 lines") {
		t.Errorf("then asked %+v", second)
	}
	third := h.one(reqs[2])
	if third.Edit != second.Edit || !strings.Contains(third.Text, "These are 3 lines") {
		t.Errorf("at last asked %+v", third)
	}
	h.start(nil, ann, ben) // the buttons of any of them will do
	h.tap(first, "Add as a goal")
	h.wantList("#1 pending do this")
	if g := h.truth.List().Number(1); len(g.Notes) != 3 {
		t.Errorf("noted %q", g.Notes)
	}
	if m := h.tap(third, "3 goals"); !strings.Contains(m.Text, "I no longer have that text") {
		t.Errorf("a second tap: %q", m.Text)
	}
	// A part that comes when the question was answered is asked about itself.
	if m := h.one(h.sends(forwarded("and the door"))[0]); m.Edit != 0 || !strings.Contains(m.Text, "Add this as a goal?") {
		t.Errorf("asked %+v", m)
	}
}

func TestAnAlbumIsOneCapture(t *testing.T) {
	fromFriend := func(r Request) Request { r.Source = "A friend"; return r }
	for name, parts := range map[string][]Request{
		"words at the first":     {picture("a", "the garden"), picture("a", ""), picture("a", "")},
		"words at the last":      {picture("a", ""), picture("a", ""), picture("a", "the garden")},
		"forwarded with comment": {comment("the garden"), fromFriend(picture("a", "")), fromFriend(picture("a", ""))},
	} {
		for _, polls := range []string{"at once", "one by one"} {
			for _, list := range []string{"no goal", "a goal"} {
				t.Run(name+", "+polls+", "+list, func(t *testing.T) {
					h := open(t)
					if list == "a goal" {
						h.say("/addgoal call mother")
					}
					reqs := h.sends(parts...)
					var said []message.Message
					if polls == "at once" {
						h.together(3, reqs...)
						said = h.spoken()
					} else {
						for _, req := range reqs {
							said = append(said, h.do(req)...)
						}
					}
					m := said[len(said)-1]
					for _, other := range said[1:] {
						if other.Edit == 0 || other.Edit != said[1].Edit {
							t.Errorf("asked anew: %q", other.Text)
						}
					}
					if !strings.HasPrefix(m.Text, "Add this as a goal?\n📎 The ") {
						t.Errorf("asked %q", m.Text)
					}
					h.tap(m, "Add as a goal")
					all := h.truth.List().All()
					want := 3
					if name == "forwarded with comment" {
						want = 2
					}
					if g := all[len(all)-1]; g.Description != "the garden" || len(g.Plan().Files) != want {
						t.Errorf("added %q with %+v", g.Description, g.Plan().Files)
					}
				})
			}
		}
	}
	h := open(t)
	h.together(2, h.sends(picture("b", "two"), picture("b", "captions"))...)
	if m := h.oneQuestion(); !strings.Contains(m.Text, "These are 2 lines") {
		t.Errorf("two captions: %q", m.Text)
	}
}

func TestWhatIsNotOneCapture(t *testing.T) {
	h := open(t)
	ask := func(name string, reqs []Request, want int) {
		t.Helper()
		for _, req := range reqs {
			h.handle(req)
		}
		said := h.spoken()
		if len(said) != want {
			t.Errorf("%s: asked %d times: %+v", name, len(said), said)
		}
		h.now = h.now.Add(time.Minute)
	}
	ask("two thoughts", h.sends(comment("milk"), comment("bread")), 2)
	later := h.sends(comment("milk"), forwarded("the roof leaks"))
	later[1].At = later[1].At.Add(atOnce + time.Second)
	ask("a forward later", later, 2)
	ask("two albums", h.sends(picture("a", "one"), picture("b", "two")), 2)
	other := h.sends(comment("milk"), forwarded("the roof leaks"))
	other[1].Chat.Thread = 7
	ask("another topic", other, 2)
	bens := h.sends(comment("milk"), forwarded("the roof leaks"))
	bens[1].From, bens[1].Chat = Person{ID: ben, Name: "Ben"}, Chat{ID: ben, Private: true}
	ask("another person", bens, 2)
	huge := strings.Repeat("x", 4000)
	ask("without end", h.sends(comment(huge), forwarded(huge), forwarded(huge), forwarded(huge), forwarded(huge), forwarded(huge), forwarded(huge), forwarded(huge), forwarded(huge)), 2)
}

// A phone cuts what is too long for one message, at a blank. Taking only what is
// forwarded for the same capture, or dropping the blank, turns this red.
func TestALongPasteIsOneCapture(t *testing.T) {
	h := open(t)
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("- [ ] %d %s", i, strings.Repeat("word ", 30)+"end"))
	}
	text := strings.Join(lines, "\n")
	at := strings.LastIndex(text[:message.MaxText], "\n")
	h.together(2, h.sends(comment(text[:at]), comment(text[at+1:]))...)
	m := h.oneQuestion()
	if !strings.HasPrefix(m.Text, "These are 40 lines. What should they become?") {
		t.Fatalf("asked %q", m.Text)
	}
	h.tap(m, "40 goals")
	if got := h.truth.List().All(); len(got) != 40 || got[26].Description != strings.TrimPrefix(lines[26], "- [ ] ") {
		t.Errorf("added %d goals, one of them %q", len(got), got[26].Description)
	}

	// One without lines is cut between words.
	h.now = h.now.Add(time.Minute)
	essay := "read\n" + strings.TrimSpace(strings.Repeat("word ", 1000))
	at = strings.LastIndex(essay[:message.MaxText], " ")
	h.together(2, h.sends(comment(essay[:at]), comment(essay[at+1:]))...)
	if m := h.oneQuestion(); !strings.HasPrefix(m.Text, "These are 2 lines.") {
		t.Errorf("asked %q", m.Text)
	}

	// The rest of what was said with a command, or in answer to a question, is no
	// goal of its own.
	h.now = h.now.Add(time.Minute)
	first := h.request("/addgoal plan\n" + strings.Join(lines[:20], "\n"))
	h.hear("/addgoal", "What is the goal?")
	h.one(first)
	rest := h.sends(comment("- and this"))[0]
	if m := h.one(rest); !strings.HasPrefix(m.Text, "This looks like the rest of that message.\n\nWhat should I do with this?\n\n⬜ #41 plan") {
		t.Errorf("said %q", m.Text)
	}
	h.now = h.now.Add(time.Minute)
	h.hear("/addgoal "+strings.Repeat("x", 3000), "A goal can have up to 1000 characters")
	if m := h.one(h.sends(comment("and this"))[0]); m.Text != "This looks like the rest of that message, so I ignored it too." {
		t.Errorf("said %q", m.Text)
	}
	h.now = h.now.Add(time.Minute)
	h.say("/criterion 41")
	h.hear(strings.Join(lines[20:], "\n"), "New criteria: ⬜ #41 plan")
	if m := h.one(h.sends(comment("- and this"))[0]); !strings.HasPrefix(m.Text, "This looks like the rest of that message.\n\nWhat should I do with this?\n\n⬜ #41 plan") {
		t.Errorf("said %q", m.Text)
	}
	for after, want := range map[time.Duration]string{atOnce: "This looks like the rest", atOnce + time.Second: "Add this as a goal?"} {
		h.now = h.now.Add(time.Minute)
		h.say("/addgoal plan\n" + strings.Join(lines[:20], "\n"))
		h.now = h.now.Add(after - time.Second)
		h.hear("and this", want)
	}
}

// An edit of the comment leaves what was forwarded with it.
func TestAnEditOfTheCommentLeavesTheRest(t *testing.T) {
	h := open(t)
	reqs := h.sends(comment("do thiss"), forwarded("the roof leaks"))
	h.together(2, reqs...)
	m := h.oneQuestion()
	edit := reqs[0]
	edit.Key, edit.Edited, edit.Args = "edit", true, "do this"
	h.handle(edit)
	h.tap(m, "One goal with notes")
	h.wantList("#1 pending do this")
	edit.Key, edit.Args = "edit again", "do that"
	h.handle(edit)
	if g := h.truth.List().Number(1); len(g.Notes) != 2 || g.Notes[1] != "the roof leaks" {
		t.Errorf("noted %q", g.Notes)
	}
}
