package config

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

const (
	aToken = "123456789:AAcanarycanarycanarycanarycanary_-"
	noFile = "testdata/there/is/no/.env"
)

// home is an environment with a home directory and nothing else.
func home(t *testing.T) (dir string, environ []string) {
	dir = t.TempDir()
	return dir, []string{"HOME=" + dir, "USERPROFILE=" + dir}
}

// load reads settings from an environment with a home directory and these in
// it, and from a .env with that content.
func load(t *testing.T, dotenv string, environ ...string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(dotenv), 0o600); err != nil {
		t.Fatal(err)
	}
	_, env := home(t)
	return Load(append(env, environ...), path)
}

func TestLoadWithoutAnySettings(t *testing.T) {
	dir, env := home(t)
	c, err := Load(env, noFile)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.GoalsFile(), filepath.Join(dir, ".trusty-mpm", "sm", "goals.json"); got != want {
		t.Errorf("goals.json is %s, want %s", got, want)
	}
	if got, want := c.PalaceFile(), filepath.Join(dir, ".trusty-mpm", "sm", "palace.db"); got != want {
		t.Errorf("the palace is %s, want %s", got, want)
	}
	type plain struct {
		Token, Palace, Health, Digest, API, HTTP, Ping, Webhook, Format string
		Repeat                                                          time.Duration
		Level                                                           slog.Level
		Location                                                        *time.Location
		Allowed, Alert                                                  []int64
		Warnings                                                        []string
	}
	got := plain{string(c.Token), string(c.PalaceURL), c.HealthCron.String(), c.DigestCron.String(), c.TelegramAPIURL, c.HTTPAddr,
		string(c.HealthcheckPingURL), string(c.AlertWebhookURL), c.LogFormat, c.AlertRepeat, c.LogLevel, c.Location, c.AllowedUserIDs, c.AlertChatIDs, c.Warnings}
	want := plain{Health: "*/5 * * * *", API: "https://api.telegram.org", Format: "text", Repeat: 6 * time.Hour, Location: systemZone(time.Local, "/")}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !c.DigestCron.IsZero() || c.HealthCron.IsZero() || c.Given("DATA_ROOT") {
		t.Errorf("digest off: %v, health on: %v, DATA_ROOT given: %v", c.DigestCron.IsZero(), !c.HealthCron.IsZero(), c.Given("DATA_ROOT"))
	}
	if err := c.NeedToken(); err == nil || !strings.Contains(err.Error(), "@BotFather") || !strings.Contains(err.Error(), "bot demo") {
		t.Errorf("NeedToken() = %v", err)
	}
}

func TestTheEnvironmentWinsOverTheFileOverTheDefault(t *testing.T) {
	c, err := load(t, "LOG_LEVEL=debug\nLOG_FORMAT=json\nALERT_REPEAT=1h\nHTTP_ADDR=\n",
		"LOG_LEVEL=error", "LOG_FORMAT=", "ALERT_REPEAT=  ", "PATH=/bin", "TELEGRAM_BOT_TOKEN= "+aToken+"\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.LogLevel != slog.LevelError || c.LogFormat != "json" || c.AlertRepeat != time.Hour || c.HTTPAddr != "" || string(c.Token) != aToken {
		t.Errorf("level %v, format %q, repeat %v, address %q, token as given: %v", c.LogLevel, c.LogFormat, c.AlertRepeat, c.HTTPAddr, string(c.Token) == aToken)
	}
	if err := c.NeedToken(); err != nil {
		t.Error(err)
	}
	if !c.Given("LOG_FORMAT") || c.Given("HTTP_ADDR") {
		t.Error("a setting is given where it is not empty")
	}
}

func TestEveryExampleIsAccepted(t *testing.T) {
	for _, s := range variables {
		if s.example == "" || strings.HasSuffix(s.name, "_FILE") {
			continue
		}
		c, err := load(t, s.assignment(s.example)+"\n")
		if err != nil || !c.Given(s.name) {
			t.Errorf("%s: given %v, %v", s.assignment(s.example), c.Given(s.name), err)
		}
	}
}

func TestTheHomeDirectoryMayBeUnknown(t *testing.T) {
	_, err := Load(nil, noFile)
	if err == nil || !strings.HasPrefix(err.Error(), "DATA_ROOT (by default): ") || !strings.Contains(err.Error(), "HOME is not set") {
		t.Errorf("error is %v", err)
	}
	if _, err := Load([]string{"DATA_ROOT=" + t.TempDir()}, noFile); err != nil {
		t.Errorf("with a whole path: %v", err)
	}
}

func TestDotenvExampleIsTheTableOfSettings(t *testing.T) {
	const path = "../../.env.example"
	var want strings.Builder
	want.WriteString(`# The settings of the bot. To use them: cp .env.example .env && chmod 600 .env
# What stays empty keeps its default. A variable of the environment that is not
# empty wins over this file. A value with blanks, quotes, #, $ or \ in it stands
# in single quotes.
`)
	for _, s := range variables {
		standard := s.standard
		if standard == "" {
			standard = s.unset
		}
		fmt.Fprintf(&want, "\n# %s.\n# Default: %s.", s.meaning, standard)
		if s.example != "" {
			fmt.Fprintf(&want, " Example: %s", s.assignment(s.example))
		}
		fmt.Fprintf(&want, "\n%s=\n", s.name)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.ReplaceAll(want.String(), "`", ""); string(got) != text {
		t.Errorf("%s must be:\n%s", path, text)
	}
	_, env := home(t)
	if _, err := Load(env, path); err != nil {
		t.Errorf("it is not safe to copy as it is: %v", err)
	}
}

func TestEverySettingIsDescribed(t *testing.T) {
	for i, s := range variables {
		if (s.standard == "") == (s.unset == "") || s.meaning == "" || strings.ContainsAny(s.meaning+s.unset+s.standard, "|\n") {
			t.Errorf("row %d, %s: needs a meaning, and a default either as a value or in words, fit for a Markdown table", i, s.name)
		}
		if !plainName.MatchString(s.name) {
			t.Errorf("%s is not made of capital letters and _", s.name)
		}
	}
	if lines := strings.Count(Table(), "\n"); lines != len(variables)+2 {
		t.Errorf("the table of settings has %d lines", lines)
	}
}
