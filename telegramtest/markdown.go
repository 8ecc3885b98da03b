package telegramtest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The marks of Bot API «MarkdownV2 style», longer ones first.
var marks = []struct{ mark, kind, name string }{
	{"```", "pre", "Pre"}, {"`", "code", "Code"}, {"||", "spoiler", "Spoiler"}, {"__", "underline", "Underline"},
	{"_", "italic", "Italic"}, {"*", "bold", "Bold"}, {"~", "strikethrough", "Strikethrough"},
}

// reserved characters must be escaped with a backslash wherever they mark nothing.
const reserved = "_*[]()~`>#+-=|{}.!"

type openMark struct {
	mark, kind, name string
	offset, begin    int
}

type markdownParser struct {
	text     string
	at       int
	out      strings.Builder
	units    int
	open     []openMark
	entities []Entity
}

func parseMarkdownV2(text string) (string, []Entity, error) {
	p := markdownParser{text: text}
	for p.at < len(p.text) {
		if err := p.step(); err != nil {
			return "", nil, err
		}
	}
	p.endQuote()
	if n := len(p.open); n > 0 {
		return "", nil, p.endless(p.open[n-1])
	}
	sortEntities(p.entities)
	return p.out.String(), p.entities, nil
}

func (p *markdownParser) endless(m openMark) error {
	return fmt.Errorf("Can't find end of %s entity at byte offset %d", m.name, m.begin)
}

func (p *markdownParser) write(n int) {
	p.out.WriteString(p.text[p.at : p.at+n])
	p.units += len16(p.text[p.at : p.at+n])
	p.at += n
}

func (p *markdownParser) step() error {
	rest := p.text[p.at:]
	if rest[0] == '\\' && len(rest) > 1 && rest[1] > 0 && rest[1] < 127 {
		p.at++
		p.write(1)
		return nil
	}
	if n := len(p.open); n > 0 && (p.open[n-1].kind == "code" || p.open[n-1].kind == "pre") && !strings.HasPrefix(rest, p.open[n-1].mark) {
		p.writeRune()
		return nil
	}
	switch {
	case rest[0] == '>' && (p.at == 0 || p.text[p.at-1] == '\n'):
		p.beginQuote()
		return nil
	case rest[0] == '\n':
		p.write(1)
		if !strings.HasPrefix(p.text[p.at:], ">") {
			p.endQuote()
		}
		return nil
	case rest[0] == '[':
		p.open = append(p.open, openMark{"]", "text_link", "TextUrl", p.units, p.at})
		p.at++
		return nil
	case rest[0] == ']' && len(p.open) > 0 && p.open[len(p.open)-1].mark == "]":
		return p.link()
	}
	for _, m := range marks {
		if strings.HasPrefix(rest, m.mark) {
			return p.mark(openMark{m.mark, m.kind, m.name, p.units, p.at})
		}
	}
	if strings.IndexByte(reserved, rest[0]) >= 0 {
		return fmt.Errorf(`Character '%c' is reserved and must be escaped with the preceding '\'`, rest[0])
	}
	p.writeRune()
	return nil
}

func (p *markdownParser) writeRune() {
	_, n := utf8.DecodeRuneInString(p.text[p.at:])
	p.write(n)
}

func (p *markdownParser) mark(m openMark) error {
	p.at += len(m.mark)
	n := len(p.open)
	if n == 0 || p.open[n-1].mark != m.mark {
		p.open = append(p.open, m)
		if m.kind == "pre" {
			p.skipLanguage()
		}
		return nil
	}
	begun := p.open[n-1]
	p.open = p.open[:n-1]
	p.entity(Entity{Type: begun.kind, Offset: begun.offset, Length: p.units - begun.offset})
	return nil
}

// skipLanguage passes over the word after ``` and the line break that follows it.
func (p *markdownParser) skipLanguage() {
	line, _, found := strings.Cut(p.text[p.at:], "\n")
	if found && !strings.ContainsAny(line, " `\t") {
		p.at += len(line) + 1
	}
}

func (p *markdownParser) entity(e Entity) {
	if e.Length > 0 {
		p.entities = append(p.entities, e)
	}
}

func (p *markdownParser) link() error {
	begun := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	p.at++
	if !strings.HasPrefix(p.text[p.at:], "(") {
		return nil // Telegram takes the words for the address, and drops what is none
	}
	p.at++
	var url strings.Builder
	for ; p.at < len(p.text) && p.text[p.at] != ')'; p.at++ {
		if p.text[p.at] == '\\' && p.at+1 < len(p.text) {
			p.at++
		}
		url.WriteByte(p.text[p.at])
	}
	if p.at == len(p.text) {
		return fmt.Errorf("Can't find end of a URL at byte offset %d", begun.begin)
	}
	p.at++
	if isLink(url.String()) {
		p.entity(Entity{Type: "text_link", Offset: begun.offset, Length: p.units - begun.offset, URL: url.String()})
	}
	return nil
}

func (p *markdownParser) beginQuote() {
	p.at++
	for _, m := range p.open {
		if m.kind == "blockquote" {
			return
		}
	}
	p.open = append([]openMark{{">", "blockquote", "BlockQuote", p.units, p.at}}, p.open...)
}

func (p *markdownParser) endQuote() {
	if len(p.open) == 1 && p.open[0].kind == "blockquote" {
		p.entity(Entity{Type: "blockquote", Offset: p.open[0].offset, Length: p.units - p.open[0].offset})
		p.open = nil
	}
}

// parseMarkdown is the legacy style: marks do not nest, and a mark may be escaped with a backslash.
func parseMarkdown(text string) (string, []Entity, error) {
	var out strings.Builder
	var entities []Entity
	for at := 0; at < len(text); {
		c := text[at]
		if c == '\\' && at+1 < len(text) && strings.IndexByte("_*`[", text[at+1]) >= 0 {
			out.WriteByte(text[at+1])
			at += 2
			continue
		}
		kind, end := map[byte]string{'_': "italic", '*': "bold", '`': "code", '[': "text_link"}[c], string(c)
		if kind == "" {
			out.WriteByte(c)
			at++
			continue
		}
		if kind == "text_link" {
			end = "]"
		} else if strings.HasPrefix(text[at:], "```") {
			kind, end = "pre", "```"
		}
		inner, rest, found := strings.Cut(text[at+len(end):], end)
		if !found {
			return "", nil, fmt.Errorf("Can't find end of the entity starting at byte offset %d", at)
		}
		e := Entity{Type: kind, Offset: len16(out.String()), Length: len16(inner)}
		out.WriteString(inner)
		at = len(text) - len(rest)
		if kind == "text_link" {
			url, _, found := strings.Cut(strings.TrimPrefix(rest, "("), ")")
			if !strings.HasPrefix(rest, "(") || !found || !isLink(url) {
				continue
			}
			e.URL = url
			at += len(url) + len("()")
		}
		if e.Length > 0 {
			entities = append(entities, e)
		}
	}
	return out.String(), entities, nil
}
