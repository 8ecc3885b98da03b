// Package config reads the settings of the program from the environment and from
// .env. It is the only one that knows their names. What it says about a wrong one
// never holds the value: it may be a token in the wrong place.
package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
	_ "time/tzdata" // a container may have no zones of its own
	"unicode"

	"goalbot/agenda"
	"goalbot/schedule"
	"goalbot/settings"
)

// Config is every setting, read once at the start.
type Config struct {
	Token              Secret // empty without one; see NeedToken
	AllowedUserIDs     []int64
	AlertChatIDs       []int64 // empty: the owners' private chats
	EditorChatIDs      []int64
	BotName            string // empty: what @BotFather was told
	DataRoot           string // absolute
	PalaceURL          Secret // of a PostgreSQL database; empty: the SQLite file PalaceFile
	Location           *time.Location
	DateOrder          agenda.Order // unknown: the one that is usual in Location
	HealthCron         schedule.Schedule
	AlertRepeat        time.Duration
	DigestCron         schedule.Schedule // zero: off
	QuietHours         settings.Hours
	Ring               settings.Ring
	News               settings.News
	Review             settings.Review
	React              bool
	TelegramAPIURL     string // without a slash at its end
	HTTPAddr           string // empty: off
	HealthcheckPingURL Secret
	AlertWebhookURL    Secret
	LogLevel           slog.Level
	LogFormat          string // "text" or "json"

	// ZoneUnknown says that Location is UTC only because TZ names no zone.
	ZoneUnknown bool

	// Warnings are what is not wrong, but should be known.
	Warnings []string

	// FolderNote says that the data folder is that of trusty-mpm because DATA_ROOT
	// is not set. FolderWarning says that trusty-mpm has a goals.json of its own
	// below the data folder, and what to do. Either is empty where it is not so.
	FolderNote, FolderWarning string

	home  string          // the user's home directory, empty if unknown
	given map[string]bool // the settings that are not left to their defaults
}

// Given reports whether that setting was set, and not left to its default.
func (c Config) Given(name string) bool { return c.given[name] }

// GoalsFile is the file that other programs read.
func (c Config) GoalsFile() string { return filepath.Join(c.DataRoot, "sm", "goals.json") }

// PalaceFile is where the SQLite palace is. Beside it are palace.id and the backups
// of one that is elsewhere.
func (c Config) PalaceFile() string { return filepath.Join(c.DataRoot, "sm", "palace.db") }

// NeedToken returns an error for people if no token is set. A malformed token is
// reported by [Load].
func (c Config) NeedToken() error {
	if c.Given("TELEGRAM_BOT_TOKEN") || c.Given("TELEGRAM_BOT_TOKEN_FILE") {
		return nil
	}
	return errors.New(`TELEGRAM_BOT_TOKEN is not set.
To get a token, write /newbot to @BotFather in Telegram, answer its two questions, and put what it gives you into the file .env:
  TELEGRAM_BOT_TOKEN=123456789:AA...
To try the bot without a token and without Telegram: go run ./bot demo`)
}

// setting is a row of the table of all settings.
type setting struct {
	name     string
	standard string // the value when none is given
	unset    string // what happens without one, in words, where standard is empty
	meaning  string
	example  string
	set      func(c *Config, value string) error // says what is expected, never what it got
}

// variables is the table of all settings; tests compare .env.example and
// docs/settings.md with it. TIMEZONE comes before the schedules, because they are read
// in it.
var variables = []setting{
	{"TELEGRAM_BOT_TOKEN", "", "none", "The bot's token from @BotFather; never printed, whatever happens", "123456789:AAHfiqksKZ8WmR2zSjiQ7example-token", setToken},
	{"TELEGRAM_BOT_TOKEN_FILE", "", "none", "A file that holds the token, instead of the token itself", "/run/secrets/telegram_bot_token", setTokenFile},
	{"ALLOWED_USER_IDS", "", "nobody, until somebody uses the one-time pairing link that is printed at start", "Who may use the bot: numeric Telegram user ids, separated by commas", "123456789,987654321", setAllowed},
	{"ALERT_CHAT_IDS", "", "the owners' private chats", "The chats that alerts go to: numeric ids, separated by commas; those of groups are negative", "123456789,-1001234567890", setAlertChats},
	{"EDITOR_CHAT_IDS", "", "none", "Groups whose anonymous admins may change goals there, and channels that may: numeric ids, separated by commas, all negative", "-1001234567890", setEditorChats},
	{"BOT_NAME", "", "what @BotFather was told", "The bot's display name, at most 64 characters", "Our goals", setBotName},
	{"DATA_ROOT", "~/.trusty-mpm", "", "The data folder: it holds `sm/goals.json` and the bot's database, `sm/palace.db`; the default is `~/.trusty-mpm/sm` where trusty-mpm keeps its goals in that", "~/goals", setDataRoot},
	{"PALACE_URL", "", "the SQLite file in `DATA_ROOT`", "A PostgreSQL database that is to be the bot's instead; never printed, because it may hold a password", "postgres://bot:password@db.example.org/goals?sslmode=verify-full", setPalaceURL},
	{"PALACE_URL_FILE", "", "none", "A file that holds `PALACE_URL`, instead of the setting itself", "/run/secrets/palace_url", setPalaceURLFile},
	{"TIMEZONE", "", "the system's", "The time zone for schedules and for the dates shown, by its IANA name", "Europe/Berlin", setTimezone},
	{"DATE_ORDER", "auto", "", "Whether `3/4` is 3 April, `day-first`, or March 4, `month-first`; `auto` is the usual one in the time zone", "day-first", func(c *Config, v string) (err error) {
		c.DateOrder, err = settings.ParseDateOrder(v)
		return err
	}},
	{"HEALTH_CRON", "*/5 * * * *", "", "When goals.json is checked: five cron fields, or a pace such as `@every 30s` of at least a second", "@every 30s", func(c *Config, v string) (err error) {
		c.HealthCron, err = schedule.Parse(v, c.Location)
		return err
	}},
	{"ALERT_REPEAT", "6h", "", "How often to remind while a problem lasts, at least every `1m`", "90m", setAlertRepeat},
	{"DIGEST_CRON", "", "off", "When to send a summary of the open goals; written like `HEALTH_CRON`. One that was due while the program was not running is sent late, within six hours", "0 8 * * MON-FRI", func(c *Config, v string) (err error) {
		c.DigestCron, err = schedule.Parse(v, c.Location)
		return err
	}},
	{"QUIET_HOURS", "", "none", "When only alerts make a sound, and a digest waits for the end", "22:00-07:00", func(c *Config, v string) (err error) {
		c.QuietHours, err = settings.ParseHours(v)
		return err
	}},
	{"RING", "alerts", "", "What may make a sound on the phone: `nothing`, `alerts` (and news), `answers` (too) or `everything`", "answers", func(c *Config, v string) (err error) {
		c.Ring, err = settings.ParseRing(v)
		return err
	}},
	{"NEWS", "blocked,failed,verified", "", "What you are told of at once, with a sound, when another program does it to a goal: any of `blocked`, `failed` (a task of it) and `verified` (all its tasks), or `off`", "blocked,failed", func(c *Config, v string) (err error) {
		c.News, err = settings.ParseNews(v)
		return err
	}},
	{"REACTIONS", "off", "", "`on` puts a 👍 on a message in a group instead of an answer that would only repeat it", "on", func(c *Config, v string) (err error) {
		c.React, err = settings.ParseSwitch(v)
		return err
	}},
	{"REVIEW", "stuck", "", "Which questions about goals come unasked: `stuck`, a weekday and a time, which sends the weekly review as well, or `off`", "sunday 18:00", func(c *Config, v string) (err error) {
		c.Review, err = settings.ParseReview(v)
		return err
	}},
	{"TELEGRAM_API_URL", "https://api.telegram.org", "", "The Bot API server, for a self-hosted one and for tests", "http://127.0.0.1:8081", setTelegramAPIURL},
	{"HTTP_ADDR", "", "off", "The address for `/healthz` and `/metrics`; without a host, only this machine", "127.0.0.1:8080", setHTTPAddr},
	{"HEALTHCHECK_PING_URL", "", "off", "A dead man's switch, pinged after every check that is OK; never printed, because it may hold a key", "https://hc-ping.com/your-check", func(c *Config, v string) error {
		return setSecretURL(&c.HealthcheckPingURL, v)
	}},
	{"ALERT_WEBHOOK_URL", "", "off", "A second way for alerts, as a JSON POST; never printed, because it may hold a key", "https://example.com/hooks/goals", func(c *Config, v string) error {
		return setSecretURL(&c.AlertWebhookURL, v)
	}},
	{"LOG_LEVEL", "info", "", "How much is logged: `debug`, `info`, `warn` or `error`", "debug", setLogLevel},
	{"LOG_FORMAT", "text", "", "How it is logged, on stderr: `text` or `json`", "json", setLogFormat},
}

// Error is all that is wrong with the settings, a line each.
type Error struct{ Problems []string }

func (e *Error) Error() string { return strings.Join(e.Problems, "\n") }

// Load reads the settings from the environment, given as os.Environ
// returns it, and from a file in the form of .env, which need not exist. A
// setting that is not empty in the environment wins over the file. The error
// is a *[Error] and holds everything that is wrong; of the settings it
// is then known only which were given.
func Load(environ []string, dotenvPath string) (Config, error) {
	env := make(map[string]string)
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	file := readDotenv(dotenvPath)
	problems := file.problems

	c := Config{Location: systemZone(time.Local, "/"), Warnings: file.warnings, home: env["HOME"], given: make(map[string]bool)}
	if runtime.GOOS != "windows" { // where nothing reads TZ
		c.ZoneUnknown = unknownZone(env["TZ"])
	}
	if runtime.GOOS == "windows" {
		c.home = env["USERPROFILE"]
	}
	for _, s := range variables {
		value, where := strings.TrimSpace(env[s.name]), "in the environment"
		if value == "" {
			if entry, ok := file.entries[s.name]; ok {
				value, where = strings.TrimSpace(entry.value), fmt.Sprintf("%s line %d", file.name, entry.line)
			}
		}
		if value != "" {
			c.given[s.name] = true
		} else {
			value, where = s.standard, "by default"
		}
		if value == "" {
			continue
		}
		if problem := s.take(&c, value); problem != "" {
			problems = append(problems, fmt.Sprintf("%s (%s): %s", s.name, where, problem))
		}
	}
	if c.given["TIMEZONE"] {
		c.ZoneUnknown = false
	}
	if c.ZoneUnknown {
		c.Warnings = append(c.Warnings, "TZ names no time zone that is known here, so all times are in UTC; set TIMEZONE, or TZ, to a name such as Europe/Berlin")
	}
	if c.DataRoot != "" {
		c.besideOthers()
	}
	if info, err := os.Stat(filepath.Dir(c.GoalsFile())); err == nil {
		if w := loose("The folder sm in DATA_ROOT", info, "chmod 700 on it"); w != "" {
			c.Warnings = append(c.Warnings, w)
		}
	}
	if len(problems) > 0 {
		return Config{given: c.given}, &Error{problems}
	}
	return c, nil
}

// take sets the setting, or says what is wrong with the value and gives an example.
func (s setting) take(c *Config, value string) (problem string) {
	var err error
	example := s.assignment(s.example)
	switch first, last := value[0], value[len(value)-1]; {
	case strings.ContainsFunc(value, unicode.IsControl):
		err = errors.New("must be plain text on one line, without control characters")
	case first == last && strings.ContainsRune(`'"`, rune(first)): // DATA_ROOT would name a folder below the working directory
		err = errors.New("must not be in quotes: they are part of the value here, because docker run --env-file keeps them; leave them out")
		example = s.name + "=" + s.example
	default:
		err = s.set(c, value)
	}
	switch {
	case err == nil:
		return ""
	case s.example == "":
		return err.Error() + "."
	}
	return err.Error() + ". Example: " + example
}

// assignment is a line for .env that gives the setting that value.
func (s setting) assignment(value string) string {
	if strings.ContainsAny(value, " *#$\\") {
		value = "'" + value + "'"
	}
	return s.name + "=" + value
}

// Secret is a text that no printing shows. Convert it to a string to use it.
type Secret string

// Hidden is printed in the place of a [Secret].
const Hidden = "[hidden]"

// Format hides the secret from every verb of fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Hidden) }

// String, GoString, LogValue and MarshalText hide it from all others.
func (Secret) String() string               { return Hidden }
func (Secret) GoString() string             { return Hidden }
func (Secret) LogValue() slog.Value         { return slog.StringValue(Hidden) }
func (Secret) MarshalText() ([]byte, error) { return []byte(Hidden), nil }

// anyToken finds what looks like a token, also where its colon is escaped as in a URL.
var anyToken = regexp.MustCompile(`\d{6,12}(:|%3[Aa])[A-Za-z0-9_-]{30,}`)

// HideTokens hides whatever looks like the token of a bot.
func HideTokens(text string) string { return anyToken.ReplaceAllString(text, Hidden) }

// Table is the table of settings as it stands in docs/settings.md.
func Table() string {
	var table strings.Builder
	table.WriteString("| name | default | meaning |\n|---|---|---|\n")
	for _, s := range variables {
		standard := s.unset
		if s.standard != "" {
			standard = "`" + s.standard + "`"
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", s.name, standard, s.meaning)
	}
	return table.String()
}
