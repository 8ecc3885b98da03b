package health

import (
	"fmt"
	"time"

	"goalbot/message"
)

// This file speaks to people. The first line of an alert begins with 🚨, that
// of an all-clear with ✅.

// Words turns a notice into a message. path is where the file is.
func (n Notice) Words(path string) message.Message {
	var t message.Text
	a := n.Alert
	if n.Kind == Resolved {
		t.Add("✅ ").Bold(a.over()).Addf(", after %s.", Lasting(n.Lasted))
		t.Addf("\nIt was: %s.", a.Headline())
		return t.Message()
	}
	t.Add("🚨 ").Bold(a.Headline())
	if n.Kind == Reminder {
		t.Addf(" – still, for %s now", Lasting(n.Lasted))
	}
	t.Add("\n" + a.Detail)
	if a.Excerpt != "" {
		t.Add("\n").Pre(a.Excerpt)
	}
	if a.OfFile() || a.Cause == Internal {
		t.Add("\n").Code(path)
	}
	t.Add("\n\n")
	switch a.Cause {
	case Malformed, Unreadable:
		t.Add("Your goals are safe in the palace. Restore writes the file anew from there and keeps the present one beside it.")
	case Missing:
		t.Add("Your goals are safe in the palace. Restore writes the file anew from there.")
	case Unwritable:
		t.Add("Your goals are safe in the palace, and commands go on working. I try again at every check.")
	case PalaceDamaged:
		t.Add("No backup is made meanwhile, so the ones from before stay.")
	case BackupsFailing:
		t.Add("Your goals are safe in the palace. I try again at every check.")
	}
	rows := []message.Button{{Label: "🩺 Check again", Command: "health"}}
	if a.OfFile() {
		rows = append([]message.Button{{Label: "♻️ Restore", Command: "restore"}}, rows...)
	}
	return t.Message(rows)
}

// over is what an all-clear says.
func (f Finding) over() string {
	switch f.Cause {
	case PalaceDamaged:
		return "The palace is sound again"
	case BackupsFailing:
		return "The palace is backed up again"
	}
	return "goals.json is sound again"
}

// Lasting is a duration in words, in at most two units.
func Lasting(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Second:
		return "less than a second"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return units(int(d.Minutes()), "min", int(d.Seconds())%60, "s")
	case d < 24*time.Hour:
		return units(int(d.Hours()), "h", int(d.Minutes())%60, "min")
	}
	return units(int(d.Hours())/24, "d", int(d.Hours())%24, "h")
}

func units(a int, aUnit string, b int, bUnit string) string {
	if b == 0 {
		return fmt.Sprintf("%d %s", a, aUnit)
	}
	return fmt.Sprintf("%d %s %d %s", a, aUnit, b, bUnit)
}
