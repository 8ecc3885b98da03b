package goals

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func photo(same string) File { return File{Kind: Photo, ID: "id-" + same, Same: same, Size: 7} }

// attached shows what is attached to the goal.
func attached(l List) string {
	var all []string
	for _, f := range l.Number(1).Plan().Files {
		all = append(all, f.Same+f.Name)
	}
	return strings.Join(all, " ")
}

func TestAttach(t *testing.T) {
	l := checklist()
	attach := func(want string, kind RefusalKind, files ...File) {
		t.Helper()
		_, _, err := l.Attach(1, files, noon)
		if kind != 0 {
			wantKind(t, err, kind)
		} else if err != nil {
			t.Error(err)
		}
		if got := attached(l); got != want {
			t.Errorf("attached %q, want %q", got, want)
		}
	}
	attach("a", 0, photo("a"))
	attach("a", SameFile, File{Kind: Photo, ID: "another", Same: "a"})
	attach("a b", 0, photo("a"), photo("b"), photo("b"))
	_, _, err := l.Attach(1, []File{photo("b")}, noon)
	wantRefusal(t, err, Refusal{Kind: SameFile, Goal: 1, Has: 2}) // the second of them
	attach("a b", NoFile, photo("c"), File{Kind: "sticker", ID: "x"})
	attach("a b", NoFile, File{Kind: Photo})
	attach("a b", NoFile, File{Kind: Photo, ID: strings.Repeat("x", 301)})
	link := File{Kind: Link, Name: "https://example.org/a"}
	attach("a b https://example.org/a", 0, link)
	attach("a b https://example.org/a", SameFile, link)
	if found := l.Search("example.org"); len(found) != 1 || found[0].In != link.Name {
		t.Errorf("found %+v", found)
	}
	attach("a b https://example.org/a", NoFile, File{Kind: Link, Name: "javascript:alert(1)"})
	if _, err := l.Finish(1, true, noon); err != nil {
		t.Fatal(err)
	}
	attach("a b https://example.org/a c", 0, photo("c")) // a closed goal takes them as it takes notes
	var many []File
	for i := range MaxFiles {
		many = append(many, photo(strings.Repeat("x", i+1)))
	}
	attach("a b https://example.org/a c", FullFiles, many...)
	attach("a b https://example.org/a c", FullFiles, many[:MaxFiles-3]...)
	if _, _, err := l.Attach(1, many[:MaxFiles-4], noon); err != nil || len(l.Number(1).Plan().Files) != MaxFiles {
		t.Errorf("as many as there may be: %v", err)
	}
	if _, _, err := l.Attach(7, many, noon); err == nil {
		t.Error("there is no goal 7")
	}
}

// Two attachments are the same file where the server says so. Where it does not, the
// kind and the id must be the same, and of links the address.
func TestTheSameFile(t *testing.T) {
	link := func(name string) File { return File{Kind: Link, Name: name} }
	for _, c := range []struct {
		name string
		a, b File
		want bool
	}{
		{"sent twice", photo("a"), File{Kind: Photo, ID: "another", Same: "a"}, true},
		{"sent as a document too", photo("a"), File{Kind: DocFile, ID: "another", Same: "a"}, true},
		{"two files", photo("a"), photo("b"), false},
		{"two files under one id", photo("a"), File{Kind: Photo, ID: "id-a", Same: "b"}, false},
		{"one of which the server did not say it", photo("a"), File{Kind: Photo, ID: "id-a"}, true},
		{"and another id", photo("a"), File{Kind: Photo, ID: "id-b"}, false},
		{"and another kind", photo("a"), File{Kind: DocFile, ID: "id-a"}, false},
		{"two of which it did not", File{Kind: Photo, ID: "a"}, File{Kind: Photo, ID: "b"}, false},
		{"a name is not looked at", File{Kind: Photo, ID: "a", Name: "x"}, File{Kind: Photo, ID: "a", Name: "y"}, true},
		{"one link", link("https://example.org"), link("https://example.org"), true},
		{"two links", link("https://example.org"), link("https://example.com"), false},
		{"a link and a file", link("a"), photo("a"), false},
	} {
		if c.a.Is(c.b) != c.want || c.b.Is(c.a) != c.want {
			t.Errorf("%s: %v, and the other way round %v", c.name, c.a.Is(c.b), c.b.Is(c.a))
		}
	}
}

// A file takes the place of another one, which is told by what the server calls it, and
// has its name unless it brings one.
func TestReplaceFile(t *testing.T) {
	named := func(f File, name string) File { f.Name = name; return f }
	unsaid := File{Kind: Voice, ID: "v", Name: "unsaid"} // the server did not say which it is
	for _, c := range []struct {
		name, same string
		f          File
		want       string
		refusal    Refusal
	}{
		{"the second one", "b", photo("c"), "aone ctwo unsaid", Refusal{}},
		{"under a name of its own", "a", named(photo("c"), "new"), "cnew btwo unsaid", Refusal{}},
		{"by the other one", "a", photo("b"), "", Refusal{Kind: SameFile, Goal: 1, Has: 2}},
		{"by the first one", "b", photo("a"), "", Refusal{Kind: SameFile, Goal: 1, Has: 1}},
		{"by no file", "a", File{Kind: Photo}, "", Refusal{Kind: NoFile, Goal: 1}},
		{"one that was removed", "c", photo("d"), "", Refusal{Kind: NoSuchFile, Goal: 1, Has: 3, Limit: 1}},
		{"one of which nobody says which", "", photo("c"), "", Refusal{Kind: NoSuchFile, Goal: 1, Has: 3, Limit: 1}},
	} {
		l := checklist()
		if _, _, err := l.Attach(1, []File{named(photo("a"), "one"), named(photo("b"), "two"), unsaid}, noon); err != nil {
			t.Fatal(err)
		}
		before := l.Clone()
		_, err := l.ReplaceFile(1, c.same, c.f, noon)
		if c.want == "" {
			wantRefusal(t, err, c.refusal)
			c.want = "aone btwo unsaid"
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := attached(l); got != c.want || attached(before) != "aone btwo unsaid" {
			t.Errorf("%s: %q, want %q; before it was %q", c.name, got, c.want, attached(before))
		}
	}
}

func TestEditFile(t *testing.T) {
	l := checklist()
	if _, _, err := l.Attach(1, []File{photo("a"), photo("b"), {Kind: Link, Name: "https://example.org"}, {Kind: Link, Name: "https://example.com"}}, noon); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		i    int
		name string
		want string
		kind RefusalKind
	}{
		{1, " the\nreceipt ", "athe receipt b https://example.org https://example.com", 0},
		{1, "the receipt", "athe receipt b https://example.org https://example.com", NothingNew},
		{3, "no link", "athe receipt b https://example.org https://example.com", NoFile},
		{3, "https://example.com", "athe receipt b https://example.org https://example.com", SameFile},
		{3, "https://example.org/b", "athe receipt b https://example.org/b https://example.com", 0},
		{5, "", "athe receipt b https://example.org/b https://example.com", NoSuchFile},
		{0, "", "athe receipt b https://example.org/b https://example.com", NoSuchFile},
		{2, "", "athe receipt https://example.org/b https://example.com", 0},
		{3, "", "athe receipt https://example.org/b", 0},
		{1, "", "https://example.org/b", 0},
		{1, "", "", 0},
	} {
		_, err := l.EditFile(1, c.i, c.name, noon)
		if c.kind != 0 {
			wantKind(t, err, c.kind)
		} else if err != nil {
			t.Error(err)
		}
		if got := attached(l); got != c.want {
			t.Errorf("%d %q: %q, want %q", c.i, c.name, got, c.want)
		}
	}
	if !l.Number(1).Plan().IsZero() {
		t.Errorf("left is %+v", l.Number(1).Plan())
	}
	if _, _, err := l.Attach(1, []File{{Kind: Link, Name: "https://example.org"}, {Kind: Link, Name: "https://example.com"}}, noon); err != nil {
		t.Fatal(err)
	}
	_, err := l.EditFile(1, 2, "https://example.org", noon)
	wantRefusal(t, err, Refusal{Kind: SameFile, Goal: 1, Has: 1})
}

// What was attached since stays when an attachment is undone, and what somebody else
// wrote to goals.json leaves attachments alone.
func TestAttachmentsStay(t *testing.T) {
	l := checklist()
	do := func(f func(l *List) error) Edit {
		t.Helper()
		before := l.Clone()
		if err := f(&l); err != nil {
			t.Fatal(err)
		}
		return EditOf(Diff(before, l)[0])
	}
	first := do(func(l *List) error { _, _, err := l.Attach(1, []File{photo("a")}, noon); return err })
	do(func(l *List) error { _, _, err := l.Attach(1, []File{photo("b")}, noon); return err })
	gone := do(func(l *List) error { _, err := l.EditFile(1, 1, "", noon); return err })
	l.Revert(gone, nil, noon)
	if got := attached(l); got != "a b" {
		t.Errorf("brought back: %q", got)
	}
	l.Revert(first, nil, noon)
	if got := attached(l); got != "b" {
		t.Errorf("undone: %q", got)
	}
	// What was attached again since is not there twice, and a name goes back alone.
	link := File{Kind: Link, Name: "https://example.org"}
	later := link
	later.At = 7
	do(func(l *List) error { _, _, err := l.Attach(1, []File{link}, noon); return err })
	gone = do(func(l *List) error { _, err := l.EditFile(1, 2, "", noon); return err })
	do(func(l *List) error { _, _, err := l.Attach(1, []File{later}, noon); return err })
	renamed := do(func(l *List) error { _, err := l.EditFile(1, 1, " name", noon); return err })
	do(func(l *List) error { _, _, err := l.Attach(1, []File{photo("c")}, noon); return err })
	l.Revert(gone, nil, noon)
	if got := attached(l); got != "bname https://example.org c" {
		t.Errorf("removed and attached again: %q", got)
	}
	l.Revert(renamed, nil, noon)
	if got := attached(l); got != "b https://example.org c" {
		t.Errorf("renamed back: %q", got)
	}
	for range 2 {
		do(func(l *List) error { _, err := l.EditFile(1, 2, "", noon); return err })
	}
	theirs := *l.Number(1)
	theirs.SetPlan(Plan{})
	theirs.Description, theirs.Updated = "theirs", noon.Add(time.Hour)
	l.Merge([]*Goal{&theirs}, Base{}, noon.Add(time.Hour))
	if g := l.Number(1); g.Description != "theirs" || attached(l) != "b" {
		t.Errorf("merged: %q, %q", g.Description, attached(l))
	}
	kept, err := json.Marshal(l.Number(1).Plan())
	var back Plan
	if err != nil || json.Unmarshal(kept, &back) != nil || !back.Same(l.Number(1).Plan()) {
		t.Errorf("%s is %+v", kept, back)
	}
}

// An undo of one change leaves alone what others did to the attachments.
func TestUndoOfAttachments(t *testing.T) {
	for _, c := range []struct{ name, before, after, now, want string }{
		{"attached, the first one removed since", "a", "a b", "b", ""},
		{"attached, another one removed and a third attached since", "a b", "a b c", "b c d", "b d"},
		{"removed, and attached again since", "a", "", "a", "a"},
		{"removed the first one, another attached since", "a b", "b", "b c", "b c a"},
		{"attached, another one renamed since", "a", "a b", "a:new b", "anew"},
		{"renamed", "a b", "a:new b", "a:new b c", "a b c"},
		{"renamed, and again since", "a b", "a:new b", "a:newer b", "anewer b"},
	} {
		read := func(text string) *Goal {
			g := &Goal{Number: 1}
			for word := range strings.FieldsSeq(text) {
				same, name, _ := strings.Cut(word, ":")
				f := photo(same)
				f.Name = name
				g.ChangePlan(func(p *Plan) { p.Files = append(p.Files, f) })
			}
			return g
		}
		undone := listOf(*EditOf(Change{Before: read(c.before), After: read(c.after)}).Undo(read(c.now)))
		if got := attached(undone); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestReadLink(t *testing.T) {
	for text, want := range map[string]bool{
		"https://example.org":         true,
		" http://example.org/a?b=c ":  true,
		"HTTPS://example.org":         true,
		"https://example.org/ä":       true,
		"https://example.org and":     false,
		"see https://example.org":     false,
		"example.org":                 false,
		"ftp://example.org":           false,
		"https://":                    false,
		"https:///path":               false,
		"https://a@example.org":       false,
		"https://example.org/\u202Ea": false,
		"https://example.org\na":      false,
		"https://example.org/" + strings.Repeat("x", MaxLink-20): true,
		"https://example.org/" + strings.Repeat("x", MaxLink-19): false,
		"": false,
	} {
		if link, ok := ReadLink(text); ok != want || ok && link != strings.TrimSpace(text) {
			t.Errorf("%q: %q, %v", text, link, ok)
		}
	}
}

func TestCleanFile(t *testing.T) {
	f, ok := File{Kind: DocFile, ID: "x", Name: "a\u202E\n b.pdf" + strings.Repeat("c", 300), Size: -1}.Clean()
	if !ok || f.Size != 0 || !strings.HasPrefix(f.Name, "a b.pdf") || len([]rune(f.Name)) != MaxFileName {
		t.Errorf("it is %+v, %v", f, ok)
	}
	if f, ok := (File{Kind: Photo, ID: "x", Name: "\u200b"}).Clean(); !ok || f.Name != "" {
		t.Errorf("it is %+v, %v", f, ok)
	}
	most := File{Kind: Photo, ID: strings.Repeat("i", maxFileID), Same: strings.Repeat("s", maxFileID), Name: strings.Repeat("й", MaxFileName)}
	if f, ok := most.Clean(); !ok || f != most {
		t.Errorf("of the longest there may be is left %+v, %v", f, ok)
	}
	for _, part := range []*string{&most.ID, &most.Same} {
		*part += "x"
		if _, ok := most.Clean(); ok {
			t.Errorf("an id of %d bytes is kept", len(*part))
		}
		*part = (*part)[1:]
	}
}
