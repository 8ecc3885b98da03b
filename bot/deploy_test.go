package main

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
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

// composed is a Compose file.
type composed struct {
	Name     string
	Bot      any `yaml:"x-bot"` // what services have in common
	Services map[string]service
	Secrets  map[string]struct{ File string }
	Volumes  map[string]any
}

type service struct {
	Image       string
	Build       struct{ Context string }
	Restart     string
	Hostname    string
	ReadOnly    bool     `yaml:"read_only"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	User        string
	Environment map[string]string
	Secrets     []string
	Volumes     []string
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck struct {
		Test              []string
		Interval, Timeout string
		StartPeriod       string `yaml:"start_period"`
	}
}

// The container can write to its volume alone, and agrees with the image.
func TestComposeKeepsTheContainerClosed(t *testing.T) {
	var compose composed
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

// Two bots on one server are like the one without: each has a volume and a name of its
// own beside the database that they share.
func TestComposeOfTwoBots(t *testing.T) {
	var one, two composed
	readDeploy(t, "compose.yaml", &one)
	readDeploy(t, "compose.postgres.yaml", &two)
	for i := 1; i <= 2; i++ {
		name := fmt.Sprint("bot-", i)
		want := one.Services["bot"]
		want.Hostname, want.Volumes = name, []string{fmt.Sprintf("data-%d:/data", i)}
		want.Environment = maps.Clone(want.Environment)
		want.Environment["PALACE_URL_FILE"] = "/run/secrets/palace_url"
		want.Secrets = append(slices.Clone(want.Secrets), "palace_url")
		want.DependsOn = map[string]struct{ Condition string }{"database": {"service_healthy"}}
		if got := two.Services[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("the service %s is\n%+v\nwant\n%+v", name, got, want)
		}
	}
	database := two.Services["database"]
	if len(two.Services) != 3 || len(database.Healthcheck.Test) == 0 || !slices.Equal(database.Volumes, []string{"database:/var/lib/postgresql/data"}) {
		t.Errorf("of %d services the database is %+v", len(two.Services), database)
	}
	for _, s := range two.Services {
		for _, secret := range s.Secrets {
			if two.Secrets[secret].File != "./"+secret {
				t.Errorf("the secret %s is in %q", secret, two.Secrets[secret].File)
			}
		}
		for _, volume := range s.Volumes {
			if _, ok := two.Volumes[strings.Split(volume, ":")[0]]; !ok {
				t.Errorf("there is no volume for %s", volume)
			}
		}
	}
	// The page that says how to use it names the database as it is made here.
	page, err := os.ReadFile("../docs/postgresql.md")
	if err != nil {
		t.Fatal(err)
	}
	e := database.Environment
	if url := fmt.Sprintf("postgres://%s:%%s@database/%s?sslmode=disable", e["POSTGRES_USER"], e["POSTGRES_DB"]); !strings.Contains(string(page), url) {
		t.Errorf("docs/postgresql.md does not have %s", url)
	}
}
