package handlers

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
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
	for _, f := range h.truth.List().Number(n).Plan.Files {
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
	if got := h.truth.List().Number(1).Plan.Files; len(got) != 4 {
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
	for len(h.truth.List().Number(1).Plan.Files) < goals.MaxFiles {
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

// A group that takes no such file offers to send it in private.
func TestAGroupThatTakesNoFile(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.one(inReply(h.sentFile(goals.Voice, "", ""), "#1"))
	req := h.request("/file 1")
	req.Chat = Chat{ID: group}
	m := h.one(req)
	if m.File == nil || m.Instead == nil || !strings.Contains(m.Instead.Text, "I can't send voice messages in this group.") {
		t.Fatalf("in a group: %+v", m)
	}
	tap := h.request("/" + m.Instead.Buttons[0][0].Command)
	tap.Chat, tap.Tap, tap.Message = Chat{ID: group}, true, 5
	said := h.do(tap)
	if len(said) != 2 || said[0].File == nil && said[1].File == nil {
		t.Errorf("in private: %+v", said)
	}
	if m := h.say("/file 1"); m.Instead == nil || !strings.Contains(m.Instead.Text, "your settings in Telegram don't let me send voice messages") {
		t.Errorf("to somebody who takes none: %+v", m.Instead)
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
	if g := h.truth.List().Number(1); len(g.Notes) != 1 || len(g.Plan.Files) != 2 {
		t.Errorf("it has %q and %+v", g.Notes, g.Plan.Files)
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

// Whoever says which goal is meant in the caption is not asked.
func TestAttachAsACaption(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	h.say("/addgoal call father")
	h.one(h.photo("/attach 2 his picture"))
	h.wantFiles(2, "his picture")
	m := h.one(h.photo("/attach call"))
	if !strings.HasPrefix(m.Text, "2 goals match “call”.") {
		t.Fatalf("asked %q", m.Text)
	}
	h.tap(m, "#1")
	h.wantFiles(1, "photo")
	m = h.one(h.photo("/attach"))
	h.tap(m, "#1")
	h.wantFiles(1, "photo", "photo")
	h.hear("/attach 1", "What should I attach to #1 “call mother”? A photo, a file, a voice message or a link.")
	h.hear("no link", "That cannot be attached to #1.")
	h.one(h.sentFile(goals.DocFile, "goals.json", ""))
	h.wantFiles(1, "photo", "photo", "goals.json")
	h.say("/attach 2")
	h.hear("https://example.org", "Attached to")
	h.wantFiles(2, "his picture", "https://example.org")
}

// A file goes to the goal that its caption is about.
func TestAFileGoesWithItsCaption(t *testing.T) {
	h := open(t)
	req := h.photo("/addgoal paint the fence")
	if m := h.one(req); !strings.HasPrefix(m.Text, "Added: ⬜ #1 paint the fence\n🖼 photo · ") {
		t.Errorf("said %q", m.Text)
	}
	h.wantFiles(1, "photo")
	offer := h.one(h.photo("buy milk"))
	if offer.Text != "Add this as a goal?\n📎 The photo will be attached." {
		t.Errorf("asked %q", offer.Text)
	}
	if m := h.tap(offer, "Add as a goal"); !strings.Contains(m.Text, "\n\nAttachments\n🖼 photo · ") {
		t.Errorf("said %q", m.Text)
	}
	h.wantFiles(2, "photo")
	h.say("/undo")
	h.wantList("#1 pending paint the fence")
	each := h.one(h.photo("bread\nbutter"))
	h.tap(each, "2 goals")
	h.wantFiles(3, "photo")
	h.wantFiles(4, "photo")
	h.one(h.photo("/done 3"))
	h.wantFiles(3, "photo", "photo")
	h.one(h.photo("/note 4 salted"))
	h.wantFiles(4, "photo", "photo")
	h.one(h.photo("/done 1 4"))
	h.wantFiles(4, "photo", "photo") // nobody knows which is meant
	asked := h.say("/note 1")
	h.one(inReply(h.replyTo(asked, "white"), "#1"))
	h.say("/note 1")
	h.one(h.photo("or green"))
	h.wantFiles(1, "photo", "photo")

	// An edit of the caption leaves the file.
	edit := req
	edit.Key, edit.Edited, edit.Args, edit.At = "edit", true, "paint the old fence", h.now
	h.do(edit)
	h.wantFiles(1, "photo", "photo")
	h.say("/edit 1 f1 -")
	edit.Key, edit.Args = "edit2", "paint the whole fence"
	h.do(edit)
	h.wantFiles(1, "photo")
}

// An edited caption names the file anew.
func TestAnEditedCaptionOfAnAttachment(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	req := inReply(h.photo(""), "#1")
	h.one(req)
	req.Key, req.Edited, req.Args = "edit", true, "the receipt"
	if m := h.one(req); !strings.HasPrefix(m.Text, "✏️ Edited. Undone: #1 attached the photo\nAttached to: ") {
		t.Errorf("said %q", m.Text)
	}
	h.wantFiles(1, "the receipt")
	// One that was asked about becomes an offer.
	asked := h.photo("")
	h.one(asked)
	asked.Key, asked.Edited, asked.Args = "edit2", true, "buy milk"
	m := h.one(asked)
	if !strings.HasPrefix(m.Text, "Add this as a goal?\n📎") {
		t.Fatalf("said %q", m.Text)
	}
	h.tap(m, "Add as a goal")
	h.wantFiles(2, "photo")
}

// Another picture below the same words was not noticed. Broken on purpose: a fingerprint of
// the words and of documents alone, and no look at the file.
func TestAPictureThatIsReplaced(t *testing.T) {
	h := open(t)
	other := func(req Request, words string) Request {
		h.now = h.now.Add(time.Second)
		req.Key, req.Edited, req.Args, req.At = fmt.Sprint("edit", h.now.Unix()), true, words, h.now
		req.Files = slices.Clone(req.Files)
		req.Files[0].ID, req.Files[0].Same = req.Key, req.Key
		return req
	}
	same := func(n int64) string { return h.truth.List().Number(n).Plan.Files[0].Same }

	h.say("/addgoal call mother")
	reply := inReply(h.photo(""), "#1")
	h.one(reply)
	reply = other(reply, "")
	if m := h.one(reply); !strings.HasPrefix(m.Text, "✏️ Edited. Undone: #1 attached the photo\nAttached to: ") || same(1) != reply.Key {
		t.Errorf("said %q, and it has %s", m.Text, same(1))
	}
	h.wantFiles(1, "photo")

	added := h.photo("/addgoal paint the fence")
	h.one(added)
	added = other(added, "paint the fence")
	if m := h.one(added); !strings.HasPrefix(m.Text, "Edited: ⬜ #2 paint the fence  📎 1\n🖼 photo ") || same(2) != added.Key {
		t.Errorf("said %q, and it has %s", m.Text, same(2))
	}
	added = other(added, "paint the shed")
	if m := h.one(added); !strings.Contains(m.Text, "#2 paint the shed") || !strings.Contains(m.Text, "\n🖼 photo ") || same(2) != added.Key {
		t.Errorf("said %q, and it has %s", m.Text, same(2))
	}
	h.wantFiles(2, "photo")
	h.say("/edit 2 f1 -")
	h.do(other(added, "paint the shed"))
	h.wantFiles(2)
}

// In a group files are for others, unless they answer us.
func TestFilesInAGroup(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	inGroup := func(req Request) Request { req.Chat = Chat{ID: group}; return req }
	for _, words := range []string{"", "look"} {
		if said := h.do(inGroup(h.photo(words))); len(said) > 0 {
			t.Errorf("%q: %+v", words, said)
		}
	}
	h.one(inGroup(inReply(h.photo(""), "#1")))
	h.wantFiles(1, "photo")
	m := h.one(inGroup(inReply(h.photo(""), "Open goals")))
	if !strings.HasPrefix(m.Text, "Which goal is the photo for? Tap it, or reply with its number.") {
		t.Errorf("asked %q", m.Text)
	}
	h.must(h.truth.MoveChat(t.Context(), group, -1001))
	h.wantFiles(1, "photo")
}

// Viewers attach nothing, and may see all.
func TestWhoMayAttach(t *testing.T) {
	h := people(t)
	h.one(h.at(editor, "/addgoal call mother"))
	by := func(who int64, req Request) Request {
		req.From, req.Chat = Person{ID: who, Name: names[who]}, Chat{ID: who, Private: true}
		return req
	}
	for _, req := range []Request{h.photo(""), inReply(h.photo(""), "#1"), h.photo("/attach 1"), inReply(h.request("https://example.org"), "#1")} {
		if m := h.one(by(viewer, req)); !strings.Contains(m.Text, "You may look at the goals here, but not change them.") {
			t.Errorf("said %q", m.Text)
		}
	}
	h.wantFiles(1)
	h.one(by(editor, inReply(h.photo(""), "#1")))
	h.wantFiles(1, "photo")
	if m := h.one(h.at(viewer, "/file 1")); m.File == nil {
		t.Errorf("said %+v", m)
	}
	// A question of somebody else's keeps its file.
	m := h.one(by(editor, h.photo("")))
	tap := by(ann, h.tapped(m, "#1"))
	h.one(tap)
	h.wantFiles(1, "photo")
	if h.members.Role(viewer) != access.Viewer {
		t.Error("roles have changed")
	}
}

// What comes of an album later goes where its first files went, once.
func TestTheRestOfAnAlbumFollows(t *testing.T) {
	for name, first := range map[string]func(h *house) Request{
		"in reply":   func(h *house) Request { return inReply(h.photo(""), "#1") },
		"a caption":  func(h *house) Request { return h.photo("/attach 1") },
		"a question": func(h *house) Request { return h.photo("") },
		"an offer":   func(h *house) Request { return h.photo("the fence") },
	} {
		t.Run(name, func(t *testing.T) {
			h := open(t)
			h.say("/addgoal call mother")
			album := first(h)
			album.Album, album.With = "a", []int64{album.Message + 1}
			album.Files = append(album.Files, goals.File{Kind: goals.Photo, ID: "other", Same: "other"})
			m := h.one(album)
			rest := h.photo("")
			rest.Album = "a"
			if said := h.do(rest); len(said) > 1 {
				t.Errorf("said %+v", said)
			}
			n := int64(1)
			switch name {
			case "a question":
				h.tap(m, "#1")
			case "an offer":
				h.tap(h.latest(m), "Add as a goal")
				n = 2
			}
			if got := len(h.truth.List().Number(n).Plan.Files); got != 3 {
				t.Errorf("%d files are attached", got)
			}
			late := h.photo("")
			late.Album = "a"
			h.do(late)
			h.wantFiles(n, "photo", "photo", "photo", "photo")
			// After a crash they come again, under their own keys.
			filesNow := func() string {
				var all []string
				for _, g := range h.truth.List().All() {
					all = append(all, fmt.Sprintf("#%d %+v", g.Number, g.Plan.Files))
				}
				return strings.Join(all, "\n")
			}
			for strings.Contains(filesNow(), "other") {
				h.say("/undo")
			}
			left := filesNow()
			for i := range 2 {
				again := album
				again.Key, again.Message, again.With, again.Args, again.Name = fmt.Sprint("again", i), album.Message+1, nil, "", ""
				if said := h.do(again); len(said) > 0 {
					t.Errorf("said %+v", said)
				}
			}
			if now := filesNow(); now != left {
				t.Errorf("attached again:\n%s\nwant\n%s", now, left)
			}
		})
	}
}

// latest is the message that stands in the place of another one now.
func (h *house) latest(m message.Message) message.Message {
	for _, other := range h.last {
		if other.Edit != 0 && other.Edit == h.shown[look(m)] {
			return other.Message
		}
	}
	return m
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
