package handlers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

var created = time.Date(2026, 2, 1, 8, 30, 0, 0, time.UTC)

// goal is one as it might stand in goals.json.
func goal(id, text string) *goals.Goal {
	return &goals.Goal{ID: id, Description: text, Status: goals.Pending, Created: created, Updated: created}
}

// many makes goals of all lengths and scripts, none longer than may be typed.
func many(n int) []*goals.Goal {
	random := rand.New(rand.NewPCG(1, 2))
	alphabets := []string{"plain words ", "ёжик в тумане ", "😀👩‍👩‍👧‍👦", "שלום עולם ", `<b>&"'</b> `, "𝕏𝔜 "}
	var all []*goals.Goal
	for i := range n {
		size := []int{5, 20, 200, 1000}[random.IntN(4)]
		text := []rune(fmt.Sprintf("%d: ", i+1) + strings.Repeat(alphabets[i%len(alphabets)], size))
		g := goal(fmt.Sprintf("g-%08x", i+1), strings.TrimSpace(string(text[:size])))
		g.Status = goals.Statuses[random.IntN(len(goals.Statuses))]
		for range random.IntN(3) {
			g.Sessions = append(g.Sessions, goals.Session{ID: "s", Task: "t", State: goals.SessionStates[random.IntN(4)]})
		}
		g.Progress = g.DerivedProgress()
		all = append(all, g)
	}
	return all
}

// Every goal stands on exactly one page, whole and in order, when the pages
// are turned by their buttons. Cutting pages by size alone turns this red.
func TestPagesNeverCutAGoal(t *testing.T) {
	for _, n := range []int{1, 7, 10, 11, 200} {
		all := many(n)
		h := open(t, all...)
		m := h.say("/goals all")
		var shown []string
		for pages := 1; ; pages++ {
			body := m.Text[strings.Index(m.Text, "\n\n")+2:]
			for text := range strings.SplitSeq(body, "\n") {
				if strings.HasPrefix(text, " ") {
					continue // why the goal above is blocked
				}
				if strings.Contains(text, "…") {
					t.Fatalf("a goal is cut: %q", text)
				}
				shown = append(shown, text)
			}
			last := m.Buttons[len(m.Buttons)-3]
			i := slices.IndexFunc(last, func(b message.Button) bool { return strings.HasSuffix(b.Label, "›") })
			if i < 0 {
				break
			}
			if pages > n {
				t.Fatal("the pages never end")
			}
			m = h.tap(m, last[i].Label)
		}
		if len(shown) != n {
			t.Fatalf("%d goals: %d lines", n, len(shown))
		}
		for i, g := range h.truth.List().All() {
			if n := line(g, maxInList).Len() + 1; n > atMost(g, maxInList) {
				t.Fatalf("goal %d takes %d characters, reckoned with %d", i+1, n, atMost(g, maxInList))
			}
			if want := line(g, 1<<20).String(); shown[i] != want || !strings.Contains(want, goals.OneLine(g.Description)) {
				t.Fatalf("goal %d is shown as %q, want %q", i+1, shown[i], want)
			}
		}
		if m := h.say("/goals all page 99999"); n > 10 && !strings.Contains(m.Text, fmt.Sprintf("#%d ", n)) {
			t.Error("a page beyond the last is not the last")
		}
		h.hear("/goals all page 0", "All goals")
	}
}

// Answers about many goals at once fit too, whatever their length.
func TestManyAtOnceFit(t *testing.T) {
	all := many(300)
	for _, g := range all {
		g.Status, g.Sessions = goals.Pending, nil
	}
	h := open(t, all...)
	var numbers []string
	for i := range all {
		numbers = append(numbers, fmt.Sprint(i+1))
	}
	m := h.hear("/done "+strings.Join(numbers, " "), "more")
	if n := strings.Count(h.list(), " done "); n != 300 {
		t.Errorf("%d are done", n)
	}
	if m := h.tap(m, "Undo"); !strings.Contains(m.Text, "Undone: finishing ") {
		t.Errorf("taken back with %q", m.Text)
	}
	if strings.Contains(h.list(), " done ") {
		t.Error("some are still done")
	}
	for _, words := range []string{"/done", "/goal g-", "/note words x", "/block words " + strings.Repeat("why ", 50), "/delete 😀"} {
		h.say(words)
	}
}

// absurd are goals as only another program would write them.
func absurd() []*goals.Goal {
	huge := strings.Repeat("0123456789 ", 10_000)
	bad := "\x1b[31m\u202e\u2066\x00\n\n" + strings.Repeat("\u0301", 400)
	var all []*goals.Goal
	add := func(id, text string, alter func(*goals.Goal)) {
		g := goal(id, text)
		alter(g)
		all = append(all, g)
	}
	add("huge", huge, func(g *goals.Goal) {})
	add("one letter", strings.Repeat("e\u0301\u0302\u0303", 2_000), func(g *goals.Goal) { g.Status = goals.Done })
	add("one cluster", "e"+strings.Repeat("\u0301", 5_000), func(g *goals.Goal) {})
	add("invisible", "\u200b\u202e\u2060", func(g *goals.Goal) {})
	add("", "", func(g *goals.Goal) { g.Status = goals.Abandoned })
	add("bad", bad, func(g *goals.Goal) { g.Status = goals.Blocked })
	add(strings.Repeat("long id ", 40), "an id of 300 characters with blanks", func(g *goals.Goal) {})
	add("\u202e\x00\n", "an id that cannot be seen", func(g *goals.Goal) {})
	add("notes", "5,000 notes", func(g *goals.Goal) {
		for i := range 5000 {
			g.Notes = append(g.Notes, fmt.Sprintf("%d %s", i, strings.Repeat("😀", i%5)))
		}
		g.Notes = append(g.Notes, huge[:5000])
	})
	add("criteria", "500 criteria", func(g *goals.Goal) { g.Acceptance = append(slices.Repeat([]string{bad[:50]}, 500), huge[:5000]) })
	add("sessions", "500 sessions", func(g *goals.Goal) {
		for i := range 500 {
			g.Sessions = append(g.Sessions, goals.Session{ID: huge[:300], Task: huge[:100], State: goals.SessionStates[i%4]})
		}
		g.Sessions[0].Task, g.Sessions[0].Evidence = huge[:5000], &bad
		g.Progress = 255
	})
	add("all", huge[:20_000], func(g *goals.Goal) {
		g.Acceptance, g.Notes, g.Sessions = all[9].Acceptance[400:], all[8].Notes[4000:], all[10].Sessions[:100]
		g.Status, g.Progress = goals.InProgress, 200
		g.Created, g.Updated = time.Time{}.AddDate(1, 0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	})
	return all
}

// A page is measured in characters, whatever the script: 10 goals of 300 Cyrillic letters
// fit, with 600 bytes each, and of 360 letters 9 do. Red where pages are measured in bytes,
// and where a page that is full in bytes is not measured.
func TestAPageIsFullByItsCharacters(t *testing.T) {
	for letters, want := range map[int]string{300: "10 10 5", 360: "9 9 7", 900: "4 4 4 4 4 4 1"} {
		var shown []goals.Found
		for i := range 25 {
			shown = append(shown, goals.Found{Goal: goal(fmt.Sprint("g-", i), strings.Repeat("я", letters))})
		}
		var got []string
		var all []goals.Found
		for _, page := range paginate(shown, maxInList, false) {
			got, all = append(got, fmt.Sprint(len(page))), append(all, page...)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%d letters: the pages have %s goals, want %s", letters, got, want)
		}
		if !slices.Equal(all, shown) {
			t.Errorf("%d letters: the pages have other goals than the list", letters)
		}
	}
}

// No line of a list is longer than a page reckons with, whatever is shown beside the
// text. Red where the date, the parking or the assignee is not added.
func TestALineIsNoLongerThanReckoned(t *testing.T) {
	h := people(t)
	for i, words := range []string{"/due 1 31 dec 2027 23:45", "/due 2 tomorrow 9:00", "/park 3 31 dec 2027", "/assign 4 Edith", "/log 5 to 1000 books", "/pin 6"} {
		h.say(fmt.Sprint("/addgoal goal ", i))
		h.say(words)
		h.say(strings.Replace(words, fmt.Sprint(" ", i+1, " "), " 1 ", 1)) // and all of it beside one
	}
	r := reader{now: h.now.Add(200 * 24 * time.Hour), people: h.members.Now()}
	shown := 0
	for _, g := range h.truth.List().All() {
		beside := r.setShown(g)
		if n := line(g, maxInList).Len() + utf8.RuneCountInString(beside) + 1; n > atMost(g, maxInList) {
			t.Errorf("#%d takes %d characters, reckoned with %d", g.Number, n, atMost(g, maxInList))
		}
		if beside != "" {
			shown++
		}
	}
	if shown != 4 {
		t.Errorf("beside %d goals there is a date, a parking or an assignee, want 4", shown)
	}
}

// Every command on every such goal is answered within the limits (house.say
// checks that), and does what it says.
func TestEveryCommandWorksOnAbsurdGoals(t *testing.T) {
	all := absurd()
	h := open(t, all...)
	if got := h.truth.List().Len(); got != len(all) {
		t.Fatalf("%d goals were taken in", got)
	}
	for _, g := range h.truth.List().All() {
		if n := line(g, maxInList).Len() + 1; n > atMost(g, maxInList) {
			t.Errorf("#%d takes %d characters, reckoned with %d", g.Number, n, atMost(g, maxInList))
		}
	}
	for _, words := range []string{"/goals", "/goals all", "/goals all 2", "/goals done", "/goals blocked", "/done", "/goal", "/note", "/delete 0123", "/goal long id", "/done 0123456789"} {
		h.say(words)
	}
	for n := range int64(len(all)) {
		n++
		status := func(want goals.Status) {
			t.Helper()
			if got := h.truth.List().Number(n).Status; got != want {
				t.Errorf("#%d is %s, want %s", n, got, want)
			}
		}
		say := func(format string) { t.Helper(); h.say(fmt.Sprintf(format, n)) }
		say("/goal %d")
		if s := h.truth.List().Number(n).Status; !s.Open() || s == goals.Blocked {
			say("/reopen %d")
			status(goals.Pending)
		}
		if h.truth.List().Number(n).Status != goals.InProgress {
			say("/begin %d")
		}
		status(goals.InProgress)
		why := " because of rain"
		if len(h.truth.List().Number(n).Notes) >= goals.MaxNotes { // a reason is a note
			h.hear(fmt.Sprintf("/block %d%s", n, why), "which is the limit, so a reason cannot be added")
			why = ""
		}
		say("/block %d" + why)
		status(goals.Blocked)
		say("/done %d")
		say("/done %d anyway")
		if got := h.truth.List().Number(n).Status; got != goals.Done {
			say("/done %d anyway")
		}
		status(goals.Done)
		say("/note %d x")
		say("/reopen %d")
		say("/abandon %d" + why)
		status(goals.Abandoned)
		m := h.say(fmt.Sprintf("/delete %d", n))
		h.tap(h.tap(m, "Delete"), "Undo")
		status(goals.Abandoned)
		say("/rename %d short")
		h.say("/undo")
	}
	h.hear("/done 1 2 3 4 5 6 7 8 9 10 11 12", "#12 was abandoned")
	id := h.truth.List().Number(7).ID
	h.hear("/goal "+id, "an id of 300 characters")
	h.hear(`/note "`+strings.TrimSpace(id)+`" hello`, "")
}

// What another program did to the file is told within the limits.
func TestNoticesFit(t *testing.T) {
	h := open(t)
	all := absurd()
	for i, g := range all {
		g.Number = int64(i + 1)
	}
	err := h.truth.Update(t.Context(), store.Origin{Key: "x", At: h.now}, func(tx store.Tx) error {
		n := NewNotices(h.members, h.settings)
		var ids []string
		var leftOut []goals.Double
		for _, g := range all {
			tx.List().Put(g)
			ids = append(ids, g.ID)
			for range 3 {
				leftOut = append(leftOut, goals.Double{Stays: g, LeftOut: all[0]}, goals.Double{Stays: g, LeftOut: all[len(all)-1]})
			}
		}
		var long []*goals.Goal
		for i := range 20 {
			g := &goals.Goal{Number: int64(1000 + i), ID: fmt.Sprintf("long-%d", i), Description: strings.Repeat("long ", 200), Status: goals.Done}
			other := *g
			other.Notes = []string{strings.Repeat("other ", 100), strings.Repeat("notes ", 100), strings.Repeat("yet ", 100), "more"}
			tx.List().Put(g)
			long, ids = append(long, g), append([]string{g.ID}, ids...)
			leftOut = append(leftOut, goals.Double{Stays: g, LeftOut: &other}, goals.Double{Stays: g, LeftOut: &other})
		}
		defer func() { *tx.List() = goals.List{} }()
		for _, m := range []goals.Merged{
			{Added: all, Changed: unchanged(all), Kept: all, Vanished: all, DuplicateIDs: []string{"a"}},
			{Added: long, Changed: unchanged(long), Kept: long, Vanished: long, DuplicateIDs: ids, LeftOut: leftOut},
			{Added: all[10:11], DuplicateIDs: ids, LeftOut: leftOut},
			{Added: all[10:11], DuplicateIDs: []string{"a", "b"}},
			{Kept: all}, // nothing to tell
		} {
			if err := n.Merged(tx, m, "/x/goals.json.corrupt-20260301T120000Z"); err != nil {
				return err
			}
		}
		return n.Quarantined(tx, "/x/goals.json.corrupt-20260301T120000Z", nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if said := h.spoken(); len(said) != 10 { // five, to two people
		t.Errorf("said %d times", len(said))
	}
}

func TestClipKeepsWhatFits(t *testing.T) {
	family := "👩‍👩‍👧‍👦"
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"a  b\nc", 5, "a b c"}, {"", 3, ""},
		{strings.Repeat("😀", 1000), 1000, strings.Repeat("😀", 1000)},
		{strings.Repeat("😀", 1001), 1000, strings.Repeat("😀", 999) + "…"},
		{family + family, 10, family + "…"}, {family, 3, "…"}, {"e\u0301e\u0301", 3, "e\u0301…"}, {"ab cd", 4, "ab…"}, {"🇩🇪🇫🇷", 3, "🇩🇪…"},
	} {
		if got := clip(c.in, c.limit); got != c.want {
			t.Errorf("clip(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

// A section is cut at a whole line, and not before it has to be.
func TestASectionIsCutAtALine(t *testing.T) {
	for _, fromEnd := range []bool{false, true} {
		made := func() *section {
			s := &section{head: "Notes", whole: 20, fromEnd: fromEnd}
			for i := range s.whole {
				s.lines = append(s.lines, new(message.Text).Addf("• note %d", i))
			}
			return s
		}
		all := made().size()
		for room := all + 1; room >= 0; room-- {
			s := made()
			s.cut(room)
			if room >= all && len(s.lines) != s.whole || room < all && len(s.lines) == s.whole || len(s.lines) > 0 && s.size() > room {
				t.Fatalf("from the end %v: of %d characters in room for %d are %d left, %d lines", fromEnd, all, room, s.size(), len(s.lines))
			}
			if n := len(s.lines); n > 0 && s.lines[n-1].String() != fmt.Sprintf("• note %d", map[bool]int{false: n - 1, true: s.whole - 1}[fromEnd]) {
				t.Fatalf("from the end %v: the last is %q of %d", fromEnd, s.lines[n-1], n)
			}
		}
	}
}

func TestRightToLeftTextIsIsolated(t *testing.T) {
	for in, want := range map[string]string{"abc": "abc", "שלום": "\u2068שלום\u2069", "a سلام": "\u2068a سلام\u2069", "x\u200fy": "\u2068x\u200fy\u2069", "日本": "日本"} {
		if got := isolate(in); got != want {
			t.Errorf("isolate(%q) = %q", in, got)
		}
	}
	for _, block := range [][2]rune{{0x200F, 0x200F}, {0x0590, 0x08FF}, {0xFB1D, 0xFDFF}, {0xFE70, 0xFEFF}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}} {
		if first, last := block[0], block[1]; rightToLeft(first-1) || !rightToLeft(first) || !rightToLeft(last) || rightToLeft(last+1) {
			t.Errorf("%U to %U are not the right-to-left ones there", first, last)
		}
	}
	g := goal("a", "שלום \u202eevil\u2069")
	if got := line(g, 100).String(); strings.Count(got, "\u2068") != strings.Count(got, "\u2069") || strings.Contains(got, "\u202e") {
		t.Errorf("a line of a list is %q", got)
	}
}
