package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/access"
	"goalbot/goals"
)

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
	for _, m := range said { // and where they take none there either, it is not offered again
		if m.File != nil && (m.Instead == nil || len(m.Instead.Buttons) > 0 || !strings.Contains(m.Instead.Text, "your settings in Telegram don't let me send voice messages")) {
			t.Errorf("in private, to somebody who takes none: %+v", m.Instead)
		}
	}
	if m := h.say("/file 1"); m.Instead == nil || !strings.Contains(m.Instead.Text, "your settings in Telegram don't let me send voice messages") {
		t.Errorf("to somebody who takes none: %+v", m.Instead)
	}
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
	bens := inGroup(h.tapped(m, "#1"))
	bens.From = Person{ID: ben, Name: "Ben"}
	if m := h.one(bens); !strings.HasPrefix(m.Text, "I no longer have that file, or it is somebody else's.") {
		t.Errorf("Ben is answered %q", m.Text)
	}
	h.wantFiles(1, "photo")
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
			if got := len(h.truth.List().Number(n).Plan().Files); got != 3 {
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
					all = append(all, fmt.Sprintf("#%d %+v", g.Number, g.Plan().Files))
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

// A picture that comes apart goes to every goal that the album became.
func TestTheRestOfAnAlbumFollowsToEveryGoal(t *testing.T) {
	h := open(t)
	album := h.photo("the fence\nthe gate")
	album.Album = "a"
	h.tap(h.one(album), "2 goals, one each")
	for range 2 {
		late := h.photo("")
		late.Album = "a"
		h.do(late)
	}
	for n := int64(1); n <= 2; n++ {
		if got := len(h.truth.List().Number(n).Plan().Files); got != 3 {
			t.Errorf("%d files are attached to #%d", got, n)
		}
	}
}
