package handlers

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"goalbot/message"
)

// An answer in a group knows whose private chat it goes to where the group
// takes nothing, and says there what it belongs to. Red when it does not say so.
func TestAnAnswerInAGroupKnowsWhoAsked(t *testing.T) {
	h := open(t)
	club := Chat{ID: group, Title: "Club"}
	for name, tt := range map[string]struct {
		words string
		chat  Chat
		set   func(*Request)
		about string
	}{
		"a command":    {"/addgoal a", club, func(*Request) {}, "This is for “Club”, where you sent /addgoal. I can't write there."},
		"a tap":        {"/goals", club, func(r *Request) { r.Tap, r.Message = true, 7 }, "This is for “Club”, where you tapped a button. I can't write there."},
		"no title":     {"/goals", Chat{ID: group}, func(*Request) {}, "This is for the group, where you sent /goals. I can't write there."},
		"in private":   {"/goals", Chat{ID: ann, Private: true}, func(*Request) {}, ""},
		"in its name":  {"/goals", club, func(r *Request) { r.From = Person{ID: group, Name: "Club"} }, ""},
		"a long title": {"/goals", Chat{ID: group, Title: strings.Repeat("x", 300)}, func(*Request) {}, "This is for “" + strings.Repeat("x", 59) + "…”, where you sent /goals. I can't write there."},
	} {
		t.Run(name, func(t *testing.T) {
			req := h.request(tt.words)
			req.Chat = tt.chat
			tt.set(&req)
			h.members.Config.Editors = []int64{group}
			m := h.one(req)
			if m.About != tt.about || (m.About != "") != slices.Equal(m.Elsewhere, []int64{ann}) {
				t.Errorf("about %q, elsewhere %v", m.About, m.Elsewhere)
			}
		})
	}
}

// Alerts that a group does not take go to owners who get none of their own.
func TestAnAlertGoesToTheOwnersWhereItsGroupTakesNothing(t *testing.T) {
	h := open(t)
	h.members.Config.Alerts = []int64{group, ben}
	m := AlertElsewhere(h.members, group, message.Message{Text: "🚨 goals.json"})
	if !slices.Equal(m.Elsewhere, []int64{ann}) || !strings.HasPrefix(m.Private().Text, "🚨 goals.json\n\nYou get this here because I can't write in the chat -4001,") {
		t.Errorf("it goes to %v as %q", m.Elsewhere, m.Private().Text)
	}
	if m := AlertElsewhere(h.members, ben, message.Message{Text: "🚨"}); len(m.Elsewhere) > 0 {
		t.Errorf("from a private chat it goes to %v", m.Elsewhere)
	}
}

func TestToastsFit(t *testing.T) {
	for _, toast := range []string{ToastPrivate, ToastAnonymous} {
		if n := utf8.RuneCountInString(toast); n > message.MaxToast {
			t.Errorf("%q has %d characters", toast, n)
		}
	}
}

// Answers that are told together are for the same people: whether those may
// have them still is looked at once. They go elsewhere together where they go
// to the same private chats. Not comparing either turns this red. So does telling
// together what is no message of words in the same place: a question that is made when
// it leaves, a picture, a tick or an edit would be lost.
func TestTogetherIsForTheSamePeople(t *testing.T) {
	row := func(change func(*message.Message)) []message.Message {
		all := []message.Message{said("one"), said("two"), said("three")}
		for i := range all {
			all[i].Answer, all[i].Elsewhere, all[i].About = true, []int64{ann}, "This is for “Club”."
		}
		change(&all[2])
		return all
	}
	if m, n := Combine(row(func(*message.Message) {})); n != 3 || !slices.Equal(m.Elsewhere, []int64{ann}) || m.About == "" {
		t.Errorf("%d go to %v", n, m.Elsewhere)
	}
	if m, n := Combine(row(func(m *message.Message) { m.Elsewhere = []int64{ben} })); n != 3 || m.Elsewhere != nil {
		t.Errorf("%d go to %v", n, m.Elsewhere)
	}
	for what, alone := range map[string]func(*message.Message){
		"no answer":               func(m *message.Message) { m.Answer = false },
		"made when it leaves":     func(m *message.Message) { m.Render = offerRender },
		"a file":                  func(m *message.Message) { m.File = &message.File{Kind: "photo", ID: "1"} },
		"a reaction":              func(m *message.Message) { m.React = "👍" },
		"an edit":                 func(m *message.Message) { m.Edit = 5 },
		"in the place of another": func(m *message.Message) { m.Over = questionTag + "a" },
		"to be found again":       func(m *message.Message) { m.Tag = boardTag },
		"in another topic":        func(m *message.Message) { m.Thread = 7 },
		"for others":              func(m *message.Message) { m.For = forAnybody },
	} {
		all := row(alone)
		if _, n := Combine(all); n != 2 {
			t.Errorf("%s: %d are told together, want the two before it", what, n)
		}
		if _, n := Combine([]message.Message{all[2], all[0], all[1]}); n != 0 {
			t.Errorf("%s: %d are told together with it", what, n)
		}
	}
}
