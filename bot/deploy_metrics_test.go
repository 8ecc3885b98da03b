package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/alert"
	"goalbot/health"
)

// expressions are those of the alert rules and of the dashboard, by where they stand.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, r := range alertRules(t) {
		all[r.Alert] = r.Expr
	}
	text, err := os.ReadFile("../deploy/grafana/goals-bot.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	for _, p := range board.Panels {
		for _, target := range p.Targets {
			all[p.Title+" "+target.LegendFormat] = target.Expr
		}
	}
	return all
}

type alertRule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alertRules(t *testing.T) []alertRule {
	t.Helper()
	var file struct {
		Groups []struct {
			Name  string
			Rules []alertRule
		}
	}
	readDeploy(t, "prometheus/goals-bot.rules.yml", &file)
	return file.Groups[0].Rules
}

// scraped is what a bot serves at /metrics while goals.json is damaged.
func scraped(t *testing.T) string {
	t.Helper()
	server, web := formServer(t)
	root := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	ctx, stop := context.WithCancel(t.Context())
	var bot sync.WaitGroup
	defer bot.Wait()
	defer stop()
	bot.Go(func() {
		run(ctx, health.DefaultLimits(), nil, append(formEnv(web, root), "HTTP_ADDR="+address, "HEALTH_CRON=@every 1s"), io.Discard, io.Discard)
	})
	server.Say(server.Private(owner), owner, "/addgoal call mother")
	waitFor(t, server, func() bool { return answered(server) > 0 })
	if err := os.WriteFile(filepath.Join(root, "sm", "goals.json"), []byte("["), 0o600); err != nil {
		t.Fatal(err)
	}
	text := ""
	for deadline := time.Now().Add(patience); !strings.Contains(text, "\ngoalbot_alert{"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no alert in the metrics:\n%s", text)
		}
		resp, err := http.Get("http://" + address + "/metrics")
		if err != nil {
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		text = string(body)
	}
	return text
}

var (
	aMetric = regexp.MustCompile(`\b((?:goalbot|process|go)_[a-z0-9_]+)(?:\{([^}]*)\})?`)
	aLabel  = regexp.MustCompile(`([a-z_]+)\s*(?:=~|!~|!=|=)`)
	byLabel = regexp.MustCompile(`\bby \(([^)]*)\)`)
)

// What a rule or a panel asks for must be what the program serves: a name that is
// wrong never fires, and nobody notices.
func TestRulesAndDashboardNameWhatTheProgramServes(t *testing.T) {
	text := scraped(t)
	used := 0
	for where, expr := range expressions(t) {
		for _, found := range aMetric.FindAllStringSubmatch(expr, -1) {
			used++
			row := regexp.MustCompile(`(?m)^` + found[1] + `(\{.*\})? `).FindString(text)
			if row == "" {
				t.Errorf("%s: the program has no %s", where, found[1])
				continue
			}
			labels := aLabel.FindAllStringSubmatch(found[2], -1)
			for _, list := range byLabel.FindAllStringSubmatch(expr, -1) {
				for _, name := range strings.Split(list[1], ", ") {
					labels = append(labels, []string{"", name})
				}
			}
			for _, l := range labels {
				if l[1] != "job" && !strings.Contains(row, l[1]+`="`) { // the scrape adds the job
					t.Errorf("%s: %s has no label %s", where, found[1], l[1])
				}
			}
		}
	}
	if used < 20 {
		t.Errorf("only %d metrics are used", used)
	}
}

// A cause is either a fault or a warning, and each has its rule and its runbook.
func TestEveryCauseHasARuleAndARunbook(t *testing.T) {
	page, err := os.ReadFile("../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	var warnings []string
	for _, c := range alert.Causes() {
		if c.Warning() {
			warnings = append(warnings, string(c))
		}
		if c != alert.Test && !strings.Contains(string(page), "\n## "+string(c)+"\n") {
			t.Errorf("docs/runbooks.md has no section %s", c)
		}
	}
	slices.Sort(warnings)
	list := strings.Join(warnings, "|")
	rules := map[string]alertRule{}
	for _, r := range alertRules(t) {
		rules[r.Alert] = r
		anchor, ok := strings.CutPrefix(r.Annotations["runbook"], "docs/runbooks.md#")
		if !ok || anchor != "{{ $labels.cause }}" && !strings.Contains(string(page), "\n## "+anchor+"\n") {
			t.Errorf("%s names the runbook %s", r.Alert, r.Annotations["runbook"])
		}
	}
	if e := rules["GoalsBotWarning"].Expr; !strings.Contains(e, `cause=~"`+list+`"`) {
		t.Errorf("the warnings are %s, and the rule says %s", list, e)
	}
	if e := rules["GoalsBotFault"].Expr; !strings.Contains(e, `cause!~"`+list+`|test"`) {
		t.Errorf("the warnings are %s, and the rule of faults says %s", list, e)
	}
	if !strings.Contains(rules["GoalsBotFault"].Expr, `state="`+string(alert.Firing)+`"`) {
		t.Errorf("no alert has that state: %s", rules["GoalsBotFault"].Expr)
	}
}

func TestPrometheusTakesTheRules(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not here; Debian has it in the package prometheus")
	}
	if out, err := exec.Command(promtool, "check", "rules", "../deploy/prometheus/goals-bot.rules.yml").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
