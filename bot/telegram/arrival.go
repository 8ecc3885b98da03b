package telegram

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"

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

	unread bool // it cannot be read but for who sent it, which req says
	unsure bool // a commit that it was part of may have taken effect
}

// moves reports whether it says that a group has become a supergroup.
func (a *arrival) moves() bool {
	return a.Message != nil && a.Message.Chat != nil && a.Message.MovedTo != 0
}

// read takes an update in. One that cannot be read is noted, and is nobody's
// request; neither is one over which reading panics.
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

// foldAlbums leaves one request of the pictures that were sent as one: those
// with words, or else the first. Files are looked at one by one.
func (p *Poller) foldAlbums(batch []*arrival) {
	album := func(a *arrival) string { return fmt.Sprintf("%d/%s", a.req.Chat.ID, a.req.Album) }
	silent := func(a *arrival) bool {
		return a.ours && a.req.Album != "" && a.req.Name == "" && a.req.Args == "" && a.req.Document.ID == ""
	}
	for _, a := range batch {
		if a.ours && a.req.Album != "" && !silent(a) {
			p.albums.add(album(a))
		}
	}
	for _, a := range batch {
		if silent(a) && !p.albums.add(album(a)) {
			a.ours = false
		}
	}
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
