package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// This file holds the page to what everybody needs who looks at it, does not
// see it, or has no mouse.

// Every screen is laid out within its window, in letters that stand out, and
// each control says what it is: on a small phone, a phone and a desk, in light
// and in dark.
func TestEverybodyCanReadThePage(t *testing.T) {
	p := open(t)
	p.looks("the empty chat")
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	p.say("/addgoal " + strings.Repeat("Donaudampfschifffahrt", 20) + "\n- a criterion")
	p.hear("Added: ⬜ #1")
	p.say("/block 1 <b>waiting</b> &amp; idle 👩‍🚀 לקנות חלב")
	p.hear("Blocked: 🚧 #1")
	p.say("/goals blocked")
	p.hear("Blocked goals · 1")
	p.looks("the list")
	p.say("/goal 1")
	p.hear("Success criteria")
	p.say("/export")
	p.hear("goals.json · 1 goal")
	p.say("/stats")
	p.hear("1 open goal")
	p.looks("a card, a file and a picture")
	p.say("/rename 1")
	p.hear("What's the new name for #1, now “Donaudampf")
	p.press("#menu", "")
	p.looks("a question, and the commands")
	p.press("#menu", "")
	p.press("#open-panel", "")
	p.press("#viewer summary", "")
	p.until("see a sound file", `() => document.querySelector("#file-state").textContent.endsWith("· valid JSON")`)
	p.looks("the file")
	p.press("#corrupt", "Corrupt goals.json")
	p.until("see a broken file", `() => document.querySelector("#file-state").textContent.endsWith("· not valid JSON")`)
	p.press("#outage", "")
	p.until("be offline", `() => !document.querySelector("#heal").hidden`)
	p.looks("the panel")
	p.press("#heal", "")
	p.press("#close-panel", "")
	p.hear("🚨 goals.json is damaged")
	p.looks("the alert")
}

const (
	enter     = '\r'
	tab       = '\t'
	escape    = '\u001b'
	arrowDown = '\u0301'
	arrowUp   = '\u0304'
)

// All that can be clicked can be reached by Tab, shows that it is, and is pressed
// by Enter.
func TestKeysAreEnough(t *testing.T) {
	p := open(t)
	p.until("see Start in focus", `() => document.activeElement.id === "start"`)
	p.key(enter)
	p.hear("I keep your goals.")
	p.until("write at once", `() => document.activeElement.id === "words"`)
	p.write("/addgoal call mother")
	p.key(enter)
	p.hear("Added: ⬜ #1 call mother")
	p.reach("Open #1")
	p.key(enter)
	p.hear("#1 call mother\nto do")
	p.until("stay there", `() => document.activeElement.closest("li:last-child") !== null`)
	p.reach("Done")
	p.key(enter)
	p.hear("✅ #1 call mother\ndone")
	p.until("be told", `() => document.querySelector("#announce").textContent.includes("✅ #1 call mother")`)

	p.reach("Demo controls")
	p.key(enter)
	p.until("see the panel", `() => document.activeElement.id === "close-panel"`)
	p.reach("Corrupt goals.json")
	p.key(escape)
	p.until("be back", `() => document.activeElement.id === "open-panel"`)
	p.reach("Commands")
	p.reach("Message")
	p.write("/hel")
	p.until("see commands", `() => !document.querySelector("#commands").hidden`)
	p.key(arrowDown)
	p.key(enter)
	p.hear("cancel the current question")
}

// reach goes from one control to the next until it is at the one with the name.
func (p *phone) reach(name string) {
	p.Helper()
	for range 200 {
		p.key(tab)
		at, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`(() => {
			const e = document.activeElement;
			if (e === document.body) return "";
			const style = getComputedStyle(e);
			if (style.outlineStyle === "none" && style.boxShadow === "none") return "a control that does not show the focus: " + e.outerHTML.slice(0, 80);
			return e.getAttribute("aria-label") ?? e.textContent;
		})()`))
		if err != nil {
			p.Fatal(err)
		}
		if strings.Contains(at, "does not show") {
			p.Error(at)
		}
		if strings.Contains(at, name) {
			return
		}
	}
	p.Fatalf("%q cannot be reached by Tab", name)
}

func (p *phone) looks(screen string) {
	p.Helper()
	for _, scheme := range []string{"light", "dark"} {
		p.scheme(scheme)
		for _, size := range [][2]int64{{320, 568}, {1280, 800}, {390, 844}} {
			p.do("resize", chromedp.EmulateViewport(size[0], size[1]))
			p.until("come to rest", `() => document.getAnimations().length === 0`)
			wrong, err := chromedp.Run(p.ctx, chromedp.Evaluate[[]string](faults))
			if err != nil {
				p.Fatal(err)
			}
			for _, what := range wrong {
				p.Errorf("%s, %s, %d × %d: %s", screen, scheme, size[0], size[1], what)
			}
		}
	}
}

// faults lists what is wrong with what is shown. Contrast is as WCAG 2 defines
// it, with the limits of its level AA.
const faults = `(() => {
	const wrong = [];
	const shown = (e) => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !e.closest(".unseen");
	const about = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "." + e.className) + " " + JSON.stringify(e.textContent.slice(0, 30));

	// A canvas turns any form of a colour into red, green, blue and opacity.
	const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
	const colour = (css) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = css;
		canvas.fillRect(0, 0, 1, 1);
		const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
		return [r, g, b, a / 255];
	};
	const over = (top, under) => under.map((u, i) => top[i] * top[3] + u * (1 - top[3]));
	const ground = (e) => e === null ? [255, 255, 255] : over(colour(getComputedStyle(e).backgroundColor), ground(e.parentElement));
	const luminance = (c) => c.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	for (const e of document.querySelectorAll("body *")) {
		if (!shown(e) || ![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim() !== "") || e.closest(":disabled, .spoiler:not(.shown)")) continue;
		const style = getComputedStyle(e);
		const under = ground(e);
		const [light, dark] = [luminance(over(colour(style.color), under)), luminance(under)].sort((a, b) => b - a);
		const contrast = (light + 0.05) / (dark + 0.05);
		if (contrast < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) wrong.push("a contrast of " + contrast.toFixed(2) + " in " + about(e));
	}

	for (const e of document.querySelectorAll("body *")) {
		if (!shown(e) || e.closest("svg, .more")) continue;
		const box = e.getBoundingClientRect();
		if (box.width > 0 && (box.left < -0.5 || box.right > innerWidth + 0.5)) wrong.push("out of the window: " + about(e));
		if (e.matches(".key span") && !/\s/.test(e.textContent.trim()) && e.getBoundingClientRect().height > 1.5 * parseFloat(getComputedStyle(e).lineHeight)) wrong.push("a word broken on a button: " + about(e));
		if (e.matches(".key span") && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1)) wrong.push("a cut word on a button: " + about(e));
	}

	// Nothing scrolls by so little that there is nothing to be seen for it. A text's own height in the field is let be.
	for (const e of [document.documentElement, document.body, ...document.querySelectorAll("body *")]) {
		if (e !== document.documentElement && !shown(e)) continue;
		const style = getComputedStyle(e);
		const scrolls = (overflow) => ["auto", "scroll"].includes(overflow) || e === document.documentElement;
		for (const [overflow, content, room] of [[style.overflowY, e.scrollHeight, e.clientHeight], [style.overflowX, e.scrollWidth, e.clientWidth]]) {
			if (scrolls(overflow) && content > room && content - room < 12) wrong.push("a scroll of " + (content - room) + " px in " + about(e));
		}
	}
	if (document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth) wrong.push("the window scrolls");

	for (const e of document.querySelectorAll("button, a, textarea, img, [tabindex], [role]")) {
		if (!shown(e)) continue;
		const name = e.getAttribute("aria-label") ?? e.alt ?? e.textContent;
		if (name.trim() === "" && !e.matches("[role=status], .photo")) wrong.push("no name: " + about(e));
		if (e.matches("button, a.key, textarea") && e.getBoundingClientRect().height < 24) wrong.push("too small to be hit: " + about(e));
	}
	return wrong;
})()`
