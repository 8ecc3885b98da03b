package browser

import "testing"

// turn shows the phone or the chat of that name.
func (p *phone) turn(row, name string) {
	p.Helper()
	p.press("#open-panel", "")
	p.press(row+" .choice", name)
	p.until("see "+name, `(name) => [...document.querySelectorAll(".choice[aria-pressed=true]")].some((b) => b.textContent === name) && !document.body.classList.contains("drawer")`, name)
}

// A second person comes in by the link that the first one was given: nothing in
// the demo leads to Telegram, where neither the bot nor the link is known.
func TestASecondPersonIsInvited(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")

	p.turn("#people", "Sam")
	p.until("see an empty chat with Start", `() => !document.querySelector("#start").hidden && document.querySelectorAll("#messages > li").length === 0`)
	p.press("#start", "Start")
	p.until("see the word that a stranger gets no answer to", `() => document.querySelector("#messages > li:last-child.mine .text")?.textContent === "/start"`)

	p.turn("#people", "You")
	p.until("be back", `() => document.querySelectorAll("#messages > li").length > 2`)
	p.say("/invite viewer")
	p.hear("?start=")
	p.until("see no link that leads out", `() => document.querySelectorAll('#messages a[href*="t.me"]').length === 0`)
	p.until("follow the link", `() => { // which may be broken into two lines, so that its middle is beside it
		const link = [...document.querySelectorAll("#messages > li:last-child .text a.command")].find((a) => a.textContent.includes("?start="));
		link?.click();
		return link !== undefined;
	}`)
	p.until("be on Sam's phone", `() => document.querySelector("#bot-state").textContent.startsWith("Sam’s phone")`)
	p.hear("goals")
	p.say("/goals")
	p.hear("#1 call mother")
	p.until("see what Sam's own messages are", `() => document.querySelectorAll("#messages > li.mine").length > 0`)
}

// In a group everybody sees everybody, a topic is apart, and a question opens
// for the one it is for.
func TestAGroupIsTried(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.turn("#places", "Group")
	p.until("write at once", `() => !document.querySelector("#composer").hidden && document.querySelector("#bot-state").textContent === "Family"`)
	p.say("/addgoal call mother")
	p.hear("Added: ⬜ #1 call mother")
	p.looks("a group")
	p.turn("#places", "Topic")
	p.until("see the topic alone", `() => ![...document.querySelectorAll("#messages .text")].some((e) => e.textContent.includes("call mother"))`)
	p.say("/goal 1")
	p.hear("⬜ #1 call mother")
	p.tap("Rename")
	p.hear("What's the new name for #1, now “call mother”?")
	p.until("be asked", `() => !document.querySelector("#bar").hidden`)

	p.turn("#people", "Sam")
	p.until("see who asked, and no question to answer", `() => document.querySelector("#messages > li.others .sender")?.textContent === "Alex" && document.querySelector("#bar").hidden`)
	p.looks("a group on another phone")

	p.turn("#people", "You")
	p.until("be asked still", `() => !document.querySelector("#bar").hidden`)
	p.say("call father")
	p.hear("Renamed: ⬜ #1 call father")
}

// The field and the list of commands are a combobox: the focus stays in the
// field, arrows name an option, Enter takes it, Escape closes the list.
func TestCommandsAreACombobox(t *testing.T) {
	p := open(t)
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.until("write at once", `() => document.activeElement.id === "words"`)
	is := func(what, expanded, active string) {
		t.Helper()
		p.until(what, `(expanded, active) => {
			const [field, list] = [document.querySelector("#words"), document.querySelector("#commands")];
			const at = document.getElementById(field.getAttribute("aria-activedescendant") ?? "");
			const selected = [...list.querySelectorAll("[aria-selected=true]")];
			return document.activeElement === field && field.role === "combobox" && list.role === "listbox"
				&& field.getAttribute("aria-controls") === list.id && field.getAttribute("aria-autocomplete") === "list"
				&& field.getAttribute("aria-expanded") === expanded && list.hidden === (expanded === "false")
				&& (active === "none" ? at === null && selected.length === 0
					: at?.role === "option" && at.textContent.startsWith(active) && selected.length === 1 && selected[0] === at)
				&& list.querySelectorAll("button, a, [tabindex]").length === 0;
		}`, expanded, active)
	}
	is("be closed", "false", "none")
	p.write("/un")
	is("be open", "true", "none")
	p.key(arrowDown)
	is("be at the first", "true", "/un")
	p.key(escape)
	is("be closed, the words left", "false", "none")
	p.until("keep the words", `() => document.querySelector("#words").value === "/un"`)
	p.key(arrowUp)
	is("be open again, at the last", "true", "/un")
	p.key(enter)
	p.until("be sent", `() => document.querySelector("#words").value === "" && document.querySelector("#commands").hidden`)
	p.write("/")
	is("be open with all", "true", "none")
	p.key(arrowUp)
	p.key(arrowDown)
	is("be round again", "true", "/")
	p.key(tab)
	p.until("have it filled in", `() => /^\/[a-z]+ $/.test(document.querySelector("#words").value) && document.activeElement.id === "words"`)
	is("be closed", "false", "none")
	p.until("be away from it", `() => { document.querySelector("#words").blur(); return document.activeElement.id !== "words"; }`)
	p.press("#menu", "")
	is("be opened by the button", "true", "none")
	p.key(escape)
	is("be closed at last", "false", "none")
}
