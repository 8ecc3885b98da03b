package handlers

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/store"
)

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
