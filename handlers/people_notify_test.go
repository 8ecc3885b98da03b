package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// heard is what others were told of the last request, each with their chat.
func (h *house) heard() string {
	var all []string
	for _, m := range h.told {
		all = append(all, names[m.chat]+": "+m.Text)
	}
	return strings.Join(all, "\n")
}

func (h *house) wantHeard(want string) {
	h.t.Helper()
	if got := h.heard(); got != want {
		h.t.Errorf("others heard\n%s\nwant\n%s", got, want)
	}
}

// Nobody was told what others did to the goals that they had added. Broken on
// purpose: telling whoever did it, or those who do not want it.
func TestOthersAreToldOfChangesToTheirGoals(t *testing.T) {
	h := people(t)
	as := func(who int64, words string) { t.Helper(); h.one(h.at(who, words)) }
	as(editor, "/addgoal paint the fence")
	as(second, "/addgoal mow the lawn")
	h.wantHeard("")
	as(editor, "/note 1 green")
	h.wantHeard("")
	as(ann, "/done 1 2")
	h.wantHeard("Edith: Ann finished a goal of yours\n✅ #1 paint the fence\nSol: Ann finished a goal of yours\n✅ #2 mow the lawn")
	if m := h.told[0]; !m.Quiet || len(m.Buttons) != 2 || m.Buttons[0][0].Command != "goal 1" {
		t.Errorf("told %+v", m)
	}
	as(ann, "/undo")
	h.wantHeard("Edith: Ann reopened a goal of yours\n⬜ #1 paint the fence\nSol: Ann reopened a goal of yours\n⬜ #2 mow the lawn")
	as(ann, "/done 99")
	h.wantHeard("")
	in := h.at(ann, "/criterion 1 two coats") // in a group too
	in.Chat = Chat{ID: group}
	h.one(in)
	h.wantHeard("Edith: Ann added a criterion to a goal of yours\n⬜ #1 paint the fence\n• criterion “two coats”")
	in.Key, in.Edited, in.Args = in.Key+"/edit", true, "1 three coats"
	h.one(in)
	h.wantHeard("Edith: Ann changed a criterion of a goal of yours\n⬜ #1 paint the fence\n• criterion changed to “three coats”")

	as(editor, "/notify off")
	as(ann, "/block 1")
	h.wantHeard("")
	as(editor, "/undo")
	as(ann, "/reopen 1")
	h.wantHeard("Edith: Ann reopened a goal of yours\n⬜ #1 paint the fence")
	as(editor, "/redo")
	as(ann, "/begin 1")
	h.wantHeard("")
	as(editor, "/notify on")
	as(ann, fmt.Sprintf("/members %d viewer", editor))
	as(ann, "/done 1 anyway")
	h.wantHeard("Edith: Ann finished a goal of yours\n✅ #1 paint the fence")
	as(ann, fmt.Sprintf("/revoke %d yes", editor))
	as(ann, "/reopen 1")
	h.wantHeard("")
	as(ann, "/delete 2 yes")
	as(ann, "/undo")
	h.wantHeard("Sol: Ann brought back a goal of yours\n⬜ #2 mow the lawn")
}

// Somebody's two hundred changes were as many messages for whoever had added the
// goal. Telling all of them turns this red.
func TestOthersAreNotToldOfAVolley(t *testing.T) {
	h := open(t)
	h.say("/addgoal call mother")
	told := map[string]int{}
	for i := range 2*maxTold + 2 {
		h.one(h.at(ben, fmt.Sprint("/note 1 line ", i)))
		head, _, _ := strings.Cut(h.heard(), "\n")
		told[head]++
	}
	if told["Ann: Ben added a note to a goal of yours"] != maxTold || told["Ann: More goals of yours are being changed. You won't hear about more of them until 12:10; /history shows everything."] != 1 || told[""] != maxTold+1 {
		t.Errorf("told %v", told)
	}
	h.now = h.now.Add(toldWindow)
	h.one(h.at(ben, "/done 1"))
	h.wantHeard("Ann: Ben finished a goal of yours\n✅ #1 call mother")
}

// Who was given another role, or none, had to find that out, and so had the other
// owners.
func TestPeopleAreToldOfTheirRoles(t *testing.T) {
	h := people(t)
	make := func(who, role, want string) {
		t.Helper()
		h.say("/members " + who + " " + role)
		h.wantHeard(want)
	}
	make("Edith", "editor", "")
	make("Vera", "editor", "Ben: ✏️ Ann has made Vera an editor.\nSol: ✏️ Ann has made Vera an editor.\nVera: ✏️ Ann has made you an editor. You can change the goals now. /help shows what you can do.")
	h.say("/undo")
	h.wantHeard("Ben: 👁 Ann has made Vera a viewer.\nSol: 👁 Ann has made Vera a viewer.\nVera: 👁 Ann has made you a viewer. You can still see the goals, but not change them. /help shows what you can do.")
	make("Vera", "owner", "Ben: 👑 Ann has made Vera an owner.\nSol: 👑 Ann has made Vera an owner.\nVera: 👑 Ann has made you an owner. You can do everything now, and alerts about goals.json come to this chat. /help shows what you can do.")
	make("Sol", "editor", "Ben: ✏️ Ann has made Sol an editor.\nVera: ✏️ Ann has made Sol an editor.\nSol: ✏️ Ann has made you an editor. You can still see the goals and change them, but not decide about people, files and settings. /help shows what you can do.")
	h.one(h.at(viewer, fmt.Sprintf("/members %d editor", viewer))) // themselves
	h.wantHeard("Ann: ✏️ Vera is an editor now.\nBen: ✏️ Vera is an editor now.")
	h.say("/revoke Edith yes")
	h.wantHeard("Ben: 🚪 Ann removed Edith's access.\nEdith: 🚪 Ann removed your access. I no longer answer you.")
	if said := h.do(h.at(editor, "/goals")); len(said) != 0 {
		t.Errorf("somebody who is out is answered %+v", said)
	}
}

// What people are told of themselves and others is not for a group, whatever way
// it is asked for. Broken on purpose: an edit of a command is answered where it was
// made.
func TestWhatIsPrivateIsAnsweredInPrivate(t *testing.T) {
	h := people(t)
	for _, words := range []string{"/members", "/members Vera editor", "edit /members Vera owner", "/undo", "/redo", "/settings digest 8", "/settings", "/notify", "/notify off", "/undo", "/invite", "/invite viewer", "/revoke Vera", "/revoke Vera yes", "edit /revoke Edith yes", "/undo"} {
		words, edited := strings.CutPrefix(words, "edit ")
		req := h.at(ann, words)
		req.Chat, req.Edited = Chat{ID: group}, edited
		if edited {
			req.Message = h.said
		}
		h.said = req.Message
		h.do(req)
		if got := strings.Join(h.saidIn(group), "\n"); got != inPrivate {
			t.Errorf("%s: the group hears %q", words, got)
		}
		if len(h.saidIn(ann)) != 1 {
			t.Errorf("%s: in private comes %q", words, h.saidIn(ann))
		}
	}
}

// Whoever a goal is assigned to hears of that, and of what others do to it, as whoever
// added it does; who is both hears it once, and nobody hears of their own changes. Broken
// on purpose: telling whoever did it, telling one who is both twice, and forgetting the
// one it was assigned to before.
func TestOthersAreToldOfWhatIsAssignedToThem(t *testing.T) {
	h := people(t)
	as := func(who int64, words string) { t.Helper(); h.one(h.at(who, words)) }
	as(editor, "/addgoal paint the fence")
	as(editor, "/addgoal mow the lawn")
	as(ann, "/assign 1 Sol")
	h.wantHeard("Edith: Ann assigned a goal of yours\n⬜ #1 paint the fence\n• assigned to Sol\nSol: Ann assigned a goal to you\n⬜ #1 paint the fence")
	as(second, "/begin 1")
	h.wantHeard("Edith: Sol started a goal of yours\n▶️ #1 paint the fence")
	as(editor, "/note 1 green")
	h.wantHeard("Sol: Edith added a note to a goal of yours\n▶️ #1 paint the fence\n• note “green”")
	as(ann, "/assign 1 Edith") // who added it
	h.wantHeard("Edith: Ann assigned a goal to you\n▶️ #1 paint the fence\nSol: Ann assigned a goal of yours\n▶️ #1 paint the fence\n• assigned to Edith")
	as(ann, "/done 1 2 anyway")
	h.wantHeard("Edith: Ann finished 2 goals of yours\n✅ #1 paint the fence\n✅ #2 mow the lawn")
	as(ann, "/undo")
	as(editor, "/assign 1 me")
	h.wantHeard("")
	as(editor, "/assign 2 me")
	h.wantHeard("")
	as(editor, "/assign 2 Vera")
	h.wantHeard("Vera: Edith assigned a goal to you\n⬜ #2 mow the lawn")
	as(viewer, "/notify off")
	as(ann, "/done 2")
	h.wantHeard("Edith: Ann finished a goal of yours\n✅ #2 mow the lawn")
	as(viewer, "/notify on")
	as(ann, fmt.Sprintf("/revoke %d yes", viewer))
	as(ann, "/reopen 2")
	h.wantHeard("Edith: Ann reopened a goal of yours\n⬜ #2 mow the lawn")
	as(ann, "/assign 2 Sol")
	as(ann, "/delete 2 yes")
	h.wantHeard("Edith: Ann deleted a goal of yours\n🗑 #2 mow the lawn\nSol: Ann deleted a goal of yours\n🗑 #2 mow the lawn")
	as(ann, "/undo")
	h.wantHeard("Edith: Ann brought back a goal of yours\n⬜ #2 mow the lawn\nSol: Ann brought back a goal of yours\n⬜ #2 mow the lawn")
}
