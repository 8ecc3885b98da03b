package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
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
		"message_id": 100 + n, "date": 100 + n, "media_group_id": id,
		"photo": []any{map[string]any{"file_id": fmt.Sprintf("p%d", n), "file_unique_id": fmt.Sprintf("u%d", n), "width": 90}},
		"from":  map[string]any{"id": user}, "chat": map[string]any{"id": user, "type": "private"},
	}
	if caption != "" {
		m["caption"] = caption
	}
	text, _ := json.Marshal(map[string]any{"message": m})
	return text
}

// filed is a clerk that notes the files of a request behind its words.
func filed() *clerk {
	c := &clerk{}
	c.before = func(_ context.Context, req handlers.Request) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		words := req.Args
		for _, f := range req.Files {
			words += " " + f.ID
		}
		if !c.keys[req.Key] {
			c.files = append(c.files, strings.TrimSpace(words)+fmt.Sprint(req.With))
		}
		return nil
	}
	return c
}

// Of an album every picture is a message of its own, and each was answered.
func TestAnAlbumIsOneRequest(t *testing.T) {
	for name, tt := range map[string]struct {
		captions []string
		want     []string
	}{
		"with words at the first":    {[]string{"our trip", "", "", ""}, []string{"our trip p0 p1 p2 p3[101 102 103]"}},
		"with words at the last":     {[]string{"", "", "our trip"}, []string{"our trip p0 p1 p2[100 101]"}},
		"without words":              {[]string{"", "", ""}, []string{"p0 p1 p2[101 102]"}},
		"with words at two":          {[]string{"one", "", "two"}, []string{"one p0 p1[101]", "two p2[]"}},
		"of which one picture comes": {[]string{"our trip"}, []string{"our trip p0[]"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := filed()
				for i, caption := range tt.captions {
					w.Push(album(ann.ID, "1", i, caption))
				}
				w.poller(c)
				pass(time.Second)
				if got := c.list(&c.files); !slices.Equal(got, tt.want) {
					t.Errorf("took effect: %q, want %q", got, tt.want)
				}
				for i := range 2 { // of another chat, and mixed
					w.Push(album(ann.ID, "2", 50+i, ""))
					w.Push(album(bob.ID, "2", 60+i, ""))
				}
				pass(5 * time.Second)
				if got := c.list(&c.files); !slices.Equal(got, append(slices.Clone(tt.want), "p50 p51[151]", "p60 p61[161]")) {
					t.Errorf("later: %q", got)
				}
				if w.Pending() != 0 {
					t.Errorf("%d updates are not confirmed", w.Pending())
				}
			})
		})
	}
}

// What only looks like an album stays apart: pictures that were sent one after the other,
// new words for those of an album, and what has no file to keep. Red where each of that
// is taken for a part of an album.
func TestWhatIsNoAlbumStaysApart(t *testing.T) {
	for name, tt := range map[string]struct {
		updates []json.RawMessage
		want    []string
	}{
		"two pictures": {[]json.RawMessage{album(ann.ID, "", 0, ""), album(ann.ID, "", 1, "")}, []string{"p0[]", "p1[]"}},
		"edited": {[]json.RawMessage{
			bytes.Replace(album(ann.ID, "1", 0, "a"), []byte(`"message":`), []byte(`"edited_message":`), 1),
			bytes.Replace(album(ann.ID, "1", 1, ""), []byte(`"message":`), []byte(`"edited_message":`), 1),
		}, []string{"a p0[]", "p1[]"}},
		"without a file": {[]json.RawMessage{
			album(ann.ID, "1", 0, ""),
			raw(`{"message":{"message_id":101,"date":101,"media_group_id":"1","live_photo":{},"from":{"id":1001},"chat":{"id":1001,"type":"private"}}}`),
		}, []string{"p0[]", "[]"}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				c := filed()
				for _, u := range tt.updates {
					w.Push(u)
				}
				w.poller(c)
				pass(time.Second)
				if got := c.list(&c.files); !slices.Equal(got, tt.want) {
					t.Errorf("took effect: %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// A poll that waits gets the first picture of an album alone. Red where the rest is not
// waited for.
func TestTheRestOfAnAlbumIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := filed()
		w.poller(c)
		pass(10 * time.Second)
		for i := range 3 {
			w.Push(album(ann.ID, "1", i, ""))
			pass(10 * time.Millisecond)
		}
		if w.Confirmed() != 0 {
			t.Error("a picture was confirmed before all were there")
		}
		pass(time.Second)
		if got := c.list(&c.files); !slices.Equal(got, []string{"p0 p1 p2[101 102]"}) {
			t.Errorf("took effect: %q", got)
		}
	})
}

// After a crash the first picture may have been handled and the others not. Red where
// they are made one request again, which is taken for a repeated one.
func TestAnAlbumAfterACrash(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := filed()
		first := w.Push(album(ann.ID, "1", 0, "our trip"))
		c.keys = map[string]bool{fmt.Sprintf("tg/%d/100", first): true}
		w.Push(album(ann.ID, "1", 1, ""))
		w.Push(album(ann.ID, "1", 2, ""))
		w.poller(c)
		pass(time.Second)
		if got := c.list(&c.files); !slices.Equal(got, []string{"p1[]", "p2[]"}) {
			t.Errorf("took effect: %q", got)
		}
	})
}

// What may be a list is looked at for itself: each may be meant.
func TestTheListsOfAnAlbumAreAllLookedAt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		c := filed()
		for i, name := range []string{"0.json", "1.json", "2.pdf", "3.pdf"} {
			w.Push(raw(fmt.Sprintf(`{"message":{"message_id":%d,"date":%d,"media_group_id":"5","document":{"file_id":"%s","file_name":"%[3]s"},"from":{"id":1001},"chat":{"id":1001,"type":"private"}}}`, i, i, name)))
		}
		w.poller(c)
		pass(time.Second)
		if got := c.list(&c.files); !slices.Equal(got, []string{"0.json[]", "1.json[]", "2.pdf 3.pdf[3]"}) {
			t.Errorf("looked at %q", got)
		}
	})
}
