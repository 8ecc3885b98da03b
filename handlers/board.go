package handlers

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/store"
)

// This file shows the board: a list of goals, page by page, in one message of
// a chat. Turning pages, opening goals and going back all happen in its place.

// boardView is what a board shows.
type boardView struct {
	Filter string `json:"filter"`
	Words  string `json:"words,omitempty"` // what is looked for, with the filter found
	Page   int    `json:"page,omitempty"`
	Mode   string `json:"mode,omitempty"` // what a tap on a goal's button does

	Whose   int64  `json:"whose,omitempty"`   // with the filter mine
	By      int64  `json:"by,omitempty"`      // who asked for it
	At      int64  `json:"at,omitempty"`      // and when; Unix time
	Shown   string `json:"shown,omitempty"`   // a fingerprint of what it shows
	Covered bool   `json:"covered,omitempty"` // its message shows something else now, a card for example

	hits []goals.Found // what was found already, with the filter found
}

const (
	boardTag = "board"
	maxWords = 1000 // characters of a search
)

func (c *call) list() (message.Message, error) {
	words, page := cutPage(c.Args)
	if before, digits, ok := cutOldPage(c.Args); ok {
		words, page = before, digits
	}
	f, known := findFilter(words)
	tags := readTags(words)
	switch {
	case words == "" && page > 0, words == "back" && c.Tap:
		return c.boardAgain(page)
	case words == "":
		return c.board(boardView{Filter: "open"})
	case known:
		return c.boardOf(f, page)
	case tags != nil:
		return c.byTags(tags, page)
	case c.isNamed(words) && page == 0:
		return c.card() // numbers are goals and nothing else
	}
	return c.search()
}

// cutOldPage reads a page as it stands on the buttons of earlier boards: behind
// a filter, without a word.
func cutOldPage(args string) (filter string, page int, ok bool) {
	filter, digits := cutFirstWord(args)
	page, err := strconv.Atoi(digits)
	_, known := findFilter(filter)
	return filter, max(page, 1), err == nil && known
}

// boardOf shows a page of a list. To turn a page leaves what the goals' buttons do.
func (c *call) boardOf(f filter, page int) (message.Message, error) {
	p := boardView{Filter: f.word, Page: page}
	if before, err := c.boardShown(); err != nil {
		return message.Message{}, err
	} else if c.Tap && page > 0 && before.Filter == f.word {
		p.Mode, p.Whose = before.Mode, before.Whose
	}
	if f.word == mine && p.Whose == 0 {
		if c.From.ID <= 0 {
			return message.Message{}, refusal("You write here as the group, and goals are assigned to people. Ask under your own name.")
		}
		p.Whose = c.From.ID
	}
	return c.board(p)
}

// boardAgain shows what the chat's board showed last, or another page of it.
func (c *call) boardAgain(page int) (message.Message, error) {
	p, err := c.boardShown()
	if err != nil {
		return message.Message{}, err
	}
	if page > 0 {
		p.Page = page
	}
	return c.board(p)
}

// boardShown is what the chat's board showed last.
func (c *call) boardShown() (p boardView, err error) {
	p.Filter = "open"
	return p, readRecord(c.tx, store.BoardRecord, c.chatName(), &p)
}

// board shows one page of a list. The message becomes
// the chat's board; the one before it loses its buttons.
func (c *call) board(p boardView) (message.Message, error) {
	p.Words = clip(p.Words, maxWords)
	asked := p.Page
	m := p.show(*c.tx.List(), c.reader())
	p.By, p.At, p.Covered = c.From.ID, c.At.Unix(), false
	p.Shown = shownBy(m, c.usable(m.Buttons, c.role, c.Chat.Private))
	first, err := c.makeRoom()
	if err != nil {
		return m, err
	}
	late, err := c.moveBoard(p)
	if err != nil {
		return m, err
	}
	// What is said only now is not part of the board: its next edit leaves it out.
	switch {
	case late:
		m = reworded(new(message.Text).Italic("A newer list had replaced this one. Here is the current state.").Add("\n\n").Append(m.Words()), m)
	case asked > p.Page:
		m = reworded(new(message.Text).Italic(noPage(asked, p.Page)).Add("\n\n").Append(m.Words()), m)
	case first && c.role < access.Owner: // whose goals these are others decide
		m = reworded(m.Words().Add("\n\n").Italic("Everybody in this group sees this list. It keeps itself up to date, so they see what is added later too."), m)
	}
	return m, nil
}

// reworded is a message with other words.
func reworded(words *message.Text, m message.Message) message.Message {
	w := words.Message()
	m.Text, m.Entities = w.Text, w.Entities
	return m
}

// How many groups may have a board that keeps itself up to date: each is edited
// after every change.
const (
	maxGroupBoards = 30
	maxBoardsOf    = 5 // that the same person asked for
)

// makeRoom lets the oldest boards of groups be as they are where there are too
// many, those of the same person first. first is true where this group has none
// yet.
func (c *call) makeRoom() (first bool, err error) {
	if c.Chat.Private {
		return false, nil
	}
	boards, err := c.tx.Records(store.BoardRecord)
	if err != nil || boards[c.chatName()] != "" {
		return false, err
	}
	type board struct {
		chat string
		boardView
	}
	var all, theirs []board
	for chat, kept := range boards {
		p, err := readBoardView(kept)
		if err != nil {
			return false, err
		}
		if !strings.HasPrefix(chat, "-") {
			continue
		}
		all = append(all, board{chat, p})
		if p.By == c.From.ID {
			theirs = append(theirs, board{chat, p})
		}
	}
	for _, some := range []struct {
		boards []board
		most   int
	}{{theirs, maxBoardsOf}, {all, maxGroupBoards}} {
		if len(some.boards) < some.most {
			continue
		}
		oldest := slices.MinFunc(some.boards, func(a, b board) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.chat, b.chat)) })
		return true, c.tx.SetRecord(store.BoardRecord, oldest.chat, "")
	}
	return true, nil
}

// show is the board of a list. Where the page is not there any more it is the last one.
func (p *boardView) show(list goals.List, r reader) message.Message {
	list = r.list(list)
	name, shown := p.shown(list, r)
	limit := maxInList
	if p.Filter == found {
		limit = maxAmongMany
	}
	pages := paginate(shown, limit, p.Mode == modeSteps)
	p.Page = min(max(p.Page, 1), max(len(pages), 1))
	var t message.Text
	rows := append([][]message.Button{p.pageButtons(len(pages))}, p.filters(list, r)...)
	switch {
	case list.Len() == 0:
		t.Add(noGoals)
		rows = rows[:1]
	case len(shown) == 0 && p.Words != "":
		t.Bold(name).Addf(": no goals found for “%s” any more.", isolate(clip(p.Words, 60)))
	case len(shown) == 0:
		t.Bold(name).Add(": none.")
	default:
		t.Bold(name).Addf(" · %d", len(shown))
		switch p.Filter {
		case found:
			t.Addf(" · “%s”", isolate(clip(p.Words, 60)))
		case tagFilter:
			t.Add(" · " + isolate(clip(p.Words, 60)))
		}
		if len(pages) > 1 {
			t.Addf(" · page %d of %d", p.Page, len(pages))
		}
		t.Add("\n")
		var onPage []*goals.Goal
		for _, g := range pages[p.Page-1] {
			t.Add("\n").Append(line(g.Goal, limit)).Add(r.setShown(g.Goal))
			switch why := g.BlockedBy(); {
			case g.In != "":
				t.Add("\n      ").Italic(isolate(around(g.In, p.Words)))
			case why != "":
				t.Add("\n      ").Append(reason(why))
			}
			if i := nextStep(g.Goal); p.Mode == modeSteps && i >= 0 && g.Status.Open() {
				t.Add("\n      ☐ " + isolate(clip(g.Acceptance[i], maxSnippet)))
			}
			onPage = append(onPage, g.Goal)
		}
		rows = append(goalRows(onPage, p.Mode, listView), rows...)
	}
	m := t.Message(rows...)
	m.Tag = boardTag
	return m
}

func readBoardView(kept string) (p boardView, err error) {
	if err := json.Unmarshal([]byte(kept), &p); err != nil {
		return p, fmt.Errorf("read board: %w", err)
	}
	return p, nil
}

func (c *call) keepBoardView(p boardView) error {
	return keepRecord(c.tx, store.BoardRecord, c.chatName(), p)
}

// moveBoard notes that the answer to this request is the chat's board, and
// takes the buttons off the one before it. late is true where a button of that
// one was tapped all the same.
func (c *call) moveBoard(p boardView) (late bool, err error) {
	if err := c.keepBoardView(p); err != nil {
		return false, err
	}
	retired, err := c.tx.Record(store.RetiredRecord, c.chatName())
	if err != nil {
		return false, err
	}
	late = c.Tap && retired == strconv.FormatInt(c.Message, 10)
	old, err := c.numberOf(boardTag)
	if err != nil || old == 0 || c.Tap && old == c.Message {
		return late, err
	}
	c.retired = old
	return late, c.tx.SetRecord(store.RetiredRecord, c.chatName(), strconv.FormatInt(old, 10))
}

func (c *call) chatName() string { return strconv.FormatInt(c.Chat.ID, 10) }

// pageButtons are those that turn pages, with those that add a goal and look for one between them.
func (p boardView) pageButtons(pages int) (row []message.Button) {
	to := func(page int) string {
		if p.Words != "" { // a button has no room for the words
			return fmt.Sprintf("goals page %d", page)
		}
		return fmt.Sprintf("goals %s page %d", p.Filter, page)
	}
	if p.Page > 1 {
		row = append(row, message.Button{Label: fmt.Sprintf("‹ Page %d", p.Page-1), Command: to(p.Page - 1)})
	}
	row = append(row, message.Button{Label: "➕ Add", Command: "addgoal"})
	if pages > 0 {
		row = append(row, message.Button{Label: "🔎 Search", Command: "search"})
	}
	if p.Page < pages {
		row = append(row, message.Button{Label: fmt.Sprintf("Page %d ›", p.Page+1), Command: to(p.Page + 1)})
	}
	return row
}

func listRow() []message.Button { return []message.Button{{Label: "‹ List", Command: "goals back"}} }

// paginate makes pages of a list. steps says that each goal's next step is shown.
func paginate(shown []goals.Found, limit int, steps bool) [][]goals.Found {
	below := func(g goals.Found) (n int) {
		if g.In != "" || g.BlockedBy() != "" {
			n += maxSnippet + 10
		}
		if steps && len(g.Acceptance) > 0 {
			n += maxSnippet + 10
		}
		return n
	}
	fits := func(page []goals.Found) bool {
		size := 0
		for _, g := range page {
			size += atMost(g.Goal, limit) + below(g)
		}
		return size <= maxPage
	}
	var pages [][]goals.Found
	from, size := 0, 0 // of the last page; in bytes, for to count characters takes long
	for i, g := range shown {
		n := min(len(g.Description), limit) + besideText(g.Goal) + below(g)
		size += n
		if i == 0 || i-from == perPage || size > maxPage && !fits(shown[from:i+1]) {
			pages, from, size = append(pages, nil), i, n
		}
		pages[len(pages)-1] = shown[from : i+1 : i+1]
	}
	return pages
}

// atMost is how long a goal's line can be. All lines of a list are measured
// for one page to be shown, so this does not make them.
func atMost(g *goals.Goal, limit int) int {
	return min(utf8.RuneCountInString(g.Description), limit) + besideText(g)
}

// besideText is how long a goal's line can be without its description.
func besideText(g *goals.Goal) int {
	n := 30 // icon, number, isolates, or the word for no text
	p := g.Plan()
	if len(g.Sessions) > 0 {
		n += 70
	}
	if len(p.Ticked) > 0 {
		n += 10
	}
	if p.Pinned {
		n += len("📌 ")
	}
	if len(p.Files) > 0 {
		n += len("  📎 20")
	}
	if p.Due != "" {
		n += maxDue
	}
	if p.Count.On() {
		n += maxCount
	}
	if p.Parked != "" {
		n += maxDue
	}
	if p.Assignee != 0 {
		n += maxInName + 10
	}
	return n
}
