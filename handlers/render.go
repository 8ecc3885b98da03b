package handlers

import (
	"context"

	"goalbot/message"
)

// This file makes messages at the moment that they leave. What is large waits
// in the outbox as a request only, so that asking for it a thousand times costs
// neither memory nor disk.

// renderers make a message by the name that [message.Message.Render] holds.
var renderers = map[string]func(*Handlers, context.Context, message.Message) (message.Message, error){}

// Render makes the message that a queued one asks for. With an error it is to
// be tried again.
func (h *Handlers) Render(ctx context.Context, queued message.Message) (message.Message, error) {
	render, known := renderers[queued.Render]
	if !known { // queued by another version of the program
		h.log.Error("nobody can make a message that was queued", "render", queued.Render)
		return queued.Rendered(NotDone()), nil
	}
	made, err := render(h, ctx, queued)
	return queued.Rendered(made), err
}
