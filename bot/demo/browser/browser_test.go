package browser

import (
	"fmt"
	"strings"
	"testing"
)

func TestGoalIsAddedFinishedAndTakenBack(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.tap("Add a goal")
	p.hear("/cancel leaves it")
	p.say("call mother")
	p.hear("Added: ⬜ #1 call mother")
	p.tap("Open #1")
	p.hear("pending")
	p.tap("Done")
	p.hear("✅ #1 call mother\ndone")
	p.tap("Undo")
	p.hear("⬜ #1 call mother\npending")
}

func TestBoardIsTurnedFilteredAndSearched(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	var lines []string
	for n := range 12 {
		lines = append(lines, fmt.Sprintf("goal of month %d", n+1))
	}
	p.say(strings.Join(lines, "\n"))
	p.hear("These are 12 lines.")
	p.tap("12 goals, one each")
	p.hear("#12 goal of month 12")

	p.say("/goals")
	p.hear("page 1 of 2")
	p.tap("Page 2")
	p.hear("page 2 of 2")
	p.tap("#12")
	p.hear("#12 goal of month 12\npending")
	p.tap("List")
	p.hear("page 2 of 2")
	p.tap("Done")
	p.hear("Goals done: none.")

	p.say("/search month 11")
	p.hear("Found · 1")
	p.tap("#11")
	p.hear("#11 goal of month 11\npending")
}

func TestBrokenFileIsToldAndRestored(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")

	p.press("#open-panel", "")
	p.press("#viewer summary", "")
	p.until("see a sound file", `() => document.querySelector("#file-state").textContent.endsWith("· valid JSON")`)
	p.press("#corrupt", "Corrupt goals.json")
	p.until("read what was done", `() => document.querySelector("#accident-line").textContent.startsWith("goals.json was cut off")`)
	p.until("see a broken file", `() => document.querySelector("#file-state").textContent.endsWith("· not valid JSON")`)
	p.press("#close-panel", "")

	p.hear("🚨 goals.json is malformed")
	p.tap("Restore")
	p.hear("Write goals.json anew")
	p.tap("Yes, restore")
	p.hear("✅ goals.json is sound again")
	p.press("#open-panel", "")
	p.until("see a sound file again", `() => document.querySelector("#file-state").textContent.endsWith("· valid JSON")`)
}
