package telegramtest_test

import (
	"fmt"
	"strings"
	"testing"

	"goalbot/telegramtest"
)

// show writes entities as type@offset+length, for comparing.
func show(entities []telegramtest.Entity) string {
	var all []string
	for _, e := range entities {
		text := fmt.Sprintf("%s@%d+%d", e.Type, e.Offset, e.Length)
		if e.URL != "" {
			text += "=" + e.URL
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func TestMarkup(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	const wrong = "Bad Request: can't parse entities: "
	for _, c := range []struct{ mode, text, want, entities string }{
		{"HTML", "<b>b <i>i</i></b> &lt;x&gt; &amp;&quot;", `b i <x> &"`, "bold@0+3 italic@2+1"},
		{"HTML", "😀 <u>x</u>", "😀 x", "underline@3+1"},
		{"HTML", "&nbsp; & &#128512;", "&nbsp; & 😀", ""},
		{"HTML", `<a href="https://a.org/?x=1&amp;y">l</a>`, "l", "text_link@0+1=https://a.org/?x=1&y"},
		{"HTML", "<pre><code class=\"language-go\">x := 1</code></pre>", "x := 1", "pre@0+6"},
		{"HTML", "<code>/done a.org</code> /done", "/done a.org /done", "code@0+11 bot_command@12+5"},
		{"HTML", "<blockquote expandable>x</blockquote>", "x", "expandable_blockquote@0+1"},
		{"HTML", `<span class="tg-spoiler">x</span><tg-spoiler>y</tg-spoiler>`, "xy", "spoiler@0+2"},
		{"HTML", `<tg-time unix="1767225600" format="wDT">1 January</tg-time>`, "1 January", "date_time@0+9"},
		{"HTML", `<tg-time unix="1767225600" format="rx">x</tg-time>`, "", wrong + "Invalid date-time format specified"},
		{"HTML", "<b>x </b>\n", "x", "bold@0+1"},
		{"html", "  <B>x</B>", "x", "bold@0+1"},
		{"HTML", "a < b", "", wrong + `Unsupported start tag "" at byte offset 2`},
		{"HTML", "a <b", "", wrong + "Unclosed start tag at byte offset 2"},
		{"HTML", "/done <number>", "", wrong + `Unsupported start tag "number" at byte offset 6`},
		{"HTML", "<b>x", "", wrong + `Can't find end tag corresponding to start tag "b"`},
		{"HTML", "<b>x</i>", "", wrong + `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`},
		{"HTML", "x</b>", "", wrong + "Unexpected end tag at byte offset 1"},
		{"HTML", "<span>x</span>", "", wrong + `Tag "span" must have class "tg-spoiler" at byte offset 0`},
		{"HTML", "<b>x</b", "", wrong + "Unclosed end tag at byte offset 4"},
		{"HTML", `<a href="x`, "", wrong + `Unclosed start tag "a" at byte offset 0`},
		{"MarkdownV2", "*b _i_* ~s~ __u__ ||h|| `c`", "b i s u h c", "bold@0+3 italic@2+1 strikethrough@4+1 underline@6+1 spoiler@8+1 code@10+1"},
		{"MarkdownV2", `1\. \*x\* [l](https://a\.org/\))`, "1. *x* l", "text_link@7+1=https://a.org/)"},
		{"MarkdownV2", "```go\nx.y()\n``` z", "x.y()\n z", "pre@0+6"},
		{"MarkdownV2", ">q\n>r\ns", "q\nr\ns", "blockquote@0+4"},
		{"MarkdownV2", "1. x", "", wrong + `Character '.' is reserved and must be escaped with the preceding '\'`},
		{"MarkdownV2", "*x", "", wrong + "Can't find end of Bold entity at byte offset 0"},
		{"Markdown", "*b* _i_ `c` [l](http://a.org) a\\_b", "b i c l a_b", "bold@0+1 italic@2+1 code@4+1 text_link@6+1=http://a.org"},
		{"Markdown", "snake_case", "", wrong + "Can't find end of the entity starting at byte offset 5"},
	} {
		t.Run(c.text, func(t *testing.T) {
			st.t = t
			p := params{"chat_id": ann.ID, "text": c.text, "parse_mode": c.mode}
			if c.want == "" {
				st.refused("sendMessage", p, c.entities)
				return
			}
			m := ok[message](st, "sendMessage", p)
			if m.Text != c.want || show(m.Entities) != c.entities {
				t.Errorf("%q with %s; want %q with %s", m.Text, show(m.Entities), c.want, c.entities)
			}
		})
	}
}

func TestEntitiesMustFitTheText(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	e := func(kind string, offset, length int) params {
		return params{"type": kind, "offset": offset, "length": length}
	}
	for _, c := range []struct {
		name     string
		text     string
		entities any
		want     string
	}{
		{"nested", "😀abc", []params{e("bold", 2, 3), e("italic", 3, 1)}, "bold@2+3 italic@3+1"},
		{"trimmed", "  abc  ", []params{e("bold", 2, 5)}, "bold@0+3"},
		{"kept blanks", "  abc", []params{e("bold", 1, 4)}, "bold@0+4"},
		{"returns", "a\r\nbc", []params{e("bold", 3, 2)}, "bold@2+2"},
		{"turned", "a\u202Ebc", []params{e("bold", 2, 2)}, "bold@1+2"},
		{"empty", "abc", []params{e("bold", 1, 0)}, ""},
		{"found by Telegram", "abc", []params{e("hashtag", 0, 2)}, ""},
		{"too far", "abc", []params{e("bold", 1, 3)}, "Bad Request: entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 3"},
		{"negative", "abc", []params{e("bold", -1, 3)}, "Bad Request: receive an entity with incorrect offset -1"},
		{"begins in a character", "😀abc", []params{e("bold", 1, 2)}, "Bad Request: entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1"},
		{"ends in a character", "😀abc", []params{e("bold", 0, 1)}, "Bad Request: entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol"},
		{"crossing", "abcdef", []params{e("bold", 0, 3), e("italic", 2, 3)}, "Bad Request: entities at UTF-16 offsets 0 and 2 cross each other"},
		{"in code", "abcdef", []params{e("code", 0, 3), e("bold", 1, 1)}, "Bad Request: entity of type code can't contain one of type bold"},
		{"code in bold", "abcdef", []params{e("bold", 0, 3), e("code", 1, 1)}, "Bad Request: entity of type bold can't contain one of type code"},
		{"bold in a quote", "abcdef", []params{e("blockquote", 0, 3), e("bold", 0, 3)}, "blockquote@0+3 bold@0+3"},
		{"code and quote in one place", "abcdef", []params{e("code", 0, 3), e("blockquote", 0, 3)}, "blockquote@0+3 code@0+3"},
		{"unknown", "abc", []params{e("blink", 0, 3)}, "Bad Request: can't parse MessageEntity: Unsupported type specified"},
		{"no type", "abc", []params{{"offset": 0, "length": 1}}, `Bad Request: can't parse MessageEntity: Can't find field "type"`},
		{"link without address", "abc", []params{e("text_link", 0, 3)}, `Bad Request: can't parse MessageEntity: Can't find field "url"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.t = t
			p := params{"chat_id": ann.ID, "text": c.text, "entities": c.entities}
			if strings.HasPrefix(c.want, "Bad") {
				st.refused("sendMessage", p, c.want)
				return
			}
			if m := ok[message](st, "sendMessage", p); show(m.Entities) != c.want {
				t.Errorf("%s; want %s", show(m.Entities), c.want)
			}
		})
	}
}

func TestAPhoneFindsEntities(t *testing.T) {
	st := newStage(t)
	chat := st.Private(ann)
	for text, want := range map[string]string{
		"/done 3":                           "bot_command@0+5",
		"/done@goal_test_bot #12":           "bot_command@0+19",
		"😀 /goals":                          "bot_command@3+6",
		"a/b and/or /x/y":                   "",
		"hi @ann, see #garden and #2026":    "mention@3+4 hashtag@13+7",
		"mail me@example.org now":           "email@5+14",
		"see https://a.org/x?y=/done, then": "url@4+23",
		"see example.com/help.":             "url@4+16",
		"`code` and *bold* stay":            "",
		"#größe $EUR":                       "hashtag@0+6 cashtag@7+4",
	} {
		if m := st.Say(chat, ann, text); show(m.Entities) != want {
			t.Errorf("%q: %s; want %s", text, show(m.Entities), want)
		}
	}
}
