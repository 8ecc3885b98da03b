package main

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
)

// NewLog returns the log of the program. No line of it holds a secret of c or
// anything that looks like a token, wherever in the line it stands: in the
// message, a name, a value or an error. It is the second line of defence; the
// first is not to log them.
func NewLog(w io.Writer, c Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel}
	w = maskSecrets(w, c)
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// anyToken finds what looks like a token, also where its colon is escaped as in a URL.
var anyToken = regexp.MustCompile(`\d{6,12}(:|%3[Aa])[A-Za-z0-9_-]{30,}`)

// maskSecrets returns a writer that hides secrets. It looks at each Write by
// itself, so it is for writers of whole lines. slog is one, and only there
// have all values, however nested, become text.
func maskSecrets(w io.Writer, c Config) io.Writer {
	var pairs []string
	for _, secret := range []Secret{c.Token, c.PalaceURL, c.HealthcheckPingURL, c.AlertWebhookURL} {
		if secret != "" {
			pairs = append(pairs, string(secret), hidden)
		}
	}
	if _, half, ok := strings.Cut(string(c.Token), ":"); ok {
		pairs = append(pairs, half, hidden) // the half after the colon is the secret one
	}
	return masker{w, strings.NewReplacer(pairs...)}
}

type masker struct {
	to    io.Writer
	exact *strings.Replacer
}

func (m masker) Write(line []byte) (int, error) {
	masked := anyToken.ReplaceAllString(m.exact.Replace(string(line)), hidden)
	if _, err := io.WriteString(m.to, masked); err != nil {
		return 0, err
	}
	return len(line), nil
}
