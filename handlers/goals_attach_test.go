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
	"goalbot/message"
	"goalbot/store"
)

// sentFile is a file that Ann sends with words. No two are the same.
func (h *house) sentFile(kind goals.FileKind, name, words string) Request {
	req := h.request(words)
	req.Media = string(kind)
	req.Files = []goals.File{{Kind: kind, ID: fmt.Sprint("id", h.keys), Same: fmt.Sprint("same", h.keys), Name: name, At: h.now.Unix()}}
	return req
}

func (h *house) photo(words string) Request { return h.sentFile(goals.Photo, "", words) }

// inReply makes a request one that answers a message of the bot's about goals.
func inReply(req Request, marked ...string) Request {
	req.Reply, req.Marked = true, strings.Join(marked, "\n")
	return req
}

// wantFiles demands that this is attached to a goal: what each is called, or else what
// it is.
func (h *house) wantFiles(n int64, want ...string) {
	h.t.Helper()
	var got []string
	for _, f := range h.truth.List().Number(n).Plan().Files {
		name := f.Name
		if name == "" {
			name = string(f.Kind)
		}
		got = append(got, name)
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("#%d has %q, want %q", n, got, want)
	}
}

func TestAFileInReplyToAGoalIsAttached(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	m := h.one(inReply(h.photo(""), "#1"))
	if !strings.HasPrefix(m.Text, "Attached to: ⬜ #1 call mother  📎 1\n🖼 photo · ") {
		t.Errorf("said %q", m.Text)
	}
	h.one(inReply(h.photo("the receipt"), "#1"))
	h.one(inReply(h.sentFile(goals.DocFile, "a.pdf", "look at page 3"), "#1"))
	h.one(inReply(h.sentFile(goals.Voice, "", strings.Repeat("long ", 30)), "#1"))
	h.wantFiles(1, "photo", "the receipt", "a.pdf", "voice")
	h.say("/addgoal call father")
	h.one(inReply(h.sentFile(goals.DocFile, "goals.json", ""), "#2")) // which is not imported
	h.wantFiles(2, "goals.json")
	if g := h.truth.List().Number(1); len(g.Notes) != 2 || g.Notes[0] != "look at page 3" || !strings.HasPrefix(g.Notes[1], "long long") {
		t.Errorf("its notes are %q", g.Notes)
	}
	m = h.tap(h.tap(m, "Undo"), "Undo anyway") // since there is more now
	h.wantFiles(1, "the receipt", "a.pdf", "voice")
	h.tap(m, "Redo")
	if got := h.truth.List().Number(1).Plan().Files; len(got) != 4 {
		t.Errorf("redone: %+v", got)
	}
	card := h.say("/goal 1").Text
	for _, want := range []string{"\n\nAttachments\n1. 🖼 photo · ", "\n2. 🖼 the receipt\n3. 📄 a.pdf\n4. 🎤 voice message · "} {
		if !strings.Contains(card, want) {
			t.Errorf("the card says %q", card)
		}
	}
	if m := h.say("/goals"); !strings.Contains(m.Text, "#1 call mother  📎 4") {
		t.Errorf("the list says %q", m.Text)
	}
	m = h.say("/history 1")
	for _, want := range []string{"attached the photo “the receipt”", "note “look at page 3”, attached the file “a.pdf”", "attached the photo"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the history says %q", m.Text)
		}
	}
}

func TestTheSameFileIsRefused(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	req := inReply(h.photo("one"), "#1")
	h.one(req)
	again := inReply(h.photo(""), "#1")
	again.Files[0].Same = req.Files[0].Same
	if m := h.one(again); m.Text != "#1 already has that, as attachment 1." {
		t.Errorf("said %q", m.Text)
	}
	for len(h.truth.List().Number(1).Plan().Files) < goals.MaxFiles {
		h.one(inReply(h.photo(""), "#1"))
	}
	if m := h.one(inReply(h.photo(""), "#1")); !strings.Contains(m.Text, "#1 already has 20 attachments; a goal takes 20.") {
		t.Errorf("said %q", m.Text)
	}
	if m := h.say("/goal 1"); strings.Count(fmt.Sprint(m.Buttons), "📎") != maxFileButtons {
		t.Errorf("the card has %v", m.Buttons)
	}
}

// A file is sent again as a message of its own, whatever was tapped.
func TestAnAttachmentIsSentAgain(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	if m := h.say("/file 1"); !strings.Contains(m.Text, "#1 has no attachments. Send me a photo or a file in reply to it.") {
		t.Errorf("said %q", m.Text)
	}
	req := inReply(h.sentFile(goals.Video, "it.mp4", ""), "#1")
	h.one(req)
	want := &message.File{Kind: "video", ID: req.Files[0].ID}
	for name, m := range map[string]message.Message{
		"tapped": h.tap(h.say("/goal 1"), "📎 Video"), "typed": h.say("/file 1"), "by its number": h.say("/file 1 1"), "by a word": h.say("/file mother"),
	} {
		if m.File == nil || *m.File != *want || m.Edit != 0 || m.Text != "⬜ #1 call mother  📎 1\nit.mp4" || len(m.Buttons) != 1 {
			t.Errorf("%s: %+v", name, m)
		}
	}
	h.one(inReply(h.photo("second"), "#1"))
	card := h.say("/goal 1")
	if m := h.say("/file 1"); m.File != nil || !strings.Contains(m.Text, "1. 🎬 it.mp4\n2. 🖼 second") {
		t.Errorf("both: %+v", m)
	}
	h.say("/edit 1 f1 -")
	if m := h.tap(card, "📎 2"); m.File == nil || m.File.Kind != "photo" {
		t.Errorf("the second, which is the first now: %+v", m)
	}
	if m := h.tap(card, "📎 1"); m.File != nil || !strings.Contains(m.Text, "That attachment has been removed.") {
		t.Errorf("one that was removed: %+v", m)
	}
	if m := h.say("/file 1 2"); !strings.Contains(m.Text, "#1 has no attachment 2; they are numbered 1 to 1.") {
		t.Errorf("said %q", m.Text)
	}
}

func TestALinkInReplyIsAttached(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	m := h.one(h.reply("https://example.org/a?b=1", "#1"))
	if m.Text != "Attached to: ⬜ #1 call mother  📎 1\n🔗 https://example.org/a?b=1" {
		t.Errorf("said %q", m.Text)
	}
	if m := h.one(h.reply("see https://example.org/a", "#1")); !strings.Contains(m.Text, "What should I do with this?") {
		t.Errorf("words with a link: %q", m.Text)
	}
	h.hear("https://example.org/c", "Add this as a goal?")
	h.hear("/attach 1 https://example.org/d", "Attached to")
	h.hear("/attach 1 something", "That cannot be attached to #1.")
	h.wantFiles(1, "https://example.org/a?b=1", "https://example.org/d")
	if m := h.say("/file 1 2"); m.File != nil || !strings.HasSuffix(m.Text, "\nhttps://example.org/d") {
		t.Errorf("sent again: %+v", m)
	}
	if m := h.say("/goal 1"); strings.Contains(fmt.Sprint(m.Buttons), "📎") || !strings.Contains(m.Text, "2. 🔗 https://example.org/d") {
		t.Errorf("the card: %q, %v", m.Text, m.Buttons)
	}
	// What answers a question is no attachment.
	asked := h.say("/note 1")
	h.one(h.replyTo(asked, "https://example.org/e"))
	if g := h.truth.List().Number(1); len(g.Notes) != 1 || len(g.Plan().Files) != 2 {
		t.Errorf("it has %q and %+v", g.Notes, g.Plan().Files)
	}
}

// Of a file that comes alone it is asked which goal it is for, also after a restart.
func TestItIsAskedWhichGoalAFileIsFor(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/addgoal buy milk")
	first := h.one(h.photo(""))
	if !strings.HasPrefix(first.Text, "Which goal is the photo for? Tap it, or send its number.") || !strings.Contains(first.Buttons[0][0].Label, "#2 buy milk") {
		t.Fatalf("asked %q, %v", first.Text, first.Buttons)
	}
	second := h.one(h.sentFile(goals.DocFile, "a.pdf", ""))
	if len(h.ended) > 0 || !strings.HasPrefix(second.Text, "Which goal is the file “a.pdf” for?") {
		t.Errorf("asked %q; closed %+v", second.Text, h.ended)
	}
	h.start(nil, ann, ben)
	h.hear("1", "Attached to: ⬜ #1 call mother  📎 1\n📄 a.pdf")
	if m := h.tap(first, "#2"); !strings.HasPrefix(m.Text, "Attached\n") || !strings.Contains(m.Text, "🖼 photo · ") {
		t.Errorf("tapped: %q", m.Text)
	}
	h.wantFiles(1, "a.pdf")
	h.wantFiles(2, "photo")
	if m := h.tap(first, "#1"); !strings.Contains(m.Text, "That question has been answered already") {
		t.Errorf("tapped again: %q", m.Text)
	}
	third := h.one(h.sentFile(goals.Video, "", ""))
	h.hear("milk", "Attached to: ⬜ #2 buy milk  📎 2")
	if m := h.one(h.replyTo(third, "1")); !strings.Contains(m.Text, "answered already") {
		t.Errorf("answered again: %q", m.Text)
	}
	fourth := h.one(h.photo(""))
	h.tap(fourth, "Cancel")
	h.one(h.photo(""))
	h.now = h.now.Add(2 * time.Hour)
	if said := h.do(h.request("/goals")); !strings.Contains(fmt.Sprint(said), "No longer waiting for an answer. Send it again to be asked again.") {
		t.Errorf("after two hours: %+v", said)
	}
	h.wantFiles(1, "a.pdf")
}

// Another program's rewrite of goals.json leaves attachments alone.
func TestARewriteLeavesAttachments(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.one(inReply(h.photo("her picture"), "#1"))
	h.wantFiles(1, "her picture")
	all, err := goaljson.Decode(h.onDisk())
	h.must(err)
	all[0].Description, all[0].Updated = "call mother soon", h.now.Add(time.Hour)
	if strings.Contains(string(h.onDisk()), "her picture") {
		t.Error("goals.json tells of attachments")
	}
	h.must(os.WriteFile(cache.New(h.dir).Path(), goaljson.Append(nil, all), 0o600))
	h.must(h.mirror.Check(t.Context()))
	h.wantList("#1 pending call mother soon")
	h.wantFiles(1, "her picture")
	if kept := h.records(store.AlbumRecord); len(kept) > 0 {
		t.Errorf("kept %v", kept)
	}
}
