package handlers

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/goals"
)

func TestSearchLooksEverywhere(t *testing.T) {
	all := rich()
	all[0].Notes = []string{"she likes tulips", strings.Repeat("long ", 40) + "the florist closes at six, and does not answer the phone"}
	all[5].Status = goals.Done
	h := open(t, all...)
	for words, want := range map[string]string{
		"MOTHER":         "Found · 1 · “MOTHER”\n\n⬜ #1 call mother",
		"tulips mother":  "Found · 1 · “tulips mother”\n\n⬜ #1 call mother\n      she likes tulips",
		"florist":        "Found · 1 · “florist”\n\n⬜ #1 call mother\n      …long long long long the florist closes at six, and does not answer the phone",
		"checksums":      "Found · 1 · “checksums”\n\n⬜ #7 ship the release with its notes  ▰▰▱▱▱▱▱▱ 25% · 1/4 tasks verified\n      binaries & <checksums>",
		"announce ship":  "\n      announce",
		"עולם":           "#3",
		"mother tulipsx": "No goals found for “mother tulipsx”.",
		"page 2":         "No goals found for “page 2”.",
		"mother page 0":  "Found · 1 · “mother”",
		"its/notes":      "No goals found for “its/notes”.",
		"call":           "#3", // and then, since it is done, #6
	} {
		h.hear("/search "+words, want)
	}
	if m := h.say("/search call"); strings.Index(m.Text, "#6") < strings.Index(m.Text, "#3") {
		t.Errorf("what is done is not last:\n%s", m.Text)
	}
	h.hear("/search", "What are you looking for?")
	h.hear("tulips", "Found · 1")
	if m := h.tap(h.say("/search tulips"), "#1"); !strings.Contains(m.Text, "Notes") {
		t.Errorf("the button leads to %q", m.Text)
	}
}

// The pages hold every goal that was found once, whatever is searched for.
func TestSearchTurnsPages(t *testing.T) {
	var all []*goals.Goal
	for i := range 41 {
		all = append(all, goal(fmt.Sprintf("g-%d", i), strings.Repeat("ж", 400)+" x"))
	}
	h := open(t, all...)
	m := h.say("/search ж X")
	seen := 0
	for page := 1; ; page++ {
		if want := fmt.Sprintf("page %d of 5", page); !strings.Contains(m.Text, want) {
			t.Fatalf("%q is not on\n%s", want, m.Text)
		}
		seen += strings.Count(m.Text, "⬜")
		if page == 5 {
			break
		}
		m = h.tap(m, fmt.Sprintf("Page %d ›", page+1))
	}
	if seen != 41 {
		t.Errorf("%d goals of 41", seen)
	}
	h.tap(m, "‹ Page 4")
	long := strings.Repeat("ж", 200)
	if m := h.tap(h.say("/search "+long), "Page 2 ›"); !strings.Contains(m.Text, "page 2 of 5") { // though no button holds the words
		t.Errorf("got %q", m.Text)
	}
	h.hear("/search "+long+" page 3", "page 3 of 5")
	// What a board cannot keep was found, and not shown: "no goals found any more".
	h.hear("/search "+strings.Repeat("ж ", 499)+"жж", "Found · 41")
	h.hear("/search "+strings.Repeat("ж ", 501), "A search can have up to 1000 characters; this has 1001. Try fewer words.")
}

// A page of long texts, each with a long note that was found, fits too.
// Leaving no room for the notes turns this red.
func TestSearchResultsFit(t *testing.T) {
	for _, length := range []int{10, 300, 350, 360, 1000} {
		var all []*goals.Goal
		for i := range 30 {
			g := goal(fmt.Sprintf("g-%d", i), strings.Repeat("ж", length))
			g.Notes = []string{strings.Repeat("😀", 500) + " x " + strings.Repeat("😀", 500)}
			all = append(all, g)
		}
		h := open(t, all...)
		h.hear("/search x", "😀")
	}
}
