package handlers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/goals"
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

// invitation has somebody make a link, and returns its code.
func (h *house) invitation(by int64, role access.Role) string {
	h.t.Helper()
	m := h.one(h.at(by, "/invite "+role.String()))
	found := link.FindStringSubmatch(m.Text)
	if found == nil {
		h.t.Fatalf("no link in %q", m.Text)
	}
	return found[1]
}

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

func TestInvitations(t *testing.T) {
	h := open(t)
	h.now = time.Now()
	m := h.one(h.at(ann, "/invite"))
	m = h.one(h.at(ann, "/"+button(t, m, "Editor").Command))
	code := link.FindStringSubmatch(m.Text)[1]
	h.start(nil, ann, ben) // a link survives a restart
	h.knock(h.at(someone, "/start "+code[:21]+"x"))
	if len(h.spoken()) != 0 {
		t.Fatal("a wrong guess is answered")
	}
	h.knock(h.at(someone, "/start "+code))
	said := h.spoken()
	if len(said) != 3 || !strings.Contains(said[2].Text, "You are an editor now.") || said[0].Text != "✏️ Someone joined as an editor." || said[1].Text != "✏️ Someone joined as an editor, invited by Ann." {
		t.Fatalf("said %+v", said)
	}
	h.wantRole(someone, access.Editor)
	h.knock(h.at(nobody, "/start "+code))
	h.wantSaid("This link was already used. A link works once, for 10 minutes. Ask whoever sent it for a new one.")
	h.wantRole(nobody, 0)
	h.start(nil, ann, ben)
	h.wantRole(someone, access.Editor)
	if m := h.one(h.at(someone, "/addgoal call mother")); !strings.Contains(m.Text, "Added: ⬜ #1") {
		t.Errorf("an editor's /addgoal is answered %q", m.Text)
	}
	if m := h.one(h.at(someone, "/start "+code)); !strings.Contains(m.Text, "no longer works") {
		t.Errorf("a used link is answered %q", m.Text)
	}
	// A better role than the one had is taken; a link is not wasted on others.
	code = h.invitation(ann, access.Owner)
	if m := h.one(h.at(ann, "/start "+code)); !strings.Contains(m.Text, "You are already an owner here. The link still works") {
		t.Errorf("the owner's own link is answered %q", m.Text)
	}
	h.do(h.at(someone, "/start "+code))
	h.wantRole(someone, access.Owner)
}

// Where the settings name chats for alerts, nobody is promised them elsewhere.
func TestNewOwnersAreToldTrulyWhereAlertsGo(t *testing.T) {
	const here, elsewhere = "alerts about goals.json come to this chat.", "alerts about goals.json go to the chats in ALERT_CHAT_IDS, and this is not one of them."
	for _, c := range []struct {
		name   string
		alerts []int64
		want   string
		gets   bool
	}{
		{"the owners' own chats", nil, here, true},
		{"a group", []int64{group}, elsewhere, false},
		{"this chat among others", []int64{group, second, someone}, here, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := empty(t)
			h.members.Config.Alerts = c.alerts
			h.knock(h.at(someone, "/start "+h.code()))
			if m := h.spoken()[0]; !strings.Contains(m.Text, c.want) {
				t.Errorf("the first owner is told %q", m.Text)
			}
			m := h.one(h.at(someone, "/invite"))
			if got := strings.Contains(m.Text, "and gets the alerts."); got != c.gets || !strings.Contains(m.Text, "all that you can") {
				t.Errorf("whoever invites is told %q", m.Text)
			}
			h.knock(h.at(second, "/start "+h.invitation(someone, access.Owner)))
			var told string
			for _, m := range h.spoken() {
				if strings.Contains(m.Text, "You are an owner now.") {
					told = m.Text
				}
			}
			if !strings.Contains(told, c.want) {
				t.Errorf("another owner is told %q", told)
			}
		})
	}
}

func TestInvitationsAreMadeInPrivate(t *testing.T) {
	h := open(t)
	req := h.at(ann, "/invite editor")
	req.Chat = Chat{ID: group}
	h.do(req)
	if said := h.saidIn(group); len(said) != 1 || said[0] != inPrivate {
		t.Errorf("said %q in the group", said)
	}
	if said := h.saidIn(ann); len(said) != 1 || !link.MatchString(said[0]) {
		t.Errorf("said %q in private", said)
	}
}

func TestAnInvitationIsKeptAsAHash(t *testing.T) {
	h := open(t)
	h.now = time.Now()
	code := h.invitation(ann, access.Viewer)
	records := fmt.Sprint(h.records(store.InviteRecord))
	if strings.Contains(records, code) || len(h.records(store.InviteRecord)) != 1 {
		t.Errorf("kept %s", records)
	}
	if strings.Contains(h.log.String(), code) {
		t.Error("the log holds the code")
	}
}

func TestAnInvitationIsAsGoodAsItsMaker(t *testing.T) {
	h := people(t)
	code := h.invitation(second, access.Owner)
	h.do(h.at(ann, fmt.Sprintf("/members %d editor", second)))
	// Being an owner again does not make the link good again.
	h.do(h.at(ann, fmt.Sprintf("/members %d owner", second)))
	h.knock(h.at(someone, "/start "+code))
	h.wantSaid("This link no longer works. A link works once, for 10 minutes. Ask whoever sent it for a new one.")
	h.wantRole(someone, 0)
	if m := h.one(h.at(editor, "/start "+code)); !strings.Contains(m.Text, "no longer works") {
		t.Errorf("said %q", m.Text)
	}
	h.wantRole(editor, access.Editor)
}

func TestEveryCommandNamesARole(t *testing.T) {
	for _, row := range commands() {
		if row.least < access.Viewer || row.least > access.Owner {
			t.Errorf("/%s is for %d", row.name, row.least)
		}
	}
	if (command{name: "new"}).allows(access.Editor) {
		t.Error("a command without a role is for everybody")
	}
}

// ways are all roads by which words can reach a command.
func (h *house) ways(who int64, words string) []Request {
	typed, tapped, edited, grouped := h.at(who, words), h.at(who, words), h.at(who, words), h.at(who, words)
	tapped.Tap, edited.Edited = true, true
	grouped.Chat = Chat{ID: group, Thread: 3}
	forged := grouped
	forged.Tap, forged.Key = true, forged.Key+"/forged"
	return []Request{typed, tapped, edited, grouped, forged}
}

func (h *house) wantNothing(who int64, words, want string) {
	h.t.Helper()
	before, people := h.list(), fmt.Sprint(h.records(store.MemberRecord), h.records(store.InviteRecord))
	for _, req := range h.ways(who, words) {
		said := h.do(req)
		if strings.HasPrefix(want, "You may look") && !req.Chat.Private {
			want = "Only editors and owners may change goals here."
		}
		if !req.Edited && (len(said) != 1 || !strings.Contains(said[0].Text, want)) {
			h.t.Errorf("%s of %d, tapped %v: said %+v", words, who, req.Tap, said)
		}
		if h.list() != before || fmt.Sprint(h.records(store.MemberRecord), h.records(store.InviteRecord)) != people {
			h.t.Errorf("%s of %d did something", words, who)
		}
	}
}

func TestWhatAViewerMayNot(t *testing.T) {
	h := people(t)
	h.say("/addgoal call mother")
	h.say("/done 1")
	for _, words := range []string{"/addgoal x", "/addgoal", "/done 1", "/begin 1", "/block 1 x", "/reopen 1", "/abandon 1", "/rename 1 x", "/note 1 x", "/delete 1 yes", "/undo"} {
		h.wantNothing(viewer, words, "You may look at the goals here, but not change them.")
	}
	for _, words := range []string{"/restore", "/invite owner", "/members", "/members 2001 owner", "/revoke 2002 yes", "/vanished remove x"} {
		h.wantNothing(viewer, words, "Only an owner may use")
	}
	for words, want := range map[string]string{"/goals all": "#1", "/goal 1": "call mother", "/health": "OK", "/cancel": "no open question", "/start": "I keep", "/help done": "/done"} {
		m := h.one(h.at(viewer, words))
		if !strings.Contains(m.Text, want) {
			t.Errorf("%s: said %q", words, m.Text)
		}
		for _, row := range m.Buttons {
			for _, b := range row {
				name, _ := cutFirstWord(b.Command)
				if command, _ := h.h.find(name); !command.allows(access.Viewer) {
					t.Errorf("%s: a viewer is offered %q", words, b.Label)
				}
			}
		}
	}
	help := h.one(h.at(viewer, "/help")).Text
	if strings.Contains(help, "/addgoal") || strings.Contains(help, "/invite") || !strings.Contains(help, "/goals") {
		t.Errorf("a viewer's help is\n%s", help)
	}
}

// What is said to viewers offers nothing that they may not do.
func TestAViewerIsNotOfferedWhatOthersMay(t *testing.T) {
	h := people(t)
	for _, words := range []string{"/start", "/help", "/cancel"} {
		m := h.one(h.at(viewer, words))
		for _, row := range h.h.table {
			if !row.allows(access.Viewer) && regexp.MustCompile("/"+row.name+`\b`).MatchString(m.Text) {
				t.Errorf("%s offers /%s: %q", words, row.name, m.Text)
			}
		}
	}
	for words, want := range map[string]string{
		"/help addgoal": "Editors and owners may use it; you are a viewer here.",
		"/help restore": "Only owners may use it; you are a viewer here.",
		"/help":         "/help goal explains /goal.",
	} {
		if m := h.one(h.at(viewer, words)); !strings.HasSuffix(m.Text, want) {
			t.Errorf("%s: said %q", words, m.Text)
		}
	}
	if m := h.say("/help restore"); strings.Contains(m.Text, "may use it") {
		t.Errorf("an owner hears %q", m.Text)
	}
}

func TestWhatAnEditorMayNot(t *testing.T) {
	h := people(t)
	h.fake.kept = "the file was written"
	for _, words := range []string{"/restore", "/invite owner", "/members", "/members 2002 owner", "/revoke 2001 yes", "/vanished remove x"} {
		h.wantNothing(editor, words, "Only an owner may use")
	}
	h.one(h.at(editor, "/addgoal call mother"))
	h.wantList("#1 pending call mother")
	if events := h.events(1); len(events) != 1 || events[0].By != editor {
		t.Errorf("the change is %+v", events)
	}
}

// A file is not even fetched for somebody who may not import: fetching would
// panic here, where there is nothing to fetch with.
func TestAFileOfAnEditorIsNotFetched(t *testing.T) {
	h := people(t)
	h.h.files = nil
	for _, words := range []string{"/import", ""} {
		req := h.at(editor, words)
		req.Files = []goals.File{{Kind: goals.DocFile, ID: "x", Name: "goals.json"}}
		if m := h.one(req); !strings.Contains(m.Text, "Only an owner may use /import") {
			t.Errorf("said %q", m.Text)
		}
	}
}

// The message that a denied tap was made on is not the viewer's alone.
func TestADeniedTapLeavesTheMessageToOthers(t *testing.T) {
	h := people(t)
	card := h.say("/addgoal call mother")
	req := h.at(viewer, "/"+button(t, card, "Undo").Command)
	req.Chat, req.Tap = Chat{ID: group, Thread: 3}, true
	if m := h.one(req); m.Edit != 0 || m.Thread != 3 || !strings.HasPrefix(m.Text, "Vera: Only editors and owners may") {
		t.Errorf("said %+v", m)
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
