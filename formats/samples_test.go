package formats

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"
	"unicode/utf16"

	"goalbot/agenda"
	"goalbot/goals"
	"goalbot/goals/goaljson"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func zoneOf(t testing.TB, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// zones finds a zone as a person writes it.
func zones(name string) (*time.Location, error) {
	for _, known := range []string{"UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "Asia/Tokyo"} {
		if strings.EqualFold(name, known) {
			return time.LoadLocation(known)
		}
	}
	return nil, errors.New("no such zone")
}

// on is when a file is taken in, by somebody in Lisbon.
func on(at time.Time) agenda.Options {
	zone, err := time.LoadLocation("Europe/Lisbon")
	if err != nil {
		panic(err)
	}
	return agenda.Options{Now: at.In(zone)}
}

func read(t testing.TB, name string, data []byte) (*File, error) {
	return Read(name, data, zoneOf(t, "Europe/Lisbon"), zones)
}

// shown is all that a file holds and becomes.
func shown(t *testing.T, f *File, taken Taken) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d entries\n", f.Program, len(f.Items)+len(f.Whole))
	for _, said := range f.LeftOut {
		fmt.Fprintf(&b, "left out: %s\n", said)
	}
	for _, it := range f.Items {
		fmt.Fprintf(&b, "\n%s %s\n", it.Status, it.Text)
		add := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "  %s %q\n", name, value)
			}
		}
		add("id", it.ID)
		for _, c := range it.Criteria {
			fmt.Fprintf(&b, "  step %q %v\n", c.Text, c.Done)
		}
		for _, n := range it.Notes {
			add("note", n)
		}
		add("list", it.List)
		add("tags", strings.Join(it.Tags, "|"))
		add("priority", it.Priority)
		add("start", it.Start.String())
		add("due", it.Due.String())
		add("repeat", it.Repeat)
		for name, at := range map[string]time.Time{"created": it.Created} {
			if !at.IsZero() {
				add(name, at.UTC().Format(time.RFC3339Nano))
			}
		}
		if !it.Changed.IsZero() {
			add("changed", it.Changed.UTC().Format(time.RFC3339Nano))
		}
		if !it.Finished.IsZero() {
			add("finished", it.Finished.UTC().Format(time.RFC3339Nano))
		}
	}
	fmt.Fprintf(&b, "\nbecomes %s\n", written(t, "goals.json", taken.Goals, time.UTC))
	return b.String()
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what is read now; go test ./formats -update and look at git diff\n%s", path, got)
	}
}

func samples(t testing.TB) (paths []string) {
	all, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if !strings.HasSuffix(path, ".golden") {
			paths = append(paths, path)
		}
	}
	if len(paths) < 12 {
		t.Fatalf("only %d samples", len(paths))
	}
	return paths
}

// The samples are written after what the programs' documentation says of their
// exports, and what such files look like.
func TestSamplesGolden(t *testing.T) {
	for _, path := range samples(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f, err := read(t, path, data)
			if err != nil {
				t.Fatal(err)
			}
			taken := f.Take(goals.List{}, on(noon))
			golden(t, path+".golden", shown(t, f, taken))
			for _, g := range taken.Goals {
				var l goals.List
				if _, err := l.Add(goals.Draft{Description: g.Description, Acceptance: g.Acceptance}, g.ID, noon); err != nil {
					t.Errorf("%q is no goal: %v", g.Description, err)
				}
			}
			// The content says what it is, whatever the name, and however it is encoded.
			if path != "testdata/list.txt" && path != "testdata/checklist.md" {
				again, err := read(t, "download", data)
				if err != nil || again.Program != f.Program || len(again.Items) != len(f.Items) {
					t.Errorf("without its name it is %+v, %v", again, err)
				}
			}
			units := utf16.Encode([]rune("\uFEFF" + strings.TrimPrefix(string(data), "\uFEFF")))
			var wide []byte
			for _, u := range units {
				wide = append(wide, byte(u), byte(u>>8))
			}
			again, err := read(t, path, wide)
			if err != nil || shown(t, again, again.Take(goals.List{}, on(noon))) != shown(t, f, taken) {
				t.Errorf("in UTF-16 it is read otherwise: %v", err)
			}
			// The same file makes the same goals, and a second time none.
			var l goals.List
			l.Import(taken.Goals, noon)
			second := f.Take(l, on(noon.Add(time.Hour)))
			if len(second.Goals) != 0 || len(second.Present) != len(f.Items) {
				t.Errorf("a second time it is %d new and %d that are there", len(second.Goals), len(second.Present))
			}
		})
	}
}

// Entries that the list has already are told and not added: those of the same
// words, unless the one here is done and the one there is not.
func TestWhatIsThereAlreadyIsNotAdded(t *testing.T) {
	var l goals.List
	l.Import([]*goals.Goal{
		{ID: "a", Description: "Call  the LANDLORD", Status: goals.Pending}, {ID: "b", Description: "Go for a run", Status: goals.Done}, {ID: "c", Description: "file the taxes", Status: goals.Abandoned},
	}, noon)
	data, err := os.ReadFile("testdata/ticktick.csv")
	if err != nil {
		t.Fatal(err)
	}
	f, err := read(t, "x.csv", data)
	if err != nil {
		t.Fatal(err)
	}
	taken := f.Take(l, on(noon))
	var present, fresh []string
	for _, g := range taken.Present {
		present = append(present, g.ID)
	}
	for _, g := range taken.Goals {
		fresh = append(fresh, g.Description)
	}
	if fmt.Sprint(present) != "[a c]" || fmt.Sprint(fresh) != "[Prepare the talk Go for a run Learn the banjo]" {
		t.Errorf("present %v, new %q", present, fresh)
	}
}

func TestLongTextsGoOnInNotes(t *testing.T) {
	long := strings.Repeat("word ", 500)
	text := "- [ ] " + long + "\n" + strings.Repeat("  - [x] step\n", 60) + "- [ ] " + strings.Repeat("x", 1001) + "\n- [ ] " + strings.Repeat("é", 1000) + "\n"
	f, err := read(t, "a.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	taken := f.Take(goals.List{}, on(noon))
	if len(taken.Goals) != 3 || taken.Shortened != 1+10+1 {
		t.Fatalf("%d goals, %d shortened", len(taken.Goals), taken.Shortened)
	}
	g := taken.Goals[0]
	if n := strings.Count(g.Description+strings.Join(g.Notes, " "), "word"); n != 500 {
		t.Errorf("%d words are left", n)
	}
	if len(g.Acceptance) != goals.MaxAcceptance || !strings.HasSuffix(g.Description, "word…") || strings.Count(strings.Join(g.Notes, "|"), "step|") < 10 {
		t.Errorf("%d steps, %q", len(g.Acceptance), g.Notes)
	}
	if g := taken.Goals[2]; g.Description != strings.Repeat("é", 1000) || len(g.Notes) != 0 {
		t.Errorf("a text that just fits became %d bytes and %q", len(g.Description), g.Notes)
	}
}

// What is no list is refused, and so is what is hostile.
func TestWhatIsNoListIsRefused(t *testing.T) {
	const size = 5_000_000 // is more than each limit, and a quarter of what may be sent
	fill := func(head, piece, tail string) []byte {
		return []byte(head + strings.Repeat(piece, (size-len(head)-len(tail))/len(piece)) + tail)
	}
	damaged := errors.New("damaged")
	for name, c := range map[string]struct {
		data []byte
		want error // nil for a *goaljson.Error
	}{
		"empty":           {nil, ErrEmpty},
		"blank":           {[]byte(" \n\t\r\n"), ErrEmpty},
		"a PDF":           {[]byte("%PDF-1.7\n1 0 obj"), ErrUnknown},
		"a picture":       {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), ErrUnknown},
		"a page":          {[]byte("<!DOCTYPE html><p>x"), ErrUnknown},
		"a calendar":      {[]byte("BEGIN:VCALENDAR\r\nBEGIN:VTODO"), ErrUnknown},
		"an object":       {[]byte(`{"a": 1}`), ErrUnknown},
		"settings":        {[]byte(`[{"name": "x", "value": 1}]`), ErrUnknown},
		"half a list":     {[]byte(`[{"uuid":"a","description":"b","status":"pending"`), damaged},
		"wrong types":     {[]byte(`{"kind":"tasks#taskLists","items":[{"title":7}]}`), damaged},
		"goals that fail": {[]byte(`[{"id":"a","description":7}]`), nil},
		"deep":            {fill("", "[", ""), nil},
		"deep inside":     {fill(`{"kind":"tasks#tasks","items":`, "[", ""), damaged},
		"many lists":      {fill(`{"kind":"tasks#taskLists","items":[`, `{},`, `{}]}`), ErrTooMany},
		"many tags":       {fill(`[{"uuid":"a","description":"b","status":"c","tags":[`, `"",`, `""]}]`), damaged},
		"many rows":       {fill("TYPE,CONTENT,PRIORITY,INDENT\n", "task,x,1,1\n", ""), ErrTooMany},
		"many cells":      {fill("TYPE,CONTENT,PRIORITY,INDENT\n", ",", ""), ErrTooMany},
		"many lines":      {fill("", "a\n", ""), ErrTooMany},
		"many boxes":      {fill("", "- a\n", ""), ErrTooMany},
		"half a quote":    {[]byte("TYPE,CONTENT,PRIORITY,INDENT\ntask,\"x,1,1\n"), ErrEmpty},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := read(t, "file", c.data)
			_, ours := errors.AsType[*goaljson.Error](err)
			_, isDamaged := errors.AsType[*Damaged](err)
			switch {
			case err == nil && c.want == ErrEmpty: // nothing but what is left out
				if len(f.Items) > 1 {
					t.Errorf("it has %d entries", len(f.Items))
				}
			case c.want == nil && !ours, c.want == damaged && !isDamaged && !errors.Is(err, ErrTooMany), c.want != nil && c.want != damaged && !errors.Is(err, c.want):
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

// wantPlan checks that what a file makes of a plan is what a person could have said.
func wantPlan(t *testing.T, g *goals.Goal) {
	t.Helper()
	for _, text := range []string{g.Plan().Due, g.Plan().Remind, g.Plan().Parked} {
		var when agenda.When
		if err := when.UnmarshalText([]byte(text)); err != nil || text != "" && !when.Valid() {
			t.Errorf("a date is %q: %v", text, err)
		}
	}
	if _, err := agenda.ParseRepeat(g.Plan().Repeat); g.Plan().Repeat != "" && (err != nil || g.Plan().Due == "") {
		t.Errorf("%q repeats %q: %v", g.Plan().Due, g.Plan().Repeat, err)
	}
	if ticked, _ := g.Ticked(); ticked < len(g.Plan().Ticked) {
		t.Errorf("of %q are ticked %q", g.Acceptance, g.Plan().Ticked)
	}
	if c := g.Plan().Count; !c.IsZero() {
		if again, ok := goals.ReadCount(c.Bounds(), c.Log); !ok || !again.Same(c) || len(c.Log) > goals.MaxEntries {
			t.Errorf("it is counted %+v", c)
		}
	}
	if len(g.Plan().Text) > 0 && g.Plan().Due == "" {
		t.Errorf("the text %q was typed for no date", g.Plan().Text)
	}
}

// FuzzRead: no file makes it panic, what it reads shows something, and what
// becomes of it is what a person could have typed, and can be written.
func FuzzRead(f *testing.F) {
	for _, path := range samples(f) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(filepath.Base(path), data)
	}
	f.Add("goals.md", written(f, "goals.md", ours(), time.UTC))
	f.Add("goals.csv", written(f, "goals.csv", ours(), time.UTC))
	f.Add("goals.json", written(f, "goals.json", ours(), time.UTC))
	f.Add("goals.json", []byte(`[{"id":"g-1","description":"a","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","due":"next friday","repeat":7,"ticked":["b"],"remind":"2026-02-30"}]`))
	f.Add("goals.csv", []byte("number,id,goal,status,due,repeat,remind,ticked,typed\n1,g-1,a,pending,4.5.2027,every monday,yesterday,b,a tomorrow\n"))
	f.Add("goals.md", []byte("# Goals\n\nTimes are those of UTC. This page can be imported again with its ticks and dates, all but the linked tasks.\n\n- [ ] a\n  - Due: 2027-05-04, every Monday\n  - Remind: soon\n  - Typed: \n  - [x] b\n"))
	f.Add("goals.json", []byte(`[{"id":"g-1","description":"a","status":"pending","progress":0,"created":"2026-01-01T00:00:00Z","updated":"2026-01-01T00:00:00Z","counted":"to 10 books","logged":["2026-01-02T00:00:00Z +2","2026-01-01T00:00:00Z =5","x",7]}]`))
	f.Add("goals.csv", []byte("number,id,goal,status,counted,logged\n1,g-1,a,pending,from 90 to 80 kg,\"2026-01-02T00:00:00Z +2\n2026-01-02T00:00:00Z +99999999999 x3\"\n"))
	f.Add("goals.md", []byte("# Goals\n\nTimes are those of UTC. This page can be imported again with its ticks, dates and counts, all but the linked tasks.\n\n- [ ] a\n  - Counted: to 10\n  - Logged: 2026-01-02T00:00:00Z +2\n  - Logged: soon\n"))
	f.Add("todo.txt", []byte("(A) a due:2026-12-01 rec:+2w\n(B) b due:tomorrow rec:1b\n"))
	f.Add("tw", []byte(`[{"uuid":"a","description":"b","status":"pending","due":"20261201T000000Z","recur":"P2W"}]`))
	f.Add("x", []byte("[{\"title\":\"a\",\"done\":true}]"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		file, err := read(t, name, data)
		if (err == nil) != (file != nil) {
			t.Fatalf("%v and %v", file, err)
		}
		if err != nil {
			return
		}
		taken := file.Take(goals.List{}, on(noon))
		for _, g := range taken.Goals {
			wantPlan(t, g)
		}
		if file.Whole != nil {
			return
		}
		if len(taken.Goals) != len(file.Items) {
			t.Errorf("%d entries became %d goals", len(file.Items), len(taken.Goals))
		}
		for i, g := range taken.Goals {
			if file.Ours && file.Items[i].ID != "" {
				continue
			}
			var l goals.List
			added, err := l.Add(goals.Draft{Description: g.Description, Acceptance: g.Acceptance}, g.ID, noon)
			if err != nil || added.Description != g.Description {
				t.Errorf("%q became the goal %q: %v", file.Items[i].Text, g.Description, err)
			}
			for _, n := range g.Notes {
				if clean, err := goals.CleanText(goals.NoteText, n, goals.MaxDescription); err != nil || clean != n {
					t.Errorf("a note is %q: %v", n, err)
				}
			}
		}
		encoded := goaljson.Append(nil, taken.Goals)
		if _, err := goaljson.Decode(encoded); err != nil {
			t.Errorf("what becomes of it does not load: %v\n%s", err, bytes.TrimSpace(encoded))
		}
	})
}
