package handlers

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"goalbot/access"
	"goalbot/formats"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file takes goals in from a file that somebody sends: it is fetched and
// read before the transaction, shown as what it would change, and taken in
// after a tap.

const (
	maxImport   = 20_000_000 // bytes; a bot is handed no larger file (Bot API, getFile)
	fetchTime   = 20 * time.Second
	importLasts = time.Hour

	whatWorks = "I can import:\n" + formats.Known
)

// Files fetches what people have sent.
type Files interface {
	// Fetch returns a file of at most that many bytes. Of a larger one nothing
	// is kept: [ErrTooLarge].
	Fetch(ctx context.Context, id string, most int64) ([]byte, error)
}

// ErrTooLarge reports a file that has more bytes than are wanted.
var ErrTooLarge = errors.New("the file is too large")

// received is a file that came with a request.
type received struct {
	data []byte
	list *formats.File
	bad  *message.Text // why it cannot be taken in, nil where it can
}

// proposal is kept until the person decides about it.
type proposal struct {
	Token string    `json:"token"` // that its buttons carry
	File  string    `json:"file"`  // its name as it is shown
	Name  string    `json:"name"`  // and as it came
	At    time.Time `json:"at"`
	Sum   string    `json:"sum"`            // over what was shown
	From  int64     `json:"from,omitempty"` // the message that brought it
	deadline
}

// receive fetches and reads the file of a request, if it is one to take in.
// The error says that the request must be tried again.
func (h *Handlers) receive(ctx context.Context, req Request, role access.Role) (*received, error) {
	if row, _ := h.find("import"); !row.allows(role) {
		return nil, nil // not even fetched
	}
	wanted, err := h.wantsFile(ctx, req)
	if !wanted {
		return nil, err
	}
	name := fileName(req.document())
	bad := func(format string, args ...any) (*received, error) {
		return &received{bad: new(message.Text).Addf(format, args...)}, nil
	}
	tooLarge := fmt.Sprintf("%s is too large: Telegram gives me files of at most %s. Nothing was changed. Put it in the place of goals.json where I run, and I'll import it from there.", name, megabytes(maxImport))
	if req.document().Size > maxImport {
		return bad("%s", tooLarge)
	}
	own, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	data, err := h.files.Fetch(own, req.document().ID, maxImport)
	switch {
	case errors.Is(err, ErrTooLarge):
		return bad("%s", tooLarge)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("fetch file: %w", ctx.Err())
	case err != nil:
		h.log.Warn("a file could not be fetched", "bytes", req.document().Size, "err", err)
		return bad("Telegram didn't give me %s, so nothing was changed. Please send it again.", name)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return bad("%s is a compressed archive, so nothing was changed. Unpack it and send me the list inside: goals.json, a CSV file, Tasks.json of Google Takeout, data.json of Vikunja.", name)
	}
	data = formats.UTF8(data)
	list, err := h.readList(req.document().Name, data)
	if err != nil {
		return &received{bad: notRead(name, err)}, nil
	}
	return &received{data: data, list: list}, nil
}

// notRead says why a file cannot be read as a list.
func notRead(name string, err error) *message.Text {
	t := new(message.Text)
	malformed, isOurs := errors.AsType[*goaljson.Error](err)
	damaged, isDamaged := errors.AsType[*formats.Damaged](err)
	switch {
	case isOurs:
		t.Addf("%s can't be read, so nothing was changed.\n%s.", name, malformed)
		if malformed.Excerpt != "" {
			t.Add("\n").Pre(malformed.Excerpt)
		}
		return t.Add("\nSend me an undamaged copy. " + whatWorks)
	case isDamaged:
		return t.Addf("%s looks like an export from %s, but it is damaged or incomplete, so nothing was changed. Export it again, and send me that.", name, damaged.Program)
	case errors.Is(err, formats.ErrEmpty):
		return t.Addf("%s is empty, so nothing was changed. %s", name, whatWorks)
	case errors.Is(err, formats.ErrTooMany):
		return t.Addf("%s has more than %d goals, which is as many as I can keep, so nothing was changed. Send me a part of it.", name, goals.MaxGoals)
	}
	return t.Addf("%s is not a list that I can read, so nothing was changed. %s", name, whatWorks)
}

func (h *Handlers) readList(name string, data []byte) (*formats.File, error) {
	return formats.Read(name, data, h.setting.Values().Zone, settings.FindZone)
}

// wantsFile reports whether the file of a request is meant to be taken in: it
// comes with /import, or answers the question for it, or is sent without a
// command to me alone and called as lists are, unless it is for a goal.
func (h *Handlers) wantsFile(ctx context.Context, req Request) (wanted bool, err error) {
	switch {
	case req.document().ID == "" || req.Tap:
		return false, nil
	case req.Edited:
		if same, err := h.unaltered(ctx, req); err != nil || same {
			return false, err
		}
	}
	switch {
	case req.Name != "":
		return req.Name == "import", nil
	case !req.Chat.Private && !req.Reply:
		return false, nil
	}
	err = h.store.View(ctx, func(tx store.Tx) error {
		c := &call{Handlers: h, Request: req, tx: tx}
		q, _, err := c.replied() // which may have been asked elsewhere
		switch {
		case err != nil:
			return err
		case q.Command == "import" && q.Closed == "":
			wanted = true
			return nil
		case c.replyTarget() != nil:
			return nil
		}
		if wanted, err = c.waitsFor("import"); err != nil || wanted || !c.Chat.Private || !IsList(req) {
			return err
		}
		_, name, err := c.wantsAttachment()
		wanted = name == ""
		return err
	})
	return wanted, err
}

// unaltered reports whether an edited message says what it said before.
func (h *Handlers) unaltered(ctx context.Context, req Request) (same bool, err error) {
	err = h.store.View(ctx, func(tx store.Tx) error {
		m, err := (&call{Handlers: h, Request: req, tx: tx}).memory()
		if known := m.find(req.Message); known != nil {
			same = known.Print == req.print()
		}
		return err
	})
	return same, err
}

// IsList reports whether a request brings a file that may be a list to import.
func IsList(req Request) bool { return calledLikeAList(req.document().Name) }

func calledLikeAList(name string) bool {
	name = strings.ToLower(path.Base(name))
	return slices.Contains([]string{".json", ".csv", ".md", ".markdown"}, path.Ext(name)) || name == "todo.txt" || name == "done.txt"
}

func fileName(d goals.File) string {
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
		return message.Message{}, refusal("/import takes a file. Send it to me with /import as its caption, or after /import. " + whatWorks)
	}
	how := "Send me goals.json, or a list from another program, as your next message."
	if !c.Chat.Private {
		how = "Reply to this message with goals.json, or a list from another program."
	}
	return c.pose(question{Command: "import"}, new(message.Text).Add(how+" I'll first show what it would change. /help import lists what I can read.\n/cancel to skip."))
}

// offerImport answers a file: with what is wrong with it, or with what it would change.
func (c *call) offerImport() (message.Message, error) {
	if c.file.bad != nil {
		return c.file.bad.Message(), nil // a question for a file stays open
	}
	_, name, err := c.replied()
	if err != nil {
		return message.Message{}, err
	}
	err = c.settle(cmp.Or(name, c.questionName()), func(q question) closing {
		if q.Command == "import" {
			return byAnswer
		}
		return ""
	})
	if err != nil {
		return message.Message{}, err
	}
	o := proposal{File: fileName(c.document()), Name: c.document().Name, At: c.At, From: c.Message, deadline: c.in(importLasts)}
	_, w, err := c.try(o, c.file.list)
	if err != nil {
		return message.Message{}, err
	}
	return c.showOffer("", o, w, c.file.data)
}

// decideImport takes in what was offered, exactly as it was shown, or leaves
// it. Where the list has changed so that it would be something else, it is
// shown anew.
func (c *call) decideImport(yes bool, token string) (message.Message, error) {
	var o proposal
	err := readRecord(c.tx, store.ImportRecord, c.questionName(), &o)
	switch {
	case err != nil:
		return message.Message{}, err
	case o.Token == "" || o.Token != token:
		return message.Message{}, refusal("That was already decided, or a newer file replaced it. Nothing was changed; send the file again if you still want to import it.")
	case !yes:
		return new(message.Text).Addf("OK, nothing was imported from %s.", o.File).Message(listRow()), c.forgetOffer()
	case c.late(o.deadline):
		return new(message.Text).Addf("I showed that more than an hour ago, so nothing was changed. Send %s again if you still want to import it.", o.File).Message(listRow()), c.forgetOffer()
	}
	data, err := c.tx.Record(store.ImportedRecord, c.questionName())
	if err != nil {
		return message.Message{}, err
	}
	file, err := c.readList(o.Name, []byte(data))
	if err != nil {
		return message.Message{}, fmt.Errorf("read kept file: %w", err)
	}
	list, w, err := c.try(o, file)
	if err != nil {
		return message.Message{}, err
	}
	if c.sum(w) != o.Sum {
		return c.showOffer("Your goals have changed since I showed this, so nothing was imported yet. This is what would change now:\n\n", o, w, []byte(data))
	}
	*c.tx.List() = list
	if err := c.recall(o.From, func(s *remembered) { s.Keys = []string{c.Key} }); err != nil {
		return message.Message{}, err
	}
	var t message.Text
	t.Bold("Imported: "+o.File).Addf(" · %d new, %d changed", len(w.Added), len(w.Changed))
	if n := c.withDates(w); n > 0 {
		t.Addf(", %d with dates", n)
	}
	some(&t, append(w.Added, goals.After(w.Changed)...), maxAmongMany)
	return t.Message(undoRow(c.Key), listRow()), c.forgetOffer()
}

// forgetOffer forgets what was offered to this person in this chat.
func (c *call) forgetOffer() error {
	return errors.Join(c.tx.SetRecord(store.ImportRecord, c.questionName(), ""), c.tx.SetRecord(store.ImportedRecord, c.questionName(), ""))
}

// sweepOffers forgets what nobody decided about in time: the files are large.
func (c *call) sweepOffers() error {
	offers, err := c.tx.Records(store.ImportRecord)
	if err != nil {
		return err
	}
	for name, kept := range offers {
		var o proposal
		if err := json.Unmarshal([]byte(kept), &o); err == nil && !c.late(o.deadline) {
			continue
		}
		err := errors.Join(c.tx.SetRecord(store.ImportRecord, name, ""), c.tx.SetRecord(store.ImportedRecord, name, ""))
		if err != nil {
			return err
		}
	}
	return nil
}
