package handlers

import (
	"errors"
	"fmt"
	"slices"

	"goalbot/access"
	"goalbot/goals"
	"goalbot/message"
	"goalbot/settings"
	"goalbot/store"
)

// This file is about messages that a chat does not take, and that go to people's
// private chats instead.

// inPrivate is said in a group where the answer is for one person alone.
const inPrivate = "I answered in our private chat. If nothing arrived there, open it, press Start, and ask again."

// sendInPrivate answers in the person's private chat what was asked in a group
// and is not for others to read. What it returns says so in the group, in the
// place of what was tapped: that may show what it should not.
func (c *call) sendInPrivate(m message.Message) (instead message.Message, err error) {
	said := inPrivate
	if c.From.ID <= 0 { // an admin who writes as the group
		said = "That is for our private chat. Ask me there, under your own name."
	} else {
		m.Buttons = c.usable(m.Buttons, c.role, true)
		v, err := c.setting.ReadFor(c.tx, c.From.ID)
		if err != nil {
			return m, err
		}
		m.Quiet = !v.Rings(settings.RingAnswers, c.now())
		switch err := queue(c.tx, c.From.ID, m); { // such a chat has the id of its user (Bot API)
		case errors.Is(err, store.ErrOutboxFull):
			said = tooMuchWaits
		case err != nil:
			return m, err
		}
	}
	return new(message.Text).Add(said).Message(), nil
}

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
func AlertElsewhere(members *access.Members, chat int64, alert message.Message) message.Message {
	if chat > 0 {
		return alert
	}
	told := members.AlertChats()
	alert.Elsewhere = slices.DeleteFunc(members.Owners(), func(owner int64) bool { return slices.Contains(told, owner) })
	alert.About = fmt.Sprintf("You get this here because I can't write in the chat %d, which is set to get the alerts. Let me write there, or change ALERT_CHAT_IDS.", chat)
	return alert
}
