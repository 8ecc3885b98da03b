package handlers

import (
	"slices"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file understands what people who meet a bot say to it without a slash:
// "done milk", "#5", "what are my goals?".

// guess is the command that words without a slash most likely mean.
type guess struct {
	name, args string
	sure       bool   // the words can hardly be a goal, so the command is carried out
	asked      bool   // they ask for something
	says       string // what is said instead of a command, to be polite
}

func (g guess) command() string { return strings.TrimSpace(g.name + " " + g.args) }

// maxGuessed is how many words are looked at. Longer texts are no commands.
const maxGuessed = 20

// guess returns the command that a text most likely means; its name is "" if the text
// is likely something else. target is the goal of the message that it replies to.
func (c *call) guess(text string, target *goals.Goal) (g guess) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "\n") {
		if c.isNamed(text) { // rows of a list
			return guess{name: "goal", args: text, sure: true}
		}
		return g
	}
	if len(strings.Fields(text)) > maxGuessed {
		return g
	}
	s := spoken(text)
	if s.begins("please") > 0 {
		s = spoken(strings.Join(s.raw[1:], " "))
	}
	if len(s.words) == 0 && s.asks {
		return guess{name: "help", sure: true}
	}
	if c.namesCriteria(target, text) {
		return guess{name: "tick", args: number(target) + " " + text, sure: true}
	}
	if l, ok := logs(target, text); ok && !l.set {
		return guess{name: "log", args: number(target) + " " + text, sure: true}
	}
	for _, read := range []func(utterance) guess{c.asPhrase, c.asDay, c.asList, c.asFinished, c.asRows, c.asOneWord, c.asNewGoal, c.asVerb} {
		if g = read(s); g.name != "" || g.says != "" {
			break
		}
	}
	row, known := c.find(g.name)
	switch {
	case g.says != "":
		return g
	case !known || row.hidden || !row.allows(c.role):
		return guess{}
	case target != nil && !(row.verb != "" && (g.args == "" || c.isNamed(g.args))):
		return guess{} // other words are meant for the goal that is answered
	}
	g.sure = g.sure && row.outside == nil
	if !g.sure && len(g.command()) > message.MaxButtonData {
		return guess{}
	}
	g.asked = s.asks
	return g
}

// utterance is what somebody has said in one line.
type utterance struct {
	text  string
	words []string // as [goals.Fold] makes them, without the marks around them
	raw   []string // as they came
	asks  bool     // it ends in a question mark
}

func spoken(text string) utterance {
	s := utterance{text: text, asks: strings.HasSuffix(strings.TrimRight(goals.Fold(text), " !."), "?")}
	for _, raw := range strings.Fields(text) {
		if word := strings.Trim(goals.Fold(raw), " .,:;!?\"'"); word != "" {
			s.words, s.raw = append(s.words, word), append(s.raw, raw)
		}
	}
	return s
}

// is reports whether it is one of the phrases.
func (s utterance) is(phrases ...string) bool {
	return slices.Contains(phrases, strings.Join(s.words, " "))
}

// after returns the words behind the first n, as they came, without the marks
// at the end.
func (s utterance) after(n int) string {
	return strings.TrimRight(strings.Join(s.raw[n:], " "), " .!?")
}

// begins reports with how many words it begins as one of the phrases
// does, and goes on; 0 for none.
func (s utterance) begins(phrases ...string) int {
	for _, p := range phrases {
		words := strings.Fields(p)
		if len(s.words) > len(words) && slices.Equal(s.words[:len(words)], words) {
			return len(words)
		}
	}
	return 0
}

// asPhrase knows what is said out of habit.
func (c *call) asPhrase(s utterance) guess {
	switch {
	case !c.Chat.Private: // people say such things to each other
	case s.is("hi", "hello", "hey", "hi there", "hi bot", "hello bot", "hello there", "hey there", "good morning", "good evening", "good afternoon", "who are you", "what are you", "what is this"):
		return guess{name: "start", sure: true}
	case s.is("help me", "i need help", "need help", "what can you do", "what can i do", "what can i say", "how does this work", "how does it work", "how do you work", "how do i use this", "how do i use you"):
		return guess{name: "help", sure: true}
	case s.is("undo that", "undo it", "undo this", "take that back", "take it back", "undo last", "undo the last"):
		return guess{name: "undo", sure: true}
	case s.is("what did i do", "what have i done", "what did i do today", "what happened"):
		return guess{name: "history", sure: true}
	case s.is("what did i finish", "what have i finished", "what did i get done", "what have i done so far"):
		return guess{name: "goals", args: "done", sure: true}
	case s.is("how am i doing", "how is it going", "how's it going", "my progress"):
		return guess{name: "stats", sure: true}
	case s.is("thanks", "thank you", "thanks a lot", "thank you very much", "many thanks", "thx", "ty", "cool", "great", "perfect", "nice", "👍", "🙏"):
		return guess{says: "👍"}
	case s.is("bye", "goodbye", "good night", "see you", "see you later"):
		return guess{says: "👋"}
	case s.is("yes", "no", "yes please", "no thanks", "ok", "okay", "sure", "yep", "yeah", "nope"):
		return guess{says: "I can't tell what you mean by that. If a message of mine asks something, tap a button on it."}
	}
	return guess{}
}

// asRows takes a goal's number, or a row of a list, for the wish to see it.
func (c *call) asRows(s utterance) guess {
	if n := s.begins("show me", "tell me about", "what about", "what is", "what's", "how about"); n > 0 && c.isNamed(s.after(n)) {
		return guess{name: "goal", args: s.after(n), sure: true}
	}
	if last := len(s.words) - 1; s.asks && s.begins("is") > 0 && last > 1 && listStates[s.words[last]] != "" {
		which := spoken(strings.Join(s.raw[1:last], " "))
		if n := which.begins("the", "my", "our"); n > 0 && !c.exists(which.text) {
			which = spoken(which.after(n))
		}
		if c.exists(which.text) {
			return guess{name: "goal", args: which.text, sure: true}
		}
	}
	if tags := readTags(s.text); tags != nil && anyTagged(*c.tx.List(), tags) {
		return guess{name: "goals", args: s.text, sure: true}
	}
	if _, named, err := c.tx.List().Named(s.text); !named || err != nil && !strings.HasPrefix(goals.Fold(s.text), "#") {
		return guess{} // "1984" may be a book
	}
	return guess{name: "goal", args: s.text, sure: true}
}

// asOneWord takes the name of a command.
func (c *call) asOneWord(s utterance) guess {
	if len(s.words) != 1 {
		return guess{}
	}
	name, args := cutFirstWord(c.named(s.words[0], false))
	row, _ := c.find(name)
	looks := slices.Contains([]string{"goals", "today", "next", "help", "start", "stats", "history", "members", "settings"}, name)
	asks := row.verb != "" || slices.Contains([]string{"addgoal", "search", "cancel"}, name)
	return guess{name: name, args: args, sure: looks || asks || s.words[0] == "undo" || s.words[0] == "redo"}
}

// named is the command that a word names, "" for none. more says that words
// follow it.
func (c *call) named(word string, more bool) string {
	with := map[string]string{"start": "begin", "open": "goal"}[word]
	switch _, known := c.find(word); {
	case more && with != "":
		return with
	case known:
		return word
	case more && synonyms[word+" …"] != "":
		return synonyms[word+" …"]
	}
	return synonyms[word]
}

var (
	listNouns  = []string{"goal", "goals", "list", "lists", "task", "tasks", "todo", "todos", "to-do", "to-dos"}
	listAskers = []string{"what", "what's", "whats", "which", "show", "list", "see", "view", "give", "tell", "my", "all", "how", "any", "anything"}
	listFiller = []string{"what", "what's", "whats", "which", "show", "see", "view", "give", "tell", "how", "any", "anything", "are", "is", "do", "does", "have", "has", "got", "i", "we", "me", "us", "my", "our", "the", "a", "of", "on", "for", "to", "that", "there", "please", "many", "can", "could", "you", "should", "still", "now", "today", "current", "currently", "next", "else", "in"}
	listStates = map[string]string{"open": "open", "mine": "mine", "due": "due", "overdue": "overdue", "left": "open", "remaining": "open", "unfinished": "open", "progress": "progress", "started": "progress", "blocked": "blocked", "stuck": "blocked", "done": "done", "finished": "done", "completed": "done", "abandoned": "abandoned", "all": "all", "every": "all", "everything": "all"}
)

// asDay recognizes that somebody wants to know what to do now, or today.
func (c *call) asDay(s utterance) guess {
	switch {
	case s.is("what's next", "what is next", "what next", "what now", "what should i do", "what should i do next", "what should i do now", "what do i do now", "what can i do next"):
		return guess{name: "next", sure: true}
	case s.is("what should i do today", "what do i have to do today", "what's due today", "what is due today", "what's on today", "what is on today"):
		return guess{name: "today", sure: true}
	case s.is("assigned to me", "what's assigned to me", "what is assigned to me", "goals assigned to me", "which goals are assigned to me"):
		return guess{name: "goals", args: mine, sure: true}
	}
	return guess{}
}

// asList recognizes that somebody wants to see the list, or a part of it.
func (c *call) asList(s utterance) guess {
	g := guess{name: "goals", sure: true}
	noun := false
	for _, w := range s.words {
		state, isState := listStates[w]
		switch {
		case isState && g.args != "":
			return guess{}
		case isState:
			g.args = state
		case slices.Contains(listNouns, w):
			noun = true
		case !slices.Contains(listFiller, w):
			return guess{}
		}
	}
	if len(s.words) == 0 {
		return guess{}
	}
	first := s.words[0]
	asks := s.asks || slices.Contains(listAskers, first)
	switch {
	case noun && (asks || g.args != "" && listStates[first] != "" || slices.Contains(listNouns, first) && len(s.words) <= 2):
		return g
	case !noun && asks && (g.args != "" || s.is("what to do", "what do i have to do", "what's to do")):
		return g
	}
	return guess{}
}

// asNewGoal recognizes an announcement of a goal.
func (c *call) asNewGoal(s utterance) guess {
	n := s.begins("addgoal", "add goal", "add a goal", "new goal", "add task", "add a task", "new task", "add todo", "new todo")
	if n == 0 && len(s.words) > 1 && slices.Contains([]string{"goal:", "task:", "todo:"}, goals.Fold(s.raw[0])) {
		n = 1
	}
	if n > 0 {
		return guess{name: "addgoal", args: strings.Join(s.raw[n:], " "), sure: true}
	}
	if s.is("add", "add goal", "add a goal", "new goal", "a new goal", "add task", "add a task", "new task", "add one") {
		return guess{name: "addgoal", sure: true}
	}
	if s.begins("add") > 0 { // "add insulation" may be all of the goal
		return guess{name: "addgoal", args: strings.Join(s.raw[1:], " "), sure: goals.Fold(s.raw[0]) == "add:"}
	}
	return guess{}
}

var (
	finished = []string{"done", "finished", "completed"}
	it       = []string{"it", "it's", "it is", "that", "that's", "that is", "this", "this is", "i'm", "i am"}
)

// finishes returns what is done as somebody says, without words for nothing.
// plainly says that it can hardly be a wish instead, as "get things done" is.
func (s utterance) finishes() (what utterance, plainly bool) {
	last := len(s.words) - 1
	if last < 1 {
		return what, false
	}
	switch n := s.begins("done with", "done", "i'm done with", "i am done with", "i have finished", "i've finished", "i finished", "finished with", "finished", "i have completed", "i've completed", "i completed", "completed"); {
	case n > 0:
		return spoken(s.after(n)), true
	case s.begins("mark", "set") > 0 && slices.Contains(finished, s.words[last]):
		what = spoken(strings.Join(s.raw[1:last], " "))
		if n := len(what.words); n > 1 && slices.Contains([]string{"as", "to"}, what.words[n-1]) {
			return spoken(strings.Join(what.raw[:n-1], " ")), true
		}
	case slices.Contains(finished, s.words[last]):
		what = spoken(strings.Join(s.raw[:last], " "))
		if n := len(what.words); n > 1 && slices.Contains([]string{"is", "are"}, what.words[n-1]) {
			return spoken(strings.Join(what.raw[:n-1], " ")), true
		}
	}
	return what, false
}

// asFinished recognizes the report that a goal is done.
func (c *call) asFinished(s utterance) guess {
	last := len(s.words) - 1
	if last < 1 {
		return guess{}
	}
	if word := map[string]string{"blocked": "block", "stuck": "block", "started": "begin"}[s.words[last]]; word != "" {
		if which := strings.TrimSuffix(strings.Join(s.raw[:last], " "), " is"); c.isNamed(which) {
			return guess{name: word, args: which, sure: true}
		}
	}
	what, _ := s.finishes()
	if len(what.words) == 0 {
		return guess{}
	}
	switch {
	case what.is(it...):
		return guess{name: "done", sure: true}
	case what.is("all", "everything"):
		return guess{name: "done", args: "all", sure: true}
	}
	if n := what.begins("the", "my", "our"); n > 0 && !c.exists(what.text) {
		what = spoken(what.after(n))
	}
	if !c.exists(what.text) { // also what is already done, which the answer says then
		return guess{}
	}
	return guess{name: "done", args: what.text, sure: true}
}

// exists reports whether words name goals, open or not.
func (c *call) exists(words string) bool {
	found, err := c.tx.List().Select(unquote(words), nil)
	return err == nil && len(found) > 0
}

// finds reports whether words name goals that a command is meant for, by their
// numbers or their texts.
func (c *call) finds(command, words string) bool {
	if words == "" {
		return false
	}
	fit := meantFor(command)
	found, err := c.tx.List().Select(unquote(words), fit)
	return err == nil && slices.ContainsFunc(found, func(g *goals.Goal) bool { return fit == nil || fit(g) || c.isNamed(words) })
}

// only returns the one goal that words of its text name, where a command is meant
// for it; nil for none or several.
func (c *call) only(command, words string) *goals.Goal {
	fit := meantFor(command)
	found, err := c.tx.List().Select(unquote(words), fit)
	if err != nil || len(found) != 1 || fit != nil && !fit(found[0]) {
		return nil
	}
	return found[0]
}

// asVerb takes the name of a command before what names a goal. Words from the
// text of a goal may as well be another goal: "finish the report".
func (c *call) asVerb(s utterance) guess {
	if len(s.words) < 2 {
		return guess{}
	}
	name := c.named(s.words[0], true)
	row, known := c.find(name)
	which := s.after(1)
	switch {
	case !known || strings.Contains(name, " "):
		return guess{}
	case name == "search" || row.usage == "[command]" || name == "help":
		if name == "help" {
			_, known = c.find(strings.TrimPrefix(goals.Fold(which), "/"))
		} else {
			known = len(c.tx.List().Search(which)) > 0
		}
		if !known {
			return guess{}
		}
		return guess{name: name, args: which, sure: name == "help"}
	case row.verb == "":
		return guess{}
	case c.isNamed(which):
		return guess{name: name, args: which, sure: s.words[0] == "done" || c.finds(name, which)}
	case strings.ContainsAny(strings.TrimPrefix(row.usage, "<which>"), "<["): // it takes words behind the goal
		if first, more := cutFirstWord(which); more != "" && c.isNamed(first) && c.finds(name, first) {
			return guess{name: name, args: first + " " + more}
		}
		if g := c.only(name, which); g != nil { // more words than the first would be taken for the rest
			return guess{name: name, args: number(g)}
		}
		return guess{}
	case !c.finds(name, which):
		return guess{}
	}
	return guess{name: name, args: which}
}
