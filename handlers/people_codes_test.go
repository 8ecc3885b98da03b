package handlers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/store"
)

// These tests set the clocks by which a link runs out, and come with links that
// are over.

// Broken on purpose, and what went red: the clock that nobody sets, "a day back";
// the clock on the wall, "asleep"; the time of making, "a year ahead, then a
// restart"; forgetting what was told, TestALinkThatIsOverIsToldSoOnce.

func TestALinkRunsOutByEitherClock(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, c := range []struct {
		name    string
		made    time.Duration // what the wall clock is ahead when the link is made
		passed  time.Duration // by the clock that nobody sets, until it is used
		wall    time.Duration // what the wall clock is ahead then, beside that
		message time.Duration // and what the clock of the message is ahead of the time
		restart bool
		good    bool
	}{
		{"at once", 0, 0, 0, 0, false, true},
		{"after nine minutes", 0, 9 * time.Minute, 0, 0, false, true},
		{"after nine minutes and a restart", 0, 9 * time.Minute, 0, 0, true, true},
		{"after eleven", 0, 11 * time.Minute, 0, 0, false, false},
		{"after eleven and a restart", 0, 11 * time.Minute, 0, 0, true, false},
		{"asleep for an hour", 0, 0, time.Hour, 0, false, false},
		{"a year ahead, then set right", year, 0, 0, 0, false, false},
		{"a year ahead, then a restart", year, 20 * time.Minute, 0, 0, true, false},
		{"a year ahead all the time", year, 5 * time.Minute, year, 0, false, true},
		{"a day back meanwhile", 0, 11 * time.Minute, -24 * time.Hour, 0, false, false},
		{"a few seconds back meanwhile", 0, time.Minute, -10 * time.Second, 0, false, true},
		// Telegram says when a message was sent, and our own clock may be off.
		{"an hour behind Telegram", 0, time.Minute, 0, time.Hour, false, true},
		{"a year behind Telegram", -year, time.Minute, -year, 0, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := empty(t)
			code := h.code(time.Now().Add(c.made))
			if c.restart {
				h.start(nil)
			} else {
				h.h.codes.Made[access.Hash(code)] = time.Now().Add(-c.passed)
			}
			h.h.codes.Wall = func() time.Time { return time.Now().Add(c.wall + c.passed) }
			req := h.stranger(someone, "/start "+code)
			req.At = time.Now().Add(c.message)
			h.knock(req)
			said := h.spoken()
			if h.h.Member(someone) != c.good || len(said) != 1 {
				t.Fatalf("in: %v, said %+v", h.h.Member(someone), said)
			}
			if want := "This link has expired. A link works once, for 10 minutes. As long as I have no owner, I print a new link where I run."; !c.good && said[0].Text != want {
				t.Errorf("said %q", said[0].Text)
			}
		})
	}
}

// Whoever comes with a genuine link that is over may be the one it was meant
// for. They are told once; guesses are not answered.
func TestALinkThatIsOverIsToldSoOnce(t *testing.T) {
	h := people(t)
	h.spoken()
	lapsed, cancelled, taken := h.invitation(ann, access.Viewer), h.invitation(second, access.Viewer), h.invitation(ann, access.Viewer)
	h.knock(h.at(someone, "/start "+taken))
	h.do(h.at(ann, fmt.Sprintf("/members %d viewer", second)))
	h.spoken()
	for code, want := range map[string]string{taken: "was already used", cancelled: "no longer works", lapsed: "has expired"} {
		if code == lapsed {
			h.h.codes.Made[access.Hash(code)] = time.Now().Add(-access.CodeLifetime - time.Second)
		}
		if m := h.one(h.at(viewer, "/start "+code)); !strings.Contains(m.Text, "This link "+want+". A link works once") { // members were told less than strangers
			t.Errorf("a member is told %q", m.Text)
		}
		for i, name := range []string{"told", "told again"} {
			h.knock(h.at(nobody, "/start "+code))
			said := h.spoken()
			if i == 0 && (len(said) != 1 || !strings.Contains(said[0].Text, "This link "+want)) || i > 0 && len(said) > 0 {
				t.Errorf("%s, %s: said %+v", want, name, said)
			}
		}
		h.knock(h.at(nobody, "/start "+code[:21]+"x"))
	}
	h.wantRole(nobody, 0)
	if said := h.spoken(); len(said) > 0 {
		t.Errorf("a guess is answered %+v", said)
	}
	if strings.Contains(h.log.String(), taken) || strings.Contains(h.log.String(), lapsed) {
		t.Error("the log holds a code")
	}
}

// Whoever used a link is not told that it was used, when their message comes
// once more.
func TestTheOneWhoCameInIsNotToldThatTheLinkWasUsed(t *testing.T) {
	h := empty(t)
	flaky := &faulty{}
	h.start(flaky.wrap)
	req := h.stranger(someone, "/start "+h.code(time.Now()))
	flaky.after = store.ErrUnknown
	if err := h.h.Stranger(t.Context(), req); err == nil {
		t.Fatal("the outcome is known")
	}
	flaky.after = nil
	h.knock(req)
	h.wantRole(someone, access.Owner)
	h.wantSaid("You are the owner now. Nobody else can use me until you /invite them. I keep your goals; alerts about goals.json come to this chat.")
}

// A new pairing link is made at once for whoever came with one that is over.
func TestAPairingLinkThatIsOverBringsANewOne(t *testing.T) {
	h := empty(t)
	changed := h.members.Changes()
	h.knock(h.stranger(nobody, "/start no-such-link"))
	select {
	case <-changed:
		t.Error("a guess brings a new link")
	default:
	}
	h.knock(h.stranger(someone, "/start "+h.code(time.Now().Add(-access.CodeLifetime-time.Second))))
	select {
	case <-changed:
	default:
		t.Error("nobody makes a new link")
	}
}

// What is over is kept for a day, and not without bound.
func TestOldLinksAreForgotten(t *testing.T) {
	h := open(t)
	now := time.Now()
	h.h.codes.Wall = func() time.Time { return now }
	for range access.MaxCodes + 20 {
		h.invitation(ann, access.Viewer)
		now = now.Add(time.Second)
	}
	if n := len(h.records(store.InviteRecord)); n > access.MaxCodes+1 {
		t.Errorf("%d links are kept", n)
	}
	now = now.Add(2 * access.CodeKept)
	h.invitation(ann, access.Viewer)
	if n := len(h.records(store.InviteRecord)); n != 1 {
		t.Errorf("after two days %d links are kept", n)
	}
}
