package telegram

import (
	"context"
	"log/slog"
	"time"

	"goalbot/access"
	"goalbot/cache"
	"goalbot/handlers"
	"goalbot/message"
	"goalbot/palace"
	"goalbot/settings"
	"goalbot/store"
)

// In these tests everything is real but Telegram: the palace, goals.json, the
// handlers.

// program is all that runs, put together as package main does.
type program struct {
	truth  *palace.Palace
	mirror *cache.Mirror
	stop   func()
}

type settled struct {
	*palace.Palace
	mirror *cache.Mirror
	*handlers.Handlers
}

func (o settled) Outbox(ctx context.Context) (heads []store.Message, err error) {
	err = o.mirror.Settled(ctx, func() error {
		heads, err = o.Palace.Outbox(ctx)
		return err
	})
	return heads, err
}

func (o settled) Waiting(ctx context.Context, chat int64, limit int) (waiting []store.Message, err error) {
	err = o.mirror.Settled(ctx, func() error {
		waiting, err = o.Palace.Waiting(ctx, chat, limit)
		return err
	})
	return waiting, err
}

func (o settled) MoveChat(ctx context.Context, from, to int64) error {
	return o.Palace.MoveChat(ctx, from, to)
}

// leaving are the hooks of the program.
func leaving(h *handlers.Handlers) Hooks {
	return Hooks{Render: func(ctx context.Context, queued store.Message, m message.Message) (message.Message, bool, error) {
		return h.Leaving(ctx, queued.Chat, m)
	}}
}

type doctor struct {
	handlers.Monitor // what is not called here
	mirror           *cache.Mirror
}

func (d doctor) Restore(ctx context.Context) (string, error) { return d.mirror.Restore(ctx) }

func (doctor) Report(context.Context) message.Message {
	return new(message.Text).Add("Sound.").Message()
}

func (w *world) program(dir string) *program {
	w.t.Helper()
	return w.programWith(dir, func(h Handler) Handler { return h })
}

// programWith puts something between the poller and its handler.
func (w *world) programWith(dir string, wrap func(Handler) Handler) *program {
	w.t.Helper()
	check := func(err error) {
		if err != nil {
			w.t.Helper()
			w.t.Fatal(err)
		}
	}
	ctx := context.Background()
	truth, err := palace.Open(ctx, dir+"/palace.db", palace.Options{Log: w.log})
	check(err)
	quiet := slog.New(slog.DiscardHandler)
	members, err := access.Load(ctx, truth, access.Config{Owners: []int64{ann.ID, bob.ID}, Editors: w.editors}, quiet)
	check(err)
	settings := settings.New(settings.Defaults{Values: settings.Values{Zone: time.UTC}}, quiet)
	mirror := cache.NewMirror(truth, cache.New(dir), handlers.NewNotices(members, settings), quiet, time.Now)
	check(mirror.Start(ctx))
	h := handlers.New(mirror, doctor{mirror: mirror}, w.client, members, settings, quiet)
	sender, stopSender := w.senderWith(settled{truth, mirror, h}, leaving(h))
	_, stopPoller := w.pollerWith(wrap(h), sender)
	p := &program{truth: truth, mirror: mirror}
	p.stop = func() {
		if err := stopPoller(); err != nil {
			w.t.Error(err)
		}
		stopSender()
		if err := truth.Close(); err != nil {
			w.t.Error(err)
		}
	}
	return p
}
