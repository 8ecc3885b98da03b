package telegram

import (
	"context"
	"fmt"
	"sync"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/access"
	"goalbot/handlers"
)

// This file keeps the menus of commands. Telegram shows the menu of the
// narrowest scope that has one: the chat, its kind, all (Bot API, Determining
// list of commands). A menu for all would be shown to strangers too, so there is
// none: everybody who may use the bot has their own, and groups have what those
// who are in them may share.

// menus is what Telegram was told.
type menus struct {
	mu      sync.Mutex
	shown   map[int64]access.Role // by user; 0 for none
	refused map[int64]bool        // users whose chat took none, until they write
	wake    chan struct{}         // somebody of those has written
}

func newMenus() *menus {
	return &menus{shown: map[int64]access.Role{}, refused: map[int64]bool{}, wake: make(chan struct{}, 1)}
}

// wrote says that a user has written, so that their chat is there.
func (m *menus) wrote(user int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.refused[user] {
		return
	}
	delete(m.refused, user)
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// due are the users whose menu is another one than their role has.
func (m *menus) due(roles map[int64]access.Role) map[int64]access.Role {
	m.mu.Lock()
	defer m.mu.Unlock()
	due := map[int64]access.Role{}
	for user, role := range roles {
		if was, known := m.shown[user]; (!known || was != role) && !m.refused[user] {
			due[user] = role
		}
	}
	for user, was := range m.shown {
		if _, known := roles[user]; !known && was != 0 {
			due[user] = 0
		}
	}
	return due
}

func (m *menus) set(user int64, role access.Role, taken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !taken {
		m.refused[user] = true
		return
	}
	m.shown[user] = role
}

// keepMenus gives everybody the menu of what they are, as soon as they are, and
// takes it away from those who are nobody any more, until ctx ends.
func (p *Poller) keepMenus(ctx context.Context) {
	for _, scope := range []string{"default", "all_private_chats"} {
		p.insist(ctx, "deleteMyCommands", tgbotapi.Params{"scope": fmt.Sprintf(`{"type":%q}`, scope)})
	}
	p.setMenu(ctx, handlers.GroupCommands(), `{"type":"all_group_chats"}`)
	for ctx.Err() == nil {
		changed := p.handler.RolesChanged() // before they are read
		for user, role := range p.menus.due(p.handler.Roles()) {
			p.menus.set(user, role, p.showMenu(ctx, user, role) || ctx.Err() != nil)
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-p.menus.wake:
		}
	}
}

// showMenu tells Telegram the commands of a role, for the private chat with a
// user, which has their id (Bot API).
func (p *Poller) showMenu(ctx context.Context, user int64, role access.Role) (taken bool) {
	scope := fmt.Sprintf(`{"type":"chat","chat_id":%d}`, user)
	if role != 0 {
		return p.setMenu(ctx, handlers.CommandsFor(role), scope)
	}
	_, taken = p.insist(ctx, "deleteMyCommands", tgbotapi.Params{"scope": scope})
	return taken
}

func (p *Poller) setMenu(ctx context.Context, commands []handlers.Command, scope string) (taken bool) {
	type entry struct {
		Command     string `json:"command"`
		Description string `json:"description"`
	}
	var menu []entry
	for _, c := range commands {
		menu = append(menu, entry{c.Name, c.Short})
	}
	params := tgbotapi.Params{"scope": scope}
	if err := params.AddInterface("commands", menu); err != nil {
		p.log.Warn("the menu of commands could not be made", "err", err)
		return false
	}
	_, taken = p.insist(ctx, "setMyCommands", params)
	return taken
}
