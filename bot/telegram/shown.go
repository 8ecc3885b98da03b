package telegram

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"goalbot/handlers"
	"goalbot/message"
	"goalbot/progress"
)

// This file shows in a chat that long work goes on: an action at once, and from the
// third second on a message that says how far it has come, which is edited.

const (
	actionEvery  = 4 * time.Second // an action lasts five seconds or less (Bot API, sendChatAction)
	countAfter   = 2 * time.Second
	leastCounted = 1_000_000       // bytes of a file; with less there is nothing to count
	leastSaved   = 1000            // goals; fewer are saved at once, or wait for something else
	countEvery   = 3 * time.Second // an edit counts like a message
)

// showing is long work for one chat.
type showing struct {
	client *Client
	chat   int64
	quiet  func(text string, err error) // is told what could not be shown

	saying chan struct{} // holds one while the message is sent or edited
	number int64         // it has; 0 before there is one
	text   string

	mu    sync.Mutex
	work  progress.Work
	done  int64
	total int64
}

// showing starts nothing yet.
func (c *Client) showing(chat int64, log *slog.Logger) *showing {
	return &showing{client: c, chat: chat, saying: make(chan struct{}, 1), quiet: func(text string, err error) { log.Debug(text, "chat", chat, "err", err) }}
}

// actionOf is the action that fits what a message becomes; "" where it is said at
// once.
func actionOf(m message.Message) string {
	switch {
	case m.Document != nil, handlers.BecomesFile(m):
		return tgbotapi.ChatUploadDocument
	case m.Photo != nil, handlers.BecomesPicture(m):
		return tgbotapi.ChatUploadPhoto
	}
	return ""
}

// show shows until ctx ends that a message is made and sent, where that takes long.
func (s *Sender) show(ctx context.Context, work *showing, m message.Message) {
	action := actionOf(m)
	if action == "" {
		return
	}
	s.beside.Go(func() { work.act(ctx, m.Thread, action, 0) })
	s.beside.Go(func() { work.count(ctx, m.Thread) })
}

// report is a [progress.Func].
func (s *showing) report(work progress.Work, done, total int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.work, s.done, s.total = work, done, total
}

// words say how far the work has come; "" where that is not known.
func (s *showing) words() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.work != progress.Sending && s.total < leastSaved:
		return ""
	case s.work == progress.Sending:
		return fmt.Sprintf("%s: %.0f of %.0f MB", s.work, float64(s.done)/1e6, float64(s.total)/1e6)
	}
	return fmt.Sprintf("%s: %d of %s", s.work, s.done, message.Count(int(s.total), "goal", "goals"))
}

// act shows an action until ctx ends, the first time after some time.
func (s *showing) act(ctx context.Context, thread int64, action string, after time.Duration) {
	params := tgbotapi.Params{"chat_id": strconv.FormatInt(s.chat, 10), "action": action}
	params.AddNonZero64("message_thread_id", thread)
	for wait := after; sleep(ctx, wait); wait = actionEvery {
		if _, err := s.client.call(ctx, "sendChatAction", params, callDeadline); err != nil {
			s.quiet("an action could not be shown", err)
			return
		}
	}
}

// count says how far the work has come until ctx ends, and once more then, if it
// was said before. What Telegram refuses is not tried again: the answer matters more.
func (s *showing) count(ctx context.Context, thread int64) {
	for wait := countAfter; sleep(ctx, wait); wait = countEvery {
		if !s.say(ctx, thread, true) {
			return
		}
	}
	last, cancel := outlive(ctx, countEvery)
	defer cancel()
	s.say(last, thread, false)
}

// say sends how far the work has come, or edits what was sent. With begin false it
// only edits. It reports whether more may be said.
func (s *showing) say(ctx context.Context, thread int64, begin bool) bool {
	select {
	case s.saying <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	defer func() { <-s.saying }()
	text := s.words()
	if text == "" || text == s.text || s.number == 0 && !begin {
		return true
	}
	m := message.Message{Text: text, Quiet: true, Thread: thread, Edit: s.number}
	number, err := s.client.sendOnce(ctx, s.chat, m)
	if err != nil {
		s.quiet("how far work has come could not be shown", err)
		return false
	}
	s.number, s.text = number, text
	return true
}
