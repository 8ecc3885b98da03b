package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/store"
)

// These tests set the clocks by which a link runs out, and come with links that
// are over. Which clocks count is tested in package access.

// clocks are set by hand. They begin at the time that it is.
type clocks struct {
	start   time.Time
	running time.Duration
}

func (c *clocks) now() (time.Time, time.Duration) { return c.start.Add(c.running), c.running }

// goBy lets links run out by clocks that are set by hand.
func (h *house) goBy() *clocks {
	c := &clocks{start: time.Now()}
	h.h.codes = access.NewInvitations(c.now)
	return c
}

// Telegram says when a message was sent, and our own clock may be off: what the
// message says proves nothing. Going by it turns this red.
func TestALinkRunsOutByOurOwnClocks(t *testing.T) {
	for _, c := range []struct {
		name            string
		passed, message time.Duration // since the link was made, and what the message is ahead of that
		good            bool
	}{
		{"at once", 0, 0, true},
		{"an hour behind Telegram", time.Minute, time.Hour, true},
		{"a year behind Telegram", time.Minute, 365 * 24 * time.Hour, true},
		{"after eleven minutes", 11 * time.Minute, 0, false},
		{"a message from before", 11 * time.Minute, -11 * time.Minute, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := empty(t)
			clocks := h.goBy()
			req := h.stranger(someone, "/start "+h.code())
			clocks.running = c.passed
			req.At = clocks.start.Add(c.passed + c.message)
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
	clocks := h.goBy()
	lapsed := h.invitation(ann, access.Viewer)
	clocks.running = access.CodeLifetime + time.Second
	cancelled, taken := h.invitation(second, access.Viewer), h.invitation(ann, access.Viewer)
	h.knock(h.at(someone, "/start "+taken))
	h.do(h.at(ann, fmt.Sprintf("/members %d viewer", second)))
	h.spoken()
	for code, want := range map[string]string{taken: "was already used", cancelled: "no longer works", lapsed: "has expired"} {
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
	req := h.stranger(someone, "/start "+h.code())
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
	clocks := h.goBy()
	code := h.code()
	clocks.running = access.CodeLifetime + time.Second
	h.knock(h.stranger(someone, "/start "+code))
	select {
	case <-changed:
	default:
		t.Error("nobody makes a new link")
	}
}

// An invitation that waits can be seen and cancelled, by any owner and by nobody else.
// Broken on purpose: listing those that are over, and cancelling without keeping it.
func TestInvitationsThatAreOpenCanBeCancelled(t *testing.T) {
	h := people(t) // with three that were used
	clocks := h.goBy()
	lapsed := h.invitation(ann, access.Owner)
	clocks.running = access.CodeLifetime + time.Second
	h.now = h.now.Add(access.CodeLifetime)
	if m := h.say("/invitations"); m.Text != "Invitations: none is open." || hasButton(m, "Cancel") {
		t.Errorf("with none open it says %q", m.Text)
	}
	m := h.one(h.at(second, "/invite editor"))
	code := link.FindStringSubmatch(m.Text)[1]
	until, _ := clocks.now()
	if want := "valid until today " + until.Add(access.CodeLifetime).UTC().Format("15:04") + "."; !strings.Contains(strings.Replace(m.Text, "tomorrow", "today", 1), want) {
		t.Errorf("said %q, want %q", m.Text, want)
	}
	share, err := url.Parse(button(t, m, "Share").URL)
	if err != nil || share.Host != "t.me" || share.Path != "/share/url" || share.Query().Get("url") != "https://t.me/our_bot?start="+code || strings.Contains(share.RawQuery, "+") || share.Query().Get("text") == "" {
		t.Errorf("the button shares %v, %v", share, err)
	}
	cancel := button(t, m, "Cancel").Command
	for _, who := range []int64{editor, viewer} {
		for _, words := range []string{"/invitations", "/" + cancel} {
			h.wantNothing(who, words, "Only an owner may use /invitations")
		}
	}
	for _, words := range []string{"/" + cancel, "/invitations cancel", "/invitations cancel 0123456789abcdef", "/invitations cancel " + lapsed[:16]} {
		req := h.request(words)
		req.Tap = words != "/"+cancel // which a button says, and nobody types
		if h.do(req); len(h.openInvitations()) != 1 {
			t.Errorf("%s ended it", words)
		}
	}
	list := h.hear("/invitations", "Invitations · 1\n\n1. ✏️ editor, by Sol, valid until ")
	h.hear("/members", "People · 5")
	if m := h.tap(list, "Cancel 1"); !strings.HasPrefix(m.Text, "Cancelled: ✏️ editor. The link no longer works.\n\nInvitations: none is open.") {
		t.Errorf("said %q", m.Text)
	}
	if m := h.tap(list, "Cancel 1"); !strings.HasPrefix(m.Text, "That invitation is over already.") {
		t.Errorf("said %q", m.Text)
	}
	h.knock(h.at(someone, "/start "+code))
	h.wantSaid("This link no longer works. A link works once, for 10 minutes. Ask whoever sent it for a new one.")
	h.wantRole(someone, 0)
	in := h.request("/invitations")
	in.Chat = Chat{ID: group}
	h.do(in)
	if said := h.saidIn(group); len(said) != 1 || said[0] != inPrivate {
		t.Errorf("the group hears %q", said)
	}
}

func (h *house) openInvitations() (open []access.Named) {
	h.t.Helper()
	h.must(h.truth.View(h.t.Context(), func(tx store.Tx) (err error) {
		open, err = h.h.codes.Open(tx, h.members.Now())
		return err
	}))
	return open
}
