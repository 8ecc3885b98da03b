// Package store is the contract between those who change the list and those who
// keep it. Package palace keeps it; the mirror in package cache stands before the
// palace and lets goals.json follow every change. Package storetest holds what the
// contract promises as tests, which every engine runs.
package store

import (
	"context"
	"errors"
	"time"

	"goalbot/goals"
)

// Store keeps one list of goals and all that belongs to it.
type Store interface {
	// View hands f the present state, to read only.
	View(ctx context.Context, f func(Tx) error) error

	// Update runs f and keeps everything done through its Tx, or nothing.
	// An [ErrRefused] from f is kept as well, with the messages that f queued and
	// without any change to the list: a refused command is answered once too.
	// An update whose key was kept before is not run again: [ErrRepeat].
	Update(ctx context.Context, o Origin, f func(Tx) error) error

	// Batch runs f and commits everything done through the store passed to it at once.
	// That store must not be used after f returns, and no other while f runs. Each
	// update is a change of its own, kept or undone independently, and sees the earlier
	// ones. If Batch returns an error, nothing is kept, unless it is [ErrUnknown] or
	// [ErrFileBehind], which then hold for all updates. An error of f is returned and
	// keeps nothing.
	Batch(ctx context.Context, f func(Store) error) error
}

// Expecting returns a context for [Store.Batch] that names the keys of the updates that
// will be made in it, so that a store on a server can look them up all at once. One that
// is not named, or not made, changes nothing but the time that it takes.
func Expecting(ctx context.Context, keys []string) context.Context {
	return context.WithValue(ctx, expectedKeys{}, keys)
}

// Expected are the keys that a context names.
func Expected(ctx context.Context) []string {
	keys, _ := ctx.Value(expectedKeys{}).([]string)
	return keys
}

type expectedKeys struct{}

// Errors of a Store to branch on.
var (
	// ErrRefused is returned by the function of an update that has queued why nothing
	// is to be changed. Errors that wrap it count as well.
	ErrRefused = errors.New("the command was refused")
	// ErrRepeat reports an update whose key was applied before; nothing was done.
	ErrRepeat = errors.New("this update was applied before")
	// ErrUnknown reports a commit that failed in such a way that nobody can
	// tell whether it took effect. The same update must be tried again before
	// anything is said about it.
	ErrUnknown = errors.New("it is not known whether the change was saved")
	// ErrUnreachable reports a store that cannot be reached just now. Nothing was
	// saved; the same update is to be tried again.
	ErrUnreachable = errors.New("the store cannot be reached")
	// ErrFull reports that the disk is full. Nothing was saved.
	ErrFull = errors.New("the disk is full")
	// ErrServerFull is the [ErrFull] of a store on a server: the disk of that is full.
	ErrServerFull error = serverFull{}
	// ErrFileBehind reports a change that is saved, though goals.json could
	// not be rewritten. It will be, at the next change or check.
	ErrFileBehind = errors.New("saved, but goals.json could not be rewritten")
	// ErrOutboxFull reports a message that was not queued, since too much waits
	// to be sent already. The transaction goes on without it.
	ErrOutboxFull = errors.New("too much waits to be sent")
)

// Origin says where a change comes from.
type Origin struct {
	Key  string    // unique for ever: the same key is never applied twice
	By   int64     // the member's Telegram user id; 0 is the program itself
	Name string    // the command, as in "done"; it names the change in the history
	At   time.Time // when it happened, as far as the history is concerned
	// Once says that the key will not come again, whatever becomes of the
	// update, so that the store need not remember it.
	Once bool
}

// Tx is one transaction. It must not be kept beyond the function it was handed to.
type Tx interface {
	// List is the list as it stands; changes made to it are saved at commit.
	List() *goals.List

	// SetName changes the name of the [Origin], for words that turn out to mean
	// another command.
	SetName(name string)
	// Seen reports whether an update of that key was kept before.
	Seen(key string) (bool, error)
	// LastChange returns the newest change by that member which has not been
	// taken back and may be: one event for each goal that it touched.
	LastChange(by int64) ([]Event, error)
	// Change returns the events of one update, by its key, in the order of the
	// goals. Of a change of which anything has been forgotten there are none.
	Change(key string) ([]Event, error)
	// Before returns, by their numbers, those goals of a change that are gone
	// now, as they were before it. One whose text has been forgotten is left out.
	Before(key string) (map[int64]*goals.Goal, error)
	// TakeBack marks a change as taken back, so that LastChange passes it over.
	TakeBack(key string) error
	// Events returns what happened to a goal, newest first, without the newest
	// skip events, limit at most. The history is bounded: what is old is
	// forgotten, but not the last changes of a member that are not taken back.
	Events(number int64, skip, limit int) ([]Event, error)
	// Changes returns the newest changes of any goals, newest first, without
	// the newest skip, limit at most: of each the first event, whose Goals says
	// how many there are.
	Changes(skip, limit int) ([]Event, error)
	// AddedBy returns the member who added a goal, or 0 where the program did
	// or that has been forgotten.
	AddedBy(number int64) (int64, error)
	// Last returns, by the numbers of goals, when a change of that name was
	// last made to them that has not been taken back.
	Last(name string) (map[int64]time.Time, error)

	// Record returns the value kept under kind and name, or "". One that the
	// store cannot vouch for is none, and so it grants nothing.
	Record(kind Kind, name string) (string, error)
	// Records returns all names and values of one kind.
	Records(kind Kind) (map[string]string, error)
	// SetRecord keeps a value; "" forgets it.
	SetRecord(kind Kind, name, value string) error

	// Send queues a message. It leaves after the commit, in the order of
	// queueing for each chat, and is kept until Telegram has said yes. Where
	// too much waits for the chat, or in all, it returns [ErrOutboxFull]; a
	// short message may still be taken where a long one was not.
	Send(Message) error
	// Unsend drops the messages that earlier changes queued for a chat and
	// that still wait there, as for a person who is not a member any more.
	// Those that this change queues stay, whichever comes first.
	Unsend(chat int64) error
}

// Event is what one change did to one goal.
type Event struct {
	Revision int64 // grows from change to change
	Key      string
	Name     string // the command that did it
	By       int64
	At       time.Time
	Edit     goals.Edit
	Goals    int  // how many goals the change touched
	Undone   bool // it was taken back
}

// Message is something to be said to a chat. Body means something only to
// those who queue and send it.
type Message struct {
	ID   int64 // given by the palace
	Chat int64
	Body []byte
}

type serverFull struct{}

func (serverFull) Error() string        { return "the disk of the database server is full" }
func (serverFull) Is(target error) bool { return target == ErrFull }
