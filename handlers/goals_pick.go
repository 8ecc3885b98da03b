package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
)

// This file finds the goal that a person means, and asks where that is not clear.

const maxChoices = 8

// pick returns the one goal that the words name. Otherwise the goal is nil
// and either the message asks which of several is meant, or the error is a
// refusal. Where several match, those are preferred that the command is likely
// to be meant for. rest is what follows the goal in the command.
func (c *call) pick(which, rest string) (*goals.Goal, message.Message, error) {
	switch word := goals.Fold(which); {
	case word == "":
		ask, err := c.chooseAny()
		return nil, ask, err
	case !c.looks() && (word == "all" || word == "everything"): // in quotes it is a word of a goal's
		return nil, message.Message{}, refusal(c.notAll())
	}
	found, err := c.tx.List().Select(unquote(which), meantFor(c.Name))
	switch {
	case err != nil:
		return nil, message.Message{}, c.misnamed(err)
	case len(found) == 0:
		return nil, message.Message{}, c.noSuch(which)
	case len(found) == 1:
		return found[0], message.Message{}, nil
	}
	if i := slices.IndexFunc(found, func(g *goals.Goal) bool { return g.Number == c.mine.Chosen }); i >= 0 {
		return found[i], message.Message{}, nil // as they did before they edited the message
	}
	head := fmt.Sprintf("%d goals match “%s”.", len(found), isolate(clip(which, 60)))
	if c.isNamed(which) {
		head = fmt.Sprintf("/%s takes one goal at a time%s.", c.Name, c.unchanged())
	}
	ask, err := c.choose(head+" Which one do you want to "+c.verb()+"?", "", found, rest)
	return nil, ask, err
}

// meantFor reports which goals a command is meant for, unless it is said more
// closely; nil for any.
func meantFor(command string) func(*goals.Goal) bool {
	switch command {
	case "begin":
		return func(g *goals.Goal) bool { return g.Status.Open() && g.Status != goals.InProgress }
	case "reopen":
		return func(g *goals.Goal) bool { return !g.Status.Open() || g.Status == goals.Blocked }
	case "delete":
		return nil
	case "log":
		return func(g *goals.Goal) bool { return g.Status.Open() && g.Plan().Count.On() }
	case "verify":
		return func(g *goals.Goal) bool { return g.Status.Open() && len(g.Waiting(goals.Verified)) > 0 }
	case "fail":
		return func(g *goals.Goal) bool { return g.Status.Open() && len(g.Waiting(goals.Failed)) > 0 }
	}
	return func(g *goals.Goal) bool { return g.Status.Open() }
}

// verb is what the command does to a goal, in words.
func (c *call) verb() string {
	row, _ := c.find(c.Name)
	return cmp.Or(row.verb, "take")
}

// pickSeveral reads either what names goals, or words that mean one goal.
func (c *call) pickSeveral(which string) ([]*goals.Goal, message.Message, error) {
	found, named, err := c.tx.List().Named(unquote(which))
	if named {
		return found, message.Message{}, c.misnamed(err)
	}
	g, ask, err := c.pick(which, "")
	if g == nil {
		return nil, ask, err
	}
	return []*goals.Goal{g}, ask, nil
}

// cutWhich splits what names a goal off what follows it: the first word or,
// where that names none, the first line if it does, as a row of the list does.
func (c *call) cutWhich(args string) (which, rest string) {
	which, rest = cutFirstWord(args)
	if line, below, _ := strings.Cut(strings.TrimSpace(args), "\n"); !c.isNamed(which) && c.isNamed(line) {
		return line, strings.TrimSpace(below)
	}
	return which, rest
}

// cutWhichOrAll is cutWhich, unless all of it are words from a goal's text.
func (c *call) cutWhichOrAll(args string) (which, rest string) {
	which, rest = c.cutWhich(args)
	if !c.isNamed(which) {
		if found, _ := c.tx.List().Select(args, meantFor(c.Name)); len(found) > 0 {
			return args, ""
		}
	}
	return which, rest
}

// isNamed reports whether a text is the number or id of a goal, or several of
// them, which can mean nothing else.
func (c *call) isNamed(text string) bool {
	_, named, _ := c.tx.List().Named(text)
	return named
}

// looks reports whether the command only shows something.
func (c *call) looks() bool {
	row, known := c.find(c.Name)
	return known && row.least == access.Viewer
}

// notAll says how to name goals to whoever wants all of them at once.
func (c *call) notAll() string {
	if row, _ := c.find(c.Name); row.takesSeveral() {
		return fmt.Sprintf("Please say which goals you mean; nothing was changed. Send their numbers, as in /%s 3 5 8; /goals shows them.", c.Name)
	}
	return fmt.Sprintf("/%s takes one goal at a time, so nothing was changed. Send its number, as in /%s 3; /goals shows them.", c.Name, c.Name)
}

func (c *call) noSuch(which string) error {
	so, shown := c.unchanged(), isolate(clip(which, 60))
	if len(c.tx.List().Search(unquote(which))) > 0 {
		return refuse("No goal has words that begin with “%s”%s. /search looks within words and in notes too.", shown, so)
	}
	return refuse("No goal matches “%s”%s. /goals shows the list.", shown, so)
}

// misnamed says why numbers name no goal, and how to write them. Any other
// error is returned as it is.
func (c *call) misnamed(err error) error {
	wrong, ok := errors.AsType[*goals.NotNamed](err)
	if !ok {
		return err
	}
	so, shown := c.unchanged(), isolate(clip(wrong.Text, 60))
	row, _ := c.find(c.Name)
	several := row.takesSeveral()
	var said string
	switch wrong.Why {
	case goals.Missing:
		said = fmt.Sprintf("There is no goal %s%s. /goals shows the list.", wrong.Span, so)
		if wrong.Span.First < wrong.Span.Last {
			said = fmt.Sprintf("There is no goal from %s%s. /goals shows the list.", wrong.Span, so)
		}
	case goals.OtherWords:
		said = fmt.Sprintf("#%d is %s, not “%s”%s. Send only the number, as in /%s %d, or words from the goal.",
			wrong.Goal.Number, quoted(wrong.Goal.Description, 60), shown, so, c.Name, wrong.Goal.Number)
	case goals.Backwards:
		said = fmt.Sprintf("“%s” runs backwards%s. The smaller number goes first.", shown, so)
	case goals.TooMany:
		said = fmt.Sprintf("“%s” is more than %d numbers%s. Name fewer at once.", shown, goals.MaxNamed, so)
	default:
		said = fmt.Sprintf("“%s” is not the number of a goal%s. Goal numbers are whole numbers, as in /%s 3", shown, so, c.Name)
		if several {
			said += fmt.Sprintf("; for several, /%s 1-3 or /%s 1, 2, 5", c.Name, c.Name)
		}
		said += "."
	}
	return refusal(said)
}

// unchanged goes on with a sentence that says what is wrong, where the command
// would have changed something.
func (c *call) unchanged() string {
	if c.looks() {
		return ""
	}
	return ", so nothing was changed"
}

// chooseAny asks for the goal where the command names none.
func (c *call) chooseAny() (message.Message, error) {
	all := c.tx.List().All()
	if len(all) == 0 {
		return message.Message{}, refusal(noGoals)
	}
	fitting := all
	if fit := meantFor(c.Name); fit != nil {
		fitting = nil
		for _, g := range all {
			if fit(g) {
				fitting = append(fitting, g)
			}
		}
	}
	needsFitting := slices.Contains([]string{"done", "begin", "block", "reopen", "abandon", "verify", "fail"}, c.Name)
	switch {
	case len(fitting) == 0 && needsFitting:
		return message.Message{}, refuse("There is no goal to %s now. /goals all shows everything.", c.verb())
	case len(fitting) == 0:
		fitting = all
	}
	how := " Tap it, or reply with its number."
	if c.Chat.Private {
		how = " Tap it, or send its number."
	}
	return c.choose("Which goal do you want to "+c.verb()+"?", how, fitting, "")
}

// choose asks for one of some goals, with a button for each. how says how to
// answer, where that is to be said.
func (c *call) choose(asks, how string, found []*goals.Goal, rest string) (message.Message, error) {
	t := new(message.Text).Add(asks + how)
	if len(found) > maxChoices {
		t.Addf("\nThese are the first %d; for another, send its number or more of its words.", maxChoices)
		found = found[:maxChoices]
	}
	var rows [][]message.Button
	for _, g := range found {
		which := atRevision(g)
		if slices.Contains([]string{"goal", "goals", "note", "criterion", "link", "log", "history", "attach", "file"}, c.Name) {
			which = strconv.FormatInt(g.Number, 10)
		}
		rows = append(rows, []message.Button{{Label: icon(g.Status) + " " + number(g) + " " + described(g, maxInButton), Command: c.Name + " " + which + " " + tokenSign + c.token()}})
	}
	return c.pose(question{Command: c.Name, Which: true, Rest: rest, Asks: asks}, t, append(rows, cancelRow(c.token()))...)
}

// cancelRow leaves the question with that token.
func cancelRow(token string) []message.Button {
	return []message.Button{{Label: "Cancel", Command: "cancel " + token}}
}

// cutFirstWord splits off the first word, or what stands in quotes there.
func cutFirstWord(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	for _, quotes := range []string{`""`, "“”", "„“", "«»"} { // as phones turn them
		open, size := utf8.DecodeRuneInString(quotes)
		if inner, ok := strings.CutPrefix(s, string(open)); ok {
			if word, rest, ok := strings.Cut(inner, quotes[size:]); ok {
				return strings.TrimSpace(word), strings.TrimSpace(rest)
			}
		}
	}
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// cutLastWord splits off the last word if it is that one, in whatever case.
func cutLastWord(s, word string) (before string, ok bool) {
	s = strings.TrimSpace(s)
	i := strings.LastIndexFunc(s, unicode.IsSpace)
	if i < 0 || goals.Fold(s[i:]) != word {
		return s, false
	}
	return strings.TrimSpace(s[:i]), true
}

func unquote(s string) string {
	return strings.Trim(strings.TrimSpace(s), `"“”„«»`)
}
