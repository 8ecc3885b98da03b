package handlers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

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
	same := func(n int64) string { return h.truth.List().Number(n).Plan().Files[0].Same }

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

// latest is the message that stands in the place of another one now.
func (h *house) latest(m message.Message) message.Message {
	for _, other := range h.last {
		if other.Edit != 0 && other.Edit == h.shown[look(m)] {
			return other.Message
		}
	}
	return m
}
