package handlers

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
)

// This file takes goals in from a file that somebody sends: it is fetched and
// read before the transaction, shown as what it would change, and taken in
// after a tap.

const (
	maxImport   = 20_000_000 // bytes; a bot is handed no larger file (Bot API, getFile)
	fetchTime   = 20 * time.Second
	importLasts = time.Hour

	importRecord = "import"      // what was offered, as a proposal
	fileRecord   = "import-file" // the file that it is about
)

// received is a file that came with a request.
type received struct {
	data []byte
	all  []*goals.Goal
	bad  *message.Text // why it cannot be taken in, nil where it can
}

// proposal is kept until the person decides about it.
type proposal struct {
	Token string    `json:"token"` // that its buttons carry
	File  string    `json:"file"`  // its name
	At    time.Time `json:"at"`
	Sum   string    `json:"sum"` // over what was shown
	deadline
}

// receive fetches and reads the file of a request, if it is one to take in.
// The error says that the request must be tried again.
func (h *Handlers) receive(ctx context.Context, req Request, role Role) (*received, error) {
	if row, _ := h.find("import"); !role.may(row) {
		return nil, nil
	}
	wanted, err := h.wantsFile(ctx, req)
	if !wanted {
		return nil, err
	}
	if row, _ := h.find("import"); !role.may(row) {
		return &received{}, nil // not even fetched
	}
	name := fileName(req.Document)
	bad := func(format string, args ...any) (*received, error) {
		return &received{bad: new(message.Text).Addf(format, args...)}, nil
	}
	tooLarge := fmt.Sprintf("%s is too large: Telegram hands me files of at most %s. Nothing was changed. Put it in its place where I run, and I take it in from there.", name, megabytes(maxImport))
	if req.Document.Size > maxImport {
		return bad("%s", tooLarge)
	}
	own, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	data, err := h.files.Fetch(own, req.Document.ID, maxImport)
	switch {
	case errors.Is(err, ErrTooLarge):
		return bad("%s", tooLarge)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("fetch file: %w", ctx.Err())
	case err != nil:
		h.log.Warn("a file could not be fetched", "bytes", req.Document.Size, "err", err)
		return bad("Telegram did not hand me %s, so nothing was changed. Please send it again.", name)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return bad("%s is packed, so nothing was changed. Unpack it and send the goals.json that is in it.", name)
	}
	all, err := goaljson.Decode(data)
	if malformed, ok := errors.AsType[*goaljson.Error](err); ok {
		t := new(message.Text).Addf("%s does not load, so nothing was changed.\n%s.", name, malformed)
		if malformed.Excerpt != "" {
			t.Add("\n").Pre(malformed.Excerpt)
		}
		return &received{bad: t.Add("\nMend it and send it again.")}, nil
	}
	return &received{data: data, all: all}, err
}

// wantsFile reports whether the file of a request is meant to be taken in: it
// comes with /import, or answers the question for it, or is sent without a
// command to me alone and called like a goals.json.
func (h *Handlers) wantsFile(ctx context.Context, req Request) (wanted bool, err error) {
	switch {
	case req.Document.ID == "" || req.Edited || req.Tap:
		return false, nil
	case req.Name != "":
		return req.Name == "import", nil
	case req.Chat.Private && strings.EqualFold(path.Ext(req.Document.Name), ".json"):
		return true, nil
	case !req.Chat.Private && !req.Reply:
		return false, nil
	}
	err = h.store.View(ctx, func(tx goals.Tx) error {
		c := &call{Handlers: h, Request: req, tx: tx}
		q, err := c.question()
		wanted = q.Command == "import" && !c.late(q.deadline)
		return err
	})
	return wanted, err
}

func fileName(d Document) string {
	if !goals.Shows(d.Name) {
		return "The file"
	}
	return isolate(clip(d.Name, 60))
}

// imports asks for a file, or decides about one that was offered.
func (c *call) imports() (message.Message, error) {
	verb, token, _ := strings.Cut(c.Args, " ")
	switch {
	case c.file != nil:
		return c.offerImport()
	case verb == "yes" || verb == "no":
		return c.decideImport(verb == "yes", token)
	case c.Args != "":
		return message.Message{}, goals.Refusal("/import takes a file. Send me a goals.json, with /import as its caption or without.")
	}
	how := "Send me the goals.json as your next message."
	if !c.Chat.Private {
		how = "Reply to this message with the goals.json."
	}
	return c.askInWords(question{Command: "import"}, how+" I show first what it would change.")
}

// offerImport answers a file: with what is wrong with it, or with what it would change.
func (c *call) offerImport() (message.Message, error) {
	if c.file.bad != nil {
		return c.file.bad.Message(), nil // a question for a file stays open
	}
	q, err := c.question()
	if err == nil && (q.Command == "import" || c.Name != "") {
		err = c.tx.SetRecord(questionRecord, c.questionOf(), "")
	}
	if err != nil {
		return message.Message{}, err
	}
	o := proposal{File: fileName(c.Document), At: c.At, deadline: c.in(importLasts)}
	_, merged, err := c.try(o, c.file.all)
	if err != nil {
		return message.Message{}, err
	}
	return c.showOffer("", o, merged, c.file.all, c.file.data)
}

// otherFile answers a file of which nobody said what it is for.
func (c *call) otherFile() (message.Message, error) {
	if row, _ := c.find("import"); !c.role.may(row) {
		return c.run(row) // which says so
	}
	switch q, err := c.question(); {
	case err != nil:
		return message.Message{}, err
	case q.Command != "", !c.Chat.Private:
		return c.plain()
	}
	return new(message.Text).Addf("I do not know what to do with %s. I take goals in from a file in the form of goals.json, as /export sends it. If this is one under another name, send /import first.", fileName(c.Document)).Message(), nil
}

// try merges a file into a copy of the list.
func (c *call) try(o proposal, all []*goals.Goal) (goals.List, goals.Merged, error) {
	list := c.tx.List().Clone()
	merged := list.Import(all, o.At)
	if list.Len() > goals.MaxGoals {
		return list, merged, goals.Refusal(fmt.Sprintf("With these there would be %d goals, and I keep %d at most. Nothing was changed.", list.Len(), goals.MaxGoals))
	}
	return list, merged, nil
}

// showOffer says what a file would change, and keeps it until that is decided.
func (c *call) showOffer(head string, o proposal, merged goals.Merged, all []*goals.Goal, data []byte) (message.Message, error) {
	if len(merged.Added) == 0 && len(merged.Changed) == 0 {
		t := new(message.Text).Add(head)
		t.Bold(o.File + " brings nothing new").Add(", so nothing is to be done.")
		c.addKept(t, merged, all, maxAmongMany)
		return t.Message(listRow()), c.forgetOffer()
	}
	last := c.tx.List().LastNumber()
	var fresh, back []*goals.Goal
	for _, g := range merged.Added {
		if g.Number <= last {
			back = append(back, g)
		} else {
			fresh = append(fresh, g)
		}
	}
	t := shortened(func(limit int) *message.Text {
		t := new(message.Text).Add(head).Bold("Take in " + o.File + "?")
		addGroup(t, "New", fresh, limit)
		addGroup(t, "Deleted here, would come back", back, limit)
		addGroup(t, "Newer there, would change to", merged.Changed, limit)
		c.addKept(t, merged, all, limit)
		return t
	})
	o.Token, o.Sum = newID(), c.sum(merged)
	kept, err := json.Marshal(o)
	if err != nil {
		return message.Message{}, err
	}
	if err := c.sweepOffers(); err != nil {
		return message.Message{}, err
	}
	if err := c.tx.SetRecord(importRecord, c.questionName(), string(kept)); err != nil {
		return message.Message{}, err
	}
	if err := c.tx.SetRecord(fileRecord, c.questionName(), string(data)); err != nil {
		return message.Message{}, err
	}
	return t.Message([]message.Button{
		{Label: "✅ Take in", Command: "import yes " + o.Token, Style: message.Primary},
		{Label: "Leave it", Command: "import no " + o.Token},
	}), nil
}

// addKept says what would stay as it is.
func (c *call) addKept(t *message.Text, merged goals.Merged, all []*goals.Goal, limit int) {
	addGroup(t, "Newer here, would stay so", merged.Kept, limit)
	ids := make(map[string]bool, len(all))
	for _, g := range all {
		ids[g.ID] = true
	}
	var said []string
	if n := len(ids) - len(merged.Added) - len(merged.Changed) - len(merged.Kept); n > 0 {
		said = append(said, fmt.Sprintf("The same in both: %d.", n))
	}
	if n := c.tx.List().Len() + len(merged.Added) - len(ids); n > 0 {
		said = append(said, fmt.Sprintf("Only here, would stay: %d.", n))
	}
	if n := len(merged.Doubled); n > 0 {
		said = append(said, fmt.Sprintf("More than once in the file: %d; of each the newest counts, or the first of those that are as new.", n))
	}
	if len(said) > 0 {
		t.Add("\n\n" + strings.Join(said, "\n"))
	}
}

func addGroup(t *message.Text, head string, list []*goals.Goal, limit int) {
	if len(list) > 0 {
		t.Add("\n\n").Bold(head).Addf(" · %d", len(list))
		some(t, list, limit)
	}
}

// sum is over everything that an offer shows of the list: what would come,
// and what it would replace or leave.
func (c *call) sum(merged goals.Merged) string {
	hash := sha256.New()
	var line []byte
	add := func(kind byte, list []*goals.Goal) {
		for _, g := range list {
			line = append(fmt.Appendf(line[:0], "%c%d ", kind, g.Number), g.ID...)
			if before := c.tx.List().Number(g.Number); before != nil {
				line = goaljson.AppendGoal(line, before)
			}
			hash.Write(append(line, '\n'))
		}
	}
	add('+', merged.Added)
	add('~', merged.Changed)
	add('=', merged.Kept)
	return hex.EncodeToString(hash.Sum(nil))
}

// decideImport takes in what was offered, exactly as it was shown, or leaves
// it. Where the list has changed so that it would be something else, it is
// shown anew.
func (c *call) decideImport(yes bool, token string) (message.Message, error) {
	kept, err := c.tx.Record(importRecord, c.questionName())
	if err != nil {
		return message.Message{}, err
	}
	var o proposal
	if kept != "" {
		if err := json.Unmarshal([]byte(kept), &o); err != nil {
			return message.Message{}, fmt.Errorf("read offer: %w", err)
		}
	}
	switch {
	case kept == "" || o.Token != token:
		return message.Message{}, goals.Refusal("That was decided already, or a newer file took its place. Nothing was changed; send the file again to see it anew.")
	case !yes:
		return new(message.Text).Addf("All right, nothing was taken in from %s.", o.File).Message(listRow()), c.forgetOffer()
	case c.late(o.deadline):
		return new(message.Text).Addf("I showed that more than an hour ago, so nothing was changed. Send %s again to see it anew.", o.File).Message(listRow()), c.forgetOffer()
	}
	data, err := c.tx.Record(fileRecord, c.questionName())
	if err != nil {
		return message.Message{}, err
	}
	all, err := goaljson.Decode([]byte(data))
	if err != nil {
		return message.Message{}, fmt.Errorf("read kept file: %w", err)
	}
	list, merged, err := c.try(o, all)
	if err != nil {
		return message.Message{}, err
	}
	if c.sum(merged) != o.Sum {
		return c.showOffer("Your goals have changed since I showed this, so nothing was taken in yet. It would be this now.\n\n", o, merged, all, []byte(data))
	}
	*c.tx.List() = list
	var t message.Text
	t.Bold("Taken in: "+o.File).Addf(" · %d new, %d changed", len(merged.Added), len(merged.Changed))
	some(&t, append(merged.Added, merged.Changed...), maxAmongMany)
	return t.Message(undoRow(c.Key), listRow()), c.forgetOffer()
}

// forgetOffer forgets what was offered to this person in this chat.
func (c *call) forgetOffer() error {
	return errors.Join(c.tx.SetRecord(importRecord, c.questionName(), ""), c.tx.SetRecord(fileRecord, c.questionName(), ""))
}

// sweepOffers forgets what nobody decided about in time: the files are large.
func (c *call) sweepOffers() error {
	offers, err := c.tx.Records(importRecord)
	if err != nil {
		return err
	}
	for name, kept := range offers {
		var o proposal
		if err := json.Unmarshal([]byte(kept), &o); err == nil && !c.late(o.deadline) {
			continue
		}
		err := errors.Join(c.tx.SetRecord(importRecord, name, ""), c.tx.SetRecord(fileRecord, name, ""))
		if err != nil {
			return err
		}
	}
	return nil
}
