package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// supervisor is the service manager that started the program, if it wants to be
// told how it is doing; see sd_notify(3). The zero supervisor is nobody.
type supervisor struct {
	socket   string        // of the kind unixgram
	watchdog time.Duration // without a sign of life for so long the program is restarted; 0 for never

	hangs atomic.Pointer[func() bool] // nil where nothing is that could hang
}

// supervisorOf reads who started the program from the environment, as systemd sets it.
func supervisorOf(environ []string) *supervisor {
	s := new(supervisor)
	pid := strconv.Itoa(os.Getpid())
	watched := pid
	for _, entry := range environ {
		switch name, value, _ := strings.Cut(entry, "="); name {
		case "NOTIFY_SOCKET":
			s.socket = value
		case "WATCHDOG_USEC":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil && n > 0 {
				s.watchdog = time.Duration(n) * time.Microsecond
			}
		case "WATCHDOG_PID":
			watched = value
		}
	}
	if watched != pid {
		s.watchdog = 0 // it is another program's
	}
	return s
}

// notify sends a state such as READY=1. Without a supervisor it does nothing.
func (s *supervisor) notify(state string) error {
	if s.socket == "" {
		return nil
	}
	c, err := net.Dial("unixgram", s.socket)
	if err != nil {
		return err
	}
	_, err = c.Write([]byte(state))
	return errors.Join(err, c.Close())
}

// ready says that the start is over.
func (s *supervisor) ready(log *slog.Logger) {
	if err := s.notify("READY=1"); err != nil {
		log.Warn("the service manager could not be told that the program runs", "err", err)
	}
}

// watch gives signs of life until ctx ends, but none while the program hangs.
func (s *supervisor) watch(ctx context.Context, log *slog.Logger) {
	if s.socket == "" || s.watchdog == 0 {
		return
	}
	tick := time.NewTicker(s.watchdog / 3)
	defer tick.Stop()
	for hung := false; ; {
		was, hangs := hung, s.hangs.Load()
		if hung = hangs != nil && (*hangs)(); !hung {
			if err := s.notify("WATCHDOG=1"); err != nil {
				log.Warn("the service manager could not be told that the program is alive", "err", err)
			}
		} else if !was {
			log.Error("the poll loop hangs; the watchdog of the service manager restarts the program unless that ends", "within", s.watchdog)
		}
		select {
		case <-ctx.Done():
			_ = s.notify("STOPPING=1") // it notices the end anyway
			return
		case <-tick.C:
		}
	}
}
