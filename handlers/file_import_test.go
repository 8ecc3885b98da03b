package handlers

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/goals"
	"goalbot/goals/goaljson"
	"goalbot/message"
	"goalbot/store"
)

// sent is a request that brings a file.
func (h *house) sent(caption, name string, data []byte) Request {
	req := h.request(caption)
	id := fmt.Sprintf("file%d", len(h.files))
	h.files[id] = data
	req.Files = []goals.File{{Kind: goals.DocFile, ID: id, Name: name, Size: int64(len(data))}}
	return req
}

func (h *house) send(caption, name string, data []byte) message.Message {
	h.t.Helper()
	return h.one(h.sent(caption, name, data))
}

// onDisk is goals.json.
func (h *house) onDisk() []byte {
	h.t.Helper()
	data, err := os.ReadFile(cache.New(h.dir).Path())
	if err != nil {
		h.t.Fatal(err)
	}
	return data
}

func encoded(all ...*goals.Goal) []byte { return goaljson.Append(nil, all) }

func newer(g *goals.Goal, text string) *goals.Goal {
	n := *g
	n.Description, n.Updated = text, g.Updated.Add(time.Hour)
	return &n
}

func TestImportShowsThenTakesInThenIsUndone(t *testing.T) {
	all := rich()[:4]
	h := open(t, all...)
	h.say("/rename 2 run faster") // newer here
	h.say("/delete 3 yes")
	before, list := h.onDisk(), h.list()
	file := encoded(newer(all[0], "call mother today"), all[1], all[2], goal("g-new", "new one"))
	m := h.send("/import", "goals.json", file)
	want := "Import goals.json?\n\nNew · 1\n⬜ #5 new one\n\nDeleted here, would come back · 1\n🚧 #3 \u2068שלום, call עולם\u2069\n\nNewer in the file, would change to · 1\n⬜ #1 call mother today\n\nNewer here, no change · 1\n▶️ #2 run faster\n\n1 goal not in this file stays unchanged."
	if m.Text != want {
		t.Fatalf("shown is\n%s\nwant\n%s", m.Text, want)
	}
	if !bytes.Equal(h.onDisk(), before) {
		t.Error("the file changed before anybody said yes")
	}
	m = h.tap(m, "Import")
	if want := "Imported: goals.json · 2 new, 1 changed\n"; !strings.HasPrefix(m.Text, want) {
		t.Errorf("taken in with\n%s", m.Text)
	}
	h.wantList("#1 pending call mother today", "#2 inProgress run faster", "#3 blocked שלום, call עולם", "#4 done "+all[3].Description, "#5 pending new one")
	m = h.tap(m, "Undo")
	if !strings.Contains(m.Text, "Undone: importing") {
		t.Errorf("undone with\n%s", m.Text)
	}
	if h.list() != list {
		t.Errorf("after the undo the goals are\n%s\nwant\n%s", h.list(), list)
	}
	// What was taken back can be taken in again, under the same numbers.
	h.tap(h.send("/import", "goals.json", file), "Import")
	if g := h.truth.List().ID("g-new"); g == nil || g.Number != 5 {
		t.Errorf("again: %+v", g)
	}
}

// A file reaches the import on each of these ways, and on no other.
func TestImportIsAskedForOrOffered(t *testing.T) {
	h := open(t, rich()...)
	file := encoded(goal("g-new", "new one"))
	h.hear("/import", "Send me goals.json, or a list")
	if m := h.send("", "backup of goals.txt", file); !strings.HasPrefix(m.Text, "Import backup of goals.txt?") {
		t.Errorf("the answer to the question is answered with %q", m.Text)
	}
	if m := h.send("", "goals.JSON", file); !strings.HasPrefix(m.Text, "Import goals.JSON?") {
		t.Errorf("unasked: %q", m.Text)
	}
	h.hear("/import everything", "/import takes a file")
	if m := h.send("", "backup.txt", file); !strings.HasPrefix(m.Text, "Which goal is the file “backup.txt” for?") {
		t.Errorf("a file that nobody asked about is answered with %q", m.Text)
	}
	if m := h.send("/note 1 see file", "goals.json", file); !strings.HasPrefix(m.Text, "Note added to") {
		t.Errorf("the file of another command: %q", m.Text)
	}
	inGroup := h.sent("", "goals.json", file)
	inGroup.Chat = Chat{ID: group}
	if said := h.do(inGroup); len(said) != 0 {
		t.Errorf("in a group, unasked: %q", said[0].Text)
	}
	edited := h.sent("/import", "goals.json", file)
	h.one(edited)
	edited.Key, edited.Edited = "edit", true
	if said := h.do(edited); len(said) != 0 {
		t.Errorf("an edit: %q", said[0].Text)
	}
}

// What is taken in is what was shown. Leaving out the comparison turns this red.
func TestImportTakesInOnlyWhatWasShown(t *testing.T) {
	h := open(t, rich()[:2]...)
	file := encoded(newer(rich()[0], "call mother today"), goal("g-new", "new one"))
	m := h.send("", "goals.json", file)
	h.say("/addgoal between")
	m = h.tap(m, "Import")
	if !strings.HasPrefix(m.Text, "Your goals have changed since I showed this") || !strings.Contains(m.Text, "#4 new one") {
		t.Fatalf("answered with\n%s", m.Text)
	}
	h.say("/note 1 but first buy flowers") // now ours is the newer
	m = h.tap(m, "Import")
	if !strings.Contains(m.Text, "Newer here, no change") {
		t.Fatalf("answered with\n%s", m.Text)
	}
	h.tap(m, "Import")
	h.wantList("#1 pending call mother", "#2 inProgress "+rich()[1].Description, "#3 pending between", "#4 pending new one")
}

func TestImportIsDecidedOnceByTheOneWhoSentIt(t *testing.T) {
	h := open(t)
	file := encoded(goal("g-new", "new one"))
	first := h.send("", "goals.json", file)
	second := h.send("", "goals.json", file)
	if m := h.tap(first, "Import"); !strings.Contains(m.Text, "a newer file replaced it") {
		t.Errorf("the older offer: %q", m.Text)
	}
	other := h.tapped(second, "Import")
	other.From = Person{ID: ben, Name: "Ben"}
	if m := h.one(other); !strings.Contains(m.Text, "Nothing was changed") {
		t.Errorf("another person: %q", m.Text)
	}
	if m := h.tap(second, "Cancel"); !strings.Contains(m.Text, "OK, nothing was imported from goals.json.") {
		t.Errorf("left: %q", m.Text)
	}
	if m := h.tap(second, "Import"); !strings.Contains(m.Text, "was already decided") {
		t.Errorf("after that: %q", m.Text)
	}
	third := h.send("", "goals.json", file)
	h.now = h.now.Add(importLasts)
	if m := h.tap(third, "Import"); !strings.Contains(m.Text, "more than an hour ago") {
		t.Errorf("too late: %q", m.Text)
	}
	h.wantList("")
	// Nobody decided, and the next offer of anybody sweeps it away.
	h.send("", "goals.json", file)
	h.now = h.now.Add(importLasts)
	late := h.sent("", "goals.json", file)
	late.From, late.Chat = Person{ID: ben, Name: "Ben"}, Chat{ID: ben, Private: true}
	h.do(late)
	for _, kind := range []store.Kind{store.ImportRecord, store.ImportedRecord} {
		var kept map[string]string
		err := h.truth.View(t.Context(), func(tx store.Tx) (err error) {
			kept, err = tx.Records(kind)
			return err
		})
		if err != nil || len(kept) != 1 {
			t.Errorf("%d of %s are kept, %v", len(kept), kind, err)
		}
	}
	same := h.send("", "goals.json", []byte("[]"))
	if !strings.Contains(same.Text, "has nothing new") || len(same.Buttons) != 1 {
		t.Errorf("an empty file: %q", same.Text)
	}
}

// What does not load is refused with the words of the health check, in little
// memory, and changes nothing. Taking out the check of the size turns "too
// large" red.
func TestImportRefusesHostileFiles(t *testing.T) {
	size := maxImport / 32
	if *deep {
		size = maxImport
	}
	fill := func(head, piece, tail string) []byte {
		return []byte(head + strings.Repeat(piece, (size-len(head)-len(tail))/len(piece)) + tail)
	}
	const g = `{"id":"a","description":"b","status":"done","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z"`
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"malformed", []byte("[\n  {\"id\": 7}\n]"), "The file can't be read, so nothing was changed.\nline 2, column 10, in goal 1: expected"},
		{"empty", []byte{}, "The file is empty"},
		{"wrong type", []byte("%PDF-1.7 \x00\xff"), "The file is not a list that I can read, so nothing was changed. I can import:\n• goals.json"},
		{"zip", []byte("PK\x03\x04 and so on"), "is a compressed archive"},
		{"gzip", []byte("\x1f\x8b\x08 and so on"), "is a compressed archive"},
		{"an object", []byte("{}"), "The file is not a list that I can read, so nothing was changed. I can import:\n• goals.json"},
		{"half a list", []byte(`[{"uuid":"a","description":"b","status":"pending"`), "looks like an export from Taskwarrior, but it is damaged"},
		{"many entries", bytes.Repeat([]byte("- a\n"), maxImport/4), "as many as I can keep"},
		{"too large", make([]byte, maxImport+1), "is too large"},
		{"deep", fill("", "[", ""), "expected a text in double quotes"},
		{"deep and ignored", fill("["+g+`,"x":`, "[", ""), "line 1"},
		{"empty goals", fill("[", "{},", "{}]"), `this goal has no "id"`},
		{"many criteria", fill("["+g+`,"acceptance":[`, `"",`, `""]}]`), "Import"},
		{"many unknown members", fill("["+g, `,"x":1`, `}]`), "Import"},
		{"many goals", fill("["+g+"}", `,`+g+`}`, `]`), "Import"},
		{"one long text", fill("["+g+`,"notes":["`, `x`, `"]}]`), "Import"},
		{"spaces", fill("[", " ", "]"), "has nothing new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t)
			name := "The file"
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			began := time.Now()
			req := h.sent("/import", "", c.data)
			if c.name == "too large" {
				req.Files[0].Size = 0 // it lies, too
			}
			m := h.one(req)
			runtime.ReadMemStats(&after)
			if !strings.Contains(m.Text, c.want) || !strings.Contains(m.Text, name) {
				t.Errorf("answered with\n%.300s", m.Text)
			}
			t.Logf("%s, %d MB", time.Since(began).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
			if strings.HasPrefix(c.want, "Take") {
				h.tap(m, "Cancel")
			}
			h.wantList("")
		})
	}
	h := open(t)
	req := h.sent("/import", "goals.json", []byte("[]"))
	req.Files[0].ID, req.Files[0].Size = "gone", maxImport+1 // which would be noticed if it were fetched
	if m := h.one(req); !strings.Contains(m.Text, "goals.json is too large: Telegram gives me files of at most 20 MB.") {
		t.Errorf("a file that says it is too large: %q", m.Text)
	}
	req = h.sent("/import", "goals.json", []byte("[]"))
	req.Files[0].ID = "gone"
	if m := h.one(req); !strings.Contains(m.Text, "Telegram didn't give me goals.json") {
		t.Errorf("a file that cannot be fetched: %q", m.Text)
	}
}

// Many goals come out and go into an empty house as the same bytes;
// one undo takes all of them back.
func TestManyGoalsGoOutAndIn(t *testing.T) {
	n := 1000
	if *deep {
		n = 10_000
	}
	all := many(n)
	h := open(t, all...)
	out := contents(h.say("/export").Document)
	other := open(t)
	m := other.send("", "goals.json", out)
	if !strings.Contains(m.Text, fmt.Sprintf("New · %d\n", n)) {
		t.Fatalf("shown is\n%s", m.Text)
	}
	began := time.Now()
	m = other.tap(m, "Import")
	t.Logf("taken in after %s", time.Since(began))
	if !bytes.Equal(other.onDisk(), out) || !bytes.Equal(out, h.onDisk()) {
		t.Error("the files differ")
	}
	began = time.Now()
	m = other.tap(m, "Undo")
	t.Logf("taken back after %s", time.Since(began))
	if n := other.truth.List().Len(); n != 0 {
		t.Errorf("%d goals are left: %s", n, m.Text)
	}
	began = time.Now()
	other.tap(other.send("", "goals.json", out), "Import")
	t.Logf("taken in again after %s", time.Since(began))
	if !bytes.Equal(other.onDisk(), out) {
		t.Error("the files differ after the second time")
	}
}

// Only an owner takes files in; nobody else's file is even fetched. Taking out
// the look at the role turns this red.
func TestImportIsTheOwnersAlone(t *testing.T) {
	h := people(t)
	for id, role := range map[int64]access.Role{viewer: access.Viewer, editor: access.Editor} {
		who := Person{ID: id, Name: role.String()}
		for _, caption := range []string{"/import", ""} {
			req := h.sent(caption, "goals.json", encoded(goal("g-new", "new one")))
			req.From, req.Chat = who, Chat{ID: who.ID, Private: true}
			delete(h.files, req.Files[0].ID)
			if m := h.one(req); !strings.Contains(m.Text, "Only an owner may use /import") || strings.Contains(h.log.String(), "could not be fetched") {
				t.Errorf("a file of %s is answered with %q", role, m.Text)
			}
		}
	}
}
