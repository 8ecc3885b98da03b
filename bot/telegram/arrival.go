package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"goalbot/handlers"
)

// This file takes updates in, before anything is done about them.

// arrival is an update that has come, and how far it is.
type arrival struct {
	update
	fresh bool // it has not come before since the program started
	req   handlers.Request
	ours  bool // it is a request, and meant for us
	met   bool

	unread bool // only its sender could be read, which is in req
	unsure bool // a commit that it was part of may have taken effect
}

// moves reports whether it says that a group has become a supergroup.
func (a *arrival) moves() bool {
	return a.Message != nil && a.Message.Chat != nil && a.Message.MovedTo != 0
}

// read decodes an update. An update that cannot be read is counted, and is no request;
// the same goes for one that makes read panic.
func (p *Poller) read(raw json.RawMessage) (a *arrival) {
	a = &arrival{}
	defer func() {
		if r := recover(); r != nil {
			a.ours, a.unread = false, false
			p.log.Error("an update caused a panic and is passed over", "update", a.ID, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	var err error
	a.update, err = decode(raw)
	a.fresh = p.recent.add(a.key())
	if err != nil {
		p.Updates.add("other", "unread")
		p.log.Error("an update could not be read and is passed over", "update", a.ID, "bytes", len(raw), "err", err)
		a.req, a.unread = sentBy(raw, a.key(), p.Now())
	} else if !a.moves() {
		a.req, a.ours = a.request(p.us, p.Now())
	}
	return a
}

// albumWait is how long the rest of an album is waited for. Telegram hands over its
// messages one after the other, and gives only one update to whoever asks again within
// half a second (Bot API server, process_get_updates_query).
const albumWait = 700 * time.Millisecond

// unfinished is the album that the last of some updates belongs to, of which more may
// be on its way; "" for none.
func unfinished(updates []json.RawMessage) string {
	if len(updates) == 0 || len(updates) >= maxBatch {
		return ""
	}
	last, err := decode(updates[len(updates)-1])
	if err != nil || last.Message == nil {
		return ""
	}
	return last.Message.Album
}

// foldAlbums makes one request of what was sent as one: that of the message with words,
// or else of the first, with the files of the others that have no words. It takes the
// place of the first, so that none is confirmed before all are kept. What may be a list
// to import is left alone, and so is an album of which something was handled before a
// crash: then each message goes for itself, and what is kept already is known by its number.
func (p *Poller) foldAlbums(ctx context.Context, batch []*arrival) {
	albums := map[string][]*arrival{}
	for _, a := range batch {
		if a.ours && a.req.Album != "" && !a.req.Edited && len(a.req.Files) > 0 && !handlers.IsList(a.req) {
			name := fmt.Sprintf("%d/%d/%s", a.req.Chat.ID, a.req.From.ID, a.req.Album)
			albums[name] = append(albums[name], a)
		}
	}
	for _, album := range albums {
		p.foldAlbum(ctx, album)
	}
}

func (p *Poller) foldAlbum(ctx context.Context, album []*arrival) {
	silent := func(a *arrival) bool { return a.req.Name == "" && a.req.Args == "" }
	head := max(slices.IndexFunc(album, func(a *arrival) bool { return !silent(a) }), 0)
	if len(album) < 2 || slices.ContainsFunc(album, func(a *arrival) bool { return p.handler.Seen(ctx, a.req.Key) }) {
		return
	}
	one := album[head].req
	one.Files = nil
	for i, a := range album {
		if i == head || silent(a) {
			one.Files = append(one.Files, a.req.Files...)
		}
		if i != head && silent(a) {
			one.With = append(one.With, a.req.Message)
			a.ours = false
		}
	}
	album[head].ours = false
	album[0].req, album[0].ours = one, true
}

// recent holds the keys of the updates that came last, the oldest first.
type recent []string

// add reports whether the key is not among them yet, and takes it in.
func (r *recent) add(key string) bool {
	if slices.Contains(*r, key) {
		return false
	}
	if *r = append(*r, key); len(*r) > 2*maxBatch {
		*r = slices.Delete(*r, 0, maxBatch)
	}
	return true
}
