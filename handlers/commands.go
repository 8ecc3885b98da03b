package handlers

import (
	"context"
	"strings"

	"goalbot/message"
)

// command is one row of the table. It is all there is to know of a command:
// /help and Telegram's menu are made from it too.
type command struct {
	name  string
	usage string // what may follow the name
	short string // a line of /help and of the menu; 1-256 characters (Bot API, setMyCommands)
	more  string // what /help <command> adds
	do    func(*call) (message.Message, error)
	// outside is set instead of do where the work cannot be done inside a
	// transaction, because it makes its own.
	outside func(*Handlers, context.Context, Request) message.Message
	// hidden keeps what only buttons say out of /help and the menu.
	hidden bool
}

func commands() []command {
	return []command{
		{name: "goals", usage: "[open|all|pending|begun|blocked|done|abandoned|<words>]", short: "show the list", do: (*call).list,
			more: "Without a word it shows the goals that are open. Other words are looked for: /goals milk."},
		{name: "addgoal", usage: "<text>", short: "add a goal", do: (*call).add,
			more: "The first line is the goal. Lines below it that begin with - are the criteria by which it counts as reached. Without text I ask for it. Edit your message and the goal follows."},
		{name: "done", usage: "<which> …", short: "finish one or several goals", do: (*call).done,
			more: "Several at once by number: /done 3 5 8. A goal with linked sessions that are not all verified is not closed at once; I ask first."},
		{name: "begin", usage: "<which>", short: "mark a goal as in progress", do: (*call).begin},
		{name: "block", usage: "<which> [why]", short: "mark a goal as blocked", do: (*call).block,
			more: "The reason becomes a note."},
		{name: "reopen", usage: "<which>", short: "open a closed or blocked goal again", do: (*call).reopen},
		{name: "abandon", usage: "<which> [why]", short: "give a goal up", do: (*call).abandon,
			more: "The reason becomes a note."},
		{name: "goal", usage: "<which>", short: "show everything about one goal", do: (*call).card},
		{name: "search", usage: "<words>", short: "find goals by their words", do: (*call).search,
			more: "All the words must stand in a goal's text, criteria, tasks or notes."},
		{name: "rename", usage: "<which> <text>", short: "change a goal's text", do: (*call).rename},
		{name: "note", usage: "<which> <text>", short: "add a note to a goal", do: (*call).note},
		{name: "criterion", usage: "<which> <text>", short: "add a criterion to a goal", do: (*call).criterion,
			more: "Criteria are what a goal counts as reached by; its card lists them."},
		{name: "delete", usage: "<which>", short: "remove a goal", do: (*call).remove,
			more: "I ask once. /undo brings it back."},
		{name: "undo", short: "take back your last change", do: (*call).undo,
			more: "Again: the change before it, and so on. Where a goal has changed since, I ask first."},
		{name: "history", usage: "[which]", short: "show who did what, and when", do: (*call).history,
			more: "Without a goal it shows what was done to all of them. /history 3 page 2 goes further back."},
		{name: "stats", short: "show how it goes, as a picture", outside: (*Handlers).stats,
			more: "What was added and done per week, what is open, how old the oldest is, and how long goals take."},
		{name: "export", usage: "[json|markdown|csv]", short: "send all goals as a file", outside: (*Handlers).export,
			more: "Without a word it sends goals.json, as it stands on the disk. Markdown is to read, CSV for a spreadsheet."},
		{name: "import", short: "take goals in from a file", do: (*call).imports,
			more: "Send a goals.json, with /import as its caption or without. I show first what would be added, changed and kept; one /undo takes it all back."},
		{name: "health", short: "check goals.json now", outside: (*Handlers).health,
			more: "Says whether goals.json is sound, when it is checked next, and what is wrong."},
		{name: "restore", short: "write goals.json anew from my own store", outside: (*Handlers).restore,
			more: "A file that does not load is kept beside it as goals.json.corrupt-<time>."},
		{name: "cancel", short: "leave a question of mine unanswered", do: (*call).cancel},
		{name: "help", usage: "[command]", short: "what I can do", do: (*call).help},
		{name: "start", short: "who I am, and what to type first", do: (*call).start},
		{name: "redo", hidden: true, do: (*call).redo},
		{name: "vanished", hidden: true, do: (*call).vanished},
	}
}

// Command is what a menu shows of a command.
type Command struct{ Name, Usage, Short string }

// Commands lists all commands in the order of the menu.
func Commands() []Command {
	var list []Command
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		list = append(list, Command{Name: c.name, Usage: c.usage, Short: c.short})
	}
	return list
}

func (c command) line() string { return strings.TrimSpace("/" + c.name + " " + c.usage) }
