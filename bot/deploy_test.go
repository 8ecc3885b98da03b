package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// readDeploy reads a file in deploy, and refuses members that v does not have.
func readDeploy(t *testing.T, name string, v any) {
	t.Helper()
	f, err := os.Open("../deploy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// The container can write to its volume alone, and agrees with the image.
func TestComposeKeepsTheContainerClosed(t *testing.T) {
	type service struct {
		Image       string
		Build       struct{ Context string }
		Restart     string
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		User        string
		Environment map[string]string
		Secrets     []string
		Volumes     []string
		Healthcheck struct {
			Test              []string
			Interval, Timeout string
			StartPeriod       string `yaml:"start_period"`
		}
	}
	var compose struct {
		Name     string
		Services map[string]service
		Secrets  map[string]struct{ File string }
		Volumes  map[string]any
	}
	readDeploy(t, "compose.yaml", &compose)
	dockerfile, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	image := string(dockerfile)
	bot, want := compose.Services["bot"], compose.Services["bot"]
	want.ReadOnly, want.CapDrop, want.SecurityOpt = true, []string{"ALL"}, []string{"no-new-privileges:true"}
	want.Secrets = []string{"telegram_bot_token"}
	want.Volumes = []string{"data:" + regexp.MustCompile(`(?m)^VOLUME (.*)$`).FindStringSubmatch(image)[1]}
	want.User = regexp.MustCompile(`(?m)^USER (.*)$`).FindStringSubmatch(image)[1]
	want.Healthcheck.Test = []string{"CMD", "/bot", "check"}
	if got, want := fmt.Sprintf("%+v", bot), fmt.Sprintf("%+v", want); got != want {
		t.Errorf("the service is\n%s\nwant\n%s", got, want)
	}
	if h := bot.Healthcheck; !strings.Contains(image, fmt.Sprintf("HEALTHCHECK --interval=%s --timeout=%s --start-period=%s CMD [\"/bot\", \"check\"]", h.Interval, h.Timeout, h.StartPeriod)) {
		t.Errorf("the image has another health check than %+v", h)
	}
	if _, ok := compose.Volumes["data"]; !ok || compose.Secrets["telegram_bot_token"].File == "" {
		t.Errorf("volumes %v, secrets %v", compose.Volumes, compose.Secrets)
	}
	for name, value := range bot.Environment {
		switch {
		case name == "TELEGRAM_BOT_TOKEN_FILE" && value != "/run/secrets/telegram_bot_token":
			t.Errorf("the token is looked for in %s", value)
		case name != "TELEGRAM_BOT_TOKEN_FILE" && value != "${"+name+":-}":
			t.Errorf("%s is %s", name, value)
		}
	}
}
