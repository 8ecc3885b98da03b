//go:build linux

package hard

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"goalbot/goals/goaljson"
)

// TestMemoryLimit runs the program with GOMEMLIMIT at twice the size of the file, which
// is less than a first start takes without one. It does all that it does otherwise, slower,
// and a first start takes less memory. Red where the program raises the limit.
func TestMemoryLimit(t *testing.T) {
	named(t)
	data := goaljson.Append(nil, kilobyteGoals(20_000))
	limit := fmt.Sprintf("GOMEMLIMIT=%d", 2*len(data))
	free, limited := firstPeak(t, data), firstPeak(t, data, limit)
	t.Logf("of a file of %.1f MB: %.1f MB without a limit, %.1f MB with %s", float64(len(data))/1e6, float64(free)/1e6, float64(limited)/1e6, limit)
	if limited > free*9/10 {
		t.Error("the limit makes no difference")
	}
}

// firstPeak starts the program with goals.json for the first time and once more, and lets it
// change, count and export the list. It returns how much memory the first start took at
// most, without the pages of the program itself.
func firstPeak(t *testing.T, data []byte, settings ...string) (first int64) {
	root := t.TempDir()
	path := filepath.Join(root, "sm", "goals.json")
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, data, 0o600))
	w, err := newWorld(program(t), root, nil)
	must(t, err)
	defer w.close()
	w.settings = settings
	for range 2 {
		l, err := w.start()
		must(t, err)
		must(t, w.polling(l))
		if first == 0 {
			first = resident(t, l, "VmHWM") - resident(t, l, "RssFile")
		}
		for _, text := range []string{"/rename 7 another name", "/stats", "/export"} {
			calls := len(w.answers())
			w.telegram.Say(w.telegram.Private(people[0]), people[0], text)
			must(t, w.until(l, time.Minute, "it answers "+text, func() bool {
				return w.telegram.Pending() == 0 && len(w.answers()) > calls
			}))
		}
		must(t, l.stop())
	}
	if now, err := os.ReadFile(path); err != nil || strings.Count(string(now), `"another name"`) != 1 {
		t.Errorf("goals.json has no change: %v", err)
	}
	return first
}
