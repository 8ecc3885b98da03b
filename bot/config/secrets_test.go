package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
