package telegram

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/handlers"
	"goalbot/telegramtest"
)

// offered checks the menu that somebody's phone shows in a chat.
func (w *world) offered(where telegramtest.Chat, who telegramtest.User, want []handlers.Command) {
	w.t.Helper()
	var got, names []string
	for _, c := range w.Menu(where, who) {
		got = append(got, c.Name)
	}
	for _, c := range want {
		names = append(names, c.Name)
	}
	if !slices.Equal(got, names) {
		w.t.Errorf("%s is offered %v in chat %d, want %v", who.FirstName, got, where.ID, names)
	}
}

// A stranger, and whoever has no access any more, was offered the commands of
// an editor. Setting a menu for all, setting menus only when somebody writes,
// and forgetting those who are not known any more turn this red.
func TestEverybodyIsOfferedWhatTheyMayDo(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.Meet(eve)
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, eve)
		for _, scope := range []string{`{"type":"default"}`, `{"type":"all_private_chats"}`} { // as an older program left it
			if _, err := w.client.call(t.Context(), "setMyCommands", map[string]string{"commands": `[{"command":"secret","description":"x"}]`, "scope": scope}, callDeadline); err != nil {
				t.Fatal(err)
			}
		}
		c := &clerk{}
		w.poller(c)
		look := func(role map[int64]access.Role) {
			t.Helper()
			pass(time.Second)
			for _, u := range []telegramtest.User{ann, bob, eve} {
				w.offered(w.Private(u), u, handlers.CommandsFor(role[u.ID]))
			}
			w.offered(group, eve, handlers.GroupCommands())
		}
		look(map[int64]access.Role{ann.ID: access.Owner, bob.ID: access.Viewer})
		for _, roles := range []map[int64]access.Role{
			{ann.ID: access.Owner, bob.ID: access.Editor, eve.ID: access.Viewer},
			{ann.ID: access.Owner, bob.ID: 0},
			{ann.ID: access.Owner, bob.ID: access.Owner},
		} {
			c.change(roles)
			look(roles)
		}
		before := len(w.Calls())
		w.Say(w.Private(ann), ann, "hello")
		c.change(map[int64]access.Role{ann.ID: access.Owner, bob.ID: access.Owner})
		pass(time.Minute)
		for _, call := range w.Calls()[before:] {
			if strings.Contains(call.Method, "MyCommands") {
				t.Errorf("%s for nothing: %v", call.Method, call.Params)
			}
		}
	})
}

// An owner of the settings who has never written has no chat that could have a
// menu. It comes when they write. Not looking then turns this red.
func TestTheMenuComesWithTheFirstWord(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		carl := telegramtest.User{ID: 1003, FirstName: "Carl"}
		chat := w.Private(carl)
		c := &clerk{roles: map[int64]access.Role{carl.ID: access.Owner}}
		w.poller(c)
		for range 10 {
			c.change(map[int64]access.Role{carl.ID: access.Owner})
			pass(time.Hour)
		}
		w.offered(chat, carl, nil)
		if n := len(w.CallsTo("setMyCommands")); n > 3 {
			t.Errorf("tried %d times", n)
		}
		w.Say(chat, carl, "/start")
		pass(time.Second)
		w.offered(chat, carl, handlers.CommandsFor(access.Owner))
	})
}

// The real handlers: a link lets somebody in, and an owner takes it back.
func TestMenusFollowTheRolesAtOnce(t *testing.T) {
	dir := t.TempDir()
	bubble(t, func(t *testing.T, w *world) {
		p := w.program(dir)
		defer func() { p.stop() }()
		pass(time.Second)
		w.Say(w.Private(ann), ann, "/invite viewer")
		pass(time.Second)
		invitation, _ := w.Last(ann.ID)
		_, code, found := strings.Cut(invitation.Text, "?start=")
		if !found {
			t.Fatalf("there is no link in %q", invitation.Text)
		}
		w.Say(w.Private(eve), eve, "/start "+strings.Fields(code)[0])
		pass(time.Second)
		w.offered(w.Private(eve), eve, handlers.CommandsFor(access.Viewer))
		w.Say(w.Private(ann), ann, fmt.Sprintf("/members %d editor", eve.ID))
		pass(time.Second)
		w.offered(w.Private(eve), eve, handlers.CommandsFor(access.Editor))
		w.Say(w.Private(ann), ann, fmt.Sprintf("/revoke %d yes", eve.ID))
		pass(time.Second)
		w.offered(w.Private(eve), eve, nil)

		// A menu that could not be taken away in time is at the next start.
		w.Say(w.Private(bob), bob, "hello")
		pass(time.Second)
		p.stop()
		menu, scope := `[{"command":"done","description":"x"}]`, fmt.Sprintf(`{"type":"chat","chat_id":%d}`, eve.ID)
		if _, err := w.client.call(t.Context(), "setMyCommands", map[string]string{"commands": menu, "scope": scope}, callDeadline); err != nil {
			t.Fatal(err)
		}
		p = w.program(dir)
		pass(time.Second)
		w.offered(w.Private(eve), eve, nil)
		w.offered(w.Private(bob), bob, handlers.CommandsFor(access.Owner))
	})
}

func TestAMenuThatCannotBeSetStopsNothing(t *testing.T) {
	for name, fault := range map[string]telegramtest.Fault{
		"400": telegramtest.Status(400, "Bad Request: BOT_COMMAND_INVALID"), "hang": telegramtest.Hang(), "502": telegramtest.ServerErrorHTML(502),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.Fail("setMyCommands", 4, fault)
				c := &clerk{}
				_, stop := w.poller(c)
				w.Say(w.Private(ann), ann, "hello")
				c.did(t, "hello")
				pass(2 * time.Minute)
				if !strings.Contains(w.lines.String(), "profile could not be set") {
					t.Error("the log does not say so")
				}
				if set := len(w.Menu(w.Private(ann), ann)) > 0; set != (name != "400") {
					t.Errorf("set in the end: %v", set)
				}
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Who writes in a group only has no private chat yet, so that nothing is tried again
// because of it.
func TestAWordInAGroupBringsNoMenu(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		carl := telegramtest.User{ID: 1003, FirstName: "Carl"}
		group := w.Group(-4001, "Club", telegramtest.BasicGroup, ann, carl)
		w.FailIf(func(c telegramtest.Call) bool { return strings.Contains(c.Params["scope"], fmt.Sprint(carl.ID)) }, -1, telegramtest.Status(400, "Bad Request: chat not found"))
		c := &clerk{roles: map[int64]access.Role{carl.ID: access.Owner}}
		w.poller(c)
		pass(time.Hour)
		before := len(w.CallsTo("setMyCommands"))
		w.Say(group, carl, "/list")
		pass(time.Minute)
		if n := len(w.CallsTo("setMyCommands")) - before; n != 0 {
			t.Errorf("tried %d times", n)
		}
	})
}
