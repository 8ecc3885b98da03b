package handlers

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file attaches what people send to goals: a file that answers a message about a
// goal, one that comes with words that change a goal, or one whose goal is asked for.
// Nothing is downloaded.

const (
	// keptSign begins the number of the message whose files wait for their goal, behind
	// the goal in what /attach takes.
	keptSign = "@"
	// maxCaptionName is how many characters a caption has at most that names a file. A
	// longer one becomes a note.
	maxCaptionName = 100
	maxFileLines   = 5 // files that an answer lists
)

// attach attaches the files that came with it, those that were kept for it, or a link.
func (c *call) attach() (message.Message, error) {
	which, rest := c.cutWhich(c.Args)
	if which == "" && len(c.Files) > 0 {
		return c.askWhichGoal()
	}
	link, isLink := goals.ReadLink(rest)
	if len(c.Files) > 0 { // they must not be lost where it is asked which goal is meant
		if err := c.keepFiles(rest, ""); err != nil {
			return message.Message{}, err
		}
		rest = keptSign + strconv.FormatInt(c.Message, 10)
	}
	g, ask, err := c.pick(which, rest)
	if g == nil {
		return ask, err
	}
	said, isKept := strings.CutPrefix(rest, keptSign)
	switch {
	case isKept:
		return c.attachKept(g, said)
	case isLink:
		return c.attachTo(g, []goals.File{{Kind: goals.Link, Name: link, At: c.At.Unix()}}, "")
	case rest != "":
		return message.Message{}, goals.Refusal{Kind: goals.NoFile, Goal: g.Number}
	}
	how := " Reply to this message with it."
	if c.Chat.Private {
		how = " Send it as your next message."
	}
	t := asking("What should I attach to ", g, "?")
	q := question{Command: "attach", Number: g.Number, Asks: t.String()}
	return c.pose(q, t.Add(" A photo, a file, a voice message or a link."+how), cancelRow(c.token()))
}

// attachTo attaches files to a goal. A caption is the name of those that have none, or
// else a note.
func (c *call) attachTo(g *goals.Goal, files []goals.File, caption string) (message.Message, error) {
	c.Name, c.placed = "attach", true
	note := caption
	if !strings.Contains(caption, "\n") && utf8.RuneCountInString(caption) <= maxCaptionName {
		files = slices.Clone(files)
		for i := range files {
			if files[i].Name == "" {
				files[i].Name, note = caption, ""
			}
		}
	}
	g, added, err := c.tx.List().Attach(g.Number, files, c.At)
	if err == nil && note != "" {
		g, err = c.tx.List().AddNote(g.Number, sourced(note, c.Source), c.At)
	}
	if err == nil {
		err = c.noteAlbum(albumKept{Goals: []int64{g.Number}})
	}
	if err != nil {
		return message.Message{}, err
	}
	said := c.attached(added)
	if note != "" {
		said += "\n📝 " + isolate(clip(note, maxAmongMany))
	}
	if c.Tap { // the card says it
		said = ""
	}
	return c.changedWith(g, "Attached to", said), nil
}

// attached lists what was attached.
func (c *call) attached(files []goals.File) string {
	var lines []string
	for i, f := range files {
		if i == maxFileLines {
			lines = append(lines, fmt.Sprintf("… and %d more", len(files)-i))
			break
		}
		lines = append(lines, c.fileLine(f, maxAmongMany))
	}
	return strings.Join(lines, "\n")
}

// withFiles answers files that come without a command.
func (c *call) withFiles() (message.Message, error) {
	if !c.Chat.Private && !c.Reply {
		return message.Message{}, nil // in a group most are for others
	}
	q, name, err := c.replied()
	if err != nil {
		return message.Message{}, err
	}
	if name == "" && c.Args == "" && c.Chat.Private {
		if q, name, err = c.wantsAttachment(); err != nil {
			return message.Message{}, err
		}
	}
	target := c.replyTarget()
	if q.Command == "attach" && q.Number != 0 && q.Closed == "" && c.mayBeAnswered(name) {
		target = c.tx.List().Number(q.Number)
	} else if name != "" && c.Args != "" {
		return c.plain() // the words answer the question
	}
	switch {
	case target != nil:
		if c.Args != "" {
			if m, ok, err := c.understand(target, false); ok || err != nil {
				return m, err
			}
		}
		return c.mayAttach(func(c *call) (message.Message, error) { return c.attachTo(target, c.Files, c.Args) })
	case c.Args != "":
		return c.plain()
	case IsList(c.Request) && c.Chat.Private:
		if row, _ := c.find("import"); !row.allows(c.role) {
			return c.run(row) // which says so
		}
	}
	return c.mayAttach((*call).askWhichGoal)
}

// mayAttach does what attaches something, unless the person may not.
func (c *call) mayAttach(do func(*call) (message.Message, error)) (message.Message, error) {
	row, _ := c.find("attach")
	row.do = do
	return c.run(row)
}

// wantsAttachment is the newest open question of the person's for an attachment of a
// goal, and the name of its record; "" for none.
func (c *call) wantsAttachment() (question, string, error) {
	all, err := c.questions()
	for _, q := range slices.Backward(all) {
		if q.Command == "attach" && q.Number != 0 && q.Closed == "" {
			return q, c.questionName(), err
		}
	}
	return question{}, "", err
}

// askWhichGoal asks for the goal that files are for, which are kept meanwhile. What was
// forwarded together with words belongs to the question about those.
func (c *call) askWhichGoal() (message.Message, error) {
	name, o, goesOn, err := c.goesOn()
	if err != nil {
		return message.Message{}, err
	}
	if goesOn {
		o.Files = append(o.Files, c.Files...)
		o.from(c.Source)
		o.Parts = append(o.Parts, c.part(""))
		if err := cmp.Or(c.setOffer(name, o), c.noteAlbum(albumKept{Offer: name})); err != nil || o.Asked != "" {
			return message.Message{}, err
		}
		return message.Message{Render: offerRender, Args: name}, nil
	}
	c.Name, c.placed = "attach", true
	found := slices.DeleteFunc(slices.Clone(c.tx.List().All()), func(g *goals.Goal) bool { return !g.Status.Open() })
	if len(found) == 0 {
		found = slices.Clone(c.tx.List().All())
	}
	if len(found) == 0 {
		m := new(message.Text).Addf("There is no goal yet that %s could belong to. Send it again with a caption, and I'll offer to add that as a goal.", filesOf(c.Files)).Message()
		m.Tag = offerTag + c.messageName()
		return m, c.keepFiles("", "")
	}
	if err := c.keepFiles("", c.token()); err != nil {
		return message.Message{}, err
	}
	// The goals that somebody has to do with are the likely ones.
	slices.SortStableFunc(found, func(a, b *goals.Goal) int { return b.Updated.Compare(a.Updated) })
	how := " Tap it, or reply with its number."
	if c.Chat.Private {
		how = " Tap it, or send its number."
	}
	if row, _ := c.find("import"); c.document().ID != "" && row.allows(c.role) {
		how += "\nIf it is a list of goals, send /import first, and then the file again."
	}
	return c.choose(fmt.Sprintf("Which goal %s %s for?", message.Form(len(c.Files), "is", "are"), filesOf(c.Files)), how, found, keptSign+strconv.FormatInt(c.Message, 10))
}

// keepFiles keeps the files of this message until their goal is known. asked names the
// question for it.
func (c *call) keepFiles(caption, asked string) error {
	if err := c.forgetOffers(); err != nil {
		return err
	}
	o := pendingText{From: c.From.ID, Source: c.Source, Files: c.Files, Asked: asked, Parts: []part{c.part(caption)}, deadline: c.in(offerLasts)}
	return cmp.Or(c.setOffer(c.messageName(), o), c.noteAlbum(albumKept{Offer: c.messageName()}))
}

// attachKept attaches the files of a message that were kept.
func (c *call) attachKept(g *goals.Goal, said string) (message.Message, error) {
	id, err := strconv.ParseInt(said, 10, 64)
	if err != nil {
		return message.Message{}, goals.Refusal{Kind: goals.NoFile, Goal: g.Number}
	}
	name, o, err := c.offered(id)
	switch {
	case err != nil:
		return message.Message{}, err
	case o.From != c.From.ID || len(o.Files) == 0 || o.Taken != "" || c.late(o.deadline):
		return message.Message{}, refusal("I no longer have that file, or it is somebody else's. Please send it again.")
	}
	source := c.Source
	c.Source = o.Source
	m, err := c.attachTo(g, o.Files, o.words())
	c.Source = source
	if err != nil {
		return m, err
	}
	o.Taken, o.Keys, o.Number, o.deadline = "attach", []string{c.Key}, g.Number, c.in(editLasts)
	return m, c.setOffer(name, o)
}

// attachRest attaches the files of a request to the only goal that its words have added
// or changed, and says so below the answer.
func (c *call) attachRest(before goals.List, answer message.Message) (message.Message, error) {
	if len(c.Files) == 0 || c.placed || c.file != nil {
		return answer, nil
	}
	var n int64
	for _, ch := range goals.Diff(before, *c.tx.List()) {
		if ch.After == nil || n != 0 {
			return answer, nil
		}
		n = ch.Number()
	}
	if n == 0 {
		return answer, nil
	}
	_, added, err := c.tx.List().Attach(n, c.Files, c.At)
	if err == nil {
		err = c.noteAlbum(albumKept{Goals: []int64{n}})
	}
	why, refused := refusalWords(err)
	switch r, _ := errors.AsType[goals.Refusal](err); {
	case refused && r.Kind != goals.SameFile && answer.Render == "":
		return reworded(answer.Words().Add("\n"+why), answer), nil
	case refused, err == nil && answer.Render != "":
		return answer, nil
	case err != nil:
		return answer, err
	}
	return reworded(answer.Words().Add("\n"+c.attached(added)), answer), nil
}

// withNewFile puts the file of an edited message in the place of the one that it had
// before, on the goal that it added, and says so below the answer to its words.
func (c *call) withNewFile(was string, n int64, m message.Message, err error) (message.Message, error) {
	f := c.onlyFile()
	r, _ := errors.AsType[goals.Refusal](err)
	if was == "" || f.ID == "" || f.Same == was || err != nil && r.Kind != goals.NothingNew {
		return m, err
	}
	g, wrong := c.tx.List().ReplaceFile(n, was, f, c.At)
	if _, refused := refusalWords(wrong); refused {
		return m, err
	}
	if wrong != nil || err == nil && m.Text != "" {
		return reworded(m.Words().Add("\n"+c.attached([]goals.File{f})), m), wrong
	}
	return c.changedWith(g, "Edited", c.attached([]goals.File{f})), nil
}

// albumKept is what became of an album: the goals that its files were attached to, or
// the name of the offer that keeps them. What comes of it later goes there too.
type albumKept struct {
	At       time.Time `json:"at"`
	Messages []int64   `json:"messages"` // that were taken in
	Goals    []int64   `json:"goals,omitempty"`
	Offer    string    `json:"offer,omitempty"`
}

const albumLasts = time.Hour

func (c *call) albumName() string { return c.chatName() + "/" + fingerprint(c.Album) }

// albumOf is what became of the album of this message so far.
func (c *call) albumOf() (k albumKept, err error) {
	if c.Album == "" {
		return k, nil
	}
	kept, err := c.tx.Record(store.AlbumRecord, c.albumName())
	if json.Unmarshal([]byte(kept), &k) != nil { // as a former version kept it
		k = albumKept{}
	}
	return k, err
}

// noteAlbum keeps what became of the album of this message, and forgets what became of
// others long ago.
func (c *call) noteAlbum(k albumKept) error {
	if c.Album == "" {
		return nil
	}
	before, err := c.albumOf()
	if err != nil {
		return err
	}
	k.At, k.Messages = c.now(), append(append(before.Messages, c.Message), c.With...)
	all, err := c.tx.Records(store.AlbumRecord)
	if err != nil {
		return err
	}
	for name, kept := range all {
		var old albumKept
		if json.Unmarshal([]byte(kept), &old) == nil && c.now().Sub(old.At).Abs() < albumLasts {
			continue
		}
		if err := c.tx.SetRecord(store.AlbumRecord, name, ""); err != nil {
			return err
		}
	}
	return keepRecord(c.tx, store.AlbumRecord, c.albumName(), k)
}

// joinsAlbum takes in a message of an album that came apart from the others. ok is false
// where it is none, or has words of its own.
func (c *call) joinsAlbum() (ok bool, err error) {
	k, err := c.albumOf()
	switch {
	case err != nil, c.Edited, len(k.Messages) == 0:
		return false, err
	case slices.Contains(k.Messages, c.Message): // before a crash
		return true, nil
	case c.Name != "" || c.Args != "":
		return false, nil
	}
	to := k.Goals
	if k.Offer != "" {
		o, err := c.pendingText(k.Offer)
		if err != nil {
			return false, err
		}
		switch {
		case o.Taken == "" && o.From == c.From.ID:
			o.Files, o.Parts = append(o.Files, c.Files...), append(o.Parts, c.part(""))
			return true, cmp.Or(c.setOffer(k.Offer, o), c.noteAlbum(albumKept{Offer: k.Offer}))
		case o.Number != 0:
			to = []int64{o.Number}
		default:
			to = o.Goals
		}
	}
	_, err = c.mayAttach(func(c *call) (message.Message, error) {
		c.Name, c.placed = "attach", true
		for _, n := range to {
			_, _, err := c.tx.List().Attach(n, c.Files, c.At)
			if r, _ := errors.AsType[goals.Refusal](err); err != nil && r.Kind != goals.SameFile && r.Kind != goals.NoGoal {
				return message.Message{}, err
			}
		}
		return message.Message{}, c.noteAlbum(k)
	})
	return true, err
}
