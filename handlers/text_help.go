package handlers

import (
	"strings"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
)

// This file holds what is said around the goals: greeting and help.

func (c *call) start() (message.Message, error) {
	if c.Args != "" && c.Chat.Private && !c.Tap {
		if !c.members.MayGuess(c.From.ID) {
			return message.Message{}, refusal("Those were too many links that don't work. Try again in a few minutes.")
		}
		m, err := c.join()
		if err != nil {
			c.members.Guessed(c.From.ID)
		}
		return m, err
	}
	var t message.Text
	if c.role == access.Viewer {
		t.Bold("I keep the goals here.").Add("\n\nSee them: /goals\nFind one: /search mother\nProgress: /stats\n\n/help shows everything you can do.")
		return t.Message([]message.Button{{Label: "Show goals", Command: "goals"}}), nil
	}
	t.Bold("I keep your goals.").Add("\n\n" + c.justWrite() + "\n\nAdd one: /addgoal call mother\nSee them: /goals\nFinish one: /done 1\nChanged your mind: /undo\n\n/help shows everything I can do.")
	return t.Message([]message.Button{{Label: "➕ Add a goal", Command: "addgoal", Style: message.Primary}, {Label: "Show goals", Command: "goals"}}), nil
}

// justWrite says what needs no command.
func (c *call) justWrite() string {
	if !c.Chat.Private {
		return "Reply to a goal to add a note to it. In our private chat you can also just write; here I only see commands and replies to me."
	}
	return "Just write me a goal: call mother\n" +
		"Paste a list or forward me a message, and I'll ask what to do with it.\n" +
		"Reply to a goal to add a note to it.\n" +
		"Finished one? Write: done mother\n" +
		"Edit one of your messages, and what it did changes too."
}

func (c *call) help() (message.Message, error) {
	if word, _ := cutFirstWord(c.Args); word != "" {
		return c.helpFor(strings.TrimPrefix(word, "/")), nil
	}
	var t message.Text
	t.Bold("What I can do").Add("\n")
	if c.role > access.Viewer {
		t.Add("\n" + c.justWrite() + "\n")
	}
	group := false
	for _, row := range c.table {
		group = group || row.group
		if row.hidden || !c.offers(row) {
			continue
		}
		if group {
			t.Add("\n")
		}
		group = false
		t.Add("\n" + row.brief() + " – " + row.short)
	}
	example := "done"
	if c.role == access.Viewer {
		example = "goal"
	}
	t.Addf("\n\n%s /help %s explains /%s.", whichHelp, example, example)
	return t.Message(), nil
}

// helpFor explains one command.
func (c *call) helpFor(word string) message.Message {
	var t message.Text
	row, known := c.find(goals.Fold(word))
	if !known || row.short == "" { // which only buttons say
		t.Addf("There is no command /%s.", clip(word, 40))
		near, ok := c.nearest(word, false)
		if !ok {
			return t.Add(" /help lists them all.").Message()
		}
		near, _ = cutFirstWord(near)
		return t.Addf(" Did you mean /%s? /help lists them all.", near).
			Message([]message.Button{{Label: "/help " + near, Command: "help " + near}})
	}
	t.Bold(row.line()).Add("\n" + capital(row.short) + ".")
	if row.more != "" {
		t.Add("\n\n" + row.more)
	}
	if strings.Contains(row.usage, "<which>") {
		t.Add("\n\n" + whichHelp)
	}
	switch {
	case row.allows(c.role):
	case c.Chat.Private:
		t.Addf("\n\n%s may use it; you are %s here.", row.whoMay(), c.role.One())
	default: // what somebody is here is not for others to read
		t.Addf("\n\n%s may use it.", row.whoMay())
	}
	return t.Message()
}

const whichHelp = "<which> is a goal's number, its id or the beginning of it, or words from its text."

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
