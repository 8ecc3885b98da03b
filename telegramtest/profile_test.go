package telegramtest_test

import (
	"strings"
	"testing"

	"goalbot/telegramtest"
)

func TestProfile(t *testing.T) {
	st := newStage(t)
	st.Meet(ann)
	goals := params{"command": "goals", "description": "show the list"}
	set := func(scope string, commands ...any) params { return params{"commands": commands, "scope": scope} }
	menu := func() []telegramtest.Command { return st.Menu(st.Private(ann), ann) }
	ok[bool](st, "setMyCommands", set("", params{"command": "/goals", "description": "show the list"}))
	if got := menu(); len(got) != 1 || got[0] != (telegramtest.Command{Name: "goals", Description: "show the list"}) {
		t.Errorf("default menu %+v", got)
	}
	command := func(name, description string) params { return params{"command": name, "description": description} }
	many := make([]any, 101)
	for i := range many {
		many[i] = goals
	}
	for _, c := range []struct {
		p    params
		want string
	}{
		{set("", command("Goals", "x")), "Bad Request: BOT_COMMAND_INVALID"},
		{set("", command(strings.Repeat("x", 33), "x")), "Bad Request: BOT_COMMAND_INVALID"},
		{set("", command("x", "")), "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"},
		{set("", command("x", strings.Repeat("é", 257))), "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"},
		{set("", many...), "Bad Request: BOT_COMMANDS_TOO_MUCH"},
		{set(`{"type":"moon"}`, goals), "Bad Request: can't parse BotCommandScope: Unsupported type specified"},
		{set(`{"type":"chat","chat_id":12345}`, goals), "Bad Request: chat not found"},
		{params{"commands": "x"}, "Bad Request: can't parse commands JSON object"},
	} {
		st.refused("setMyCommands", c.p, c.want)
	}
	ok[bool](st, "setMyName", params{"name": "My goals"})
	ok[bool](st, "setMyDescription", params{"description": strings.Repeat("x", 512)})
	st.refused("setMyShortDescription", params{"short_description": strings.Repeat("x", 121)}, "Bad Request: short description is too long")
	if long, short := st.Description(); len(long) != 512 || short != "" {
		t.Errorf("described by %d characters and %q", len(long), short)
	}
	got := ok[struct{ Name string }](st, "getMyName", nil)
	if st.Bot().FirstName != "My goals" || got.Name != "My goals" {
		t.Errorf("the bot is called %q", st.Bot().FirstName)
	}
	ok[bool](st, "deleteMyCommands", nil)
	if got := menu(); len(got) != 0 {
		t.Errorf("after deleting: %v", got)
	}
}
