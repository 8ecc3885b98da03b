package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a container may have no zones of its own
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/health"
	"goalbot/schedule"
	"goalbot/settings"
)

// This file is the only one that knows the names of the settings. What it says
// about a wrong one never holds the value: it may be a token in the wrong place.

// Config is every setting, read once at the start.
type Config struct {
	Token              Secret // empty without one; see NeedToken
	AllowedUserIDs     []int64
	AlertChatIDs       []int64 // empty: the owners' private chats
	EditorChatIDs      []int64
	BotName            string // empty: what @BotFather was told
	DataRoot           string // absolute
	PalaceURL          Secret // empty: the SQLite file PalaceFile
	Location           *time.Location
	HealthCron         schedule.Schedule
	AlertRepeat        time.Duration
	DigestCron         schedule.Schedule // zero: off
	QuietHours         settings.Hours
	Ring               settings.Ring
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

	home  string          // the user's home directory, empty if unknown
	given map[string]bool // the settings that are not left to their defaults
}

// Given reports whether that setting was set, and not left to its default.
func (c Config) Given(name string) bool { return c.given[name] }

// GoalsFile is the file that other programs read.
func (c Config) GoalsFile() string { return filepath.Join(c.DataRoot, "sm", "goals.json") }

// PalaceFile is where the SQLite palace is.
func (c Config) PalaceFile() string { return filepath.Join(c.DataRoot, "sm", "palace.db") }

// NeedToken returns an error for people if no token was given. That one is
// wrong is said by [LoadConfig].
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

// variables is the table from which .env.example and the README are held true.
// TIMEZONE stands before the schedules, because they are read in it.
var variables = []setting{
	{"TELEGRAM_BOT_TOKEN", "", "none", "The bot's token from @BotFather; never printed, whatever happens", "123456789:AAHfiqksKZ8WmR2zSjiQ7example-token", setToken},
	{"TELEGRAM_BOT_TOKEN_FILE", "", "none", "A file that holds the token, instead of the token itself", "/run/secrets/telegram_bot_token", setTokenFile},
	{"ALLOWED_USER_IDS", "", "nobody, until somebody uses the one-time pairing link that is printed at start", "Who may use the bot: numeric Telegram user ids with commas between", "123456789,987654321", setAllowed},
	{"ALERT_CHAT_IDS", "", "the owners' private chats", "The chats that alerts go to: numeric ids with commas between, those of groups are negative", "123456789,-1001234567890", setAlertChats},
	{"EDITOR_CHAT_IDS", "", "none", "Groups whose anonymous admins may change goals there, and channels that may: numeric ids with commas between, all negative", "-1001234567890", setEditorChats},
	{"BOT_NAME", "", "what @BotFather was told", "The name that people see of the bot, of at most 64 characters", "Our goals", setBotName},
	{"DATA_ROOT", "~/.trusty-mpm", "", "The data folder: it holds `sm/goals.json` and the bot's database, `sm/palace.db`", "~/goals", setDataRoot},
	{"PALACE_URL", "", "the SQLite file in `DATA_ROOT`", "Another place for the bot's database; this build supports only SQLite, so leave it empty", "", setPalaceURL},
	{"TIMEZONE", "", "the system's", "The time zone for schedules and for the dates shown, by its IANA name", "Europe/Berlin", setTimezone},
	{"HEALTH_CRON", "*/5 * * * *", "", "When goals.json is checked: five cron fields, or a pace such as `@every 30s` of at least a second", "@every 30s", func(c *Config, v string) (err error) {
		c.HealthCron, err = schedule.Parse(v, c.Location)
		return err
	}},
	{"ALERT_REPEAT", "6h", "", "How often to remind while a problem lasts, at least every `1m`", "90m", setAlertRepeat},
	{"DIGEST_CRON", "", "off", "When to send a summary of the open goals; written like `HEALTH_CRON`. One that was due while the program did not run comes late, within six hours", "0 8 * * MON-FRI", func(c *Config, v string) (err error) {
		c.DigestCron, err = schedule.Parse(v, c.Location)
		return err
	}},
	{"QUIET_HOURS", "", "none", "When nothing but an alert makes a sound, and a digest waits for the end", "22:00-07:00", func(c *Config, v string) (err error) {
		c.QuietHours, err = settings.ParseHours(v)
		return err
	}},
	{"RING", "alerts", "", "What may make a sound on the phone: `nothing`, `alerts`, `answers` (and alerts) or `everything`", "answers", func(c *Config, v string) (err error) {
		c.Ring, err = settings.ParseRing(v)
		return err
	}},
	{"TELEGRAM_API_URL", "https://api.telegram.org", "", "The Bot API server, for a self-hosted one and for tests", "http://127.0.0.1:8081", setTelegramAPIURL},
	{"HTTP_ADDR", "", "off", "The address for `/healthz` and `/metrics`; without a host it is this machine alone", "127.0.0.1:8080", setHTTPAddr},
	{"HEALTHCHECK_PING_URL", "", "off", "A dead man's switch, pinged after every check that is OK; never printed, because it may hold a key", "https://hc-ping.com/your-check", func(c *Config, v string) error {
		return setSecretURL(&c.HealthcheckPingURL, v)
	}},
	{"ALERT_WEBHOOK_URL", "", "off", "A second way for alerts, as a JSON POST; never printed, because it may hold a key", "https://example.com/hooks/goals", func(c *Config, v string) error {
		return setSecretURL(&c.AlertWebhookURL, v)
	}},
	{"LOG_LEVEL", "info", "", "How much is logged: `debug`, `info`, `warn` or `error`", "debug", setLogLevel},
	{"LOG_FORMAT", "text", "", "How it is logged, on stderr: `text` or `json`", "json", setLogFormat},
}

// ConfigError is all that is wrong with the settings, a line each.
type ConfigError struct{ Problems []string }

func (e *ConfigError) Error() string { return strings.Join(e.Problems, "\n") }

// LoadConfig reads the settings from the environment, given as os.Environ
// returns it, and from a file in the form of .env, which need not exist. A
// setting that is not empty in the environment wins over the file. The error
// is a *[ConfigError] and holds everything that is wrong; of the settings it
// is then known only which were given.
func LoadConfig(environ []string, dotenvPath string) (Config, error) {
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
		var err error
		example := s.assignment(s.example)
		switch first, last := value[0], value[len(value)-1]; {
		case strings.ContainsFunc(value, unicode.IsControl):
			err = errors.New("must be plain text on one line, without control characters")
		case first == last && strings.ContainsRune(`'"`, rune(first)): // DATA_ROOT would name a folder below the working directory
			err = errors.New("must not be in quotes: they are part of the value here, because docker run --env-file keeps them; leave them out")
			example = s.name + "=" + s.example
		default:
			err = s.set(&c, value)
		}
		if err != nil {
			problem := fmt.Sprintf("%s (%s): %v.", s.name, where, err)
			if s.example != "" {
				problem += " Example: " + example
			}
			problems = append(problems, problem)
		}
	}
	if c.given["TIMEZONE"] {
		c.ZoneUnknown = false
	}
	if c.ZoneUnknown {
		c.Warnings = append(c.Warnings, "TZ names no time zone that is known here, so all times are in UTC; set TIMEZONE, or TZ, to a name such as Europe/Berlin")
	}
	if info, err := os.Stat(filepath.Dir(c.GoalsFile())); err == nil {
		if w := loose("The folder sm in DATA_ROOT", info, "chmod 700 on it"); w != "" {
			c.Warnings = append(c.Warnings, w)
		}
	}
	if len(problems) > 0 {
		return Config{given: c.given}, &ConfigError{problems}
	}
	return c, nil
}

// assignment is a line for .env that gives the setting that value.
func (s setting) assignment(value string) string {
	if strings.ContainsAny(value, " *#$\\") {
		value = "'" + value + "'"
	}
	return s.name + "=" + value
}

var tokenShape = regexp.MustCompile(`^\d+:[A-Za-z0-9_-]{30,}$`)

func setToken(c *Config, value string) error {
	if !tokenShape.MatchString(value) {
		return errors.New("must be a token as @BotFather gives it: digits, a colon, then at least 30 letters, digits, _ or -, with nothing around it")
	}
	c.Token = Secret(value)
	return nil
}

func setTokenFile(c *Config, value string) error {
	if c.given["TELEGRAM_BOT_TOKEN"] {
		return errors.New("must not be set together with TELEGRAM_BOT_TOKEN; remove one of the two")
	}
	content, info, err := readSettings(value, maxSecret)
	if err != nil {
		return fmt.Errorf("must be the path of a file that holds the token, and that file %s", unreadable(err))
	}
	if setToken(c, strings.TrimSpace(string(content))) != nil {
		return errors.New("must be the path of a file that holds the token and nothing else; what is in that file is no token as @BotFather gives it")
	}
	if w := loose("The file of TELEGRAM_BOT_TOKEN_FILE", info, "chmod 600 on it"); w != "" {
		c.Warnings = append(c.Warnings, w)
	}
	return nil
}

// maxSecret is far more than a secret in a file needs, with blanks around it.
const maxSecret = 64 << 10

func setAllowed(c *Config, value string) (err error) {
	c.AllowedUserIDs, err = parseIDs(value, func(id int64) error {
		if id < 0 {
			return errors.New("is negative, so it is a group; people have ids above 0, and a group may stand in ALERT_CHAT_IDS")
		}
		return nil
	})
	return err
}

func setAlertChats(c *Config, value string) (err error) {
	c.AlertChatIDs, err = parseIDs(value, func(int64) error { return nil })
	return err
}

func setEditorChats(c *Config, value string) (err error) {
	c.EditorChatIDs, err = parseIDs(value, func(id int64) error {
		if id > 0 {
			return errors.New("is a person's; people are let in by /invite, or named in ALLOWED_USER_IDS")
		}
		return nil
	})
	return err
}

func setBotName(c *Config, value string) error {
	if n := utf8.RuneCountInString(value); n > 64 { // Bot API, setMyName
		return fmt.Errorf("has %d characters; Telegram takes 64", n)
	}
	if value != goals.OneLine(value) || !goals.Shows(value) {
		return errors.New("must be one line of words")
	}
	if anyToken.MatchString(value) {
		return errors.New("looks like a token, and everybody would see it")
	}
	c.BotName = value
	return nil
}

// parseIDs reads numbers with commas between them. Telegram's ids have at most 52 bits.
func parseIDs(list string, check func(int64) error) ([]int64, error) {
	var ids []int64
	for i, text := range strings.Split(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		id, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil || id == 0 || id >= 1<<52 || id <= -1<<52:
			err = errors.New("is no such id; ids are numbers, not @names")
		default:
			err = check(id)
		}
		if err != nil {
			return nil, fmt.Errorf("must be numeric ids with commas between; entry %d %w", i+1, err)
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func setDataRoot(c *Config, value string) error {
	switch value[0] { // as in a file that no shell reads
	case '$':
		return errors.New("begins with $, and no variable is expanded here; write the whole path of a folder")
	case '"', '\'':
		return errors.New("begins with a quote, which is part of the value here; write the whole path of a folder, and nothing after it")
	}
	if rest, ok := strings.CutPrefix(value, "~"); ok {
		switch {
		case rest != "" && !os.IsPathSeparator(rest[0]) && rest[0] != '/':
			return errors.New("can begin with ~/ for your own home directory only; write the whole path of another")
		case !filepath.IsAbs(c.home):
			return errors.New("begins with ~, and your home directory is not known here, because HOME is not set; give the whole path of a folder")
		}
		value = filepath.Join(c.home, rest)
	}
	root, err := filepath.Abs(value)
	if err != nil {
		return errors.New("must be the whole path of a folder, because the working directory is not known")
	}
	c.DataRoot = root
	return nil
}

func setPalaceURL(_ *Config, value string) error {
	scheme, _, _ := strings.Cut(strings.ToLower(value), "://")
	if scheme == "postgres" || scheme == "postgresql" {
		return errors.New("PostgreSQL is not supported by this build yet; leave PALACE_URL empty, and the goals are kept in an SQLite file in DATA_ROOT, which needs no server")
	}
	return errors.New("must be left empty; the goals are then kept in an SQLite file in DATA_ROOT, and to put that elsewhere set DATA_ROOT")
}

func setTimezone(c *Config, value string) error {
	loc, err := settings.ParseZone(value)
	if err != nil {
		return fmt.Errorf("%w; leave it empty for the system's", err)
	}
	c.Location = loc
	return nil
}

func setAlertRepeat(c *Config, value string) error {
	d, err := settings.ParseRepeat(value)
	c.AlertRepeat = d
	return err
}

func setTelegramAPIURL(c *Config, value string) error {
	u, err := parseURL(value)
	// A percent sign would be taken for a verb where the library puts the address together.
	if err != nil || u.User != nil || strings.ContainsAny(value, "?#%") {
		return errors.New("must be an address that begins with https:// or http:// and has no user, query or percent sign")
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		c.Warnings = append(c.Warnings, "TELEGRAM_API_URL is not https: the token travels readable for everyone on the way")
	}
	c.TelegramAPIURL = strings.TrimRight(value, "/")
	return nil
}

func setSecretURL(to *Secret, value string) error {
	if _, err := parseURL(value); err != nil {
		return err
	}
	*to = Secret(value)
	return nil
}

func parseURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return nil, errors.New("must be an address that begins with https:// or http://")
	}
	return u, nil
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func setHTTPAddr(c *Config, value string) error {
	host, port, err := net.SplitHostPort(value)
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil || strings.ContainsAny(host, "/@ ") {
		return errors.New("must be a host and a port with a colon between; 0.0.0.0:8080 is reachable from other machines")
	}
	if host == "" {
		host = "127.0.0.1" // who wants to be reachable from elsewhere says so
	}
	c.HTTPAddr = net.JoinHostPort(host, port)
	return nil
}

func setLogLevel(c *Config, value string) error {
	level, ok := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "warning": slog.LevelWarn, "error": slog.LevelError,
	}[strings.ToLower(value)]
	if !ok {
		return errors.New("must be debug, info, warn or error")
	}
	c.LogLevel = level
	return nil
}

func setLogFormat(c *Config, value string) error {
	c.LogFormat = strings.ToLower(value)
	if c.LogFormat != "text" && c.LogFormat != "json" {
		return errors.New("must be text or json")
	}
	return nil
}

// Secret is a text that no printing shows. Convert it to a string to use it.
type Secret string

const hidden = "[hidden]"

// Format hides the secret from every verb of fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// String, GoString, LogValue and MarshalText hide it from all others.
func (Secret) String() string               { return hidden }
func (Secret) GoString() string             { return hidden }
func (Secret) LogValue() slog.Value         { return slog.StringValue(hidden) }
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// storage says where the list is kept.
func (c Config) storage() health.Storage {
	return health.Storage{Root: c.DataRoot, Palace: c.PalaceFile(), Backups: filepath.Join(filepath.Dir(c.PalaceFile()), "backups")}
}
