package main

import (
	"log/slog"

	"goalbot/health"
	"goalbot/palace"
)

// standby is a bot that waits while another one leads. It says so in the log, and at
// HTTP_ADDR.
type standby struct {
	address string
	by      *supervisor
	log     *slog.Logger

	epoch    int64 // of the leader that was told of
	closeWeb func()
}

// waitFor is told again and again who leads.
func (s *standby) waitFor(l palace.Leader) {
	if s.epoch == l.Epoch {
		return
	}
	s.epoch = l.Epoch
	s.by.ready(s.log)
	s.log.Info("another bot leads, and this one stands by", "leader", l.Holder, "since", l.Since)
	if s.address == "" || s.closeWeb != nil {
		return
	}
	closeWeb, err := serveWeb(s.address, health.Standby(), s.log)
	if err != nil {
		s.log.Error("this bot cannot say that it stands by", "err", err)
		return
	}
	s.closeWeb = closeWeb
}

// end is when this bot leads itself.
func (s *standby) end() {
	if s.closeWeb != nil {
		s.closeWeb()
	}
}
