package handlers

import (
	"context"
	"slices"
	"strings"

	"goalbot/access"
	"goalbot/message"
)

// command is one row of the table. It is all there is to know of a command:
// /help and Telegram's menu are made from it too.
type command struct {
	name  string
	usage string      // what may follow the name
	verb  string      // what it does to the goal that it takes, as in "which one do you want to finish"
	short string      // a line of /help and of the menu; 1-256 characters (Bot API, setMyCommands)
	more  string      // what /help <command> adds
	least access.Role // may do it, and whoever may do more
	do    func(*call) (message.Message, error)
	// outside is set instead of do where the work cannot be done inside a
	// transaction, because it makes its own.
	outside func(*Handlers, context.Context, Request) message.Message
	// hidden keeps what only buttons say out of /help and the menu.
	hidden bool
	// group begins a new group of commands in /help.
	group bool
	// cost is how much of a member's budget it takes; 0 is one, see [allowance].
	cost int
	// private keeps its answers out of groups: they are about people, settings or
	// invitations, so they go to the person's private chat.
	private bool
	// apart makes what is said to a tap a message of its own, so that an alert
	// that was tapped stays.
	apart bool
}

func commands() []command {
	return []command{
		{name: "goals", least: access.Viewer, usage: "[open|mine|due|overdue|todo|progress|blocked|done|abandoned|all|<#tag>|<words>]", verb: "see", short: "show the list", do: (*call).list,
			more: "Without a word it shows the goals that are open. /goals mine shows those that are assigned to you, see /assign. /goals due shows those that have a date, the soonest first, and /goals overdue those whose date has passed. Any other words search the goals, as /search does. /goals page 2 shows the second page, also after another word: /goals done page 2. The newest list in a chat keeps itself up to date."},
		{name: "addgoal", least: access.Editor, usage: "<text>", short: "add a goal", do: (*call).add,
			more: "Or just send me the text. The first line is the goal. Lines below it that begin with - are its success criteria. Without text I ask for it. Edit your message and the goal follows."},
		{name: "done", least: access.Editor, usage: "<which> …", verb: "finish", short: "finish one or several goals", do: (*call).done,
			more: "Several at once by number: /done 3 5 8 or /done 3-8. A goal with linked sessions that are not all verified is not closed at once; I ask first."},
		{name: "begin", least: access.Editor, usage: "<which>", verb: "start", short: "mark a goal as in progress", do: (*call).begin},
		{name: "block", least: access.Editor, usage: "<which> [why]", verb: "block", short: "mark a goal as blocked", do: (*call).block,
			more: "The reason becomes a note."},
		{name: "reopen", least: access.Editor, usage: "<which>", verb: "reopen", short: "reopen a goal, unblock it, or move it back to To do", do: (*call).reopen,
			more: "A goal in progress goes back to To do."},
		{name: "abandon", least: access.Editor, usage: "<which> [why]", verb: "give up", short: "give up a goal", do: (*call).abandon,
			more: "The reason becomes a note."},
		{name: "tags", least: access.Viewer, short: "show the tags of your goals", do: (*call).tags,
			more: "A word with # in a goal's text is a tag: /addgoal read Dune #reading. /goals #reading shows the goals that have it, /goals #reading #home those that have both."},
		{name: "today", least: access.Viewer, short: "show what is due, and what is in progress", do: (*call).today,
			more: "What is overdue, due today and in progress, and the one goal to go on with."},
		{name: "next", least: access.Viewer, short: "show the one goal to go on with", do: (*call).next,
			more: "What is overdue or due today comes first, then what is in progress, then what is due soonest. Where everything is blocked it says what to unblock."},
		{name: "review", cost: 2, least: access.Viewer, short: "show your week: finished, slipped, stuck", do: (*call).review,
			more: "What was finished in seven days, what is overdue, what rests, and what has no next step. /settings review sunday 18:00 sends it every week."},
		{name: "goal", group: true, least: access.Viewer, usage: "<which>", verb: "see", short: "show everything about one goal", do: (*call).card},
		{name: "search", cost: 2, least: access.Viewer, usage: "<words>", short: "find goals by their words", do: (*call).search,
			more: "All the words must be in a goal's text, criteria, tasks or notes. /search mother page 2 shows the second page."},
		{name: "rename", least: access.Editor, usage: "<which> <text>", verb: "rename", short: "change a goal's text", do: (*call).rename},
		{name: "note", least: access.Editor, usage: "<which> <text>", verb: "add a note to", short: "add a note to a goal", do: (*call).note},
		{name: "criterion", least: access.Editor, usage: "<which> <text>", verb: "add a criterion to", short: "add a success criterion to a goal", do: (*call).criterion,
			more: "Success criteria say how you will know that the goal is done. The goal's card lists them."},
		{name: "verify", least: access.Editor, usage: "<which> [task] [link]", verb: "verify a task of", short: "say that a linked task is verified", do: (*call).verify,
			more: "/verify 3 2 https://example.org/log verifies the second task of #3. A task goes by its number on the goal's card, by words of its text or by its id; it may be left out where only one is not verified yet. A link or any other text becomes its evidence. The goal's progress follows."},
		{name: "fail", least: access.Editor, usage: "<which> [task] [why]", verb: "report a failed task of", short: "say that a linked task has failed", do: (*call).fail,
			more: "The task is named as for /verify. The reason becomes its evidence."},
		{name: "link", least: access.Editor, usage: "<which> <task>", verb: "link a task to", short: "link a task to a goal", do: (*call).link,
			more: "The goal's progress is the share of its linked tasks that are verified, see /verify."},
		{name: "tick", least: access.Editor, usage: "<which> <n> …", verb: "tick a criterion of", short: "tick success criteria that are met", do: (*call).tick,
			more: "The goal's card numbers its criteria: /tick 3 2, or /tick 3 1-4 for several. Tick again to take it back. When the last one is ticked I offer to finish the goal."},
		{name: "log", least: access.Editor, usage: "<which> [+n|-n|n|of n|off]", verb: "log something for", short: "count how far a goal has come", do: (*call).logCount,
			more: "/log 3 of 50 counts #3 to 50, and /log 3 from 90 to 80 kg counts down. /log 3 +2 adds to it, /log 3 -1 takes away, and /log 3 15 sets the new total. /log 3 off ends it. At the target I offer to finish the goal."},
		{name: "due", least: access.Editor, usage: "<which> [when]", verb: "set the date of", short: "say when a goal is due", do: (*call).due,
			more: "As in /due 3 tomorrow at 9, /due 3 next fri, /due 3 1 Dec, /due 3 in 3 weeks or /due 3 every monday; /due 3 off takes the date away. You are reminded when it comes. A date in the words of a new goal is taken too, unless it stands in quotes."},
		{name: "remind", least: access.Editor, usage: "<which> [when]", verb: "be reminded of", short: "be reminded of a goal at a time", do: (*call).remind,
			more: "As in /remind 3 tomorrow at 9, /remind 3 mon 9:00 or /remind 3 in 2 hours; /remind 3 off takes it back. The reminder comes to this chat, after quiet hours. A goal with a date has a reminder by itself."},
		{name: "park", least: access.Editor, usage: "<which> [until]", verb: "park", short: "put a goal aside for a while", do: (*call).park,
			more: "For two weeks, or until a day, as in /park 3 1 Dec; /park 3 off takes it back. A parked goal stays in the list; /next passes it over, and I do not ask whether it is stuck."},
		{name: "pin", least: access.Editor, usage: "<which>", verb: "pin", short: "keep a goal at the top of the list", do: (*call).pin,
			more: "Up to three open goals. /unpin takes the pin off."},
		{name: "unpin", least: access.Editor, usage: "<which>", verb: "unpin", short: "take the pin off a goal", do: (*call).unpin},
		{name: "top", least: access.Editor, usage: "<which>", verb: "move", short: "move a goal to the top", do: (*call).top,
			more: "Among the goals of its state: what is in progress stands before what is blocked, and that before what is to do."},
		{name: "up", least: access.Editor, usage: "<which>", verb: "move", short: "move a goal up", do: (*call).up},
		{name: "down", least: access.Editor, usage: "<which>", verb: "move", short: "move a goal down", do: (*call).down},
		{name: "assign", least: access.Editor, usage: "<which> [who]", verb: "assign", short: "say who is to do a goal", do: (*call).assign,
			more: "As in /assign 3 Ann, /assign 3 @ann or /assign 3 me; /assign 3 off takes it back. Whoever may use me can be chosen. /goals mine shows what is assigned to you."},
		{name: "edit", least: access.Editor, usage: "<which> [c1|n1|f1] [text]", verb: "edit", short: "change or remove a criterion, a note or an attachment", do: (*call).edit,
			more: "/edit 3 shows what there is to change. /edit 3 c2 and a text changes the second criterion, /edit 3 n1 and a text the first note, /edit 3 f1 and a text names the first attachment; - for the text removes it."},
		{name: "attach", least: access.Editor, usage: "<which> [link]", verb: "attach something to", short: "attach a photo, a file or a link to a goal", do: (*call).attach,
			more: "Send me a photo, a file, a video, an audio or a voice message in reply to a goal, with a caption that is to become a goal, or with /attach 3 as its caption. A link alone, in reply to a goal, is attached too. I keep Telegram's name for it, and download nothing. /edit 3 removes an attachment; a goal takes 20."},
		{name: "file", cost: 2, least: access.Viewer, usage: "<which> [n]", verb: "see the attachments of", short: "send what is attached to a goal", do: (*call).showFile,
			more: "/file 3 shows what is attached to #3, or sends it where that is one file; /file 3 2 sends the second."},
		{name: "delete", least: access.Editor, usage: "<which>", verb: "delete", short: "remove a goal", do: (*call).remove,
			more: "I ask first. /undo brings it back."},
		{name: "undo", group: true, least: access.Editor, short: "undo your last change", do: (*call).undo,
			more: "Send it again to undo the change before that, and so on, settings and people's roles too. Where a goal has changed since, I ask first."},
		{name: "redo", least: access.Editor, short: "redo what you last undid", do: (*call).redo,
			more: "Send it again to redo what you undid before that, until you change something else."},
		{name: "history", cost: 2, least: access.Viewer, usage: "[which]", verb: "see the history of", short: "show who did what, and when", do: (*call).history,
			more: "Without a goal it shows what was done to all of them. /history 3 page 2 goes further back."},
		{name: "stats", cost: 5, least: access.Viewer, short: "show your progress as a chart", do: (*call).stats,
			more: "What was added and done per week, what is open, how old the oldest is, and how long goals take."},
		{name: "export", cost: 5, least: access.Viewer, usage: "[json|markdown|csv]", short: "send all goals as a file", do: (*call).export,
			more: "Without a word after it, it sends goals.json. Markdown is for reading, CSV for a spreadsheet."},
		{name: "import", least: access.Owner, short: "import goals from a file", do: (*call).imports,
			more: "Send the file, with /import as its caption or after /import. I'll first show what would be added, changed and kept. One /undo reverses all of it.\n\n" + whatWorks},
		{name: "health", cost: 5, group: true, least: access.Viewer, short: "check goals.json now", outside: (*Handlers).health,
			more: "Shows whether goals.json is OK, what is wrong, and when the next check is."},
		{name: "restore", least: access.Owner, short: "rebuild goals.json from the bot's database", outside: (*Handlers).restore, apart: true,
			more: "A damaged file is kept beside it as goals.json.corrupt-<time>."},
		{name: "details", cost: 5, hidden: true, least: access.Viewer, short: "what is wrong, in full", outside: (*Handlers).health, apart: true},
		{name: "ack", hidden: true, least: access.Owner, short: "acknowledge an alert", outside: (*Handlers).acknowledge,
			more: "You will hear about it again when it changes or is fixed."},
		{name: "mute", least: access.Owner, usage: "<1h|8h|2d|fixed>", short: "mute current alerts", outside: (*Handlers).mute,
			more: "A mute ends when the problem is fixed or the time is up, after 7 days at most. /mute fixed is the longest; /mute until 18:00 and /mute until tomorrow work too. Other problems still send alerts. /health shows what is muted."},
		{name: "unmute", least: access.Owner, short: "end all mutes", outside: (*Handlers).unmute},
		{name: "testalert", least: access.Owner, short: "send a test alert", outside: (*Handlers).testAlert,
			more: "It is sent the same way as a real alert and is resolved a moment later."},
		{name: "invite", private: true, group: true, least: access.Owner, usage: "[viewer|editor|owner]", short: "invite somebody", do: (*call).invite,
			more: "I make a link that works once, for ten minutes. /invitations shows those that nobody has used yet."},
		{name: "invitations", private: true, least: access.Owner, short: "show open invitations, and cancel them", do: (*call).invitations},
		{name: "members", private: true, least: access.Owner, usage: "[who]", short: "show who may use me, and their roles", do: (*call).everybody,
			more: "A viewer sees the goals, an editor changes them, an owner decides about people, files and settings. /members Bob editor makes Bob an editor."},
		{name: "revoke", private: true, least: access.Owner, usage: "<who>", short: "remove somebody's access", do: (*call).revoke,
			more: "I ask first. It takes effect at once, even for buttons that are still on their phone."},
		{name: "settings", private: true, group: true, least: access.Owner, usage: "[name] [value]", short: "time zone, date order, digest, review, quiet hours, reminders, sound, news", do: (*call).settings,
			more: "Without words it shows them all, and where each comes from. /settings timezone Europe/Berlin sets one, /settings timezone default goes back."},
		{name: "me", private: true, least: access.Viewer, usage: "[name] [value]", short: "your own time zone, digest and quiet hours", do: (*call).me,
			more: "They hold in our private chat, above those that the owners have set for everybody: dates are read and shown in your time zone, your reminders wait while it is quiet for you, and your digest tells of the goals that are assigned to you or that you added. /me digest 8:00 sets it, /me digest default goes back."},
		{name: "notify", private: true, least: access.Viewer, usage: "[on|off]", short: "hear what others do to your goals", do: (*call).notify,
			more: "Your goals are those that you added, and those that are assigned to you. It is on unless you turn it off. You are always told when an owner changes your role."},
		{name: "cancel", least: access.Viewer, short: "cancel the current question", do: (*call).cancel},
		{name: "help", least: access.Viewer, usage: "[command]", short: "what I can do", do: (*call).help},
		{name: "start", least: access.Viewer, short: "what I do, and how to begin", do: (*call).start},
		{name: "stuck", hidden: true, least: access.Editor, usage: "<which> <what>", verb: "decide about", do: (*call).stuck},
		{name: "order", hidden: true, least: access.Editor, usage: "<which>", verb: "move", do: (*call).order},
		{name: "mode", hidden: true, least: access.Editor, do: (*call).setMode},
		{name: "donehere", hidden: true, least: access.Editor, usage: "<which> <list>", verb: "finish", do: (*call).finishInView},
		{name: "tickhere", hidden: true, least: access.Editor, usage: "<which> <n> <list>", verb: "tick a criterion of", do: (*call).tickInView},
		{name: courseRender, hidden: true, cost: 5, least: access.Viewer, usage: "<which>", verb: "see the chart of", do: (*call).course},
		{name: "undate", hidden: true, least: access.Editor, usage: "<which>", verb: "take the date from", do: (*call).undate},
		{name: "snooze", hidden: true, least: access.Editor, usage: "<which> <until>", verb: "be reminded of later", do: (*call).snooze},
		{name: "keep", hidden: true, least: access.Editor, do: (*call).keep},
		{name: "vanished", least: access.Owner, hidden: true, do: (*call).vanished},
		{name: "conflict", least: access.Editor, hidden: true, do: (*call).decide},
	}
}

// Command is what a menu shows of a command.
type Command struct {
	Name, Usage, Short string
	Least              access.Role // to use it
}

// Commands lists all commands in the order of the menu.
func Commands() []Command {
	var list []Command
	for _, c := range commands() {
		if c.hidden {
			continue
		}
		list = append(list, Command{Name: c.name, Usage: c.usage, Short: c.short, Least: c.least})
	}
	return list
}

// IsCommand reports whether there is a command of that name for people to type.
func IsCommand(name string) bool {
	return slices.ContainsFunc(commands(), func(c command) bool { return c.name == name && !c.hidden })
}

// CommandsFor lists those that a role may use, in the same order.
func CommandsFor(role access.Role) []Command {
	return slices.DeleteFunc(Commands(), func(c Command) bool { return role < c.Least })
}

// takesSeveral reports whether it takes several goals at once.
func (c command) takesSeveral() bool { return strings.HasSuffix(c.usage, "…") }

func (c command) line() string { return strings.TrimSpace("/" + c.name + " " + c.usage) }

// brief leaves out what may follow and need not.
func (c command) brief() string {
	needed, _, _ := strings.Cut(c.usage, "[")
	return strings.TrimSpace("/" + c.name + " " + needed)
}
