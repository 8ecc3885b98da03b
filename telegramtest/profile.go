package telegramtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Command is one line of the menu of commands.
type Command struct {
	Name        string `json:"command"`
	Description string `json:"description"`
}

// A scope says whom a menu is for, as Bot API «BotCommandScope» does.
type scope struct {
	kind string // default, all_private_chats, all_group_chats, all_chat_administrators, chat, chat_administrators, chat_member
	chat int64
	user int64
}

// profile is what the bot says of itself, in one language.
type profile struct {
	commands                 map[scope][]Command
	name, description, short string
}

// Menu is the menu that a person's phone shows in a chat, a stranger's too: that of the narrowest scope that has one (Bot
// API, «Determining list of commands»).
func (s *Server) Menu(where Chat, u User) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	scopes := []scope{{kind: "chat", chat: where.ID}, {kind: "all_private_chats"}, {kind: "default"}}
	if where.Type != "private" {
		scopes = []scope{
			{kind: "chat_member", chat: where.ID, user: u.ID},
			{kind: "chat_administrators", chat: where.ID},
			{kind: "chat", chat: where.ID},
			{kind: "all_chat_administrators"},
			{kind: "all_group_chats"},
			{kind: "default"},
		}
		if !s.known(where).admins[u.ID] {
			scopes = slices.DeleteFunc(scopes, func(s scope) bool { return strings.HasSuffix(s.kind, "chat_administrators") })
		}
	}
	for _, scope := range scopes {
		if menu := s.profile.commands[scope]; len(menu) > 0 {
			return slices.Clone(menu)
		}
	}
	return nil
}

// Description is what the bot tells somebody who has not started it, and the short text of its profile.
func (s *Server) Description() (long, short string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile.description, s.profile.short
}

func (s *Server) getMe(*query) (any, *refusal) {
	me := s.bot()
	return object{
		"id": me.ID, "is_bot": true, "first_name": me.FirstName, "username": me.Username,
		"can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": false,
		"can_connect_to_business": false, "has_main_web_app": false, "has_topics_enabled": true,
	}, nil
}

var commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

// oneLanguage refuses what is for one language only.
func (q *query) oneLanguage() *refusal {
	if q.str("language_code") != "" {
		return bad("the stand-in knows texts for all languages only")
	}
	return nil
}

// menuOf reads the scope that a call is for.
func (s *Server) menuOf(q *query) (scope, *refusal) {
	key := scope{kind: "default"}
	if err := q.oneLanguage(); err != nil {
		return key, err
	}
	raw := q.str("scope")
	if raw == "" {
		return key, nil
	}
	if !json.Valid([]byte(raw)) {
		return key, bad("can't parse BotCommandScope JSON object")
	}
	var named struct {
		Type string
		Chat any   `json:"chat_id"`
		User int64 `json:"user_id"`
	}
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&named) != nil {
		return key, bad("can't parse BotCommandScope: BotCommandScope must be an Object")
	}
	key.kind = named.Type
	switch named.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return key, nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return key, bad("can't parse BotCommandScope: Unsupported type specified")
	}
	if named.Chat == nil || fmt.Sprint(named.Chat) == "" {
		return key, bad("can't parse BotCommandScope: Empty chat_id specified")
	}
	if named.Type == "chat_member" {
		if named.User <= 0 {
			return key, bad("can't parse BotCommandScope: Invalid user_id specified")
		}
		key.user = named.User
	}
	c, err := s.chat(&query{params: map[string]string{"chat_id": fmt.Sprint(named.Chat)}}, toWrite)
	if err != nil {
		return key, err
	}
	key.chat = c.ID
	return key, nil
}

func (s *Server) setMyCommands(q *query) (any, *refusal) {
	var elements []json.RawMessage
	if raw := q.str("commands"); raw != "" {
		if !json.Valid([]byte(raw)) {
			return nil, bad("can't parse commands JSON object")
		}
		if json.Unmarshal([]byte(raw), &elements) != nil {
			return nil, bad("expected an Array of BotCommand")
		}
	}
	commands := make([]Command, 0, len(elements))
	for _, element := range elements {
		c, err := readCommand(element)
		if err != nil {
			return nil, err
		}
		commands = append(commands, c)
	}
	if len(commands) > maxCommands {
		return nil, bad("BOT_COMMANDS_TOO_MUCH")
	}
	key, err := s.menuOf(q)
	if err != nil {
		return nil, err
	}
	s.profile.commands[key] = commands
	return true, nil
}

func readCommand(raw json.RawMessage) (Command, *refusal) {
	var fields map[string]any
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		return Command{}, bad("can't parse BotCommand: expected an Object")
	}
	var texts [2]string
	for i, name := range []string{"command", "description"} {
		text, ok := fields[name].(string)
		if !ok {
			return Command{}, bad(`can't parse BotCommand: Can't find field "%s"`, name)
		}
		texts[i] = strings.TrimSpace(text)
	}
	c := Command{strings.TrimPrefix(texts[0], "/"), texts[1]}
	if !commandName.MatchString(c.Name) {
		return c, bad("BOT_COMMAND_INVALID")
	}
	if n := utf8.RuneCountInString(c.Description); n < 1 || n > maxDescription || !utf8.ValidString(c.Description) {
		return c, bad("BOT_COMMAND_DESCRIPTION_INVALID")
	}
	return c, nil
}

func (s *Server) deleteMyCommands(q *query) (any, *refusal) {
	key, err := s.menuOf(q)
	if err != nil {
		return nil, err
	}
	delete(s.profile.commands, key)
	return true, nil
}

func (s *Server) setMyName(q *query) (any, *refusal) {
	return setText(q, "name", 64, &s.profile.name)
}

func (s *Server) setMyDescription(q *query) (any, *refusal) {
	return setText(q, "description", 512, &s.profile.description)
}

func (s *Server) setMyShortDescription(q *query) (any, *refusal) {
	return setText(q, "short_description", 120, &s.profile.short)
}

func (s *Server) getMyName(*query) (any, *refusal) { return object{"name": s.bot().FirstName}, nil }

func (s *Server) getMyDescription(*query) (any, *refusal) {
	return object{"description": s.profile.description}, nil
}

func (s *Server) getMyShortDescription(*query) (any, *refusal) {
	return object{"short_description": s.profile.short}, nil
}

// setText sets one text of the profile; the empty text removes it. Lengths are those of the Bot API's documentation.
func setText(q *query, field string, limit int, text *string) (any, *refusal) {
	if err := q.oneLanguage(); err != nil {
		return nil, err
	}
	switch is := q.str(field); {
	case !utf8.ValidString(is):
		return nil, errUTF8
	case utf8.RuneCountInString(is) > limit:
		return nil, bad("%s is too long", strings.ReplaceAll(field, "_", " "))
	default:
		*text = is
	}
	return true, nil
}
