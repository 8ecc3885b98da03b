package handlers

import (
	"time"

	"goalbot/goals"
	"goalbot/store"
)

// This file says what a request is.

// Request is what one member said or tapped.
type Request struct {
	Key     string // unique for ever; the same key is never acted on twice
	From    Person
	Chat    Chat
	Name    string // the command without its slash; "" for plain words
	Args    string // what follows the command, or the plain words
	Message int64  // the message that says so, or that the tapped button belongs to
	Named   bool   // the command names us, as it must where there are other bots
	Edited  bool   // the message was said before and has been altered
	Tap     bool   // a button was pressed
	Reply   bool   // it answers a message of ours
	Marked  string // what that message of ours shows in bold, a line for each piece
	Quote   Quote  // the part of that message of ours that the person marked
	Source  string // who said it first, where it was forwarded
	Bot     string // our own user name
	At      time.Time

	Media string       // what came with the words, or instead of them, as the Bot API names it: photo, contact; "" for nothing
	Files []goals.File // of those the ones that can be sent again, several for an album
	Album string       // the same for all messages that were sent as one; the words are at one of them
	// With are the other messages of the album that this request stands for.
	With []int64

	Answered int64 // the message of ours that it answers
}

// Quote is a part of a message of ours that somebody marked to answer it. All
// of it is empty for an answer to the whole message.
type Quote struct {
	Text  string // as it was marked
	On    string // what the message shows in bold in the lines that it lies in, a line for each piece
	Above string // and in the lines above, the nearest first
}

// Person is who sent a request. Only the ID proves anything.
type Person struct {
	ID       int64
	Name     string
	Username string // behind an @, without it; "" for nothing
}

// Chat is where a request was made and the answer goes.
type Chat struct {
	ID      int64
	Title   string // what a group is called, "" in a private chat; it proves nothing
	Private bool
	Thread  int64 // the topic, in a forum
}

// print is a fingerprint of what a request says.
func (r Request) print() string {
	return fingerprint(r.Name + " " + r.Args + " " + r.onlyFile().Same)
}

// onlyFile is the file of a message that has one and is no part of an album; otherwise it
// has no ID.
func (r Request) onlyFile() goals.File {
	if len(r.Files) == 1 && r.Album == "" {
		return r.Files[0]
	}
	return goals.File{}
}

// document is the only file of a request, if it may be a list; otherwise it has no ID.
// Nothing of it is known but what the sender says.
func (r Request) document() goals.File {
	if len(r.Files) == 1 && r.Files[0].Kind == goals.DocFile {
		return r.Files[0]
	}
	return goals.File{}
}

func (r Request) origin() store.Origin {
	name := r.Name
	if name == "" {
		name = "text"
	}
	return store.Origin{Key: r.Key, By: r.From.ID, Name: name, At: r.At}
}
