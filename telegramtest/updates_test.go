package telegramtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/telegramtest"
)

const otherPoll = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"

func TestUpdatesComeAgainUntilAHigherOffsetConfirmsThem(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	first := st.Say(chat, ann, "/start")
	second := st.Say(chat, ann, "hello")
	for range 2 {
		got := st.updates(nil)
		if len(got) != 2 || got[0].ID != first.Update || got[1].ID != second.Update {
			t.Fatalf("updates %+v; want %d and %d", got, first.Update, second.Update)
		}
	}
	if got := st.updates(params{"offset": second.Update}); len(got) != 1 || got[0].Message.Text != "hello" {
		t.Errorf("after confirming the first: %+v", got)
	}
	if !st.IsConfirmed(first.Update) || st.IsConfirmed(second.Update) || st.Pending() != 1 {
		t.Errorf("confirmed %v and %v, %d pending", st.IsConfirmed(first.Update), st.IsConfirmed(second.Update), st.Pending())
	}
	if got := st.updates(params{"offset": second.Update + 1}); len(got) != 0 || st.Confirmed() != 2 {
		t.Errorf("after confirming all: %+v, %d confirmed", got, st.Confirmed())
	}
}

func TestLimitAndNegativeOffset(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	for range 120 {
		st.Say(chat, ann, "x")
	}
	for limit, want := range map[string]int{"": 100, "7": 7, "0": 1, "1000": 100} {
		if got := st.updates(params{"limit": limit}); len(got) != want {
			t.Errorf("limit %q: %d updates; want %d", limit, len(got), want)
		}
	}
	if got := st.updates(params{"offset": -3}); len(got) != 3 || st.Pending() != 3 {
		t.Errorf("offset -3: %d updates, %d pending; want 3 and 3", len(got), st.Pending())
	}
}

func TestLongPollWakesAtOnce(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	got := make(chan []updateJSON, 1)
	go func() {
		a, err := st.try("getUpdates", params{"timeout": 50})
		var updates []updateJSON
		if err == nil {
			err = json.Unmarshal(a.Result, &updates)
		}
		if err != nil {
			t.Error(err)
		}
		got <- updates
	}()
	st.wait("the poll waits", st.Polling)
	st.Say(chat, ann, "wake up")
	select {
	case updates := <-got:
		if len(updates) != 1 || updates[0].Message.Text != "wake up" {
			t.Errorf("updates %+v", updates)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the poll slept on")
	}
}

func TestAFarOffsetIsAnsweredFromTheHeadAndConfirmsNothing(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	m := st.Say(chat, ann, "after the holidays")
	if got := st.updates(params{"offset": m.Update + 12}); len(got) != 1 || got[0].ID != m.Update {
		t.Errorf("offset 12 above the last: %+v; want the update", got)
	}
	if st.Confirmed() != 0 {
		t.Error("the far offset confirmed")
	}
	if got := st.updates(params{"offset": m.Update + 11}); len(got) != 0 || st.Confirmed() != 1 {
		t.Errorf("offset 11 above the last: %+v, %d confirmed; want none and 1", got, st.Confirmed())
	}
}

func TestIDsMayRestartBelow(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	old := st.Say(chat, ann, "before")
	st.updates(params{"offset": old.Update + 1})
	st.RestartIDs(1000)
	m := st.Say(chat, ann, "after")
	got := st.updates(params{"offset": old.Update + 1})
	if m.Update != 1000 || len(got) != 1 || got[0].ID != 1000 {
		t.Errorf("update %d, got %+v; want 1000", m.Update, got)
	}
}

func TestAllowedUpdates(t *testing.T) {
	st := newStage(t)
	chat := st.Meet(ann)
	kinds := func() []string {
		var kinds []string
		m := st.Say(chat, ann, "x")
		if _, err := st.Edit(chat, ann, m.ID, "y"); err != nil {
			t.Fatal(err)
		}
		st.TapForged(chat, ann, m.ID, "z")
		for _, u := range st.updates(params{"offset": -100}) {
			switch {
			case u.Message != nil:
				kinds = append(kinds, "message")
			case u.Edited != nil:
				kinds = append(kinds, "edited_message")
			case u.Callback != nil:
				kinds = append(kinds, "callback_query")
			}
		}
		st.updates(params{"offset": int64(1) << 30, "limit": 1}) // far: confirms nothing
		last := st.Push(json.RawMessage(`{}`))
		st.updates(params{"offset": last + 1})
		return kinds
	}
	for _, c := range []struct{ allowed, want string }{
		{``, "message edited_message callback_query"},
		{`["callback_query"]`, "callback_query"},
		{``, "callback_query"},
		{`not json`, "callback_query"},
		{`[1]`, "callback_query"},
		{`null`, "callback_query"},
		{`["Message"]`, "message"},
		{`["news_of_tomorrow"]`, "message edited_message callback_query"},
		{`["callback_query"]`, "callback_query"},
		{`[]`, "message edited_message callback_query"},
	} {
		st.updates(params{"allowed_updates": c.allowed})
		if got := strings.Join(kinds(), " "); got != c.want {
			t.Errorf("allowed_updates %s: %s; want %s", c.allowed, got, c.want)
		}
	}
}

func TestAllowedUpdatesLeaveTheQueueAlone(t *testing.T) {
	st := newStage(t)
	st.Say(st.Private(ann), ann, "x")
	if got := st.updates(params{"allowed_updates": `["callback_query"]`}); len(got) != 1 {
		t.Errorf("%d updates; the queued message must stay", len(got))
	}
}

func TestASecondPollEndsTheFirst(t *testing.T) {
	st := newStageWith(t, telegramtest.Config{Hold: 50 * time.Millisecond})
	type outcome struct {
		answer
		took time.Duration
	}
	ended := make(chan outcome, 3)
	poll := func() {
		began := time.Now()
		a, err := st.try("getUpdates", params{"timeout": 50})
		if err != nil {
			t.Error(err)
		}
		ended <- outcome{a, time.Since(began)}
	}
	for n := range 3 {
		go poll()
		st.wait("the poll came", func() bool { return len(st.CallsTo("getUpdates")) == n+1 })
		if n > 0 {
			if o := <-ended; o.Status != 409 || o.Description != otherPoll {
				t.Errorf("poll %d: %d %q", n, o.Status, o.Description)
			}
		}
	}
	st.Say(st.Private(ann), ann, "x")
	if o := <-ended; !o.OK {
		t.Errorf("the last poll: %s", o.Description)
	}
}

func TestRepeatedConflictsAreHeldBack(t *testing.T) {
	const hold = 200 * time.Millisecond
	st := newStageWith(t, telegramtest.Config{Hold: hold})
	ok[bool](st, "setWebhook", params{"url": "https://example.org/hook"})
	const webhook = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
	st.refused("getUpdates", nil, webhook)
	began := time.Now()
	st.refused("getUpdates", nil, webhook)
	if took := time.Since(began); took < hold {
		t.Errorf("the second conflict came after %v; want it held for %v", took, hold)
	}
	ok[bool](st, "deleteWebhook", nil)
	st.updates(params{"offset": 1})
}

func TestARepeatedOffsetIsCutToOneUpdate(t *testing.T) {
	st := newStageWith(t, telegramtest.Config{Hold: time.Hour})
	chat := st.Private(ann)
	st.Say(chat, ann, "one")
	st.Say(chat, ann, "two")
	if got := st.updates(nil); len(got) != 2 {
		t.Errorf("the first poll: %d updates; want 2", len(got))
	}
	if got := st.updates(nil); len(got) != 1 {
		t.Errorf("the same offset at once: %d updates; want 1", len(got))
	}
	if got := st.updates(params{"offset": 5}); len(got) != 2 {
		t.Errorf("another offset: %d updates; want 2", len(got))
	}
}

func TestUpdatesGrowOld(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	m := st.Say(chat, ann, "x")
	tap := st.TapForged(chat, ann, m.ID, "data")
	st.pass(150*time.Second - 1)
	if st.Pending() != 2 {
		t.Fatalf("%d pending before 150 s", st.Pending())
	}
	st.pass(1)
	if got := st.updates(nil); len(got) != 1 || got[0].Message == nil {
		t.Errorf("after 150 s: %+v; want the message, and no tap", got)
	}
	st.refused("answerCallbackQuery", params{"callback_query_id": tap.ID},
		"Bad Request: query is too old and response timeout expired or query ID is invalid")
	st.pass(24*time.Hour - 150*time.Second)
	if got := st.updates(nil); len(got) != 0 || st.Confirmed() != 0 {
		t.Errorf("after a day: %d updates, %d confirmed", len(got), st.Confirmed())
	}
}

func TestRedeliverHandsOutConfirmedUpdatesOnceMore(t *testing.T) {
	st := newStage(t)
	m := st.Say(st.Private(ann), ann, "x")
	st.updates(params{"offset": m.Update + 1})
	st.Redeliver(1)
	if got := st.updates(params{"offset": m.Update + 1}); len(got) != 1 || got[0].ID != m.Update {
		t.Errorf("redelivered %+v", got)
	}
	if got := st.updates(params{"offset": m.Update + 1}); len(got) != 0 {
		t.Errorf("a second time: %+v", got)
	}
}

func TestPushedUpdatesAreHandedOutAsTheyAre(t *testing.T) {
	st := newStage(t)
	id := st.Push(json.RawMessage(`{"message":{"date":"x"}}`))
	empty := st.Push(json.RawMessage(` { } `))
	raw := ok[[]json.RawMessage](st, "getUpdates", nil)
	var ids []int64
	for _, r := range raw {
		var u struct {
			ID int64 `json:"update_id"`
		}
		if err := json.Unmarshal(r, &u); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
	}
	if !slices.Equal(ids, []int64{id, empty}) || !strings.Contains(string(raw[0]), `"date":"x"`) {
		t.Errorf("got %s; want ids %d and %d", raw, id, empty)
	}
}

func TestCloseEndsEveryRequestThatWaits(t *testing.T) {
	st := newStage(t)
	st.Fail("getMe", 1, telegramtest.Hang())
	ended := make(chan error, 2)
	for _, method := range []string{"getUpdates", "getMe"} {
		go func() {
			_, err := st.try(method, params{"timeout": 50})
			ended <- err
		}()
	}
	st.wait("both calls are there", func() bool { return len(st.Calls()) == 2 })
	st.Close()
	for range 2 {
		if err := <-ended; err == nil {
			t.Error("a call was answered by a closed server")
		}
	}
}

func TestALeftPollIsForgotten(t *testing.T) {
	st := newStage(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := st.post(ctx, "getUpdates", params{"timeout": 50})
		ended <- err
	}()
	st.wait("the poll waits", st.Polling)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the poll ended with %v", err)
	}
	st.wait("the server noticed", st.waiting(0))
	st.Say(st.Private(ann), ann, "x")
	if got := st.updates(nil); len(got) != 1 {
		t.Errorf("%d updates; the one must wait for the next poll", len(got))
	}
}

func TestSetWebhookEndsThePoll(t *testing.T) {
	st := newStage(t)
	ended := make(chan answer, 1)
	go func() {
		a, err := st.try("getUpdates", params{"timeout": 50})
		if err != nil {
			t.Error(err)
		}
		ended <- a
	}()
	st.wait("the poll waits", func() bool { return st.Polling() })
	ok[bool](st, "setWebhook", params{"url": "https://example.org"})
	if a := <-ended; a.Description != "Conflict: terminated by setWebhook request" {
		t.Errorf("the poll ended with %q", a.Description)
	}
}
