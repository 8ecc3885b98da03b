package goals

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// This file keeps what is attached to a goal: files and links.

// FileKind says what an attachment is, spelt as the Bot API spells it, but for links.
type FileKind string

// The kinds of attachments.
const (
	Photo     FileKind = "photo"
	DocFile   FileKind = "document"
	Video     FileKind = "video"
	Audio     FileKind = "audio"
	Voice     FileKind = "voice"
	VideoNote FileKind = "video_note"
	Animation FileKind = "animation"
	Link      FileKind = "link"
)

// FileKinds are all of them.
var FileKinds = []FileKind{Photo, DocFile, Video, Audio, Voice, VideoNote, Animation, Link}

// Limits of what is attached to a goal.
const (
	MaxFiles    = 20
	MaxFileName = 200  // characters
	MaxLink     = 2000 // bytes
	maxFileID   = 300  // bytes; those of Telegram have about 100
)

// File is something that is attached to a goal: a file that somebody sent, of which
// only the server's ids are kept, or a link.
type File struct {
	Kind FileKind `json:"kind"`
	// ID is by what the file is sent again. It is good for the bot that was given it
	// and for nobody else, so no export holds it.
	ID string `json:"id,omitempty"`
	// Same is the same for the same file, however often it is sent and whoever asks.
	Same string `json:"same,omitempty"`
	Name string `json:"name,omitempty"` // of a link its address; "" where a file has none
	Size int64  `json:"size,omitempty"` // in bytes, 0 where that is not known
	At   int64  `json:"at,omitempty"`   // when it was sent; Unix time
}

// Is reports whether two attachments are the same file or the same link.
func (f File) Is(o File) bool {
	if f.Same == "" || o.Same == "" {
		return f.Kind == o.Kind && f.ID == o.ID && (f.Kind != Link || f.Name == o.Name)
	}
	return f.Same == o.Same
}

// Clean returns a file as it is kept. ok is false for one that cannot be: its kind is
// not known, or it has no id.
func (f File) Clean() (clean File, ok bool) {
	f.Name = OneLine(f.Name)
	if f.Kind == Link {
		name, ok := ReadLink(f.Name)
		return File{Kind: Link, Name: name, At: f.At}, ok
	}
	if !shows(f.Name) {
		f.Name = ""
	}
	if utf8.RuneCountInString(f.Name) > MaxFileName {
		f.Name = string([]rune(f.Name)[:MaxFileName-1]) + "…"
	}
	f.Size = max(f.Size, 0)
	return f, slices.Contains(FileKinds, f.Kind) && f.ID != "" && len(f.ID) <= maxFileID && len(f.Same) <= maxFileID
}

// ReadLink reads a text that is the address of a web page and nothing else.
func ReadLink(text string) (link string, ok bool) {
	text = strings.TrimSpace(text)
	if len(text) > MaxLink || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || ignorable(r) }) {
		return "", false
	}
	address, err := url.Parse(text)
	return text, err == nil && (address.Scheme == "http" || address.Scheme == "https") && address.Hostname() != "" && address.User == nil
}

// find returns the place of a file among others, counted from 0; -1 if it is not there.
func (f File) find(all []File) int { return slices.IndexFunc(all, f.Is) }

// Attach attaches files to a goal, open or closed, and returns those that it had not
// yet. Where it has them all, that is refused as [SameFile].
func (l *List) Attach(n int64, files []File, now time.Time) (g *Goal, added []File, err error) {
	g, err = l.edit(n, now, func(g *Goal) error {
		all := slices.Clone(g.Plan().Files)
		at := 0
		for _, f := range files {
			f, ok := f.Clean()
			if !ok {
				return Refusal{Kind: NoFile, Goal: n}
			}
			if k := f.find(all); k >= 0 {
				at = k + 1
				continue
			}
			all, added = append(all, f), append(added, f)
		}
		switch {
		case len(added) == 0:
			return Refusal{Kind: SameFile, Goal: n, Has: at}
		case len(all) > MaxFiles:
			return Refusal{Kind: FullFiles, Goal: n, Has: len(g.Plan().Files), Limit: MaxFiles}
		}
		g.ChangePlan(func(p *Plan) { p.Files = all })
		return nil
	})
	return g, added, err
}

// EditFile gives an attachment, which is counted from 1, another name, or a link
// another address, and with "" removes it.
func (l *List) EditFile(n int64, i int, name string, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		if i < 1 || i > len(g.Plan().Files) {
			return Refusal{Kind: NoSuchFile, Goal: n, Has: len(g.Plan().Files), Limit: i}
		}
		files := slices.Clone(g.Plan().Files)
		if name == "" {
			g.ChangePlan(func(p *Plan) { p.Files = nilIfEmpty(slices.Delete(files, i-1, i)) })
			return nil
		}
		f := files[i-1]
		f.Name = name
		f, ok := f.Clean()
		switch {
		case !ok:
			return Refusal{Kind: NoFile, Goal: n}
		case f == files[i-1]:
			return Refusal{Kind: NothingNew, Goal: n}
		}
		if k := f.find(files); k >= 0 && k != i-1 {
			return Refusal{Kind: SameFile, Goal: n, Has: k + 1}
		}
		files[i-1] = f
		g.ChangePlan(func(p *Plan) { p.Files = files })
		return nil
	})
}

// ReplaceFile puts a file in the place of an attachment, which is told by the [File.Same]
// of that, under the name that it has if the other has none. Where the goal does not have
// it any more, that is refused as [NoSuchFile].
func (l *List) ReplaceFile(n int64, same string, f File, now time.Time) (*Goal, error) {
	return l.edit(n, now, func(g *Goal) error {
		f, ok := f.Clean()
		if !ok {
			return Refusal{Kind: NoFile, Goal: n}
		}
		files := slices.Clone(g.Plan().Files)
		i := slices.IndexFunc(files, func(o File) bool { return o.Same == same && same != "" })
		if i < 0 {
			return Refusal{Kind: NoSuchFile, Goal: n, Has: len(files), Limit: 1}
		}
		if k := f.find(files); k >= 0 {
			return Refusal{Kind: SameFile, Goal: n, Has: k + 1}
		}
		f.Name = cmp.Or(f.Name, files[i].Name)
		files[i] = f
		g.ChangePlan(func(p *Plan) { p.Files = files })
		return nil
	})
}

// filesBack returns attachments without what a change from some to others did to them.
// What was removed and attached again since is not there twice.
func filesBack(now, before, after []File) []File {
	if slices.Equal(now, after) {
		return before
	}
	all := slices.Clone(now)
	for _, f := range after {
		was, at := f.find(before), f.find(all)
		switch {
		case at < 0:
		case was < 0:
			all = slices.Delete(all, at, at+1)
		case before[was] != f && all[at] == f:
			all[at] = before[was] // under its former name
		}
	}
	for _, f := range before {
		if f.find(after) < 0 && f.find(all) < 0 {
			all = append(all, f)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}
