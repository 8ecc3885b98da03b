package handlers

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/message"
)

// This file makes an offer of plain words: a button each for what they could
// become. Nothing is added until one is tapped.

// thought is what waits for a tap. A button cannot hold the words (64 bytes), so
// they are kept under the message that said them.
type thought struct {
	From   int64  `json:"from"`
	Text   string `json:"text"`
	Source string `json:"source,omitempty"`
	Number int64  `json:"number,omitempty"` // the goal that they were said about
	deadline
}

const (
	offerRecord = "offer"
	offerLasts  = 24 * time.Hour
	maxAtOnce   = 50 // goals out of one message
)

// offer asks what the words shall become. about is the goal of the message
// that they answer, or nil.
func (c *call) offer(about *goals.Goal) (message.Message, error) {
	if strings.TrimSpace(c.Args) == "" {
		return new(message.Text).Add("I understand words only. Send me some and I offer to keep them as a goal; /help shows the rest.").Message(), nil
	}
	o := thought{From: c.From.ID, Text: c.Args, Source: c.Source, deadline: c.in(offerLasts)}
	button := func(label, verb string) []message.Button {
		return []message.Button{{Label: label, Command: fmt.Sprintf("keep %s %d", verb, c.Message)}}
	}
	var t message.Text
	var rows [][]message.Button
	if about != nil {
		o.Number = about.Number
		t.Add("What shall I do with this?\n\n").Append(line(about, maxInList))
		rows = append(rows, button("📝 Note it on "+number(about), "note"), button("✏️ Rename "+number(about)+" to it", "rename"))
	}
	if lines := items(c.Args); len(lines) > 1 {
		if about == nil {
			t.Addf("These are %d lines. What shall they become?", len(lines))
		}
		if len(lines) <= maxAtOnce {
			rows = append(rows, button(fmt.Sprintf("➕ %d goals, one each", len(lines)), "each"))
		}
		with := "notes"
		if d, notes := whole(c.Args); len(notes) == 0 && len(d.Acceptance) > 0 {
			with = "criteria"
		}
		rows = append(rows, button("➕ One goal with "+with, "goal"))
	} else {
		meant, isCommand := c.withoutSlash()
		switch {
		case about != nil:
		case isCommand:
			t.Addf("Did you mean %s? Or shall I keep this as a goal?", meant.Label)
			rows = append(rows, []message.Button{meant})
		default:
			t.Add("Shall I keep this as a goal?")
		}
		rows = append(rows, button("➕ Add as a goal", "goal"))
	}
	if c.Source != "" {
		t.Addf("\nIts source becomes a note: from %s.", isolate(clip(c.Source, 60)))
	}
	if err := c.forgetOffers(); err != nil {
		return message.Message{}, err
	}
	return t.Message(rows...), c.setOffer(c.messageName(), o)
}

// withoutSlash reads words as a command whose slash was left out: one alone, or
// one with the number or the id of a goal.
func (c *call) withoutSlash() (meant message.Button, ok bool) {
	words := strings.Fields(c.Args)
	if len(words) > 2 {
		return meant, false
	}
	row, known := c.find(strings.ToLower(words[0]))
	takesGoal := strings.HasPrefix(row.usage, "<which>") || strings.HasPrefix(row.usage, "[which]")
	if !known || row.hidden || !c.role.may(row) || len(words) == 2 && !(takesGoal && c.isNamed(words[1])) {
		return meant, false
	}
	words[0] = row.name
	command := strings.Join(words, " ")
	return message.Button{Label: "/" + command, Command: command}, len(command) <= message.MaxButtonData
}

func (c *call) setOffer(name string, o thought) error {
	kept, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return c.tx.SetRecord(offerRecord, name, string(kept))
}

// takeOffer returns the offer of that name; ok is false where there is none
// that this person may take.
func (c *call) takeOffer(name string) (o thought, ok bool, err error) {
	kept, err := c.tx.Record(offerRecord, name)
	if err != nil || kept == "" {
		return o, false, err
	}
	if err := json.Unmarshal([]byte(kept), &o); err != nil {
		return o, false, fmt.Errorf("read offer: %w", err)
	}
	return o, o.From == c.From.ID && !c.late(o.deadline), nil
}

// forgetOffers drops what nobody has taken.
func (c *call) forgetOffers() error {
	all, err := c.tx.Records(offerRecord)
	if err != nil {
		return err
	}
	for name, kept := range all {
		var o thought
		if err := json.Unmarshal([]byte(kept), &o); err != nil {
			return fmt.Errorf("read offer: %w", err)
		}
		if c.late(o.deadline) {
			if err := c.tx.SetRecord(offerRecord, name, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep takes an offer: "goal 17" makes one goal of the words in message 17.
func (c *call) keep() (message.Message, error) {
	verb, said, _ := strings.Cut(c.Args, " ")
	id, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return message.Message{}, goals.Refusal("I have no such words. Send them again.")
	}
	name := fmt.Sprintf("%d/%d", c.Chat.ID, id)
	o, ok, err := c.takeOffer(name)
	switch {
	case err != nil:
		return message.Message{}, err
	case !ok:
		return message.Message{}, goals.Refusal("I do not have these words any more, or they are somebody else's. Send them again.")
	}
	var m message.Message
	switch verb {
	case "goal":
		m, err = c.keepWhole(name, o)
	case "each":
		m, err = c.keepEach(o)
	case "note":
		m, err = c.keepOn("Noted on", c.tx.List().AddNote, o.Number, sourced(o.Text, o.Source))
	case "rename":
		m, err = c.keepOn("Renamed", c.tx.List().Rename, o.Number, o.Text)
	default:
		return m, goals.Refusal("I cannot do that with words. Send them again and choose from the buttons.")
	}
	if err != nil {
		return message.Message{}, err
	}
	return m, c.tx.SetRecord(offerRecord, name, "")
}

func (c *call) keepOn(word string, change func(int64, string, time.Time) (*goals.Goal, error), number int64, text string) (message.Message, error) {
	g, err := change(number, text, c.At)
	if err != nil {
		return message.Message{}, err
	}
	return c.changed(g, word), nil
}

func (c *call) keepWhole(name string, o thought) (message.Message, error) {
	d, notes := whole(o.Text)
	g, err := c.create(d, o.Source)
	if err != nil {
		return message.Message{}, err
	}
	for _, note := range notes {
		if g, err = c.tx.List().AddNote(g.Number, note, c.At); err != nil {
			return message.Message{}, err
		}
	}
	if len(notes) == 0 { // otherwise an edit would make a description of them
		if err := c.made(name, g, o.Text); err != nil {
			return message.Message{}, err
		}
	}
	return c.changed(g, "Added"), nil
}

func (c *call) keepEach(o thought) (message.Message, error) {
	lines := items(o.Text)
	if len(lines) > maxAtOnce {
		return message.Message{}, goals.Refusal(fmt.Sprintf("These are %d lines; I take %d at once. Nothing was added; please send them in parts.", len(lines), maxAtOnce))
	}
	said := []*message.Text{new(message.Text).Bold(fmt.Sprintf("Added %d goals", len(lines)))}
	for _, text := range lines {
		g, err := c.create(goals.Draft{Description: text}, o.Source)
		if err != nil {
			return message.Message{}, err
		}
		said = append(said, line(g, maxAmongMany))
	}
	return joined(said).Message(undoRow(c.Key), listRow()), nil
}

// create adds a goal, with a note that says where its words are from.
func (c *call) create(d goals.Draft, source string) (*goals.Goal, error) {
	g, err := c.tx.List().Add(d, newID(), c.At)
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

// bullet is what people begin the lines of a list with.
var bullet = regexp.MustCompile(`^\s*(?:[-–—•*]|\d{1,3}[.)])?\s*(?:\[[ xX]?\]\s)?\s*`)

// items are the lines of a text, without what makes a list of them.
func items(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if item := strings.TrimSpace(line[len(bullet.FindString(line)):]); goals.Shows(item) {
			all = append(all, item)
		}
	}
	return all
}

// whole reads several lines as one goal: the first is its description, those
// with a dash are its criteria, and the others notes.
func whole(text string) (d goals.Draft, notes []string) {
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		line = strings.TrimSpace(line)
		criterion, dash := cutDash(line)
		switch {
		case i == 0 && dash:
			d.Description = criterion
		case i == 0:
			d.Description = line
		case dash && criterion != "":
			d.Acceptance = append(d.Acceptance, criterion)
		case !dash && goals.Shows(line):
			notes = append(notes, line)
		}
	}
	return d, notes
}
