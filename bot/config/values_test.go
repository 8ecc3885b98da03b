package config

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"goalbot/agenda"
	"goalbot/settings"
)

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
