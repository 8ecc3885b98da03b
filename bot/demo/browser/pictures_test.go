package browser

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

var paint = flag.Bool("pictures", false, "write the pictures of README.md and docs anew")

const (
	pictures = "../pictures"
	maxSize  = 120_000 // bytes of one picture
)

// TestPictures makes the pictures of README.md and docs in the chat that stands above
// them there, drawn out a little.
func TestPictures(t *testing.T) {
	if !*paint {
		t.Skip("it writes pictures: -pictures")
	}
	p := open(t, "TMPDIR="+os.TempDir()) // the alert names the file, and a test's own folder has a long name
	p.press("#start", "Start")
	p.hear("I keep your goals.")
	for _, text := range []string{
		"write the report\n- three pages\n- read by somebody", "call mother on monday at 9:00", "book the train to Lisbon",
		"learn the vocabulary #portuguese", "mend the bicycle", "plant tomatoes",
	} {
		p.say("/addgoal " + text)
		p.hear("Added: ")
	}
	p.say("/done bicycle")
	p.hear("Done: ")
	p.say("/begin report")
	p.hear("In progress: ")
	p.say("/note report the figures come on Friday")
	p.hear("Note added to: ")
	p.say("/tick report 1")
	p.hear("Ticked: ")
	p.say("/due report in 2 days")
	p.hear("Date set for: ")
	p.say("/pin vocabulary")
	p.hear("Pinned: ")
	p.say("/block train waiting for the days off")
	p.hear("Blocked: ")
	p.say("/goals")
	p.hear("Open goals · 5")
	p.picture("board", "light")

	p.tap("#1")
	p.hear("Success criteria")
	p.picture("card", "dark")

	p.press("#open-panel", "")
	p.press("#part-clock button", "Monday 9:00")
	p.press("#close-panel", "")
	p.hear("⏰")
	p.picture("reminder", "dark")

	p.press("#open-panel", "")
	p.press("#corrupt", "Corrupt goals.json")
	p.press("#close-panel", "")
	p.hear("🚨")
	p.picture("alert", "light")
}

// picture writes what is shown.
func (p *phone) picture(name, scheme string) {
	p.Helper()
	p.scheme(scheme)
	p.until("come to rest", `() => {
		document.activeElement.blur();
		const view = document.querySelector("#scroll");
		view.scrollTop = view.scrollHeight;
		return document.getAnimations().length === 0 && !document.querySelector(".pending") && document.querySelector("#toast").hidden;
	}`)
	data, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.Fatal(err)
	}
	if err := os.MkdirAll(pictures, 0o755); err != nil {
		p.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(pictures, name+".png"), data, 0o644); err != nil {
		p.Fatal(err)
	}
}

// The pictures that the README and the page about chats show are there, of a
// phone's size and small, and each is shown once, with words for those who do not
// see it.
func TestPicturesAreShown(t *testing.T) {
	shown := map[string]int{}
	for _, page := range []string{"README.md", "docs/use.md"} {
		text, err := os.ReadFile(filepath.Join("../../..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`<img src="(?:\.\./)?bot/demo/pictures/([^"]*)"[^>]* alt="[^"]{20,}"`).FindAllSubmatch(text, -1) {
			shown[string(found[1])]++
		}
	}
	there, err := os.ReadDir(pictures)
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) != len(there) {
		t.Errorf("%d pictures are shown, of %d", len(shown), len(there))
	}
	for _, file := range there {
		data, err := os.ReadFile(filepath.Join(pictures, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		size, err := png.DecodeConfig(bytes.NewReader(data))
		if err != nil || size.Width != 390 || size.Height != 844 || len(data) > maxSize || shown[file.Name()] != 1 {
			t.Errorf("%s: %d × %d, %d bytes, %v, shown %v", file.Name(), size.Width, size.Height, len(data), err, shown[file.Name()])
		}
	}
}
