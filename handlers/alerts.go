package handlers

import (
	"context"
	"strings"

	"goalbot/message"
)

// This file passes on what a person decides about alerts. The monitor finds the
// words; an alert itself shows what was decided, so that a tap on it needs no
// answer of its own.

func (h *Handlers) mute(ctx context.Context, req Request) message.Message {
	return typed(req, h.monitor.Mute(ctx, req.Args))
}

func (h *Handlers) unmute(ctx context.Context, req Request) message.Message {
	if req.Args != "" && !req.Tap {
		return new(message.Text).Add("/unmute takes no words after it, so nothing was changed. To end all mutes, send just /unmute. To change how long, send /mute and a time.").Message()
	}
	return typed(req, h.monitor.Unmute(ctx))
}

func (h *Handlers) acknowledge(ctx context.Context, req Request) message.Message {
	return typed(req, h.monitor.Acknowledge(ctx, req.Args, req.From.Name))
}

func (h *Handlers) testAlert(ctx context.Context, _ Request) message.Message {
	return h.monitor.TestAlert(ctx)
}

// wantsAnswer ends the command of a button that is on no alert.
const wantsAnswer = "asked"

func typed(req Request, answer message.Message) message.Message {
	if asked := strings.HasSuffix(" "+req.Args, " "+wantsAnswer); req.Tap && !asked {
		return message.Message{}
	}
	return answer
}

// askToRestore asks once before a tap restores: a thumb slips.
func askToRestore() message.Message {
	var t message.Text
	t.Add("Rebuild goals.json from the bot's database? If the current file is damaged, a copy of it is kept.")
	return t.Message([]message.Button{{Label: "♻️ Yes, restore", Command: "restore now", Style: message.Primary}, {Label: "Cancel", Command: "restore not"}})
}
