package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"goalbot/formats"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file makes an offer of plain words: a button each for what they could
// become. Nothing is added until one is tapped.

// pendingText is what waits for a tap. A button cannot hold the words (64 bytes), so
// they are kept under the message that said them; also when they have become
// something, as long as the message can be edited.
type pendingText struct {
	From   int64  `json:"from"`
	Parts  []part `json:"parts,omitempty"`  // its messages
	Before string `json:"before,omitempty"` // said before the question
	Source string `json:"source,omitempty"`
	// Files came with the words, or without any; then Asked is the token of the question
	// which goal they are for.
	Files  []goals.File `json:"files,omitempty"`
	Asked  string       `json:"asked,omitempty"`
	Number int64        `json:"number,omitempty"` // the goal that they were said about

	// Taken is what they have become, as a button has it, by the requests Keys;
	// Goals are those that were added.
	Taken string   `json:"taken,omitempty"`
	Keys  []string `json:"keys,omitempty"`
	Goals []int64  `json:"goals,omitempty"`
	deadline

	Text string `json:"text,omitempty"` // all of it, as a former version kept it
}

const (
	offerLasts = 24 * time.Hour
	// editLasts is how long a message can be edited, and a bit more.
	editLasts = 49 * time.Hour
	maxAtOnce = 50 // goals out of one message
)

// offer asks what the words are to become. target is the goal of the message that they
// answer, or nil; before is put before the question, which is rendered when it is sent.
func (c *call) offer(target *goals.Goal, before string) (message.Message, error) {
	if err := c.forgetOffers(); err != nil {
		return message.Message{}, err
	}
	name, o, goesOn, err := c.goesOn()
	switch {
	case err != nil:
		return message.Message{}, err
	case strings.TrimSpace(c.Args) == "" && goesOn:
		return message.Message{}, nil // a contact that came with words
	case strings.TrimSpace(c.Args) == "":
		return new(message.Text).Add(wordsOnly).Message(), nil
	}
	m := message.Message{Render: offerRender}
	if goesOn {
		o.from(c.Source)
		if o.Asked != "" { // the question about files becomes one about the words
			m.Tag, m.Over = offerTag+name, questionTag+o.Asked
			if err := c.settleOne(c.questionName(), o.Asked, byQuestion); err != nil {
				return m, err
			}
			o.Asked = ""
		}
	} else {
		name = c.messageName()
		m.Tag = offerTag + name
		o = pendingText{From: c.From.ID, Before: before, Source: c.Source, deadline: c.in(offerLasts)}
		if target != nil {
			o.Number = target.Number
		}
	}
	m.Args, c.mine.Offer = name, name
	o.Parts = append(o.Parts, c.part(c.Args))
	c.placed, o.Files = true, append(o.Files, c.Files...)
	return m, cmp.Or(c.setOffer(name, o), c.noteAlbum(albumKept{Offer: name}))
}

func (c *call) setOffer(name string, o pendingText) error {
	return keepRecord(c.tx, store.OfferRecord, name, o)
}

// pendingText returns the pending text of that name, an empty one if there is none.
func (c *call) pendingText(name string) (o pendingText, err error) {
	kept, err := c.tx.Record(store.OfferRecord, name)
	if err != nil || kept == "" {
		return o, err
	}
	return readPendingText(kept)
}

// forgetOffers drops what nobody has taken, and what cannot be edited any more.
func (c *call) forgetOffers() error {
	all, err := c.tx.Records(store.OfferRecord)
	if err != nil {
		return err
	}
	for name, kept := range all {
		o, err := readPendingText(kept)
		if err != nil {
			return err
		}
		if c.late(o.deadline) {
			if err := c.dropOffer(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOffer forgets an offer, and which message asks about it.
func (c *call) dropOffer(name string) error {
	return cmp.Or(c.tx.SetRecord(store.OfferRecord, name, ""), c.forgetAsked(name))
}

func (c *call) forgetAsked(name string) error {
	chat, _, _ := strings.Cut(name, "/")
	return c.tx.SetRecord(store.SentRecord, offerTag+name+"/"+chat, "")
}

// offered finds the offer about a message in this chat, or in private one about
// a message of the person's in a group, which did not take the offer.
func (c *call) offered(id int64) (name string, o pendingText, err error) {
	name = fmt.Sprintf("%d/%d", c.Chat.ID, id)
	if o, err = c.pendingText(name); err != nil || o.From != 0 || !c.Chat.Private || !c.Tap {
		return name, o, err
	}
	all, err := c.tx.Records(store.OfferRecord)
	for other, kept := range all {
		if !strings.HasSuffix(other, fmt.Sprintf("/%d", id)) {
			continue
		}
		if o, err := readPendingText(kept); err != nil || o.From == c.From.ID {
			return other, o, err
		}
	}
	return name, pendingText{}, err
}

// keep takes an offer: "goal 17" makes one goal of the words in message 17.
func (c *call) keep() (message.Message, error) {
	verb, said, _ := strings.Cut(c.Args, " ")
	id, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return message.Message{}, refusal("I don't have that text. Please send it again.")
	}
	name, o, err := c.offered(id)
	switch {
	case err != nil:
		return message.Message{}, err
	case o.From != c.From.ID || o.Taken != "" || c.late(o.deadline):
		return message.Message{}, refusal("I no longer have that text, or it is somebody else's. Please send it again.")
	}
	m, err := c.take(&o, verb)
	if err != nil {
		return message.Message{}, err
	}
	o.deadline = c.in(editLasts)
	return m, cmp.Or(c.setOffer(name, o), c.forgetAsked(name))
}

// take makes of the words of an offer what a button says.
func (c *call) take(o *pendingText, verb string) (m message.Message, err error) {
	switch verb {
	case "goal", "plain", "count":
		m, err = c.keepWhole(o, verb)
	case "each":
		m, err = c.keepEach(o)
	case "note":
		var g *goals.Goal
		g, err = c.tx.List().AddNote(o.Number, sourced(o.words(), o.Source), c.At)
		if g, err = c.withFilesOf(o, g, err); err == nil {
			m = c.changed(g, "Note added to")
		}
	case "rename":
		var g *goals.Goal
		g, err = c.renameTo(o.Number, o.words())
		if g, err = c.withFilesOf(o, g, err); err == nil {
			m = c.newText(g, "Renamed")
		}
	default:
		return m, refusal("I can't do that with it. Send the text again and use the buttons.")
	}
	o.Taken, o.Keys = verb, append(o.Keys, c.Key)
	return m, err
}

// withFilesOf attaches the files of an offer to a goal that its words have become, or
// that they were said about.
func (c *call) withFilesOf(o *pendingText, g *goals.Goal, err error) (*goals.Goal, error) {
	if err != nil || len(o.Files) == 0 {
		return g, err
	}
	with, _, err := c.tx.List().Attach(g.Number, o.Files, c.At)
	if r, _ := errors.AsType[goals.Refusal](err); r.Kind == goals.SameFile {
		return g, nil
	}
	return with, err
}

// items are the goals that the words become, or have become.
func (o pendingText) items(verb string) (all []item) {
	switch verb {
	case "goal", "plain", "count":
		all = []item{whole(o.words())}
	case "each":
		for _, l := range formats.ReadLines(o.words()) {
			all = append(all, item{Draft: goals.Draft{Description: l.Text, Done: l.Ticked}})
		}
	}
	return all
}

// attempt does something to a copy of the list, and returns why that is refused.
func (c *call) attempt(do func() error) error {
	list := c.tx.List()
	before := *list
	*list = list.Clone()
	defer func() { *list = before }()
	return do()
}

func (c *call) keepWhole(o *pendingText, verb string) (message.Message, error) {
	added, err := c.addAll(o, verb)
	if err != nil {
		return message.Message{}, err
	}
	if m := withCount(c.newText(added[0], "Added"), added[0]); verb == "plain" {
		return m, nil
	} else {
		return c.withDate(m, added[0]), nil
	}
}

func (c *call) keepEach(o *pendingText) (message.Message, error) {
	added, err := c.addAll(o, "each")
	if err != nil {
		return message.Message{}, err
	}
	said := []*message.Text{new(message.Text).Bold(fmt.Sprintf("Added %d goals", len(added)))}
	for _, g := range added {
		said = append(said, line(g, maxAmongMany))
	}
	return joined(said).Message(undoRow(c.Key), listRow()), nil
}

func tooManyLines(n int) error {
	return refuse("These are %d lines; I take at most %d at once. Nothing was added; please send them in parts, or all of them as a file with /import.", n, maxAtOnce)
}

func (c *call) addItem(it item, source string) (*goals.Goal, error) {
	g, err := c.create(it.Draft, source)
	for _, note := range it.notes {
		if err == nil {
			g, err = c.tx.List().AddNote(g.Number, note, c.At)
		}
	}
	return g, err
}

// addAll adds the goals that the words become.
func (c *call) addAll(o *pendingText, verb string) (added []*goals.Goal, err error) {
	all := o.items(verb)
	if len(all) > maxAtOnce {
		return nil, tooManyLines(len(all))
	}
	o.Goals = nil
	for _, it := range all {
		g, err := c.addItem(it, o.Source)
		if err == nil && verb != "plain" {
			g, err = c.takeDate(g)
		}
		if err == nil && verb == "count" {
			g, err = c.takeCount(g)
		}
		if g, err = c.withFilesOf(o, g, err); err != nil {
			return nil, err
		}
		added, o.Goals = append(added, g), append(o.Goals, g.Number)
	}
	return added, nil
}

func ticked(lines []formats.Line) (n int) {
	for _, l := range lines {
		if l.Ticked {
			n++
		}
	}
	return n
}

// create adds a goal, with a note that says where its words are from.
func (c *call) create(d goals.Draft, source string) (*goals.Goal, error) {
	id, err := c.tx.List().UnusedID(newID)
	if err != nil {
		return nil, err
	}
	g, err := c.tx.List().Add(d, id, c.At)
	if err != nil || source == "" {
		return g, err
	}
	return c.tx.List().AddNote(g.Number, "From "+clip(source, 100), c.At)
}

func sourced(text, source string) string {
	if source == "" {
		return text
	}
	return text + " (from " + clip(source, 100) + ")"
}

// whole reads several lines as one goal: the first is its description, those
// that begin as the entries of a list do are its criteria, and the others notes.
func whole(text string) (it item) {
	for i, l := range formats.ReadLines(text) {
		switch {
		case i == 0:
			it.Description, it.Done = l.Text, l.Ticked
		case l.Marked:
			it.Acceptance = append(it.Acceptance, l.Text)
		default:
			it.notes = append(it.notes, l.Text)
		}
	}
	return it
}
