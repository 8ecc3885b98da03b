package telegramtest

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// htmlTags are the tags of Bot API «HTML style» and the entity each makes.
var htmlTags = map[string]string{
	"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler", "span": "spoiler",
	"a": "text_link", "code": "code", "pre": "pre", "blockquote": "blockquote", "tg-emoji": "custom_emoji",
	"tg-time": "date_time",
}

type htmlParser struct {
	text     string
	at       int
	out      strings.Builder
	units    int // UTF-16 units written to out
	open     []openTag
	entities []Entity
}

type openTag struct {
	name       string
	attributes map[string]string
	offset     int // in UTF-16 units
	begin      int // in bytes of out
}

// parseHTML takes the tags out of a text. Its errors are worded as Telegram's, which count bytes.
func parseHTML(text string) (string, []Entity, error) {
	p := htmlParser{text: text}
	for p.at < len(p.text) {
		var err error
		switch p.text[p.at] {
		case '<':
			err = p.tag()
		case '&':
			r, n := charRef(p.text[p.at:])
			p.write(r)
			p.at += n
		default:
			r, n := utf8.DecodeRuneInString(p.text[p.at:])
			p.write(r)
			p.at += n
		}
		if err != nil {
			return "", nil, err
		}
	}
	if n := len(p.open); n > 0 {
		return "", nil, fmt.Errorf(`Can't find end tag corresponding to start tag "%s"`, p.open[n-1].name)
	}
	sortEntities(p.entities)
	return p.out.String(), p.entities, nil
}

func (p *htmlParser) write(r rune) {
	p.out.WriteRune(r)
	p.units += len16(string(r))
}

// charRef reads a character reference. An ampersand that begins none is itself.
func charRef(text string) (rune, int) {
	end := 1
	for end < len(text) && end < 10 && (isAlnum(text[end]) || text[end] == '#' && end == 1) {
		end++
	}
	name := text[1:end]
	if end < len(text) && text[end] == ';' {
		end++
	}
	switch name {
	case "lt":
		return '<', end
	case "gt":
		return '>', end
	case "amp":
		return '&', end
	case "quot":
		return '"', end
	}
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			digits, base = hex, 16
		}
		if n, err := strconv.ParseUint(digits, base, 32); err == nil && n > 0 && utf8.ValidRune(rune(n)) {
			return rune(n), end
		}
	}
	return '&', 1
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func (p *htmlParser) tag() error {
	begin := p.at
	if strings.HasPrefix(p.text[begin:], "</") {
		return p.endTag(begin)
	}
	p.at++
	name := strings.ToLower(p.until(func(c byte) bool { return isSpace(c) || c == '>' }))
	if p.at == len(p.text) {
		return fmt.Errorf("Unclosed start tag at byte offset %d", begin)
	}
	if htmlTags[name] == "" {
		return fmt.Errorf(`Unsupported start tag "%s" at byte offset %d`, name, begin)
	}
	attributes, err := p.attributes(name, begin)
	if err != nil {
		return err
	}
	if name == "span" && attributes["class"] != "tg-spoiler" {
		return fmt.Errorf(`Tag "span" must have class "tg-spoiler" at byte offset %d`, begin)
	}
	p.open = append(p.open, openTag{name: name, attributes: attributes, offset: p.units, begin: p.out.Len()})
	return nil
}

func (p *htmlParser) until(stop func(byte) bool) string {
	from := p.at
	for p.at < len(p.text) && !stop(p.text[p.at]) {
		p.at++
	}
	return p.text[from:p.at]
}

func (p *htmlParser) blanks() { p.until(func(c byte) bool { return !isSpace(c) }) }

// attributes reads up to and with the closing bracket.
func (p *htmlParser) attributes(tag string, begin int) (map[string]string, error) {
	unclosed := fmt.Errorf(`Unclosed start tag "%s" at byte offset %d`, tag, begin)
	attributes := map[string]string{}
	for {
		p.blanks()
		if p.at == len(p.text) {
			return nil, unclosed
		}
		if p.text[p.at] == '>' {
			p.at++
			return attributes, nil
		}
		name := strings.ToLower(p.until(func(c byte) bool { return isSpace(c) || strings.IndexByte(`=>/"'`, c) >= 0 }))
		if name == "" {
			return nil, fmt.Errorf(`Empty attribute name in the tag "%s" at byte offset %d`, tag, begin)
		}
		p.blanks()
		if p.at == len(p.text) {
			return nil, unclosed
		}
		if p.text[p.at] != '=' {
			attributes[name] = ""
			continue
		}
		p.at++
		p.blanks()
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		if p.at == len(p.text) {
			return nil, unclosed
		}
		attributes[name] = value
	}
}

func (p *htmlParser) value() (string, error) {
	if p.at == len(p.text) {
		return "", nil
	}
	quote := p.text[p.at]
	if quote != '"' && quote != '\'' {
		begin := p.at
		token := p.until(func(c byte) bool { return !isAlnum(c) && c != '.' && c != '-' })
		if p.at < len(p.text) && !isSpace(p.text[p.at]) && p.text[p.at] != '>' {
			return "", fmt.Errorf("Unexpected end of name token at byte offset %d", begin)
		}
		return strings.ToLower(token), nil
	}
	p.at++
	var value strings.Builder
	for p.at < len(p.text) && p.text[p.at] != quote {
		if p.text[p.at] != '&' {
			value.WriteByte(p.text[p.at])
			p.at++
			continue
		}
		r, n := charRef(p.text[p.at:])
		value.WriteRune(r)
		p.at += n
	}
	if p.at < len(p.text) {
		p.at++ // the closing quote
	}
	return value.String(), nil
}

func (p *htmlParser) endTag(begin int) error {
	if len(p.open) == 0 {
		return fmt.Errorf("Unexpected end tag at byte offset %d", begin)
	}
	p.at += len("</")
	name := strings.ToLower(p.until(func(c byte) bool { return isSpace(c) || c == '>' }))
	p.blanks()
	if p.at == len(p.text) || p.text[p.at] != '>' {
		return fmt.Errorf("Unclosed end tag at byte offset %d", begin)
	}
	p.at++
	t := p.open[len(p.open)-1]
	if name != "" && name != t.name {
		return fmt.Errorf(`Unmatched end tag at byte offset %d, expected "</%s>", found "</%s>"`, begin, t.name, name)
	}
	p.open = p.open[:len(p.open)-1]
	return p.close(t)
}

// close makes the entity of a tag. An empty one makes none.
func (p *htmlParser) close(t openTag) error {
	e := Entity{Type: htmlTags[t.name], Offset: t.offset, Length: p.units - t.offset}
	if e.Length == 0 {
		return nil
	}
	switch t.name {
	case "a":
		e.URL = t.attributes["href"]
		if e.URL == "" {
			e.URL = p.out.String()[t.begin:]
		}
		if !isLink(e.URL) {
			return nil // Telegram shows the words and drops the link
		}
	case "code":
		e.Language, _ = strings.CutPrefix(t.attributes["class"], "language-")
	case "pre":
		if n := len(p.entities); n > 0 && p.entities[n-1].Type == "code" && p.entities[n-1].Offset == e.Offset && p.entities[n-1].Length == e.Length {
			e.Language = p.entities[n-1].Language
			p.entities = p.entities[:n-1]
		}
	case "blockquote":
		if _, ok := t.attributes["expandable"]; ok {
			e.Type = "expandable_blockquote"
		}
	case "tg-emoji":
		e.CustomEmojiID = t.attributes["emoji-id"]
		if leadingInt(e.CustomEmojiID) == 0 {
			return fmt.Errorf("Invalid custom emoji identifier specified")
		}
	case "tg-time":
		e.UnixTime, e.TimeFormat = leadingInt(t.attributes["unix"]), t.attributes["format"]
		if e.UnixTime == 0 {
			return fmt.Errorf("Invalid Unix time specified")
		}
		if !timeFormat.MatchString(e.TimeFormat) {
			return fmt.Errorf("Invalid date-time format specified")
		}
	}
	p.entities = append(p.entities, e)
	return nil
}
