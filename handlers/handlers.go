// Package handlers turns words and taps into a change of the list, and the
// outcome into words. It knows nothing of Telegram: a [Request] comes in, a
// message goes out through the transaction that holds the change.
package handlers

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// Monitor looks after goals.json.
type Monitor interface {
	// Report looks now and says how everything is.
	Report(ctx context.Context) message.Message
	// Restore writes the file from the store. What did not load is kept
	// under the name that is returned.
	Restore(ctx context.Context) (kept string, err error)
	// Mute mutes alerts as the words say; what else goes wrong is told.
	Mute(ctx context.Context, words string) message.Message
	Unmute(ctx context.Context) message.Message
	// Acknowledge notes who knows of what is wrong.
	Acknowledge(ctx context.Context, words, by string) message.Message
	// TestAlert sends an alert for show.
	TestAlert(ctx context.Context) message.Message
}

// Handlers answers requests.
type Handlers struct {
	store   store.Store
	monitor Monitor
	files   Files
	members *access.Members
	setting *settings.Settings
	log     *slog.Logger
	table   []command
	current *current            // what the boards in the chats show
	codes   *access.Invitations // the links that let people in
	now     func() time.Time

	pictures pictures
	budgets  budgets
	asked    asked
}

// New takes what the answers need.
func New(truth store.Store, monitor Monitor, files Files, members *access.Members, settings *settings.Settings, log *slog.Logger) *Handlers {
	return &Handlers{store: truth, monitor: monitor, files: files, members: members, setting: settings, log: log, table: commands(), current: &current{done: map[int64]BoardEdit{}}, codes: access.NewInvitations(access.SystemClocks()), now: time.Now}
}

// call is one request being answered.
type call struct {
	*Handlers
	Request
	tx      store.Tx
	people  *access.Roster  // who may use the bot, as the transaction sees it
	values  settings.Values // the settings in force, likewise; in a private chat the person's
	zone    *time.Location  // of the list
	role    access.Role     // of the person
	file    *received       // the file to import that came with the request, or nil
	said    string          // a fingerprint of the request as it came
	placed  bool            // it is known where the files of the request go
	denied  bool            // the person's role does not suffice
	renew   bool            // people or settings have changed
	retired int64           // the board that this answer replaces; it loses its buttons

	poses     bool         // the answer asks a question
	answered  question     // the question that this request has answered
	endings   []finalEdit  // edits of messages whose buttons this request ends
	expired   question     // the newest question that has expired
	tried     *question    // the question that the words may answer
	ifRefused func() error // closes the question whose place a refusal takes

	mine       remembered      // what to remember of the message in case it is edited
	mineBefore remembered      // what was remembered of the message, if this is an edit
	stays      message.Message // the answer if the new text of an edited message is refused
	replaces   string          // the tag of the message whose place a question takes

	tapped  string // the tag of the question whose button was tapped
	replays bool   // it undoes or redoes an action and is no new one
	private bool   // the answer goes to the person's private chat
}

// GoBy makes now the time of all that is said and done from now on, in place of
// [time.Now]. It is for a demonstration, before the first request.
func (h *Handlers) GoBy(now func() time.Time) { h.now = now }

// Handle acts on a member's request and queues the answer, both in one
// transaction or neither. The error is the store's: [store.ErrRepeat] for a
// request that was handled before, [store.ErrUnknown] for one that must be
// tried again; in any other case nothing happened and nothing was said. A
// change that is saved while goals.json could not follow is no error: the
// person is told of it, if need be by way of [Unsaid].
func (h *Handlers) Handle(ctx context.Context, req Request) error {
	switch h.spend(req) {
	case passOver:
		return nil
	case sayTooMuch:
		return h.tellTooMuch(ctx, h.store, req)
	}
	did, err := h.handle(ctx, req)
	if did.renew && committed(err) || mayHaveCommitted(err) {
		if err := h.reload(ctx); err != nil {
			return err
		}
	}
	switch {
	case errors.Is(err, store.ErrFileBehind) && did.changed:
		return h.tellBehind(ctx, err, req)
	case errors.Is(err, store.ErrFileBehind):
		return nil // it fell behind earlier, and the person was told then
	}
	return err
}

// handle is [Handlers.Handle], but for a file that could not follow, and for
// what is known of people and settings.
func (h *Handlers) handle(ctx context.Context, req Request) (effect, error) {
	role := h.members.Role(req.From.ID)
	if role == 0 {
		return effect{}, nil // they were in a moment ago
	}
	if row, known := h.find(req.Name); known && row.outside != nil && !req.Edited && row.allows(role) {
		return effect{}, h.handleOutside(ctx, row, req, role)
	}
	file, err := h.receive(ctx, req, role)
	if err != nil {
		return effect{}, err
	}
	did, err := h.act(ctx, h.store, req, file)
	if errors.Is(err, errStranger) {
		return effect{}, nil
	}
	return did, err
}

// handleOutside handles a command that does its work outside the transaction
// that holds the answer.
func (h *Handlers) handleOutside(ctx context.Context, row command, req Request, role access.Role) error {
	// The work takes the store's own locks, so it comes before the transaction.
	// Doing it twice does no harm.
	if h.Seen(ctx, req.Key) {
		return store.ErrRepeat
	}
	answer, err := h.runOutside(ctx, row, req)
	if err != nil {
		return err
	}
	if row.apart && req.Args == "" {
		req.Tap = false // the answer takes no message's place
	}
	err = h.queue(ctx, req, answer, func(c *call) error {
		c.mine.Once = row.least == access.Owner // what it did outside stays
		return c.remember(false, answer)
	})
	if err != nil && !errors.Is(err, store.ErrRepeat) {
		// It is done, and nobody may be told otherwise.
		c := &call{Handlers: h, Request: req, values: h.setting.Values(), zone: h.setting.Values().Zone, role: role}
		err = &Unsaid{Chats: []Chat{req.Chat}, Message: withoutSafe(c.prepared(answer)), Err: err}
	}
	return err
}

// errStranger reports a request of somebody who is no member in the eyes of
// its own transaction. Nothing is kept of it.
var errStranger = errors.New("the person is no member")

// act does what a request asks for and queues the answer, in one transaction.
func (h *Handlers) act(ctx context.Context, truth store.Store, req Request, file *received) (did effect, err error) {
	err = truth.Update(ctx, req.origin(), func(tx store.Tx) error {
		kept := &journal{Tx: tx}
		c, err := h.call(kept, req)
		if err != nil {
			return err
		}
		if c.role == 0 {
			return errStranger
		}
		c.file = file
		before := tx.List().Clone()
		if err := cmp.Or(c.keepName(), c.leaveTold(), c.leaveNews(), c.expire()); err != nil {
			return err
		}
		point, endings := kept.now(), len(c.endings)
		row, known := h.find(req.Name)
		answer, err := c.answer(row, known)
		if why, ok := refusalWords(err); ok {
			// Of a command that was refused nothing stays but what is said.
			*tx.List(), c.endings = before, c.endings[:endings]
			answer = c.refused(before, why, err)
			err = cmp.Or(kept.putBack(point), c.noteRefusal())
		} else if err == nil {
			if answer, err = c.attachRest(before, answer); err == nil {
				err = c.settleDone(before)
			}
		}
		if err != nil {
			return err
		}
		if c.Name != "" {
			tx.SetName(c.Name) // what plain words were taken for, which the history and /undo go by
		}
		did = effect{changed: len(goals.Diff(before, *tx.List())) > 0, renew: c.renew}
		if did.changed {
			if err := errors.Join(c.acted(), c.tellConcerned(before)); err != nil {
				return err
			}
		}
		if err := cmp.Or(c.remember(did.changed, answer), c.credit(did.changed)); err != nil {
			return err
		}
		return c.send(answer)
	})
	return did, err
}

// call begins to answer a request: what the person may do, and how the settings
// are, is what the transaction sees.
func (h *Handlers) call(tx store.Tx, req Request) (*call, error) {
	people, err := h.members.Read(tx)
	if err != nil {
		return nil, err
	}
	list, err := h.setting.Read(tx)
	if err != nil {
		return nil, err
	}
	values := list
	if req.Chat.Private {
		if values, err = h.setting.ReadFor(tx, req.From.ID); err != nil {
			return nil, err
		}
	}
	return &call{Handlers: h, Request: req, tx: tx, people: people, values: values, zone: list.Zone, role: people.Role(req.From.ID), said: req.print()}, nil
}

// Seen reports whether a request with that key was handled before. Where the store
// cannot tell, it was not.
func (h *Handlers) Seen(ctx context.Context, key string) (seen bool) {
	err := h.store.View(ctx, func(tx store.Tx) (err error) {
		seen, err = tx.Seen(key)
		return err
	})
	return err == nil && seen
}

// refused says why nothing was changed. The answer to a tap takes the place of
// what was tapped, so it shows the goal as it is, with the buttons that fit.
// A closed goal can be opened again at once.
func (c *call) refused(list goals.List, why string, err error) message.Message {
	var t message.Text
	t.Add(why)
	if c.stays.Text != "" {
		return t.Add("\n\n").Append(c.stays.Words()).Message(c.stays.Buttons...)
	}
	if g := closedBy(list, err); g != nil && !c.Tap {
		return t.Message([]message.Button{reopenButton(g), openButton(g)})
	}
	if !c.Tap || c.denied {
		return t.Message()
	}
	word, _ := cutFirstWord(c.Args)
	if n, ok := goals.ParseNumber(word); ok && c.Name != "goals" {
		if g := list.Number(n); g != nil {
			return c.below(&t, g).Message(c.cardRows(g)...)
		}
	}
	return t.Message(listRow())
}

// noteRefusal keeps that the message was refused, so that an edit of it is
// another try.
func (c *call) noteRefusal() error {
	c.mine, c.replaces = c.mineBefore, ""
	c.mine.Refused = true
	if c.tried != nil {
		c.mine.Answer = c.tried
	}
	if c.ifRefused == nil {
		return nil
	}
	return c.ifRefused()
}

// closedBy returns the goal that is refused something because it is closed, nil
// for any other error.
func closedBy(list goals.List, err error) *goals.Goal {
	r, _ := errors.AsType[goals.Refusal](err)
	if r.Kind != goals.DoneAlready && r.Kind != goals.ClosedGoal {
		return nil
	}
	return list.Number(r.Goal)
}

// Role is what a user may do, 0 for a stranger.
func (h *Handlers) Role(user int64) access.Role { return h.members.Role(user) }

// Member reports whether a user may use the bot.
func (h *Handlers) Member(user int64) bool { return h.members.Has(user) }

// Failed tells the person that their request could not be handled. It also notes
// the request, so that it is not tried again after it has been given up.
func (h *Handlers) Failed(ctx context.Context, req Request) error {
	return h.queue(ctx, req, GivenUp(req))
}

// GivenUp is said of a request that could not be handled. What is done in one
// transaction with its answer is not done then; of other work nobody can tell
// how far it came.
func GivenUp(req Request) message.Message {
	changes := func(row command) bool { return row.name == req.Name && row.outside != nil && row.least == access.Owner }
	if slices.ContainsFunc(commands(), changes) {
		return new(message.Text).Add("Something went wrong, and I can't tell how much of it was done. /health shows the current state; the log has the details.").Message()
	}
	return notDone()
}

// caught makes an error of a panic, so that one odd request does not end the
// program. It is to be deferred.
func (h *Handlers) caught(name string, err *error) {
	if p := recover(); p != nil {
		h.log.Error("a command panicked", "command", name, "panic", p, "stack", string(debug.Stack()))
		*err = fmt.Errorf("handle %s: panic: %v", name, p)
	}
}

func (h *Handlers) runOutside(ctx context.Context, row command, req Request) (m message.Message, err error) {
	defer h.caught(req.Name, &err)
	return row.outside(h, ctx, req), nil
}

// answer runs the command, or makes sense of words that name none.
func (c *call) answer(row command, known bool) (m message.Message, err error) {
	defer c.caught(c.Name, &err)
	if joined, err := c.joinsAlbum(); joined || err != nil {
		return m, err
	}
	switch token, tapped := c.cutToken(); {
	case c.Edited:
		return c.edited(row, known)
	case tapped:
		return c.tapAnswer(row, known, token)
	case c.file != nil:
		row, _ = c.find("import")
		return c.run(row)
	case c.Name == "" && len(c.Files) > 0:
		return c.withFiles()
	case c.Name == "":
		return c.plain()
	}
	if !known {
		return c.unknown()
	}
	c.completeFromReply(row)
	return c.run(row)
}

func (h *Handlers) find(name string) (command, bool) {
	for _, row := range h.table {
		if row.name == name {
			return row, true
		}
	}
	return command{}, false
}

// newID makes an id as goals.json has them: "g-" and 16 hex digits. Older ones
// have eight.
func newID() string { return "g-" + random() }

// newSessionID makes the id of a session in the same way.
func newSessionID() string { return "s-" + random() }

func random() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
