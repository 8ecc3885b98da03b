package handlers

import (
	"context"
	"runtime/debug"
	"slices"
	"strconv"

	"goalbot/access"
	"goalbot/message"
	"goalbot/store"
)

// This file looks at messages at the moment that they leave: whether whoever
// they wait for may still have them, and what they say. What is large waits in
// the outbox as a request only, so that asking for it a thousand times costs
// neither memory nor disk.

// Whom a message is for, where nobody has just asked for it.
const (
	forOwners   = "owners"
	ForAlerts   = "alerts"  // the chats that get alerts
	forAnybody  = "anybody" // also who is no member
	forWhoAsked = ""        // a member, as long as they are one, also in a group
)

// Leaving makes the message that a queued one asks for; any other it returns as
// it is. ok is false where it is not to be sent: whoever it is for may not have
// it any more, or it has nothing more to say. With an error it is to be asked
// again later.
func (h *Handlers) Leaving(ctx context.Context, chat int64, m message.Message) (made message.Message, ok bool, err error) {
	if ok, err = h.wanted(ctx, chat, m); err != nil || !ok {
		return m, ok, err
	}
	if m.Over != "" {
		if m.Edit, err = h.sent(ctx, m.Over, chat); err != nil || m.Edit == 0 && m.Lapses {
			return m, false, err
		}
	}
	if m.Render == "" {
		return m, true, nil
	}
	made, ok, err = h.render(ctx, chat, m)
	return m.Rendered(made).Fit(), ok, err
}

// sent is the number of the newest message with that tag in a chat, 0 if there
// is none that could be edited.
func (h *Handlers) sent(ctx context.Context, tag string, chat int64) (number int64, err error) {
	err = h.store.View(ctx, func(tx store.Tx) (err error) {
		number, err = numberOf(tx, tag, chat)
		return err
	})
	return max(number, 0), err
}

func numberOf(tx store.Tx, tag string, chat int64) (int64, error) {
	kept, err := tx.Record(store.SentRecord, message.SentName(tag, chat))
	number, _ := strconv.ParseInt(kept, 10, 64)
	return number, err
}

// wanted reports whether a chat may have a message.
func (h *Handlers) wanted(ctx context.Context, chat int64, m message.Message) (ok bool, err error) {
	if m.For == forAnybody {
		return true, nil
	}
	var r *access.Roster
	err = h.store.View(ctx, func(tx store.Tx) (err error) {
		r, err = h.members.Read(tx)
		return err
	})
	if err != nil {
		return false, err
	}
	switch {
	case m.For == ForAlerts:
		ok = slices.Contains(r.AlertChats(), chat)
	case m.For == forOwners:
		ok = r.Role(chat) == access.Owner
	case chat > 0:
		ok = r.Role(chat) != 0 // a private chat has the id of its user (Bot API)
	default: // whoever asked would have it in private, where the group does not take it
		ok = !slices.ContainsFunc(m.Elsewhere, func(asked int64) bool { return r.Role(asked) == 0 })
	}
	if !ok {
		h.log.Info("a message is not sent, since who it was for may not have it any more", "chat", chat)
	}
	return ok, nil
}

// renderer makes a message of what a queued one holds, for a chat. ok is false
// where there is nothing to say.
type renderer func(h *Handlers, ctx context.Context, chat int64, queued message.Message) (made message.Message, ok bool, err error)

// renderers are named by [message.Message.Render].
var renderers = map[string]renderer{
	exportRender: (*Handlers).renderExport,
	statsRender:  (*Handlers).renderStats,
	courseRender: (*Handlers).renderCourse,
	offerRender:  (*Handlers).renderOffer,
}

// BecomesFile reports whether a queued message is made into a file when it leaves.
func BecomesFile(m message.Message) bool { return m.Render == exportRender }

// BecomesPicture reports whether a queued message is made into a picture when it
// leaves.
func BecomesPicture(m message.Message) bool {
	return m.Render == statsRender || m.Render == courseRender
}

func (h *Handlers) render(ctx context.Context, chat int64, queued message.Message) (made message.Message, ok bool, err error) {
	defer func() {
		if p := recover(); p != nil { // it would come to that at every try
			h.log.Error("making a message panicked", "render", queued.Render, "panic", p, "stack", string(debug.Stack()))
			made, ok, err = notDone(), true, nil
		}
	}()
	render, known := renderers[queued.Render]
	if !known { // queued by another version of the program
		h.log.Error("nobody can make a message that was queued", "render", queued.Render)
		return notDone(), true, nil
	}
	return render(h, ctx, chat, queued)
}
