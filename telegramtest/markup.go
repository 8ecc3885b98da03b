package telegramtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// markup is what reply_markup asks for.
type markup struct {
	buttons        [][]Button
	forceReply     bool
	selective      bool
	placeholder    string
	isInline, isOn bool
}

// readMarkup reads and checks reply_markup.
func (s *Server) readMarkup(raw string) (m markup, refused *refusal) {
	if raw == "" {
		return m, nil
	}
	if !json.Valid([]byte(raw)) {
		return m, bad("can't parse reply keyboard markup JSON object")
	}
	if !utf8.ValidString(raw) {
		return m, errUTF8
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &fields) != nil {
		return m, bad("object expected as reply markup")
	}
	if fields == nil { // null
		return m, nil
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, []byte(raw)) // it is valid
	if compact.Len() > maxMarkup {
		return m, bad("reply markup is too long")
	}
	flag := func(name string) bool { return string(fields[name]) == "true" }
	if rows := fields["inline_keyboard"]; rows != nil {
		m.isInline, m.isOn = true, true
		m.buttons, refused = s.readRows(rows)
		return m, refused
	}
	m.selective = flag("selective")
	if text := fields["input_field_placeholder"]; text != nil {
		if json.Unmarshal(text, &m.placeholder) != nil || utf8.RuneCountInString(m.placeholder) > maxPlaceholder {
			return m, bad("input field placeholder is too long")
		}
	}
	if !flag("force_reply") {
		return m, bad("the stand-in knows inline keyboards and forced replies only")
	}
	m.isOn, m.forceReply = true, true
	return m, nil
}

// readRows reads the rows of an inline keyboard. Empty rows vanish, as they do on a phone.
func (s *Server) readRows(raw json.RawMessage) ([][]Button, *refusal) {
	var rows []json.RawMessage
	if json.Unmarshal(raw, &rows) != nil {
		return nil, bad(`field "inline_keyboard" must be of type Array`)
	}
	var all [][]Button
	count := 0
	for _, rawRow := range rows {
		var elements []json.RawMessage
		if json.Unmarshal(rawRow, &elements) != nil {
			return nil, bad(`field "inline_keyboard" must be an Array of Arrays`)
		}
		var row []Button
		for _, element := range elements {
			b, err := s.readButton(element)
			if err != nil {
				return nil, err
			}
			row = append(row, b)
		}
		if count += len(row); len(row) > maxRow || count > maxButtons {
			return nil, bad("reply markup is too long")
		}
		if len(row) > 0 {
			all = append(all, row)
		}
	}
	return all, nil
}

// actions are the fields of which a button has exactly one. Telegram takes the first; more than one is a mistake.
var actions = []string{
	"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
	"switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
}

func (s *Server) readButton(raw json.RawMessage) (b Button, refused *refusal) {
	fail := func(format string, args ...any) (Button, *refusal) {
		return b, bad("can't parse inline keyboard button: %s", fmt.Sprintf(format, args...))
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return fail("InlineKeyboardButton must be an Object")
	}
	if fields["text"] == nil {
		return fail(`Can't find field "text"`)
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return fail("a field is of the wrong type")
	}
	if isBlank(b.Text) {
		return b, bad("inline keyboard button text must be non-empty")
	}
	var found []string
	for _, name := range actions {
		if value := fields[name]; value != nil && string(value) != "null" && !s.lacks[name] {
			found = append(found, name)
		}
	}
	switch {
	case len(found) == 0:
		return fail("Text buttons are unallowed in the inline keyboard")
	case len(found) > 1:
		return fail("exactly one of the fields %s must be used", strings.Join(found, ", "))
	case found[0] == "callback_data" && (b.Data == "" || len(b.Data) > maxCallback):
		return b, bad("BUTTON_DATA_INVALID")
	case found[0] == "url" && !isLink(b.URL):
		return b, bad("inline keyboard button URL '%s' is invalid: Wrong HTTP URL", b.URL)
	case found[0] == "copy_text" && (b.CopyText.Text == "" || utf8.RuneCountInString(b.CopyText.Text) > 256):
		return b, bad("BUTTON_COPY_TEXT_INVALID")
	case b.Data == "" && b.URL == "" && b.CopyText == nil:
		return b, bad("the stand-in knows no buttons with %s", found[0])
	}
	switch b.Style {
	case "", "danger", "success", "primary":
		return b, nil
	}
	return fail("Invalid button style specified")
}

// isLink tells whether Telegram takes a text for an address: with a known scheme, or a host with a dot in it.
func isLink(text string) bool {
	if !strings.Contains(text, "://") && !strings.HasPrefix(strings.ToLower(text), "mailto:") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || strings.ContainsAny(text, " \n\t") {
		return false
	}
	switch strings.ToLower(u.Scheme) {
	case "tg", "ton", "tonsite":
		return u.Host != ""
	case "mailto":
		return true
	case "http", "https", "ftp":
		host := u.Hostname()
		return strings.Contains(strings.Trim(host, "."), ".")
	}
	return false
}
