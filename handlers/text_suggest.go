package handlers

import (
	"slices"
	"strings"

	"goalbot/goals"
	"goalbot/message"
)

// This file answers commands that there are not with the one that was most
// likely meant.

const maxName = 32 // characters of a command (Bot API, BotCommand)

// synonyms are what people call commands that have another name here. With an
// ellipsis it is what the word means when others follow it.
var synonyms = map[string]string{
	"list": "goals", "ls": "goals", "show": "goals", "show …": "goal", "view …": "goal", "open …": "goal",
	"todo": "goals", "todos": "goals", "task": "goals", "tasks": "goals", "todo …": "addgoal", "task …": "addgoal",
	"new": "addgoal", "create": "addgoal", "plus": "addgoal",
	"finish": "done", "check …": "done", "finished": "done", "complete": "done", "completed": "done", "close": "done",
	"remove": "delete", "rm": "delete", "erase": "delete",
	"doing": "begin", "drop": "abandon", "giveup": "abandon", "unblock": "reopen", "uncomplete": "reopen",
	"evidence": "verify", "verified": "verify", "failed": "fail",
	"delegate": "assign", "change": "rename", "comment": "note", "find": "search", "count": "log", "track": "log",
	"summary": "stats", "progress": "stats", "status": "health", "check": "health",
	"save": "export", "download": "export", "upload": "import", "silence": "mute",
	"users": "members", "people": "members", "kick": "revoke", "ban": "revoke", "share": "invite",
	"config": "settings", "options": "settings", "timezone": "settings timezone", "digest": "settings digest", "quiet": "settings quiet",
	"commands": "help", "menu": "help", "stop": "cancel", "exit": "cancel", "quit": "cancel",
}

// unguessed are commands that no slip leads to: what a tap on them did would be
// a loss if another was meant.
var unguessed = []string{"undo", "redo", "delete"}

func (c *call) unknown() (message.Message, error) {
	if !c.Chat.Private && !c.Named {
		return message.Message{}, nil // another bot may be meant
	}
	var t message.Text
	t.Addf("I don't know /%s.", clip(c.Name, 40))
	near, ok := c.nearest(c.Name, c.Args != "")
	if !ok {
		return t.Add(" /help lists what I can do.").Message(), nil
	}
	meant := message.Button{Label: "/" + near, Command: near}
	if full := strings.TrimSpace(near + " " + c.Args); len(full) <= message.MaxButtonData && !strings.Contains(full, "\n") {
		meant = message.Button{Label: clip("/"+full, maxInButton), Command: full}
	}
	return t.Addf(" Did you mean /%s? /help lists what I can do.", near).Message([]message.Button{meant}), nil
}

// nearest is the command that one which there is not was most likely meant to
// be; more says that words follow it.
func (c *call) nearest(name string, more bool) (best string, ok bool) {
	name = goals.Fold(name)
	if len(name) > maxName {
		return "", false
	}
	same := synonyms[name]
	if with := synonyms[name+" …"]; with != "" && more {
		same = with
	}
	if c.mayDo(same) {
		return same, true
	}
	least := 2 // one slip in a short name, two in a long one
	if len(name) > 5 {
		least = 3
	}
	least = min(least, len(name)/2+1) // more wrong than right is no slip
	for _, row := range c.table {
		if row.hidden || !row.allows(c.role) || slices.Contains(unguessed, row.name) {
			continue
		}
		n := distance(name, row.name)
		if len(name) > 1 && (strings.HasPrefix(row.name, name) || strings.HasPrefix(name, row.name)) {
			n = min(n, 1) // cut short, or gone on too long
		}
		if n < least {
			best, ok, least = row.name, true, n
		}
	}
	return best, ok
}

// distance is how many slips lie between two words: a letter too many, one too
// few, another one, or two in the wrong order.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			if i == 0 || j == 0 {
				rows[i][j] = i + j
				continue
			}
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
