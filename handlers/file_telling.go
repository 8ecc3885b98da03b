package handlers

import (
	"strconv"
	"time"

	"goalbot/message"
	"goalbot/store"
)

// This file keeps a message up to date in the chats that get notices.

const editAfter = 10 * time.Second // from one edit to the next, twice as long each time

// telling is how often a message was told.
type telling struct {
	Told  time.Time
	Tells int
	Owing bool // there is more to be told
}

// due reports whether it may be told again, after most at the latest.
func (t *telling) due(now time.Time, most time.Duration) bool {
	age := now.Sub(t.Told)
	return t.Tells == 0 || age < 0 || age >= min(editAfter<<min(t.Tells, 10), most)
}

// tell puts a message into all the chats. It is owed where one of them has not
// got the one before yet.
func (t *telling) tell(tx store.Tx, told *chats, all []int64, m message.Message, now time.Time) error {
	t.Owing = false
	for _, chat := range all {
		ok, err := told.tell(tx, chat, m)
		if err != nil {
			return err
		}
		if !ok {
			t.Owing = true
			continue
		}
		t.Told = now
	}
	if t.Told.Equal(now) {
		t.Tells++
	}
	return nil
}

// chats are the copies of a message, by chat.
type chats map[int64]*posted

// posted is a message in one chat.
type posted struct {
	Number  int64  // in the chat; 0 before it was delivered
	Waiting string // the tag of the message or edit that has not been delivered yet
}

// tell queues the message for one chat, unless the one before it has not left.
func (c *chats) tell(tx store.Tx, chat int64, m message.Message) (told bool, err error) {
	in := (*c)[chat]
	if in == nil {
		in = new(posted)
		if *c == nil {
			*c = chats{}
		}
		(*c)[chat] = in
	}
	if there, err := in.arrived(tx, chat); err != nil || !there {
		return false, err
	}
	m.Edit, m.Tag = in.Number, "notices/"+newID()
	if err := queue(tx, chat, m); err != nil {
		return false, unlessFull(err)
	}
	in.Waiting = m.Tag
	return true, nil
}

// arrived reports whether nothing is on its way to the chat, and notes which message
// was the last to arrive.
func (in *posted) arrived(tx store.Tx, chat int64) (bool, error) {
	if in.Waiting == "" {
		return true, nil
	}
	name := message.SentName(in.Waiting, chat)
	delivered, err := tx.Record(store.SentRecord, name)
	if err != nil || delivered == "" {
		return false, err
	}
	in.Number, _ = strconv.ParseInt(delivered, 10, 64)
	in.Waiting = ""
	return true, tx.SetRecord(store.SentRecord, name, "")
}

// number is that of the message in one chat, 0 where none has arrived.
func (c chats) number(tx store.Tx, chat int64) (int64, error) {
	in := c[chat]
	if in == nil {
		return 0, nil
	}
	delivered, err := tx.Record(store.SentRecord, message.SentName(in.Waiting, chat))
	if number, wrong := strconv.ParseInt(delivered, 10, 64); in.Waiting != "" && wrong == nil {
		return number, err
	}
	return in.Number, err
}

// forget leaves the messages as they are for good.
func (c chats) forget(tx store.Tx) error {
	for chat := range c {
		if err := c.leave(tx, chat); err != nil {
			return err
		}
	}
	return nil
}

// leave leaves the message in one chat as it is; the next one there is another.
func (c chats) leave(tx store.Tx, chat int64) error {
	in := c[chat]
	delete(c, chat)
	if in == nil || in.Waiting == "" {
		return nil
	}
	return tx.SetRecord(store.SentRecord, message.SentName(in.Waiting, chat), "")
}
