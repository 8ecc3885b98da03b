package telegramtest

import (
	"cmp"
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

// A Scope says whom a menu is for, as Bot API «BotCommandScope» does. The zero value is the default scope.
type Scope struct {
	Type string // default, all_private_chats, all_group_chats, all_chat_administrators, chat, chat_administrators, chat_member
	Chat int64
	User int64
}

type commandKey struct {
	scope    Scope
	language string
}

// profile is what the bot says of itself. Texts are by language; the empty one is for everybody else.
type profile struct {
	commands    map[commandKey][]Command
	name        map[string]string
	description map[string]string
	short       map[string]string
}

// Commands is the menu that setMyCommands set for exactly that scope and language.
func (s *Server) Commands(scope Scope, language string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	scope.Type = cmp.Or(scope.Type, "default")
	return slices.Clone(s.profile.commands[commandKey{scope, language}])
}

// Menu is the menu that a person's phone shows in a chat, a stranger's too: that of the narrowest scope that has one, in
// the person's language before any (Bot API, «Determining list of commands»).
func (s *Server) Menu(where Chat, u User) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	scopes := []Scope{{Type: "chat", Chat: where.ID}, {Type: "all_private_chats"}, {Type: "default"}}
	if where.Type != "private" {
		scopes = []Scope{
			{Type: "chat_member", Chat: where.ID, User: u.ID},
			{Type: "chat_administrators", Chat: where.ID},
			{Type: "chat", Chat: where.ID},
			{Type: "all_chat_administrators"},
			{Type: "all_group_chats"},
			{Type: "default"},
		}
		if !s.known(where).admins[u.ID] {
			scopes = slices.DeleteFunc(scopes, func(s Scope) bool { return strings.HasSuffix(s.Type, "chat_administrators") })
		}
	}
	for _, scope := range scopes {
		for _, language := range []string{u.LanguageCode, ""} {
			if menu := s.profile.commands[commandKey{scope, language}]; len(menu) > 0 {
				return slices.Clone(menu)
			}
		}
	}
	return nil
}

// Description is what the bot tells somebody who has not started it, and the short text of its profile.
func (s *Server) Description(language string) (long, short string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.profile.description[language], s.profile.description[""]), cmp.Or(s.profile.short[language], s.profile.short[""])
}

func (s *Server) getMe(*query) (any, *Error) {
	me := s.bot()
	return object{
		"id": me.ID, "is_bot": true, "first_name": me.FirstName, "username": me.Username,
		"can_join_groups": true, "can_read_all_group_messages": s.cfg.SeesAll, "supports_inline_queries": false,
		"can_connect_to_business": false, "has_main_web_app": false, "has_topics_enabled": true,
	}, nil
}

var (
	commandName  = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	languageCode = regexp.MustCompile(`^[a-z]{2}$`)
)

// menuOf reads the scope and language a call is for.
func (s *Server) menuOf(q *query) (commandKey, *Error) {
	key := commandKey{scope: Scope{Type: "default"}, language: q.str("language_code")}
	if key.language != "" && !languageCode.MatchString(key.language) {
		return key, bad("invalid language code specified")
	}
	raw := q.str("scope")
	if raw == "" {
		return key, nil
	}
	if !json.Valid([]byte(raw)) {
		return key, bad("can't parse BotCommandScope JSON object")
	}
	var scope struct {
		Type string
		Chat any   `json:"chat_id"`
		User int64 `json:"user_id"`
	}
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&scope) != nil {
		return key, bad("can't parse BotCommandScope: BotCommandScope must be an Object")
	}
	key.scope.Type = scope.Type
	switch scope.Type {
	case "default", "all_private_chats", "all_group_chats", "all_chat_administrators":
		return key, nil
	case "chat", "chat_administrators", "chat_member":
	default:
		return key, bad("can't parse BotCommandScope: Unsupported type specified")
	}
	if scope.Chat == nil || fmt.Sprint(scope.Chat) == "" {
		return key, bad("can't parse BotCommandScope: Empty chat_id specified")
	}
	if scope.Type == "chat_member" {
		if scope.User <= 0 {
			return key, bad("can't parse BotCommandScope: Invalid user_id specified")
		}
		key.scope.User = scope.User
	}
	c, err := s.chat(&query{params: map[string]string{"chat_id": fmt.Sprint(scope.Chat)}}, toWrite)
	if err != nil {
		return key, err
	}
	key.scope.Chat = c.ID
	return key, nil
}

func (s *Server) setMyCommands(q *query) (any, *Error) {
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

func readCommand(raw json.RawMessage) (Command, *Error) {
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

func (s *Server) getMyCommands(q *query) (any, *Error) {
	key, err := s.menuOf(q)
	if err != nil {
		return nil, err
	}
	return append([]Command{}, s.profile.commands[key]...), nil
}

func (s *Server) deleteMyCommands(q *query) (any, *Error) {
	key, err := s.menuOf(q)
	if err != nil {
		return nil, err
	}
	delete(s.profile.commands, key)
	return true, nil
}

func (s *Server) setMyName(q *query) (any, *Error) {
	return setText(q, "name", 64, &s.profile.name)
}

func (s *Server) setMyDescription(q *query) (any, *Error) {
	return setText(q, "description", 512, &s.profile.description)
}

func (s *Server) setMyShortDescription(q *query) (any, *Error) {
	return setText(q, "short_description", 120, &s.profile.short)
}

func (s *Server) getMyName(q *query) (any, *Error) {
	return object{"name": cmp.Or(s.profile.name[q.str("language_code")], s.bot().FirstName)}, nil
}

func (s *Server) getMyDescription(q *query) (any, *Error) {
	return object{"description": s.profile.description[q.str("language_code")]}, nil
}

func (s *Server) getMyShortDescription(q *query) (any, *Error) {
	return object{"short_description": s.profile.short[q.str("language_code")]}, nil
}

// setText sets one text of the profile; the empty text removes it. Lengths are those of the Bot API's documentation.
func setText(q *query, field string, limit int, texts *map[string]string) (any, *Error) {
	text, language := q.str(field), q.str("language_code")
	switch {
	case !utf8.ValidString(text):
		return nil, errUTF8
	case utf8.RuneCountInString(text) > limit:
		return nil, bad("%s is too long", strings.ReplaceAll(field, "_", " "))
	case language != "" && !languageCode.MatchString(language):
		return nil, bad("invalid language code specified")
	}
	if *texts == nil {
		*texts = map[string]string{}
	}
	if text == "" {
		delete(*texts, language)
	} else {
		(*texts)[language] = text
	}
	return true, nil
}
