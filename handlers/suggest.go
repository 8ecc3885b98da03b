package handlers

import (
	"slices"
	"strings"

	"goalbot/message"
)

// This file answers commands that there are not with the one that was most
// likely meant.

const maxName = 32 // characters of a command (Bot API, BotCommand)

func (c *call) unknown() (message.Message, error) {
	if !c.Chat.Private {
		return message.Message{}, nil // another bot may be meant
	}
	var t message.Text
	t.Addf("I do not know /%s.", clip(c.Name, 40))
	near, ok := c.nearest(c.Name)
	if !ok {
		return t.Add(" /help lists what I can do.").Message(), nil
	}
	meant := message.Button{Label: "/" + near.name, Command: near.name}
	if full := strings.TrimSpace(near.name + " " + c.Args); len(full) <= message.MaxButtonData && !strings.Contains(full, "\n") {
		meant = message.Button{Label: clip("/"+full, maxInButton), Command: full}
	}
	return t.Addf(" Did you mean /%s? /help lists what I can do.", near.name).Message([]message.Button{meant}), nil
}

// nearest is the command that a mistyped one was most likely meant to be.
func (c *call) nearest(name string) (best command, ok bool) {
	name = strings.ToLower(name)
	if len(name) > maxName {
		return best, false
	}
	least := min(len(name)/2+1, 3) // more wrong than right is no slip
	for _, row := range c.table {
		if row.hidden || !c.role.may(row) {
			continue
		}
		if slices.Contains(strings.Fields(row.also), name) {
			return row, true
		}
		n := distance(name, row.name)
		if len(name) > 1 && (strings.HasPrefix(row.name, name) || strings.HasPrefix(name, row.name)) {
			n = min(n, 1) // cut short, or gone on too long
		}
		if n < least {
			best, ok, least = row, true, n
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
