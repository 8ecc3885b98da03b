package main

import (
	"context"
	"regexp"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"goalbot/telegramtest"
)

// telegram fail method kind times, telegram failto who kind, telegram heal method,
// telegram migrate ...
func (p *phone) telegram(ts *testscript.TestScript, args []string) {
	faults := map[string]telegramtest.Fault{
		"unauthorized": telegramtest.Unauthorized(),
		"badgateway":   telegramtest.ServerErrorHTML(502),
		"cut":          telegramtest.CutBody(),
		"eof":          telegramtest.EOF(),
		"flood":        telegramtest.TooManyRequests(1),
		"blocked":      telegramtest.Blocked(),
		"emptyatonce":  telegramtest.EmptyAtOnce(),
		"conflict":     telegramtest.Conflict409(),
		"gateway":      telegramtest.ServerErrorJSON(502),
		"restart":      telegramtest.Restart().After(),
		"sentdeleted":  telegramtest.SentAndDeleted(),
		"editedgone":   telegramtest.EditedButGone(),
		"nowrite":      telegramtest.NoWriteAccess(),
		"noreply":      telegramtest.ReplyIDInvalid(),
		"topicclosed":  telegramtest.TopicClosed(),
		"nofile":       telegramtest.Status(400, "Bad Request: wrong file identifier/HTTP URL specified"),
		"reaction":     telegramtest.Status(400, "Bad Request: REACTION_INVALID"),
	}
	switch {
	case len(args) == 4 && args[0] == "fail":
		fault, ok := faults[args[2]]
		times, err := strconv.Atoi(args[3])
		if !ok || err != nil {
			ts.Fatalf("telegram fail: no fault %q %q", args[2], args[3])
		}
		p.server.Fail(args[1], times, fault)
	case len(args) == 3 && args[0] == "failto":
		// Whatever is sent to their private chat, until telegram heal ''.
		chat := strconv.FormatInt(everybody[args[1]].ID, 10)
		p.server.FailIf(func(c telegramtest.Call) bool { return c.Params["chat_id"] == chat }, -1, faults[args[2]])
	case len(args) == 2 && args[0] == "heal":
		p.server.Heal(args[1])
	case len(args) == 1 && args[0] == "migrate":
		p.group = p.server.MigrateGroup(groupID, groupID-1_000_000_000_000)
	case len(args) == 2 && args[0] == "redeliver":
		n, _ := strconv.Atoi(args[1])
		p.server.Redeliver(n)
	case len(args) == 2 && (args[0] == "rang" || args[0] == "silent"):
		// Whether the newest message with such a text made a sound.
		quiet, found := "", false
		for _, c := range p.server.CallsTo("sendMessage") {
			if regexp.MustCompile(args[1]).MatchString(c.Params["text"]) {
				quiet, found = c.Params["disable_notification"], true
			}
		}
		if !found || (quiet == "true") != (args[0] == "silent") {
			ts.Fatalf("the message: found %v, silent %q", found, quiet)
		}
	case len(args) == 2 && args[0] == "called":
		// Waits until the bot has called that method.
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := p.server.Wait(ctx, func() bool { return len(p.server.CallsTo(args[1])) > 0 }); err != nil {
			ts.Fatalf("the bot never calls %s", args[1])
		}
	default:
		ts.Fatalf("telegram: cannot %q", args)
	}
}
