package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"goalbot/handlers"
	"goalbot/telegramtest"
)

func TestAStormLosesAndDoublesNoGoal(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := t.TempDir()
			bubble(t, func(t *testing.T, w *world) {
				chance := rand.New(rand.NewPCG(seed, 1))
				faults := []telegramtest.Fault{
					telegramtest.TooManyRequests(3), telegramtest.ServerErrorHTML(502), telegramtest.EOF(), telegramtest.EOF().After(),
					telegramtest.CutBody(), telegramtest.Hang(), telegramtest.HangAfter(), telegramtest.SlowBody(time.Second),
					telegramtest.Conflict409(), telegramtest.Status(500, "Internal Server Error"),
				}
				ofPolls := append(slices.Clone(faults), telegramtest.EmptyAtOnce(), telegramtest.Unauthorized())
				methods := []string{"getUpdates", "sendMessage", "getUpdates", "", "getMe"}
				const n = 20
				p := w.program(dir)
				for i := range n {
					w.Say(w.Private(ann), ann, fmt.Sprintf("/addgoal goal %d", i))
					if method := methods[chance.IntN(len(methods))]; method == "getUpdates" {
						w.Fail(method, 1, ofPolls[chance.IntN(len(ofPolls))])
					} else {
						w.Fail(method, 1, faults[chance.IntN(len(faults))])
					}
					pass(time.Duration(chance.IntN(20_000)) * time.Millisecond)
					switch chance.IntN(4) {
					case 0:
						w.Redeliver(chance.IntN(5))
					case 1: // the end comes without a last word to Telegram
						w.pipe.down.Store(true)
						w.client.http.CloseIdleConnections()
						p.stop()
						w.pipe.down.Store(false)
						p = w.program(dir)
					case 2:
						if w.Pending() == 0 { // after a week of silence nothing waits
							w.RestartIDs(chance.Int64N(2_000_000_000) + 1)
						}
					}
				}
				w.Heal("")
				pass(10 * time.Minute)
				if w.Pending() != 0 {
					t.Errorf("%d updates are not confirmed", w.Pending())
				}
				var want, got []string
				for i := range n {
					want = append(want, fmt.Sprintf("goal %d", i))
				}
				list := p.truth.List()
				for _, g := range list.All() {
					got = append(got, g.Description)
				}
				if !slices.Equal(got, want) {
					t.Errorf("the palace holds %q", got)
				}
				var file []struct{ Description string }
				text, err := os.ReadFile(p.mirror.Path())
				if err == nil {
					err = json.Unmarshal(text, &file)
				}
				if err != nil || len(file) != n {
					t.Errorf("goals.json holds %d goals, error %v", len(file), err)
				}
				said := map[string]int{}
				for _, text := range w.texts(ann.ID) {
					for line := range strings.Lines(text) { // of answers that were told together
						said[strings.TrimSpace(line)]++
					}
				}
				for i := range n {
					text := fmt.Sprintf("Added: ⬜ #%d goal %d", i+1, i)
					if said[text] < 1 || said[text] > 3 {
						t.Errorf("%q was said %d times", text, said[text])
					}
				}
				p.stop()
			})
		})
	}
}

// noting counts what was handled together and what for itself.
type noting struct {
	Handler
	together, alone int
}

func (n *noting) Batch(ctx context.Context, reqs []handlers.Request) (int, error) {
	done, err := n.Handler.Batch(ctx, reqs)
	n.together += done
	return done, err
}

func (n *noting) Handle(ctx context.Context, req handlers.Request) error {
	n.alone++
	return n.Handler.Handle(ctx, req)
}

// What came while the program was down is handled in few commits, in order,
// and confirmed after them; strangers, what cannot be read and what must be
// handled for itself stand in nobody's way. Red when a batch goes on after what
// was not handled, when a stranger's request is taken for a member's, and when
// the offset moves past what is not done.
func TestABacklogIsHandledTogether(t *testing.T) {
	dir := t.TempDir()
	bubble(t, func(t *testing.T, w *world) {
		private, theirs := w.Private(ann), w.Private(bob)
		w.Say(private, ann, "/addgoal a")
		w.Say(theirs, bob, "/addgoal b")
		w.Say(w.Private(eve), eve, "/addgoal stolen")
		w.Say(private, ann, "/done 2")
		w.Say(private, ann, "/restore")
		edited := w.Say(private, ann, "/addgoal c")
		if _, err := w.Edit(private, ann, edited.ID, "/addgoal d"); err != nil {
			t.Fatal(err)
		}
		w.Push(raw(`{"message": 7}`))
		for i := range 120 {
			w.Say(private, ann, fmt.Sprintf("/note 1 line %d", i))
		}
		w.Say(theirs, bob, "/done 1")
		n := &noting{}
		p := w.programWith(dir, func(h Handler) Handler { n.Handler = h; return n })
		defer p.stop()
		pass(time.Minute)
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
		var got []string
		list := p.truth.List()
		for _, g := range list.All() {
			got = append(got, fmt.Sprintf("%d %s %s %d", g.Number, g.Status, g.Description, len(g.Notes)))
		}
		if want := []string{"1 done a 120", "2 done b 0", "3 pending d 0"}; !slices.Equal(got, want) {
			t.Errorf("the palace holds %q, want %q", got, want)
		}
		if first, last := p.truth.List().Number(1).Notes[0], p.truth.List().Number(1).Notes[119]; first != "line 0" || last != "line 119" {
			t.Errorf("the notes go from %q to %q", first, last)
		}
		text, err := os.ReadFile(p.mirror.Path())
		if err != nil || !strings.Contains(string(text), `"line 119"`) {
			t.Errorf("goals.json holds %s, error %v", text, err)
		}
		if n.together < 120 || n.alone > 4 {
			t.Errorf("%d were handled together, %d for themselves", n.together, n.alone)
		}
		if len(w.texts(eve.ID)) != 0 {
			t.Errorf("a stranger heard %q", w.texts(eve.ID))
		}
	})
}

// Where the settings name a chat, it may change goals as an editor does: the
// admins of a group who hide behind it, and a channel. Those of other chats are
// strangers. Red when the setting is not looked at, and when any chat may.
func TestChatsThatSpeakForThemselves(t *testing.T) {
	dir := t.TempDir()
	bubble(t, func(t *testing.T, w *world) {
		const id, channel = -1004001, -1009
		forum := w.Group(id, "Club", telegramtest.Supergroup, ann, eve)
		w.SetAdmin(forum, true)
		w.editors = []int64{id, channel}
		p := w.program(dir)
		defer p.stop()
		w.Say(forum, eve, "/addgoal a", telegramtest.AsAnonymousAdmin())
		w.Say(forum, eve, "/addgoal b", telegramtest.AsChannel(channel))
		w.Say(forum, eve, "/addgoal c", telegramtest.AsChannel(-1010))
		w.Say(forum, eve, "/addgoal d")
		w.Say(forum, eve, "/invite owner", telegramtest.AsAnonymousAdmin())
		w.Say(forum, eve, "/undo", telegramtest.AsAnonymousAdmin())
		w.Say(w.Private(eve), eve, "/goals")
		pass(time.Minute)
		var got []string
		list := p.truth.List()
		for _, g := range list.All() {
			got = append(got, g.Description)
		}
		if !slices.Equal(got, []string{"b"}) || list.LastNumber() != 2 {
			t.Errorf("the goals are %q, of %d", got, list.LastNumber())
		}
		if said := strings.Join(w.texts(id), "\n"); !strings.Contains(said, "Only an owner may use /invite. Nothing was changed.") || !strings.Contains(said, "Undone: adding") {
			t.Errorf("said %s", said)
		}
		if len(w.texts(eve.ID)) != 0 || w.Pending() != 0 {
			t.Errorf("a stranger heard %q, %d pend", w.texts(eve.ID), w.Pending())
		}
	})
}

func TestGroups(t *testing.T) {
	dir := t.TempDir()
	bubble(t, func(t *testing.T, w *world) {
		const id = -1004001
		forum := w.Group(id, "Club", telegramtest.Forum, ann, eve)
		w.SetAdmin(forum, true) // it sees everything
		topic := w.Topic(forum, ann, "Goals")
		p := w.program(dir)
		defer p.stop()
		said := 0
		hears := func(what string, want bool) telegramtest.Message {
			t.Helper()
			pass(10 * time.Second)
			before := said
			said = len(w.CallsTo("sendMessage")) + len(w.CallsTo("editMessageText"))
			if got := said > before; got != want {
				t.Errorf("%s: answered %v, want %v", what, got, want)
			}
			if w.Pending() != 0 {
				t.Errorf("%s is not confirmed", what)
			}
			m, _ := w.Last(id)
			return m
		}
		w.Say(forum, ann, "/addgoal@goal_test_bot a", telegramtest.InThread(topic))
		if m := hears("our command in a topic", true); m.Thread != topic || m.Text != "Added: ⬜ #1 a" {
			t.Errorf("got %+v", m)
		}
		w.Say(forum, ann, "/goals")
		if m := hears("a plain command in General", true); m.Thread != 0 {
			t.Errorf("got %+v", m)
		}
		for what, say := range map[string]func(){
			"another bot's command": func() { w.Say(forum, ann, "/addgoal@other_bot b") },
			"talk":                  func() { w.Say(forum, ann, "nice weather") },
			"an anonymous admin":    func() { w.Say(forum, ann, "/addgoal b", telegramtest.AsAnonymousAdmin()) },
			"a channel":             func() { w.Say(forum, ann, "/addgoal b", telegramtest.AsChannel(-1009)) },
			"a stranger":            func() { w.Say(forum, eve, "/addgoal b") },
			"a stranger in private": func() { w.Say(w.Private(eve), eve, "/start x") },
			"a stranger's tap":      func() { w.TapForged(forum, eve, 1, "delete 1 yes") },
		} {
			say()
			hears(what, false)
		}
		w.Say(forum, ann, "/goal 1", telegramtest.InThread(topic))
		card := hears("a card", true)
		tap, err := w.Tap(forum, ann, card.ID, card.Buttons[0][0].Text)
		if err != nil {
			t.Fatal(err)
		}
		if m := hears("a tap", true); !tap.Answered() || m.ID != card.ID || m.Thread != topic {
			t.Errorf("answered %v by %+v", tap.Answered(), m)
		}
		if n := len(w.CallsTo("answerCallbackQuery")); n != 1 {
			t.Errorf("%d taps are answered", n)
		}
		if list := p.truth.List(); list.Len() != 1 {
			t.Errorf("%d goals", list.Len())
		}
		synctest.Wait()
	})
}

// One member's thousand pictures do not make another wait: the request is kept
// in one commit with others, and the picture is made when its turn comes.
func TestAThousandPicturesMakeNobodyWait(t *testing.T) {
	dir := t.TempDir()
	bubble(t, func(t *testing.T, w *world) {
		p := w.program(dir)
		defer func() { p.stop() }()
		w.Say(w.Private(ann), ann, "/addgoal a")
		pass(5 * time.Second)
		before := len(w.Calls())
		for range 1000 {
			w.Say(w.Private(bob), bob, "/stats")
		}
		w.Say(w.Private(ann), ann, "/goals")
		pass(time.Minute)
		pictures, answered := 0, false
		for _, c := range w.Calls()[before:] {
			switch {
			case c.Method == "sendPhoto" && !answered:
				pictures++
			case c.Method == "sendMessage" && c.Params["chat_id"] == fmt.Sprint(ann.ID):
				answered = true
			}
		}
		if !answered || pictures > 2 {
			t.Errorf("answered %v, after %d pictures", answered, pictures)
		}
		if n := len(w.texts(bob.ID)); n == 0 || n > 200 || w.Pending() != 0 {
			t.Errorf("Bob is told %d times, %d updates are not confirmed", n, w.Pending())
		}
	})
}
