package telegramtest_test

import (
	"fmt"
	"strings"
	"testing"
)

func span(kind string, offset, length int) params {
	return params{"type": kind, "offset": offset, "length": length}
}

func TestStylesAreMergedAndSplit(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	link := span("text_link", 2, 3)
	link["url"] = "https://example.org"
	for _, c := range []struct {
		name, text string
		entities   []params
		want       string
	}{
		{"neighbours", "abcdef", []params{span("bold", 0, 2), span("bold", 2, 2), span("bold", 5, 1)}, "bold@0+4 bold@5+1"},
		{"of different kinds", "abcdef", []params{span("bold", 0, 2), span("italic", 2, 2)}, "bold@0+2 italic@2+2"},
		{"one in another", "abcdef", []params{span("bold", 0, 6), span("bold", 2, 2)}, "bold@0+6"},
		{"at a link", "abcdefg", []params{span("bold", 0, 7), link}, "bold@0+2 text_link@2+3=https://example.org bold@2+3 bold@5+2"},
		{"at a hashtag", "a #garden", []params{span("bold", 0, 9)}, "bold@0+2 hashtag@2+7 bold@2+7"},
		{"at a command", "see /goals now", []params{span("italic", 0, 14)}, "italic@0+4 bot_command@4+6 italic@4+6 italic@10+4"},
		{"around a quote", "abcdef", []params{span("blockquote", 0, 6), span("bold", 1, 2)}, "blockquote@0+6 bold@1+2"},
		{"a time", "at noon", []params{span("bold", 0, 7), {"type": "date_time", "offset": 3, "length": 4, "unix_time": 1}}, "bold@0+3 date_time@3+4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.t = t
			m := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": c.text, "entities": c.entities})
			if got := show(m.Entities); got != c.want {
				t.Errorf("%s; want %s", got, c.want)
			}
			st.CheckUnexpected(t)
		})
	}
}

func TestAHundredEntitiesSurvive(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	var entities []params
	for i := range 101 {
		entities = append(entities, span("bold", 2*i, 1))
	}
	send := func(entities []params) message {
		return ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": strings.Repeat("x ", 105), "entities": entities})
	}
	if m := send(entities[:100]); len(m.Entities) != 100 {
		t.Errorf("of 100 entities %d are left", len(m.Entities))
	}
	st.CheckUnexpected(t)
	m := send(entities)
	if len(m.Entities) != 100 || m.Entities[99].Offset != 198 {
		t.Errorf("of 101 entities %d are left", len(m.Entities))
	}
	if got := fmt.Sprint(st.Unexpected()); got != "[1 entities more than the 100 that survive]" {
		t.Errorf("unexpected: %s", got)
	}
	// What is no style comes first, and neighbours count as one.
	m = send(append(entities[:99:99], span("code", 201, 1), span("code", 203, 1), span("bold", 197, 1)))
	if last := m.Entities[len(m.Entities)-1]; len(m.Entities) != 100 || last.Type != "code" {
		t.Errorf("%d entities are left, the last %+v", len(m.Entities), last)
	}
}

func TestAHundredLinksSurvive(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	var entities []params
	for i := range 102 {
		entities = append(entities, span("code", 2*i, 1))
	}
	entities = append(entities, params{"type": "custom_emoji", "offset": 206, "length": 1, "custom_emoji_id": "1"}) // is not counted
	m := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": strings.Repeat("x ", 105), "entities": entities})
	if len(m.Entities) != 101 || m.Entities[100].Type != "custom_emoji" {
		t.Errorf("%d entities are left", len(m.Entities))
	}
	if got := fmt.Sprint(st.Unexpected()); got != "[2 entities more than the 100 that survive]" {
		t.Errorf("unexpected: %s", got)
	}
}

func TestEntitiesThatAreNoArrayAreIgnored(t *testing.T) {
	for _, raw := range []string{"[", "{}", `"bold"`, "[{},]"} {
		st := newStage(t)
		st.Meet(ann)
		if m := ok[message](st, "sendMessage", params{"chat_id": ann.ID, "text": "x", "entities": raw}); len(m.Entities) != 0 {
			t.Errorf("%s: entities %+v", raw, m.Entities)
		}
		if got := st.Unexpected(); len(got) != 1 {
			t.Errorf("%s: unexpected %q", raw, got)
		}
	}
}
