package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"goalbot/bot/config"
)

// NewLog returns the log of the program. No line of it holds a secret of c or
// anything that looks like a token, wherever in the line it stands: in the
// message, a name, a value or an error. It is the second line of defence; the
// first is not to log them. Nor does a line hold what a terminal would obey,
// or more than maxLogged bytes of what somebody else has said.
func NewLog(w io.Writer, c config.Config) *slog.Logger {
	masked := maskSecrets(plain{w}, c)
	// A secret is hidden before a value is clipped, so that no half of it is left.
	options := &slog.HandlerOptions{Level: c.LogLevel, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(clipped(v, masked.hide))
		case error:
			a.Value = slog.StringValue(clipped(v.Error(), masked.hide))
		}
		return a
	}}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(masked, options))
	}
	return slog.New(slog.NewTextHandler(masked, options))
}

// maxLogged is how many bytes of one value are logged.
const maxLogged = 16 << 10

// clipped is a text of at most maxLogged bytes: a server may say megabytes.
// What is to be hidden in it is hidden first.
func clipped(text string, hide func(string) string) string {
	if len(text) <= maxLogged {
		return text
	}
	whole := len(text)
	text = hide(text)
	end := min(len(text), maxLogged)
	for end > 0 && end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes)", text[:end], whole)
}

// plain writes text that a terminal only shows. Whatever could move the cursor, change
// colors or the direction of reading is written as an escape that JSON knows too. Each
// Write must contain whole characters.
type plain struct{ to io.Writer }

func (p plain) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.to, printable(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func printable(text string) string {
	odd := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsGraphic(r) }
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, odd) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case !odd(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xD800+(r-0x10000)>>10, 0xDC00+(r-0x10000)&0x3FF)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// shortSecret is how long a password must be to be looked for in the log. A shorter
// one is a part of words.
const shortSecret = 6

// maskSecrets returns a writer that hides secrets. It looks at each Write by
// itself, so it is for writers of whole lines. slog is one, and only there
// have all values, however nested, become text.
func maskSecrets(w io.Writer, c config.Config, urls ...string) masker {
	var pairs []string
	for _, secret := range []config.Secret{c.Token, c.PalaceURL, c.HealthcheckPingURL, c.AlertWebhookURL} {
		if secret != "" {
			pairs = append(pairs, string(secret), config.Hidden)
		}
	}
	for _, database := range append(urls, string(c.PalaceURL)) {
		if u, err := url.Parse(database); err == nil {
			if password, _ := u.User.Password(); len(password) >= shortSecret {
				pairs = append(pairs, password, config.Hidden, url.QueryEscape(password), config.Hidden)
			}
		}
	}
	if _, half, ok := strings.Cut(string(c.Token), ":"); ok {
		pairs = append(pairs, half, config.Hidden) // the half after the colon is the secret one
	}
	return masker{w, strings.NewReplacer(pairs...)}
}

type masker struct {
	to    io.Writer
	exact *strings.Replacer
}

func (m masker) hide(text string) string {
	return config.HideTokens(m.exact.Replace(text))
}

func (m masker) Write(line []byte) (int, error) {
	if _, err := io.WriteString(m.to, m.hide(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
