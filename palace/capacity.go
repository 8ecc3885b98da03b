package palace

import (
	"fmt"

	"goalbot/store"
)

// This file bounds the outbox. Telegram takes about one message a second for a
// chat; who asks for more than that must not fill the disk.

// capacity is how much may wait.
type capacity struct {
	chatMessages int64 // for one chat
	chatBytes    int64 // of bodies, for one chat
	bytes        int64 // of bodies, for all chats
	short        int64 // messages of so many bytes may fill twice these bytes: a short answer has room where files do not
	deadLetters  int64 // the newest that stay
}

var outboxCapacity = capacity{chatMessages: 10_000, chatBytes: 32 << 20, bytes: 128 << 20, short: 64 << 10, deadLetters: 1_000}

// load is what waits in the outbox.
type load struct {
	all   int64 // bytes
	chats map[int64]waits
}

// waits is what waits for one chat.
type waits struct{ messages, bytes int64 }

func (l *load) add(chat int64, size int) {
	w := l.chats[chat]
	w.messages++
	w.bytes += int64(size)
	l.chats[chat] = w
	l.all += int64(size)
}

// room returns [store.ErrOutboxFull] if a message is too much.
func (c capacity) room(l *load, chat int64, size int) error {
	w, n := l.chats[chat], int64(size)
	chatBytes, bytes := c.chatBytes, c.bytes
	if n <= c.short {
		chatBytes, bytes = 2*chatBytes, 2*bytes
	}
	switch {
	case w.messages >= c.chatMessages:
		return fmt.Errorf("%w: %d messages wait for chat %d", store.ErrOutboxFull, w.messages, chat)
	case w.bytes+n > chatBytes:
		return fmt.Errorf("%w: %d bytes wait for chat %d", store.ErrOutboxFull, w.bytes, chat)
	case l.all+n > bytes:
		return fmt.Errorf("%w: %d bytes in all", store.ErrOutboxFull, l.all)
	}
	return nil
}

var loadRead = read{statement{text: "SELECT chat, count(*), sum(length(body)) FROM outbox GROUP BY chat"}, "outbox"}

// waiting is what will wait in the outbox after this transaction.
func (t *tx) waiting() (*load, error) {
	if *t.load != nil {
		return *t.load, nil
	}
	l := &load{chats: map[int64]waits{}}
	err := t.query("weigh outbox", func(scan func(...any) error) error {
		var chat int64
		var w waits
		err := scan(&chat, &w.messages, &w.bytes)
		l.chats[chat] = w
		l.all += w.bytes
		return err
	}, loadRead.text)
	if err != nil {
		return nil, err
	}
	for _, m := range t.messages {
		l.add(m.Chat, len(m.Body))
	}
	*t.load = l
	return l, nil
}
