package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/message"
	"goalbot/store"
)

const supergroup = -1001

func (h *house) migrate() {
	h.t.Helper()
	if err := h.truth.MoveChat(h.t.Context(), group, supergroup); err != nil {
		h.t.Fatal(err)
	}
}

// A question that was asked before the group became a supergroup was never
// answered, since it is named by more than the chat.
func TestAQuestionFollowsAGroup(t *testing.T) {
	h := open(t)
	h.members.Config.Editors = []int64{group}
	in := func(chat, from int64, words string) Request {
		req := h.request(words)
		req.Chat, req.From.ID, req.Reply = Chat{ID: chat, Thread: 5}, from, true
		return req
	}
	h.one(in(group, ann, "/addgoal"))
	h.one(in(group, group, "/addgoal")) // an anonymous admin
	h.migrate()
	if err := h.members.Load(t.Context(), h.truth); err != nil {
		t.Fatal(err)
	}
	h.one(in(supergroup, ann, "call mother"))
	h.one(in(supergroup, supergroup, "call father"))
	h.wantList("#1 pending call mother", "#2 pending call father")
}

// A message of the supergroup has a number that one of the group may have had.
// What was kept of that must not be taken for the new one: an edit would change
// somebody else's goal.
func TestMessagesOfTheOldGroupStayThere(t *testing.T) {
	for _, name := range []string{fmt.Sprintf("%d/17", group), message.SentName(boardTag, group)} {
		for _, kind := range []store.Kind{store.OfferRecord, store.SaidRecord, store.SentRecord} {
			if got, value := store.FollowGroup(kind, name, "1 x", group, supergroup); got != name || value != "1 x" {
				t.Errorf("%s %s became %s %s", kind, name, got, value)
			}
		}
	}
	h := open(t)
	req := h.request("/addgoal one")
	req.Chat, req.Message = Chat{ID: group}, 17
	h.one(req)
	h.migrate()
	req = h.request("/addgoal two")
	req.Chat, req.Message, req.Edited = Chat{ID: supergroup}, 17, true
	h.do(req)
	if got := h.truth.List().Number(1).Description; got != "one" {
		t.Errorf("the goal became %q", got)
	}
}

// What is named by the chat or the person alone goes along, as do values.
func TestWhatIsAboutAGroupFollowsIt(t *testing.T) {
	h := open(t)
	o := h.request("/x").origin()
	all := map[store.Kind]string{store.BoardRecord: "{}", store.NameRecord: "Staff", store.MemberRecord: `{"role":2}`, store.ActionRecord: "[]"}
	err := h.truth.Update(t.Context(), o, func(tx store.Tx) error {
		for kind, value := range all {
			if err := tx.SetRecord(kind, fmt.Sprint(group), value); err != nil {
				return err
			}
		}
		return tx.SetRecord(store.SettingRecord, "there", fmt.Sprint(group))
	})
	if err != nil {
		t.Fatal(err)
	}
	h.migrate()
	for kind, value := range all {
		if records := h.records(kind); records[fmt.Sprint(supergroup)] != value || records[fmt.Sprint(group)] != "" {
			t.Errorf("%s: %v", kind, records)
		}
	}
	if got := h.records(store.SettingRecord)["there"]; !strings.Contains(got, fmt.Sprint(supergroup)) {
		t.Errorf("the value is %q", got)
	}
}
