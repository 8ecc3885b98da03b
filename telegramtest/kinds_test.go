package telegramtest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"goalbot/telegramtest"
)

// told is what the bot is told of a message, of which the fields alone are looked at.
func told(st *stage) (all []map[string]json.RawMessage) {
	st.t.Helper()
	for _, u := range ok[[]map[string]json.RawMessage](st, "getUpdates", nil) {
		raw := u["message"]
		if raw == nil {
			raw = u["edited_message"]
		}
		var m map[string]json.RawMessage
		if err := json.Unmarshal(raw, &m); err != nil {
			st.t.Fatalf("%s: %v", raw, err)
		}
		all = append(all, m)
	}
	return all
}

func TestMessagesWithoutText(t *testing.T) {
	for name, c := range map[string]struct {
		options     []telegramtest.Option
		field, want string
	}{
		"rich": {[]telegramtest.Option{telegramtest.AsRich()}, "rich_message", `{"blocks":[{"text":"/addgoal call mother","type":"paragraph"},{"text":"today","type":"paragraph"}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			st := newStage(t)
			chat := st.Private(ann)
			m := st.Say(chat, ann, "/addgoal call mother\ntoday", c.options...)
			if _, err := st.Edit(chat, ann, m.ID, "/addgoal call mother\ntoday", c.options...); err != nil {
				t.Fatal(err)
			}
			for _, got := range told(st) {
				for _, none := range []string{"text", "caption", "entities"} {
					if got[none] != nil {
						t.Errorf("it has %s %s", none, got[none])
					}
				}
				if string(got[c.field]) != c.want {
					t.Errorf("%s is %s", c.field, got[c.field])
				}
			}
		})
	}
}

func TestARichMessageIsEditedIntoAPlainOne(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	m := st.Say(chat, ann, "one", telegramtest.AsRich())
	if _, err := st.Edit(chat, ann, m.ID, "two"); err != nil {
		t.Fatal(err)
	}
	if got := told(st)[1]; got["rich_message"] != nil || string(got["text"]) != `"two"` {
		t.Errorf("it is %v", got)
	}
}

func TestQuotes(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	said := st.Say(chat, ann, "😀 one and two")
	st.Say(chat, ann, "that", telegramtest.Quoting(said.ID, "two"))
	got := told(st)[1]
	if string(got["quote"]) != `{"is_manual":true,"position":11,"text":"two"}` || got["reply_to_message"] == nil {
		t.Errorf("quote %s", got["quote"])
	}
}

func TestAlbums(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	pictures := st.Album(chat, ann, "/addgoal paint", 3, telegramtest.ForwardedFrom("Eve"))
	st.Album(chat, ann, "", 2)
	got := told(st)
	if len(pictures) != 3 || len(got) != 5 {
		t.Fatalf("%d and %d messages", len(pictures), len(got))
	}
	var captions []string
	groups := map[string]int{}
	for i, m := range got {
		captions = append(captions, string(m["caption"]))
		groups[string(m["media_group_id"])]++
		if m["photo"] == nil || (m["forward_origin"] != nil) != (i < 3) {
			t.Errorf("picture %d is %v", i, m)
		}
	}
	if want := []string{`"/addgoal paint"`, "", "", "", ""}; !slices.Equal(captions, want) {
		t.Errorf("captions %q", captions)
	}
	if len(groups) != 2 {
		t.Errorf("albums %v", groups)
	}
}

func TestServiceMessagesArrive(t *testing.T) {
	kinds := telegramtest.ServiceKinds()
	if len(kinds) < 30 {
		t.Errorf("%d kinds", len(kinds))
	}
	st := newStage(t)
	chat := st.Meet(ann)
	group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
	for _, kind := range kinds {
		st.Service(chat, ann, kind)
		st.Service(group, ann, kind)
	}
	got := told(st)
	if len(got) != 2*len(kinds) {
		t.Fatalf("%d of %d are told", len(got), 2*len(kinds))
	}
	for i, m := range got {
		if kind := kinds[i/2]; m[kind] == nil || m["text"] != nil || m["from"] == nil {
			t.Errorf("%s: %v", kind, m)
		}
	}
}

func TestAPinNamesItsMessage(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	said := st.Say(chat, ann, "one")
	st.Service(chat, ann, "pinned_message", telegramtest.ReplyTo(said.ID))
	var pinned message
	if err := json.Unmarshal(told(st)[1]["pinned_message"], &pinned); err != nil || pinned.MessageID != said.ID {
		t.Errorf("%+v, %v", pinned, err)
	}
}

func TestTapsOfWhatTheBotCannotSee(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	group := st.Group(-1007, "Home", telegramtest.Supergroup, ann)
	st.SetAdmin(group, true)
	st.TapInline(ann, "one")
	st.TapWithout(chat, ann, "two")
	st.TapForged(chat, ann, 4040, "three")
	said := ok[message](st, "sendMessage", params{"chat_id": group.ID, "text": "x", "reply_markup": keyboard([]params{button("x", "four")})})
	st.Say(group, ann, "/goals", telegramtest.AsAnonymousAdmin())
	st.Group(group.ID, "Home", telegramtest.Supergroup, telegramtest.AnonymousAdmin)
	if _, err := st.Tap(group, telegramtest.AnonymousAdmin, said.MessageID, "four"); err == nil {
		t.Error("a group tapped")
	}
	if _, err := st.Tap(group, ann, said.MessageID, "four"); err != nil {
		t.Error(err) // the administrator, who taps as a person
	}
	var got []string
	for _, u := range ok[[]struct {
		Callback *struct {
			From    telegramtest.User
			Inline  string `json:"inline_message_id"`
			Message *struct {
				Date int64
			}
			Data, Instance string `json:"-"`
		} `json:"callback_query"`
	}](st, "getUpdates", nil) {
		if c := u.Callback; c != nil {
			got = append(got, fmt.Sprint(c.From.ID == ann.ID, " ", c.Inline != "", " ", c.Message != nil && c.Message.Date == 0, " ", c.Message != nil))
		}
	}
	want := []string{"true true false false", "true false false false", "true false true true", "true false false true"}
	if !slices.Equal(got, want) {
		t.Errorf("taps %q", got)
	}
}

func TestWhatMenuSomebodySees(t *testing.T) {
	scopes := map[string]any{
		"default":                 nil,
		"all_private_chats":       params{"type": "all_private_chats"},
		"all_group_chats":         params{"type": "all_group_chats"},
		"all_chat_administrators": params{"type": "all_chat_administrators"},
		"chat":                    params{"type": "chat", "chat_id": -7},
		"chat_administrators":     params{"type": "chat_administrators", "chat_id": -7},
		"chat_member":             params{"type": "chat_member", "chat_id": -7, "user_id": 501},
		"private":                 params{"type": "chat", "chat_id": 501},
	}
	admin := telegramtest.User{ID: 503, FirstName: "Cid"}
	// In which order the scopes are looked at; each is there in turn, alone with all that come after it.
	for who, c := range map[string]struct {
		user  telegramtest.User
		group bool
		order []string
	}{
		"a stranger in private":   {bob, false, []string{"all_private_chats", "default"}},
		"a member in private":     {ann, false, []string{"private", "all_private_chats", "default"}},
		"a member of the group":   {ann, true, []string{"chat_member", "chat", "all_group_chats", "default"}},
		"another member":          {bob, true, []string{"chat", "all_group_chats", "default"}},
		"an administrator of it":  {admin, true, []string{"chat_administrators", "chat", "all_chat_administrators", "all_group_chats", "default"}},
		"nobody has a menu there": {bob, true, nil},
	} {
		t.Run(who, func(t *testing.T) {
			st := newStage(t)
			st.Meet(ann)
			group := st.Group(-7, "Home", telegramtest.BasicGroup, ann, bob)
			st.Promote(group, admin, true)
			where := group
			if !c.group {
				where = st.Private(c.user)
			}
			if len(c.order) > 0 {
				for name, scope := range scopes {
					p := params{"commands": []params{{"command": name, "description": "x"}}}
					if scope != nil {
						p["scope"] = scope
					}
					ok[bool](st, "setMyCommands", p)
				}
			}
			for _, want := range c.order {
				if got := st.Menu(where, c.user); len(got) != 1 || got[0].Name != want {
					t.Errorf("the menu is %v, want that of %s", got, want)
				}
				p := params{}
				if scope := scopes[want]; scope != nil {
					p["scope"] = scope
				}
				ok[bool](st, "deleteMyCommands", p)
			}
			if got := st.Menu(where, c.user); len(got) != 0 {
				t.Errorf("the menu is %v, want none", got)
			}
		})
	}
}
