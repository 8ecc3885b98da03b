package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"goalbot/telegramtest"
)

// Times of the stream of events. The page takes a stream for dead that is silent
// for a few beats.
const (
	beat     = 10 * time.Second
	breather = 25 * time.Millisecond // gathers changes that come together
	patience = 10 * time.Second      // for a window that does not read
)

// events tells a window what changed since it was told last, beginning with
// everything.
func (v scene) events(w http.ResponseWriter, r *http.Request) {
	s := stream{scene: v, w: w, control: http.NewResponseController(w), sent: map[int]string{}, taps: map[string]touched{}}
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		there := v.Server.Changed()
		v.mu.Lock()
		here := v.changed
		v.mu.Unlock()
		if err := s.tell(); err != nil {
			return // the window was closed
		}
		select {
		case <-there:
		case <-here:
		case <-alive.C:
			if err := s.send("beat", struct{}{}); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-v.Done:
			return
		}
		select {
		case <-time.After(breather):
		case <-r.Context().Done():
			return
		}
	}
}

// stream is what one window was told.
type stream struct {
	scene
	w       http.ResponseWriter
	control *http.ResponseController
	begun   bool
	told    string
	order   []int
	sent    map[int]string // messages by number, as JSON
	taps    map[string]touched
}

func (s *stream) tell() error {
	if err := s.tellAbout(); err != nil {
		return err
	}
	if err := s.tellMessages(); err != nil {
		return err
	}
	return s.tellTaps()
}

func (s *stream) tellAbout() error {
	now := s.about()
	body := encode(now)
	if body == s.told {
		return nil
	}
	s.told = body
	return s.send("about", now)
}

// tellMessages sends the numbers of all messages that are shown, and those of
// the messages themselves that are new or changed.
func (s *stream) tellMessages() error {
	all := s.messages()
	older := max(0, len(all)-maxShown)
	all = all[older:]
	var news struct {
		Reset    bool              `json:"reset,omitempty"`
		Older    int               `json:"older,omitempty"` // how many are not shown
		Order    []int             `json:"order"`
		Messages []json.RawMessage `json:"messages"`
	}
	news.Reset, news.Older, news.Order, news.Messages = !s.begun, older, make([]int, 0, len(all)), []json.RawMessage{}
	sent := make(map[int]string, len(all))
	for _, m := range all {
		body := encode(s.show(m))
		sent[m.ID] = body
		news.Order = append(news.Order, m.ID)
		if s.sent[m.ID] != body {
			news.Messages = append(news.Messages, json.RawMessage(body))
		}
	}
	if s.begun && len(news.Messages) == 0 && slices.Equal(s.order, news.Order) {
		return nil
	}
	s.begun, s.order, s.sent = true, news.Order, sent
	return s.send("messages", news)
}

func (s *stream) tellTaps() error {
	s.mu.Lock()
	taps := slices.Clone(s.recentTaps())
	s.mu.Unlock()
	for _, pressed := range taps {
		now := seen(pressed.tap)
		if now.Answered && s.taps[now.ID] != now {
			s.taps[now.ID] = now
			if err := s.send("tap", now); err != nil {
				return err
			}
		}
	}
	return nil
}

func seen(tap *telegramtest.Tap) touched {
	return touched{ID: tap.ID, Answered: tap.Answered(), Text: tap.Text(), Alert: tap.Alert()}
}

func encode(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // everything encoded here is plain data
	}
	return string(body)
}

// send writes one event. JSON has no line breaks of its own.
func (s *stream) send(kind string, v any) error {
	// Not every writer has deadlines; without one a dead window costs a goroutine until the program ends.
	_ = s.control.SetWriteDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(s.w, "event: %s\ndata: %s\n\n", kind, encode(v)); err != nil {
		return err
	}
	return s.control.Flush()
}
