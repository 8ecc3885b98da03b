package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/store"
)

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
