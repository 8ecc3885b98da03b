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
