package telegram

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"goalbot/handlers"
	"goalbot/telegramtest"
)

// oddLog panics over the first line of a text, as any part of reading might.
type oddLog struct {
	slog.Handler
	over string
	once *sync.Once
}

func (o oddLog) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, o.over) {
		o.once.Do(func() { panic("an odd log") })
	}
	return o.Handler.Handle(ctx, r)
}

// A panic while an update was read left no update at all, and the program ended
// over that, at every start. Returning nothing turns this red.
func TestAPanicInReadingDoesNotBlockTheNext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		w.log = slog.New(oddLog{w.log.Handler(), "could not be read", new(sync.Once)})
		w.poller(c)
		w.Push(raw(`{"message":5}`))
		w.Say(w.Private(ann), ann, "/done 1")
		pass(time.Minute)
		c.did(t, "done 1")
		if w.Pending() != 0 {
			t.Errorf("%d updates are not confirmed", w.Pending())
		}
	})
}

// What goes on beside the loop is not worth the program.
func TestAPanicBesideTheLoopEndsNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := &clerk{}
		w.Fail("answerCallbackQuery", -1, telegramtest.Status(400, "Bad Request: query is too old and response timeout expired or query ID is invalid"))
		w.log = slog.New(oddLog{w.log.Handler(), "could not be answered", new(sync.Once)})
		w.poller(c)
		w.TapForged(w.Private(ann), ann, 1, "done 1")
		pass(time.Minute)
		w.Say(w.Private(ann), ann, "/done 2")
		c.did(t, "done 1", "done 2")
	})
}

// album is the nth picture of an album.
func album(user int64, id string, n int, caption string) json.RawMessage {
	m := map[string]any{
		"message_id": 100 + n, "date": 100 + n, "media_group_id": id, "photo": []any{},
		"from": map[string]any{"id": user}, "chat": map[string]any{"id": user, "type": "private"},
	}
	if caption != "" {
		m["caption"] = caption
	}
	text, _ := json.Marshal(map[string]any{"message": m})
	return text
}

// Of an album every picture is a message of its own, and each was answered.
func TestAnAlbumIsOneRequest(t *testing.T) {
	for name, tt := range map[string]struct {
		captions []string
		want     []string
	}{
		"with words at the first": {[]string{"our trip", "", "", ""}, []string{"our trip"}},
		"with words at the last":  {[]string{"", "", "our trip"}, []string{"our trip"}},
		"without words":           {[]string{"", "", ""}, []string{""}},
		"with words at two":       {[]string{"one", "", "two"}, []string{"one", "two"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := &clerk{}
				for i, caption := range tt.captions {
					w.Push(album(ann.ID, "1", i, caption))
				}
				w.poller(c)
				c.did(t, tt.want...)
				for i := range 3 { // late, and another one
					w.Push(album(ann.ID, "1", 50+i, ""))
					w.Push(album(bob.ID, "1", 60+i, ""))
				}
				pass(5 * time.Second)
				c.did(t, append(tt.want, "")...)
				if w.Pending() != 0 {
					t.Errorf("%d updates are not confirmed", w.Pending())
				}
			})
		})
	}
}

// Files that are sent as one are looked at one by one: each may be meant.
func TestTheFilesOfAnAlbumAreAllLookedAt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var files []string
		c := &clerk{before: func(_ context.Context, req handlers.Request) error {
			files = append(files, req.Document.Name)
			return nil
		}}
		for i := range 3 {
			w.Push(raw(fmt.Sprintf(`{"message":{"message_id":%d,"date":%d,"media_group_id":"5","document":{"file_id":"x","file_name":"%d.json"},"from":{"id":1001},"chat":{"id":1001,"type":"private"}}}`, i, i, i)))
		}
		w.poller(c)
		if c.list(&c.done); strings.Join(files, " ") != "0.json 1.json 2.json" {
			t.Errorf("looked at %q", files)
		}
	})
}
