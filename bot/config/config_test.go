package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/agenda"
	"goalbot/settings"
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

func TestGoodValues(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, env := home(t)
	for _, test := range []struct {
		setting string
		get     func(Config) any
		want    any
	}{
		{"ALLOWED_USER_IDS= 7, 8 ,,7,4503599627370495", func(c Config) any { return c.AllowedUserIDs }, []int64{7, 8, 1<<52 - 1}},
		{"BOT_NAME=Our goals", func(c Config) any { return c.BotName }, "Our goals"},
		{"EDITOR_CHAT_IDS=-1001234567890,-4001", func(c Config) any { return c.EditorChatIDs }, []int64{-1001234567890, -4001}},
		{"ALERT_CHAT_IDS=-1001234567890, 7", func(c Config) any { return c.AlertChatIDs }, []int64{-1001234567890, 7}},
		{"DATA_ROOT=~", func(c Config) any { return c.DataRoot }, dir},
		{"DATA_ROOT=~/a b/", func(c Config) any { return c.DataRoot }, filepath.Join(dir, "a b")},
		{"DATA_ROOT=data", func(c Config) any { return c.DataRoot }, filepath.Join(here, "data")},
		{"TIMEZONE=Africa/Cairo", func(c Config) any { return c.Location.String() }, "Africa/Cairo"},
		{"TIMEZONE=UTC", func(c Config) any { return c.Location }, time.UTC},
		{"DATE_ORDER=Month-First", func(c Config) any { return c.DateOrder }, agenda.MonthFirst},
		{"DATE_ORDER=", func(c Config) any { return c.DateOrder }, agenda.OrderUnknown},
		{"QUIET_HOURS=22:00 – 7:00", func(c Config) any { return c.QuietHours }, settings.Hours{From: 22 * time.Hour, To: 7 * time.Hour}},
		{"QUIET_HOURS=off", func(c Config) any { return c.QuietHours }, settings.Hours{}},
		{"RING=Answers", func(c Config) any { return c.Ring }, settings.RingAnswers},
		{"RING=", func(c Config) any { return c.Ring }, settings.RingAlerts},
		{"NEWS=Failed, blocked", func(c Config) any { return c.News }, settings.News{Blocked: true, Failed: true}},
		{"NEWS=off", func(c Config) any { return c.News }, settings.News{}},
		{"NEWS=", func(c Config) any { return c.News }, settings.AllNews},
		{"ALERT_REPEAT=1h 30m", func(c Config) any { return c.AlertRepeat }, 90 * time.Minute},
		{"TELEGRAM_API_URL=https://bots.example/x//", func(c Config) any { return c.TelegramAPIURL }, "https://bots.example/x"},
		{"HTTP_ADDR=:8080", func(c Config) any { return c.HTTPAddr }, "127.0.0.1:8080"},
		{"HTTP_ADDR=0.0.0.0:8080", func(c Config) any { return c.HTTPAddr }, "0.0.0.0:8080"},
		{"HTTP_ADDR=[::1]:0", func(c Config) any { return c.HTTPAddr }, "[::1]:0"},
		{"HEALTHCHECK_PING_URL=https://hc.example/key?a=b", func(c Config) any { return string(c.HealthcheckPingURL) }, "https://hc.example/key?a=b"},
		{"LOG_LEVEL=WARNING", func(c Config) any { return c.LogLevel }, slog.LevelWarn},
		{"LOG_FORMAT=JSON", func(c Config) any { return c.LogFormat }, "json"},
	} {
		c, err := Load(append(env, test.setting), noFile)
		if err != nil {
			t.Error(err)
		} else if got := test.get(c); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.setting, got, test.want)
		}
	}
}

func TestASettingInTheSettingsZone(t *testing.T) {
	c, err := load(t, "DIGEST_CRON=0 9 * * *\nTIMEZONE=Asia/Tokyo\n")
	if err != nil {
		t.Fatal(err)
	}
	got := c.DigestCron.Next(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)).Format(time.RFC3339)
	if want := "2026-01-02T09:00:00+09:00"; got != want {
		t.Errorf("digest at %s, want %s", got, want)
	}
}

func TestBadValuesAreRefusedWithACure(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"TELEGRAM_BOT_TOKEN", "123456:short", "@BotFather"},
		{"TELEGRAM_BOT_TOKEN", `"` + aToken + `"`, "must not be in quotes"},
		{"TELEGRAM_BOT_TOKEN", "bot" + aToken, "nothing around it"},
		{"TELEGRAM_BOT_TOKEN", aToken + "\n" + aToken, "one line"},
		{"TELEGRAM_BOT_TOKEN_FILE", "/there/is/no/such", "does not exist"},
		{"TELEGRAM_BOT_TOKEN_FILE", os.TempDir(), "directory"},
		{"ALLOWED_USER_IDS", "123,@somebody", "entry 2 is not a numeric id; @names do not work here"},
		{"ALLOWED_USER_IDS", "-1001234567890", "ALERT_CHAT_IDS"},
		{"ALLOWED_USER_IDS", "12, 0", "entry 2"},
		{"ALLOWED_USER_IDS", "4503599627370496", "entry 1"},
		{"ALERT_CHAT_IDS", "1.5", "entry 1"},
		{"EDITOR_CHAT_IDS", "123456789", "ALLOWED_USER_IDS"},
		{"BOT_NAME", strings.Repeat("x", 65), "64"},
		{"ALERT_CHAT_IDS", "-4503599627370496", "entry 1"},
		{"DATA_ROOT", "~root/goals", "~/ only for your own home directory"},
		{"PALACE_URL", "mysql://me:password@host/db", "must be left empty"},
		{"PALACE_URL", "host=db password=password", "must be left empty"},
		{"PALACE_URL", "postgres:password", "must be left empty"},
		{"PALACE_URL", "postgres://me:pass#word@host/db", "%23"},
		{"PALACE_URL_FILE", "/there/is/no/such", "does not exist"},
		{"TIMEZONE", "Europe/Berlim", "IANA"},
		{"TIMEZONE", "../../etc/passwd", "IANA"},
		{"TIMEZONE", "Local", "leave it empty"},
		{"HEALTH_CRON", "*/70 * * * *", "step of 1 to 59"},
		{"HEALTH_CRON", "TZ=UTC", "TIMEZONE"},
		{"HEALTH_CRON", "@every 10ms", "at least a second"},
		{"DIGEST_CRON", "daily", "five fields"},
		{"DATE_ORDER", "3/4", "auto, day-first or month-first"},
		{"QUIET_HOURS", "always", "two different times"},
		{"RING", "loud", "nothing, alerts, answers or everything"},
		{"NEWS", "blocked,done", "any of blocked, failed and verified"},
		{"NEWS", ",", "any of blocked, failed and verified"},
		{"ALERT_REPEAT", "59s", "at least 1m"},
		{"ALERT_REPEAT", "1 day", "a day is 24h"},
		{"TELEGRAM_API_URL", "api.telegram.org", "https://"},
		{"TELEGRAM_API_URL", "https://user:password@host", "no user"},
		{"TELEGRAM_API_URL", "https://host/?a=b", "query"},
		{"TELEGRAM_API_URL", "https://host/%s", "percent"},
		{"TELEGRAM_API_URL", "https://", "https://"},
		{"HTTP_ADDR", "8080", "with a colon between"},
		{"HTTP_ADDR", ":65536", "with a colon between"},
		{"HTTP_ADDR", "http://localhost:80", "with a colon between"},
		{"HEALTHCHECK_PING_URL", "ftp://host/password", "https://"},
		{"ALERT_WEBHOOK_URL", "https:///password", "https://"},
		{"ALERT_WEBHOOK_URL", "://password", "https://"},
		{"DATA_ROOT", "$HOME/goals", "variables are not expanded here"},
		{"DATA_ROOT", `"/data" # on the disk`, "begins with a quote"},
		{"LOG_LEVEL", "loud", "debug, info, warn or error"},
		{"LOG_FORMAT", "xml", "text or json"},
	} {
		_, err := load(t, "", test.name+"="+test.value)
		wrong, ok := errors.AsType[*Error](err)
		if !ok || len(wrong.Problems) != 1 {
			t.Errorf("%s=%s: error is %v; want one problem", test.name, test.value, err)
			continue
		}
		got := wrong.Problems[0]
		example := strings.Contains(got, " Example: "+test.name+"=")
		if !strings.HasPrefix(got, test.name+" (in the environment): ") || !strings.Contains(got, test.want) || !example {
			t.Errorf("%s=%s:\n%s\nwant it to begin with the name, to give an example, and to say %q", test.name, test.value, got, test.want)
		}
	}
}

// docker run --env-file keeps quotes, and DATA_ROOT="/data" made a folder "/data"
// with quotes in its name below the working directory. Reading such a value turns
// this red, for whatever setting.
func TestNoSettingStandsInQuotes(t *testing.T) {
	for _, s := range variables {
		for _, quote := range []string{`"`, "'"} {
			_, err := load(t, "", s.name+"="+quote+s.example+quote)
			if err == nil || !strings.HasPrefix(err.Error(), s.name+" (in the environment): must not be in quotes") {
				t.Errorf("%s in quotes: %v", s.name, err)
			}
		}
	}
	if _, err := load(t, `BOT_NAME="Our goals"`); err != nil {
		t.Errorf("quotes in .env: %v", err)
	}
}

// A TZ with a slip in it was UTC without a word.
func TestATimeZoneThatNobodyKnowsIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("nothing reads TZ on Windows")
	}
	const warning = "TZ names no time zone that is known here"
	for tz, want := range map[string]bool{
		"Europe/Berlim": true, "CET-1CEST,M3.5.0,M10.5.0": true, ":Mars/Olympus": true, "Local": true, "/there/is/none": true, t.TempDir(): true,
		"": false, "UTC": false, "Europe/Berlin": false, ":Asia/Tokyo": false, ":": false,
	} {
		c, err := load(t, "", "TZ="+tz)
		if got := strings.Contains(fmt.Sprint(c.Warnings), warning); err != nil || got != want || c.ZoneUnknown != want {
			t.Errorf("TZ=%s: warnings %q, %v", tz, c.Warnings, err)
		}
		if c, _ := load(t, "TIMEZONE=Asia/Tokyo", "TZ="+tz); c.ZoneUnknown || len(c.Warnings) > 0 {
			t.Errorf("TZ=%s with TIMEZONE: warnings %q", tz, c.Warnings)
		}
	}
}

// A token may stand anywhere by mistake, and no message may hold it.
func TestNoMessageHoldsAValue(t *testing.T) {
	var dotenv, environ, names []string
	for _, s := range variables {
		environ = append(environ, s.name+"=x"+aToken)
		dotenv = append(dotenv, s.name+"='x"+aToken+"'")
		names = append(names, s.name)
	}
	dotenv = append(dotenv, aToken, aToken+"=", "='"+aToken, `"`+aToken, "A="+aToken, "LOG_LEVEL='"+aToken, "TELEGRAM_BOT_TOKEN=$A"+aToken,
		`LOG_FORMAT="`+aToken+`"x`, "export "+aToken, "CANARY1="+aToken, "canary=", "TELEGRAM_BOT_TOKEN: \x00"+aToken, "- "+aToken)
	_, err := load(t, strings.Join(dotenv, "\n"), environ...)
	_, fileErr := load(t, strings.Join(dotenv, "\n"))
	for _, err := range []error{err, fileErr} {
		if err == nil || strings.Contains(strings.ToLower(err.Error()), "canary") {
			t.Errorf("error is:\n%v", err)
		}
	}
	// All of them at once, a line each, in the order of the table.
	var got []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if name, _, ok := strings.Cut(line, " (in the environment): "); ok {
			got = append(got, name)
		}
	}
	// Any text is a path.
	names = slices.DeleteFunc(names, func(name string) bool { return name == "DATA_ROOT" })
	if !slices.Equal(got, names) {
		t.Errorf("named are\n%v, want\n%v", got, names)
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

func TestTheTokenMayStandInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("\n  " + aToken + "\r\n")
	c, err := load(t, "", "TELEGRAM_BOT_TOKEN_FILE="+path)
	if err != nil || string(c.Token) != aToken {
		t.Errorf("token as in the file: %v, %v", string(c.Token) == aToken, err)
	}
	if _, err := load(t, "TELEGRAM_BOT_TOKEN="+aToken, "TELEGRAM_BOT_TOKEN_FILE="+path); err == nil || !strings.Contains(err.Error(), "remove one of the two") {
		t.Errorf("with both: %v", err)
	}
	write(aToken + "\nnext line")
	if _, err := load(t, "", "TELEGRAM_BOT_TOKEN_FILE="+path); err == nil || !strings.Contains(err.Error(), "nothing else") || strings.Contains(err.Error(), "canary") {
		t.Errorf("with more in it: %v", err)
	}
}

func TestThePalaceMayStandInAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "url")
	for content, says := range map[string]string{
		" postgres://me:canary@127.0.0.1/db\r\n": "", "mysql://me:canary@host/db": "nothing else", "postgres://me:canary@127.0.0.1/db\nmore": "nothing else", "": "nothing else",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := load(t, "", "PALACE_URL_FILE="+path)
		if says == "" {
			if err != nil || string(c.PalaceURL) != strings.TrimSpace(content) {
				t.Errorf("the URL as in the file: %v, %v", string(c.PalaceURL) == strings.TrimSpace(content), err)
			}
		} else if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", content, err)
		}
		if _, err := load(t, "PALACE_URL=postgres://127.0.0.1/x", "PALACE_URL_FILE="+path); err == nil || !strings.Contains(err.Error(), "remove one of the two") {
			t.Errorf("with both: %v", err)
		}
	}
}

// Who connects to another machine without looking at its certificate is warned.
func TestAPalaceBehindANetworkIsToBeChecked(t *testing.T) {
	for address, warned := range map[string]bool{
		"postgres://me@db.example.org/goals": true, "postgres://me@db.example.org/goals?sslmode=require": true, "postgresql://me@10.0.0.1:6432/goals?sslmode=disable": true,
		"postgres:///goals?host=db.example.org":                        true,
		"postgres://me@db.example.org,other/goals?sslmode=verify-full": false, "postgres://me@db.example.org/goals?sslmode=verify-ca": false,
		"postgres://me@127.0.0.1/goals": false, "postgres://me@localhost:5433/goals": false, "postgres:///goals": false, "postgres:///goals?host=/run/postgresql": false,
	} {
		c, err := load(t, "", "PALACE_URL="+address)
		if err != nil || strings.Contains(fmt.Sprint(c.Warnings), "sslmode=verify-full") != warned {
			t.Errorf("%s: warnings %q, %v", address, c.Warnings, err)
		}
	}
}

func TestDotenv(t *testing.T) {
	for _, test := range []struct {
		name, dotenv string
		problem      string // the beginning of the only one, or "" if it is fine
	}{
		{"nothing", "", ""},
		{"comments and blank lines", "# LOG_LEVEL=loud\n\n  \n\t# x\nLOG_LEVEL=debug # as loud as it gets\n", ""},
		{"a BOM", "\ufeffLOG_LEVEL=debug\n", ""},
		{"Windows line ends", "LOG_LEVEL=debug\r\nLOG_FORMAT=\"text\"\r\n", ""},
		{"export", "export LOG_LEVEL=debug\n", ""},
		{"in the manner of YAML", "LOG_LEVEL: debug", ""},
		{"a dollar in single quotes", "DATA_ROOT='/tmp/a$B'\nLOG_LEVEL=debug", ""},
		{"a dollar that is no variable", "DATA_ROOT=/tmp/a$b$\nLOG_LEVEL=debug", ""},
		{"a backslash without quotes", `DATA_ROOT=C:\new\tab` + "\nLOG_LEVEL=debug", ""},

		{"a dollar", "LOG_LEVEL=debug\nDATA_ROOT=/tmp/a$B\n", ".env line 2: the value of DATA_ROOT contains a $"},
		{"a dollar in double quotes", `DATA_ROOT="/tmp/${LOG_LEVEL}"`, ".env line 1: the value of DATA_ROOT contains a $"},
		{"a dollar with a parenthesis", `DATA_ROOT=/tmp/$(ID)`, ".env line 1: the value of DATA_ROOT contains a $"},
		{"an escape in double quotes", `DATA_ROOT="C:\new"`, ".env line 1: the value of DATA_ROOT contains a $ or a \\"},
		{"a path that ends with a backslash", `DATA_ROOT="C:\dir\"`, ".env line 1: must be NAME=value"},
		{"an unknown name", "\n\nLOG_LEVLE=debug", ".env line 3: there is no setting LOG_LEVLE; did you mean LOG_LEVEL?"},
		{"a part of a name", "BOT_TOKEN=", ".env line 1: there is no setting BOT_TOKEN; did you mean TELEGRAM_BOT_TOKEN?"},
		{"an older name", "TELEGRAM_TOKEN=x", ".env line 1: there is no setting TELEGRAM_TOKEN; did you mean TELEGRAM_BOT_TOKEN?"},
		{"small letters", "log_level=debug", ".env line 1: there is no setting of this name; did you mean LOG_LEVEL?"},
		{"nothing like it", "XYZ=debug", ".env line 1: there is no setting XYZ; .env.example lists them all"},
		{"no name", "=debug", ".env line 1: must be NAME=value"},
		{"no equals sign", "LOG_LEVEL", ".env line 1: must be NAME=value"},
		{"two on a line", `LOG_LEVEL="debug"LOG_FORMAT=text`, ".env line 1: must be NAME=value"},
		{"something after the quotes", `LOG_LEVEL="debug"x`, ".env line 1: must be NAME=value"},
		{"an open quote", "LOG_LEVEL='debug\n", ".env line 1: must be NAME=value"},
		{"twice", "LOG_LEVEL=info\nLOG_LEVEL=debug\n", ".env line 2: LOG_LEVEL is set a second time; the first is in line 1"},
		{"a token alone", "LOG_LEVEL=info\n" + aToken, ".env line 2: looks like a bot token"},
		{"control characters", "LOG_LEVEL=de\x00bug", ".env line 1: contains a control character"},
		{"UTF-16", "\xff\xfeL\x00O\x00", ".env must be saved as UTF-8"},
		{"a bad value", "\nLOG_LEVEL=loud", "LOG_LEVEL (.env line 2): must be debug"},
		{"too long", strings.Repeat("#\n", maxDotenv), ".env is too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := load(t, test.dotenv)
			if test.problem == "" {
				if err != nil || len(c.Warnings) > 0 || strings.Contains(test.dotenv, "\nLOG_LEVEL=debug") && c.LogLevel != slog.LevelDebug {
					t.Errorf("level %v, warnings %v, %v", c.LogLevel, c.Warnings, err)
				}
				return
			}
			wrong, ok := errors.AsType[*Error](err)
			if !ok || len(wrong.Problems) != 1 || !strings.HasPrefix(wrong.Problems[0], test.problem) || strings.HasSuffix(wrong.Problems[0], "?.") {
				t.Errorf("error is:\n%v\nwant one that begins with\n%s", err, test.problem)
			}
		})
	}
}

func FuzzDotenv(f *testing.F) {
	f.Add("LOG_LEVEL=debug\n", "x")
	f.Add("DATA_ROOT=\"a\\$b\" # c\n", "='\"\\")
	f.Fuzz(func(t *testing.T, before, after string) {
		d := dotenv{entries: make(map[string]dotenvEntry)}
		for i, line := range strings.Split(before+aToken+after, "\n") {
			if problem := d.add(i+1, line); strings.Contains(problem, "canary") {
				t.Errorf("%q: %s", line, problem)
			}
		}
	})
}

func TestADotenvThatCannotBeRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".env")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, env := home(t)
	if _, err := Load(env, dir); err == nil || !strings.HasPrefix(err.Error(), ".env is a directory, not a regular file") {
		t.Errorf("error is %v", err)
	}
}

func TestADotenvThatOthersMayReadIsWarnedAbout(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the mode of a file says nothing on Windows")
	}
	_, env := home(t)
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o444: true} {
		path := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		c, err := Load(env, path)
		warned := len(c.Warnings) == 1 && strings.Contains(c.Warnings[0], "chmod 600 .env")
		if err != nil || warned != want || len(c.Warnings) > 1 {
			t.Errorf("mode %04o: warnings %q, %v", mode, c.Warnings, err)
		}
	}
}

func TestATokenThatTravelsInTheOpenIsWarnedAbout(t *testing.T) {
	for value, want := range map[string]int{"http://10.0.0.1:8081": 1, "http://127.0.0.1:8081": 0, "http://localhost:8081": 0, "http://[::1]": 0, "https://10.0.0.1": 0} {
		c, err := load(t, "", "TELEGRAM_API_URL="+value)
		if err != nil || len(c.Warnings) != want {
			t.Errorf("%s: warnings %q, %v", value, c.Warnings, err)
		}
	}
}

func TestASecretIsNeverPrinted(t *testing.T) {
	c, err := load(t, "", "TELEGRAM_BOT_TOKEN="+aToken, "ALERT_WEBHOOK_URL=https://example.com/canary", "HEALTHCHECK_PING_URL=https://example.com/canary")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3s", "%t"} {
		fmt.Fprintf(&out, verb+verb+verb+verb, c.Token, &c.Token, c, []Secret{c.Token})
	}
	fmt.Fprint(&out, c.Token, c.Token.String(), c.Token.GoString())
	for _, log := range []*slog.Logger{slog.New(slog.NewTextHandler(&out, nil)), slog.New(slog.NewJSONHandler(&out, nil))} {
		log.Info("x", "token", c.Token, "config", c)
	}
	if err := json.NewEncoder(&out).Encode(map[string]Secret{"token": c.Token}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); strings.Contains(got, "canary") || strings.Contains(got, "63616e617279") || strings.Count(got, Hidden) < 40 {
		t.Errorf("printed:\n%s", got)
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

// A container may have no time zones of its own. Broken on purpose: without
// the import in config.go.
func TestZonesAreInTheProgram(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("there is no go command")
	}
	if err != nil || !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
		t.Errorf("the program is built without time/tzdata (%v)", err)
	}
}
