package handlers

import (
	"fmt"
	"slices"

	"goalbot/goals"
	"goalbot/message"
)

// This file is about messages that a chat does not take, and that go to people's
// private chats instead.

// whereAsked is said below an answer that a group does not take.
func (c *call) whereAsked() string {
	group, what := "the group", "you wrote to me"
	if title := goals.OneLine(c.Chat.Title); goals.Shows(title) {
		group = "“" + isolate(clip(title, 60)) + "”"
	}
	switch {
	case c.Tap:
		what = "you tapped a button"
	case c.Name != "":
		what = "you sent /" + clip(c.Name, 32)
	}
	return fmt.Sprintf("This is for %s, where %s. I can't write there.", group, what)
}

// AlertElsewhere lets an alert that its group does not take go to the owners
// who get none of their own.
func (m *Members) AlertElsewhere(chat int64, alert message.Message) message.Message {
	if chat > 0 {
		return alert
	}
	r := m.now()
	told := r.AlertChats()
	alert.Elsewhere = slices.DeleteFunc(r.Owners(), func(owner int64) bool { return slices.Contains(told, owner) })
	alert.About = fmt.Sprintf("This comes here because the chat %d, which gets the alerts, takes nothing from me. Let me write there, or change ALERT_CHAT_IDS.", chat)
	return alert
}
