package handlers

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/message"
	"goalbot/store"
)

// Every guard about people was broken once on purpose, and this is what went red:
//
//	the role in run                     TestWhatAViewerMayNot, TestWhatAnEditorMayNot
//	the role before an outside command  TestWhatAnEditorMayNot
//	run in plain and in edited          TestALostRoleCountsAtOnce
//	a new message for a denied tap      TestADeniedTapLeavesTheMessageToOthers
//	hashing the code                    TestAnInvitationIsKeptAsAHash
//	the inviter's role at the end       TestAnInvitationIsAsGoodAsItsMaker
//	ending links with the rank          TestAnInvitationIsAsGoodAsItsMaker
//	one owner at least, the settings'   TestSomebodyStaysInCharge
//	loading after a change of people    TestInvitations, TestRevokedAtOnce
//	keeping where a group went          TestAlertsFollowAGroup

const (
	viewer = 2001
	editor = 2002
	second = 2003 // another owner, let in by a link
)

// at is a request of somebody's in their private chat.
func (h *house) at(who int64, words string) Request {
	req := h.request(words)
	req.From, req.Chat, req.Bot = Person{ID: who, Name: names[who]}, Chat{ID: who, Private: true}, "our_bot"
	return req
}

var names = map[int64]string{ann: "Ann", ben: "Ben", viewer: "Vera", editor: "Edith", second: "Sol", someone: "Someone"}

var link = regexp.MustCompile(`https://t\.me/our_bot\?start=([A-Za-z0-9_-]{22})$`)

// people is a house with one of each role beside Ann and Ben of the settings.
func people(t *testing.T) *house {
	h := open(t)
	h.now = time.Now() // codes run by the real clock too
	for who, role := range map[int64]access.Role{viewer: access.Viewer, editor: access.Editor, second: access.Owner} {
		h.knock(h.at(who, "/start "+h.invitation(ann, role)))
		h.spoken()
	}
	return h
}

func (h *house) wantRole(who int64, want access.Role) {
	h.t.Helper()
	if got := h.members.Role(who); got != want {
		h.t.Errorf("%d is %q, want %q", who, got, want)
	}
}

// Whoever was an editor when they were asked, or when they said what they now
// alter, is not one for that.
func TestALostRoleCountsAtOnce(t *testing.T) {
	h := people(t)
	made := h.at(editor, "/addgoal call mother")
	h.do(made)
	h.do(h.at(editor, "/note 1"))
	h.do(h.at(ann, "/members Edith viewer"))
	h.wantRole(editor, access.Viewer)
	if m := h.one(h.at(editor, "busy")); !strings.Contains(m.Text, "You may look") {
		t.Errorf("an answer is answered %q", m.Text)
	}
	edit := h.at(editor, "/addgoal call father")
	edit.Edited, edit.Message = true, made.Message
	if m := h.one(edit); !strings.Contains(m.Text, "You may look") {
		t.Errorf("an edit is answered %q", m.Text)
	}
	h.wantList("#1 pending call mother")
	if g := h.truth.List().Number(1); len(g.Notes) != 0 {
		t.Errorf("noted %q", g.Notes)
	}
}

func TestRevokedAtOnce(t *testing.T) {
	h := people(t)
	made := h.at(editor, "/addgoal call mother")
	added := h.one(made)
	h.do(h.at(editor, "/note 1"))
	if m := h.one(h.at(ann, "/revoke edith")); !strings.Contains(m.Text, "Edith") {
		t.Fatalf("said %q", m.Text)
	} else if m = h.tap(m, "Revoke"); !strings.Contains(m.Text, "Edith no longer has access.") {
		t.Fatalf("said %q", m.Text)
	}
	h.wantRole(editor, 0)
	tap := h.at(editor, "/"+button(t, added, "Undo").Command)
	tap.Tap = true
	edit := h.at(editor, "/addgoal call father")
	edit.Edited, edit.Message = true, made.Message
	for name, req := range map[string]Request{"the answer": h.at(editor, "busy"), "a tap": tap, "an edit": edit, "a command": h.at(editor, "/goals")} {
		h.knock(req)
		if said := append(h.spoken(), h.do(req)...); len(said) != 0 {
			t.Errorf("%s is answered %q", name, said[0].Text)
		}
	}
	h.wantList("#1 pending call mother")
	h.start(nil, ann, ben)
	h.wantRole(editor, 0)
}

// What was offered to somebody is forgotten with them, and nothing of anybody else's.
func TestWhatIsKeptOfOthersStaysWhenSomebodyIsRevoked(t *testing.T) {
	h := people(t)
	h.one(h.at(editor, "a thought"))
	theirs := h.one(h.at(second, "another thought"))
	h.tap(h.one(h.at(ann, "/revoke edith")), "Revoke")
	if kept := h.records(store.OfferRecord); len(kept) != 1 {
		t.Errorf("kept are %v", kept)
	}
	tap := h.at(second, "/"+button(t, theirs, "Add as a goal").Command)
	tap.Tap, tap.Message = true, h.shown[look(theirs)]
	h.one(tap)
	h.wantList("#1 pending another thought")
}

func TestSomebodyStaysInCharge(t *testing.T) {
	h := empty(t)
	h.knock(h.at(second, "/start "+h.code()))
	h.spoken()
	for _, words := range []string{"/revoke 2003 yes", "/members 2003 viewer", "/members 2003 editor"} {
		if m := h.one(h.at(second, words)); !strings.Contains(m.Text, "There must be at least one owner, and Sol is the only one.") {
			t.Errorf("%s: said %q", words, m.Text)
		}
		h.wantRole(second, access.Owner)
	}
	h.knock(h.at(editor, "/start "+h.invitation(second, access.Owner)))
	h.spoken()
	h.do(h.at(second, "/revoke 2003 yes"))
	h.wantRole(second, 0)
	if owners := h.members.Owners(); !slices.Equal(owners, []int64{editor}) {
		t.Errorf("the owners are %v", owners)
	}

	h = people(t)
	for _, words := range []string{"/revoke 1001 yes", "/members 1001 viewer"} {
		if m := h.one(h.at(second, words)); !strings.Contains(m.Text, "ALLOWED_USER_IDS") {
			t.Errorf("%s: said %q", words, m.Text)
		}
		h.wantRole(ann, access.Owner)
	}
}

func TestMembers(t *testing.T) {
	h := people(t)
	m := h.one(h.at(ann, "/members"))
	for _, want := range []string{"People · 5", "👑 Ann – owner (you)", "👁 Vera – viewer", "✏️ Edith – editor"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("no %q in\n%s", want, m.Text)
		}
	}
	card := h.tap(m, "Vera")
	if card = h.tap(card, "Make an editor"); !strings.Contains(card.Text, "✏️ Vera – editor") {
		t.Errorf("said %q", card.Text)
	}
	h.wantRole(viewer, access.Editor)
	if alerts := h.members.AlertChats(); !slices.Equal(alerts, []int64{ann, ben, second}) {
		t.Errorf("alerts go to %v", alerts)
	}
	if m := h.one(h.at(ann, "/revoke Nobody")); !strings.Contains(m.Text, "Nobody here is called “Nobody”") {
		t.Errorf("said %q", m.Text)
	}
	// A name is whatever a person likes.
	req := h.at(viewer, "/goals")
	req.From.Name = "\u202eEdith\n👑 Ann – owner" + strings.Repeat("x", 300)
	h.do(req)
	if m := h.one(h.at(ann, "/members")); strings.ContainsAny(m.Text, "\u202e") || strings.Count(m.Text, "\n") != 6 {
		t.Errorf("said %q", m.Text)
	}
	var many message.Message
	for i := range int64(20) {
		h.knock(h.at(30_000+i, "/start "+h.invitation(ann, access.Viewer)))
		h.spoken()
	}
	if many = h.one(h.at(ann, "/members")); !strings.Contains(many.Text, "and 5 more") {
		t.Errorf("said %q", many.Text)
	}
}

func TestAChatOfTheSettingsIsAnEditor(t *testing.T) {
	h := open(t)
	h.members.Config.Editors = []int64{group}
	h.wantRole(group, access.Editor)
	h.wantRole(group-1, 0)
	for _, words := range []string{"/members -4001", "/members -4001 owner", "/revoke -4001 yes"} {
		if m := h.one(h.at(ann, words)); !strings.Contains(m.Text, "EDITOR_CHAT_IDS") {
			t.Errorf("%s: said %q", words, m.Text)
		}
	}
	if !h.members.Named(group) || h.members.Named(group-1) || slices.Contains(h.members.Owners(), group) {
		t.Error("it is taken for something else")
	}
	if err := h.truth.MoveChat(t.Context(), group, -1001); err != nil {
		t.Fatal(err)
	}
	if err := h.members.Load(t.Context(), h.truth); err != nil {
		t.Fatal(err)
	}
	h.wantRole(-1001, access.Editor)
	h.wantRole(group, 0)
}

func TestAlertsFollowAGroup(t *testing.T) {
	h := open(t)
	h.members.Config.Alerts = []int64{group, -77}
	if err := h.truth.MoveChat(t.Context(), group, -1001); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the old id may be met more than once
		if err := h.members.Load(t.Context(), h.truth); err != nil {
			t.Fatal(err)
		}
		if chats := h.members.AlertChats(); !slices.Equal(chats, []int64{-1001, -77}) {
			t.Errorf("alerts go to %v", chats)
		}
		if err := h.truth.MoveChat(t.Context(), group, -1001); err != nil {
			t.Fatal(err)
		}
	}
}
