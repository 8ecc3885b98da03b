package health

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var (
	aSample  = regexp.MustCompile(`^([a-z_]+)(\{[a-z]+="([^"\\\n]|\\["\\n])*"(,[a-z]+="([^"\\\n]|\\["\\n])*")*\})? [-+0-9.eE]+$`)
	aComment = regexp.MustCompile(`^# (HELP|TYPE) ([a-z_]+) \S`)
)

// Whatever stands in a label, a scrape can be read. Leaving out labelValue turns
// this red.
func TestMetricsHaveTheFormOfPrometheus(t *testing.T) {
	var b bytes.Buffer
	p := page{&b}
	p.leads(1)
	f := p.counter("goalbot_odd_total", "Odd labels.")
	f.sample(1e12, "what", "a \"quote\"", "how", "a back\\slash\nand a line")
	f.sample(0.25)
	d := CheckDurations()
	d.add("an odd \"cause\"\n", 2_000_000)
	d.write(p)
	named := ""
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if comment := aComment.FindStringSubmatch(line); comment != nil {
			named = comment[2]
		} else if sample := aSample.FindStringSubmatch(line); sample == nil || !strings.HasPrefix(sample[1], named) {
			t.Errorf("below %s: %s", named, line)
		}
	}
	if !strings.Contains(b.String(), `_bucket{result="an odd \"cause\"\n",le="0.003"} 1`) {
		t.Errorf("no duration of 2 ms:\n%s", b.String())
	}
}

// A library that looks up methods by computed names makes the linker keep every
// exported method of every type; the program is two megabytes larger then.
// Importing promhttp anywhere turns this red.
func TestTheLinkerDropsUnusedMethods(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "../bot").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range strings.Fields(string(out)) {
		if p == "text/template" || p == "html/template" || strings.HasPrefix(p, "google.golang.org/protobuf/") {
			t.Errorf("the program holds %s", p)
		}
	}
}
