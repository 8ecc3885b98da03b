package formats

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"goalbot/goals"
	"goalbot/goals/goaljson"
)

// Read reads a file, whichever program it is from. What it is follows from its
// content; the name tells plain text, todo.txt and Markdown apart. Times
// without a zone are in that zone, and a zone that our own tables name is found
// by zones. The errors are [ErrUnknown], [ErrEmpty], [ErrTooMany], a *[Damaged],
// and a *[goaljson.Error] for a goals.json that does not load.
func Read(name string, data []byte, zone *time.Location, zones func(string) (*time.Location, error)) (*File, error) {
	f := &File{zone: zone}
	data = UTF8(data)
	if json := bytes.TrimSpace(data); len(json) > 0 && (json[0] == '[' || json[0] == '{') {
		if err := f.readJSON(json); err != nil {
			return nil, err
		}
		return f, nil
	}
	text, ok := decodeText(data)
	switch {
	case len(data) == 0, ok && strings.TrimSpace(text) == "":
		return nil, ErrEmpty
	case !ok, foreign.MatchString(text):
		return nil, ErrUnknown
	case strings.Count(text, "\n") > maxLines:
		return nil, ErrTooMany
	}
	found, err := f.readTable(text, zones)
	if !found && err == nil {
		err = f.readText(name, text, zones)
	}
	if err != nil {
		return nil, err
	}
	if len(f.Items) == 0 && len(f.LeftOut) == 0 {
		return nil, ErrEmpty
	}
	return f, nil
}

// foreign begins what is text and no list.
var foreign = regexp.MustCompile(`(?i)^\s*(?:%PDF|<\?xml|<!doctype|<html|\{\\rtf|BEGIN:VCALENDAR|#!)`)

// UTF8 returns a file in UTF-8 that is in UTF-16 or in Windows-1252, and any
// other as it is. The byte order mark goes.
func UTF8(data []byte) []byte {
	first := bytes.TrimSpace(data)
	marked := bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")) || bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF"))
	if isJSON := len(first) > 0 && (first[0] == '[' || first[0] == '{'); !marked && (isJSON || utf8.Valid(data)) {
		return data // JSON that is not UTF-8 is damaged
	}
	if text, ok := decodeText(data); ok {
		return []byte(text)
	}
	return data
}

// decodeText returns the text of a file in UTF-8, in UTF-16 with a byte order
// mark, or in Windows-1252, as older spreadsheets write it. ok is false where
// it is no text.
func decodeText(data []byte) (text string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		data = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		data = fromUTF16(data[2:], binary.BigEndian)
	}
	controls := bytes.IndexFunc(data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\v' && r != '\f' })
	if controls >= 0 {
		return "", false
	}
	if !utf8.Valid(data) {
		data, _ = charmap.Windows1252.NewDecoder().Bytes(data) // every byte is a character there
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)), true
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// readText reads what is no table: Markdown, todo.txt or a plain list.
func (f *File) readText(name, text string, zones func(string) (*time.Location, error)) error {
	base := strings.ToLower(path.Base(name))
	switch ext := path.Ext(base); {
	case isOurMarkdown(text):
		return f.readOurMarkdown(text, zones)
	case base == "todo.txt", base == "done.txt", looksLikeTodoTxt(text):
		return f.readTodoTxt(text)
	case ext == ".md", ext == ".markdown", looksLikeMarkdown(text):
		return f.readMarkdown(text)
	case ext == "", ext == ".txt", ext == ".text":
		return readPlain(text, f)
	}
	return ErrUnknown // a table without names, a program, a log
}

// readJSON finds out whose JSON it is by the names in its first object. White
// space around it is gone.
func (f *File) readJSON(data []byte) error {
	array, names := sniff(data)
	has := func(all ...string) bool {
		for _, name := range all {
			if !names[name] {
				return false
			}
		}
		return true
	}
	var read func([]byte, *File) error
	switch {
	case has("uuid", "description", "status"):
		f.Program, read = "Taskwarrior", readTaskwarrior
	case has("kind", "items"):
		f.Program, read = "Google Tasks", readGoogle
	case has("tasks") && (has("displayName") || has("wellknownListName")), has("lists"), has("@odata.context"), !array && has("value"):
		f.Program, read = "Microsoft To Do", readMicrosoft
	case has("title", "status") && (has("importance") || has("isReminderOn") || has("checklistItems")):
		f.Program, read = "Microsoft To Do", readMicrosoft
	case has("title", "tasks"), has("title", "done"), has("title", "hex_color"):
		f.Program, read = "Vikunja", readVikunja
	case array && (len(names) == 0 || has("description") || has("status") || has("id")):
		f.Program = "goals.json"
		all, err := goaljson.Decode(data)
		f.Whole = all
		return err
	default:
		return ErrUnknown
	}
	if bytes.Count(data, []byte("{")) > maxObjects {
		return ErrTooMany
	}
	err := read(data, f)
	if err != nil && !errors.Is(err, ErrTooMany) {
		return &Damaged{f.Program, err}
	}
	return err
}

// sniff returns the names in the object that JSON begins with, or in the first
// one of its array. Of a text that is damaged or long it has those at the
// beginning.
func sniff(data []byte) (array bool, names map[string]bool) {
	names = map[string]bool{}
	d := json.NewDecoder(io.LimitReader(bytes.NewReader(data), 1<<20))
	token, _ := d.Token()
	if array = token == json.Delim('['); array {
		token, _ = d.Token()
	}
	if token != json.Delim('{') {
		return array, names
	}
	for d.More() {
		token, err := d.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			break
		}
		names[name] = true
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
	}
	return array, names
}

// some is a JSON array of which no more is read than a list may have.
type some[T any] []T

func (s *some[T]) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	token, err := d.Token()
	if err != nil || token == nil { // null
		return err
	}
	if token != json.Delim('[') {
		return fmt.Errorf("expected a list, and there is %.20s", data)
	}
	for d.More() {
		if len(*s) == maxItems {
			return ErrTooMany
		}
		var one T
		if err := d.Decode(&one); err != nil {
			return err
		}
		*s = append(*s, one)
	}
	return nil
}

// add takes an entry in, unless it shows nothing.
func (f *File) add(it Item, left leave) error {
	if !goals.Shows(it.Text) {
		left["entry without text"]++
		return nil
	}
	if len(f.Items) == maxItems {
		return ErrTooMany
	}
	f.Items = append(f.Items, it)
	return nil
}
