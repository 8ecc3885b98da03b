package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestGoalIsAddedFinishedAndTakenBack(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.tap("Add a goal")
	p.hear("/cancel to skip")
	p.say("call mother")
	p.hear("Added: ⬜ #1 call mother")
	p.tap("Open #1")
	p.hear("to do")
	p.tap("Done")
	p.hear("✅ #1 call mother\ndone")
	p.tap("Undo")
	p.hear("⬜ #1 call mother\nto do")

	p.do("begin to write", chromedp.Focus(chromedp.CSS("#words")))
	p.write("/goals")
	p.do("send it and write on", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.querySelector("#send").click(), document.querySelector("#words").value += " next", true`))
		return err
	}))
	p.hear("Open goals · 1")
	p.until("what was written meanwhile stays", `() => document.querySelector("#words").value === " next"`)
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
	p.hear("#12 goal of month 12\nto do")
	p.tap("List")
	p.hear("page 2 of 2")
	p.tap("Done")
	p.hear("Goals done: none.")
	p.tap("All")
	p.hear("All goals · 12")
	p.tap("#3")
	p.hear("#3 goal of month 3\nto do")
	p.tap("Start")
	p.hear("in progress")
	p.tap("List")
	p.tap("Blocked")
	p.hear("Blocked goals: none.")
	p.tap("Open")
	p.hear("Open goals · 12")

	p.say("/search month 11")
	p.hear("Found · 1")
	p.tap("#11")
	p.hear("#11 goal of month 11\nto do")
}

func TestQuestionsAreAnswered(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")
	p.tap("Open #1")
	p.hear("to do")
	p.tap("Rename")
	p.hear("What's the new name for #1, now “call mother”?")
	p.until("see what is answered", `() => document.querySelector("#bar-text").textContent.startsWith("What's the new name for #1, now “call mother”?")`)
	p.say("call father")
	p.hear("Renamed: ⬜ #1 call father")
	p.until("see the answer as one", `() => [...document.querySelectorAll(".mine .quote")].some((q) => q.textContent.includes("What's the new name for #1, now “call mother”?")) && document.querySelector("#bar").hidden`)

	p.tap("Open #1")
	p.hear("to do")
	p.tap("Block")
	p.hear("What blocks #1 “call father”?")
	p.say("his phone is broken")
	p.hear("Blocked: 🚧 #1 call father")
	p.tap("Open #1")
	p.hear("Blocked: his phone is broken")
	p.tap("Note")
	p.hear("What's the note for #1 “call father”?")
	p.press("#messages > li:last-child .command", "/cancel")
	p.hear("OK, nothing was changed.")
}

func TestEditedMessageRenamesItsGoal(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")
	p.press("#messages > li.mine:nth-last-child(2) .more", "")
	p.press("#context button", "Edit")
	p.until("see the message to be edited", `() => {
		const words = document.querySelector("#words");
		words.select();
		return words.value === "/addgoal call mother" && document.querySelector("#bar-title").textContent === "Edit message";
	}`)
	p.write("/addgoal call father")
	p.press("#send", "")
	p.hear("#1 call father")
}

func TestSettingIsChangedByButtons(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/settings")
	p.hear("Alert reminders: every 6 hours")
	p.tap("Alert reminders")
	p.hear("How often to remind you")
	p.tap("24h")
	p.hear("Alert reminders: every 24 hours, set here")
	p.tap("Undo")
	p.hear("Alert reminders: every 6 hours, by default")
}

func TestFileIsSentAndTakenIn(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	file := filepath.Join(t.TempDir(), "goals.json")
	if err := os.WriteFile(file, []byte(`[{"id": "g-00000001", "description": "from elsewhere", "status": "pending", "progress": 0,
		"created": "2026-01-02T03:04:05Z", "updated": "2026-01-02T03:04:05Z"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	p.do("choose a file", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{file}, chromedp.NodeReady))
	p.until("see it chosen", `() => document.querySelector("#bar-text").textContent === "goals.json"`)
	p.press("#send", "")
	p.hear("Import goals.json?")
	p.tap("Import")
	p.hear("#1 from elsewhere")
}

// A picture that is sent alone is attached to the goal that is tapped, comes back from
// the card, and does so on the phone of another person in a group.
func TestAPictureIsAttachedAndSentAgain(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")
	picture, err := filepath.Abs(filepath.Join(pictures, "board.png"))
	if err != nil {
		t.Fatal(err)
	}
	p.do("choose a picture", chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{picture}, chromedp.NodeReady))
	p.press("#send", "")
	p.hear("Which goal is the photo for?")
	p.tap("#1 call mother")
	p.hear("Attachments")
	p.tap("📎 Photo")
	p.hear("#1 call mother  📎 1")
	p.until("see the picture again", `() => document.querySelectorAll("#messages > li:not(.mine) img.photo").length === 1`)

	p.turn("#places", "Group")
	p.until("write at once", `() => !document.querySelector("#composer").hidden && document.querySelector("#bot-state").textContent === "Family"`)
	p.say("/file 1")
	p.until("see it in the group", `() => document.querySelectorAll("#messages > li:not(.mine) img.photo").length === 1`)
	p.turn("#people", "Sam")
	p.until("see it on Sam's phone", `() => document.querySelectorAll("#messages > li:not(.mine) img.photo").length === 1`)
}

// What somebody writes is shown as it was written, whatever it looks like.
func TestTextIsNeverMarkup(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	const text = `<script>throw new Error("run")</script> <img src=x onerror=alert(1)> &lt;b&gt; [a](javascript:alert(1)) 👩‍🚀 <b>bold</b>`
	p.say("/addgoal " + text)
	p.hear("#1 " + text)
	p.until("see nothing but text", `() => document.querySelectorAll("#messages :is(script, img, b, a[href^=javascript])").length === 0`)
}

// A goal's icon and number come first, on a button as in a list, in whatever
// direction its text is read.
func TestRightToLeftTextKeepsItsPlace(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal לקנות חלב")
	p.hear("#1")
	p.say("/addgoal לקנות לחם")
	p.hear("#2")
	p.say("/done לקנות")
	p.hear("2 goals match")
	p.until("read the buttons from the left", `() => [...document.querySelectorAll("#messages > li:last-child .key span")].every((s) => getComputedStyle(s).direction === "ltr")`)
}

// The newest message is in sight, unless the reader has gone up to an older one:
// then a button says how many there are below.
func TestNewestIsInSight(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")
	p.say("/help")
	p.hear("cancel the current question")
	const below = `() => { const v = document.querySelector("#scroll"); return v.scrollHeight - v.scrollTop - v.clientHeight; }`
	p.until("be at the end", `() => (`+below+`)() < 2`)
	p.say("/stats")
	p.hear("1 open goal")
	p.until("be at the end, below the picture", `() => document.querySelector(".photo").naturalHeight > 0 && (`+below+`)() < 2`)
	p.press("#messages > li:first-child .day", "") // which brings it into sight
	p.until("be above", `() => (`+below+`)() > 200 && !document.querySelector("#newer").hidden`)
	p.press("#open-panel", "")
	p.press("#delete", "")
	p.press("#close-panel", "")
	p.press("#newer", "1 new message")
	p.hear("🚨 goals.json is missing")
	p.until("be at the end", `() => (`+below+`)() < 2 && document.querySelector("#newer").hidden`)
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

	p.hear("🚨 goals.json is damaged")
	p.tap("Restore")
	p.hear("Rebuild goals.json from the bot's database?")
	p.tap("Yes, restore")
	p.hear("✅ goals.json is OK again")
	p.press("#open-panel", "")
	p.until("see a sound file again", `() => document.querySelector("#file-state").textContent.endsWith("· valid JSON")`)
}

// A criterion is ticked, a date is tapped, and a reminder comes when the clock is moved
// past its time and can be put off.
func TestAReminderComesAndIsPutOff(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal write the report")
	p.hear("Added:")
	p.say("/criterion 1 three pages")
	p.hear("New criterion")
	p.say("/goal 1")
	p.tap("☐ Tick it")
	p.hear("☑ three pages")
	p.tap("📅 Date")
	p.hear("When is")
	p.tap("In a week")
	p.hear("Date set")
	p.say("/remind 1 in 30 minutes")
	p.hear("remind you")
	move := func(to string) {
		p.press("#open-panel", "")
		p.press("#part-clock button", to)
		p.until("read the time", `() => document.querySelector("#clock-line").textContent.startsWith("In the demo it is ")`)
		p.press("#close-panel", "")
	}
	move("+1 hour")
	p.hear("⏰")
	p.tap("🔔 in 1 h")
	p.hear("I'll remind you")
	move("+1 day")
	p.hear("late)")
	p.tap("✅ Done")
	p.hear("✅ #1")
}
