package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/goals"
	"goalbot/settings"
)

// This file reads the values of the variables.

var tokenShape = regexp.MustCompile(`^\d+:[A-Za-z0-9_-]{30,}$`)

func setToken(c *Config, value string) error {
	if !tokenShape.MatchString(value) {
		return errors.New("must be a token from @BotFather: digits, a colon, then at least 30 letters, digits, _ or -, with nothing around it")
	}
	c.Token = Secret(value)
	return nil
}

func setTokenFile(c *Config, path string) error {
	return setFromFile(c, "TELEGRAM_BOT_TOKEN", path, setToken, "the token", "a token from @BotFather")
}

// setFromFile takes the value of a setting from a file. It says what the file is to
// hold, and what that looks like.
func setFromFile(c *Config, name, path string, set func(*Config, string) error, what, like string) error {
	if c.given[name] {
		return fmt.Errorf("must not be set together with %s; remove one of the two", name)
	}
	content, info, err := readSettings(path, maxSecret)
	if err != nil {
		return fmt.Errorf("must be the path of a file that holds %s, and that file %s", what, unreadable(err))
	}
	value := strings.TrimSpace(string(content))
	if value == "" || strings.ContainsFunc(value, unicode.IsControl) || set(c, value) != nil {
		return fmt.Errorf("must be the path of a file that holds %s and nothing else; its contents don't look like %s", what, like)
	}
	if w := loose("The file of "+name+"_FILE", info, "chmod 600 on it"); w != "" {
		c.Warnings = append(c.Warnings, w)
	}
	return nil
}

// maxSecret is far more than a secret in a file needs, with blanks around it.
const maxSecret = 64 << 10

func setAllowed(c *Config, value string) (err error) {
	c.AllowedUserIDs, err = parseIDs(value, func(id int64) error {
		if id < 0 {
			return errors.New("is negative, so it is a group; people have positive ids, and groups go into ALERT_CHAT_IDS")
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
			return errors.New("is the id of a person; for people use /invite or ALLOWED_USER_IDS")
		}
		return nil
	})
	return err
}

func setBotName(c *Config, value string) error {
	if n := utf8.RuneCountInString(value); n > 64 { // Bot API, setMyName
		return fmt.Errorf("has %d characters; Telegram allows 64", n)
	}
	if value != goals.OneLine(value) || !goals.Shows(value) {
		return errors.New("must be one line of text")
	}
	if anyToken.MatchString(value) {
		return errors.New("looks like a token, which everybody would see")
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
			err = errors.New("is not a numeric id; @names do not work here")
		default:
			err = check(id)
		}
		if err != nil {
			return nil, fmt.Errorf("must be numeric ids, separated by commas; entry %d %w", i+1, err)
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
		return errors.New("begins with $, but variables are not expanded here; write the full path of the folder")
	case '"', '\'':
		return errors.New("begins with a quote, which is part of the value here; write the full path of the folder, without quotes")
	}
	if rest, ok := strings.CutPrefix(value, "~"); ok {
		switch {
		case rest != "" && !os.IsPathSeparator(rest[0]) && rest[0] != '/':
			return errors.New("can begin with ~/ only for your own home directory; write the full path of any other")
		case !filepath.IsAbs(c.home):
			return errors.New("begins with ~, but HOME is not set; write the full path of the folder")
		}
		value = filepath.Join(c.home, rest)
	}
	root, err := filepath.Abs(value)
	if err != nil {
		return errors.New("must be the full path of a folder, because the working directory is unknown")
	}
	c.DataRoot = root
	return nil
}

func setPalaceURL(c *Config, value string) error {
	u, ok := databaseURL(value)
	if !ok {
		return errors.New("must be left empty, or be the URL of a PostgreSQL database; in a user or password, characters such as @ / ? # % are written as %40 %2F %3F %23 %25")
	}
	host := u.Hostname()
	if host == "" {
		host = u.Query().Get("host")
	}
	private := host == "" || strings.HasPrefix(host, "/") || loopback(host) // a socket, or this machine
	if mode := u.Query().Get("sslmode"); !private && mode != "verify-full" && mode != "verify-ca" {
		c.Warnings = append(c.Warnings, "PALACE_URL does not check whom it connects to: others on the way may read and change all goals; add sslmode=verify-full to it")
	}
	c.PalaceURL = Secret(value)
	return nil
}

// IsDatabaseURL reports whether a text is the URL of a PostgreSQL database.
func IsDatabaseURL(text string) bool {
	_, ok := databaseURL(text)
	return ok
}

// HasPassword reports whether a text is the URL of a PostgreSQL database with a password.
func HasPassword(text string) bool {
	u, ok := databaseURL(text)
	if !ok {
		return false
	}
	_, has := u.User.Password()
	return has || u.Query().Has("password")
}

// ReadDatabaseURL reads the URL of a PostgreSQL database from a file, as PALACE_URL_FILE
// names one. The warning, if there is one, is about who else may read it.
func ReadDatabaseURL(path string) (url, warning string, err error) {
	content, info, err := readSettings(path, maxSecret)
	if err != nil {
		return "", "", fmt.Errorf("must be the path of a file that holds the URL of a PostgreSQL database, and that file %s", unreadable(err))
	}
	url = strings.TrimSpace(string(content))
	if strings.ContainsFunc(url, unicode.IsControl) || !IsDatabaseURL(url) {
		return "", "", errors.New("must be the path of a file that holds the URL of a PostgreSQL database and nothing else; its contents don't look like one")
	}
	return url, loose("The file of --to-file", info, "chmod 600 on it"), nil
}

func databaseURL(text string) (*url.URL, bool) {
	u, err := url.Parse(text)
	return u, err == nil && slices.Contains([]string{"postgres", "postgresql"}, u.Scheme) && u.Opaque == ""
}

func setPalaceURLFile(c *Config, path string) error {
	return setFromFile(c, "PALACE_URL", path, setPalaceURL, "the URL", "the URL of a PostgreSQL database")
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
