package handlers

import (
	"context"
	"testing"

	"goalbot/message"
)

// What panics while it is made would do so at every try, and hold up all that
// waits for the chat: it is said that it cannot be done. Red without the recover.
func TestWhatPanicsWhileItIsMadeIsToldInstead(t *testing.T) {
	h := open(t)
	renderers["odd"] = func(*Handlers, context.Context, int64, message.Message) (message.Message, bool, error) { panic("odd") }
	t.Cleanup(func() { delete(renderers, "odd") })
	for _, kind := range []string{"odd", "of another version"} {
		m, ok, err := h.h.Leaving(t.Context(), ann, message.Message{Render: kind, Thread: 7})
		if err != nil || !ok || m.Text != notDone().Text || m.Thread != 7 || m.Render != "" {
			t.Errorf("%s: made %+v, %v, %v", kind, m, ok, err)
		}
	}
}
