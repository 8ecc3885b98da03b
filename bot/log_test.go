package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"goalbot/bot/config"
)

const aToken = "123456789:AAcanarycanarycanarycanarycanary_-"

func TestTheLogHoldsNoSecret(t *testing.T) {
	const (
		other = "6543210:BBcanarycanarycanarycanarycanary"
		short = "1:CCcanarycanarycanarycanarycanary" // too short for the shape, known exactly
		hook  = "https://example.com/hook?key=canary&x=<y>"
		place = "postgres://bot:p%40canary@db.example.org/goals"
	)
	for _, token := range []string{aToken, short} {
		for _, format := range []string{"text", "json"} {
			c := config.Config{Token: config.Secret(token), AlertWebhookURL: hook, PalaceURL: place, LogFormat: format}
			_, half, _ := strings.Cut(token, ":")
			for _, text := range []string{token, half, other, "bot" + token + "/getMe", url.QueryEscape(other), hook, place, "p@canary", "p%40canary", "a " + token + token + " b"} {
				err := fmt.Errorf("get me: %w", &url.Error{Op: "Post", URL: "https://api.example/bot" + text + "/getMe", Err: errors.New(text)})
				var out bytes.Buffer
				log := NewLog(&out, c)
				log.Info("message " + text)
				log.Error("x", "err", err, "text", text, "bytes", json.RawMessage(`"`+text+`"`), "struct", struct{ S []string }{[]string{text}})
				log.With("with", text).WithGroup("g").Warn("x", slog.Group(text, "a", slog.AnyValue(map[string]error{text: err})))
				if got := out.String(); strings.Contains(got, "canary") || !strings.Contains(got, config.Hidden) || strings.Count(got, "\n") != 3 {
					t.Errorf("logged:\n%s", got)
				}
			}
		}
	}
}

func TestTheLogKeepsTheRest(t *testing.T) {
	const line = "update 123456789: 12:34:56 2026-11-23T02:26:20 done"
	var out bytes.Buffer
	w := maskSecrets(&out, config.Config{})
	if n, err := io.WriteString(w, line); n != len(line) || err != nil || out.String() != line {
		t.Errorf("wrote %d of %d, %v: %s", n, len(line), err, &out)
	}
	// What is hidden counts as written.
	if n, err := io.WriteString(w, aToken); n != len(aToken) || err != nil {
		t.Errorf("wrote %d of %d, %v", n, len(aToken), err)
	}
}

func TestTheLogHasItsLevelAndFormat(t *testing.T) {
	var out bytes.Buffer
	log := NewLog(&out, config.Config{LogLevel: slog.LevelWarn, LogFormat: "json"})
	log.Info("not this one")
	log.Warn("this one", "n", 1)
	var line struct {
		Msg string
		N   int
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line.Msg != "this one" || line.N != 1 {
		t.Errorf("logged %s (%v)", &out, err)
	}
	out.Reset()
	NewLog(&out, config.Config{LogFormat: "text"}).Info("this one")
	if !strings.Contains(out.String(), `level=INFO msg="this one"`) {
		t.Errorf("logged %s", &out)
	}
}

// A server may call itself what it likes, and say megabytes. JSON let U+009B, with
// which a terminal's commands begin too, and the characters that turn the
// direction of reading pass as they are. Broken on purpose: printable, clipped,
// and hiding before clipping.
func TestALogLineIsPlainAndBounded(t *testing.T) {
	const odd = "a\x1b[2J\u009b2J\u202egnp.exe\u2066\u200f\ufeff\u2028\U000e0041\x7f\xffz – é 🚨"
	for _, format := range []string{"text", "json"} {
		var out bytes.Buffer
		log := NewLog(&out, config.Config{LogFormat: format, Token: aToken})
		log.Warn(odd, odd, odd, "err", errors.New(odd), "any", map[string]string{odd: odd}, "raw", json.RawMessage(`"\u009b`+"\u009b\u202e"+`"`))
		if got := out.String(); strings.ContainsAny(got, "\x1b\u009b\u202e\u2066\u200f\ufeff\u2028\U000e0041\x7f") || !utf8.ValidString(got) || strings.Count(got, "\n") != 1 || !strings.Contains(got, "🚨") {
			t.Errorf("%s: logged %q", format, got)
		}
		var line map[string]any
		if err := json.Unmarshal(out.Bytes(), &line); format == "json" && (err != nil || line["err"] != strings.ToValidUTF8(odd, "\ufffd")) {
			t.Errorf("the value is another: %q, %v", line["err"], err)
		}
		out.Reset()
		long := strings.Repeat("é", maxLogged)
		cut := strings.Repeat("x", maxLogged-10) + aToken + strings.Repeat("y", maxLogged)
		log.Error(long, "text", long, "err", errors.New(cut))
		_, half, _ := strings.Cut(aToken, ":")
		if got := out.String(); len(got) > 3*maxLogged+1000 || !strings.Contains(got, "é… (32768 bytes)") || strings.Contains(got, half[:5]) {
			t.Errorf("%s: %d bytes are logged, ending in %q", format, len(got), got[max(0, len(got)-200):])
		}
	}
}
