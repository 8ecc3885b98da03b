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
)

func TestTheLogHoldsNoSecret(t *testing.T) {
	const (
		other = "6543210:BBcanarycanarycanarycanarycanary"
		short = "1:CCcanarycanarycanarycanarycanary" // too short for the shape, known exactly
		hook  = "https://example.com/hook?key=canary&x=<y>"
	)
	for _, token := range []string{aToken, short} {
		for _, format := range []string{"text", "json"} {
			c := Config{Token: Secret(token), AlertWebhookURL: hook, LogFormat: format}
			_, half, _ := strings.Cut(token, ":")
			for _, text := range []string{token, half, other, "bot" + token + "/getMe", url.QueryEscape(other), hook, "a " + token + token + " b"} {
				err := fmt.Errorf("get me: %w", &url.Error{Op: "Post", URL: "https://api.example/bot" + text + "/getMe", Err: errors.New(text)})
				var out bytes.Buffer
				log := NewLog(&out, c)
				log.Info("message " + text)
				log.Error("x", "err", err, "text", text, "bytes", json.RawMessage(`"`+text+`"`), "struct", struct{ S []string }{[]string{text}})
				log.With("with", text).WithGroup("g").Warn("x", slog.Group(text, "a", slog.AnyValue(map[string]error{text: err})))
				if got := out.String(); strings.Contains(got, "canary") || !strings.Contains(got, hidden) || strings.Count(got, "\n") != 3 {
					t.Errorf("logged:\n%s", got)
				}
			}
		}
	}
}

func TestTheLogKeepsTheRest(t *testing.T) {
	const line = "update 123456789: 12:34:56 2026-11-23T02:26:20 done"
	var out bytes.Buffer
	w := maskSecrets(&out, Config{})
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
	log := NewLog(&out, Config{LogLevel: slog.LevelWarn, LogFormat: "json"})
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
	NewLog(&out, Config{LogFormat: "text"}).Info("this one")
	if !strings.Contains(out.String(), `level=INFO msg="this one"`) {
		t.Errorf("logged %s", &out)
	}
}
