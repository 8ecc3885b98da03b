package palace

import (
	"context"
	"time"
)

// This file decides whether the bot may write to its palace, and whether it may send
// alerts. A palace in an SQLite file may be written to while it is open, because its
// folder is locked. On a server the bot must hold a lease and renew it.

// lease is the engine's, nil where it has none.
func (p *Palace) lease() *lease {
	if s, ok := p.engine.(*server); ok {
		return s.lease
	}
	return nil
}

// Leads reports whether no other bot can lead now. It must be asked before anything is
// done outside the palace, such as sending a message. It reads only the clocks of this
// machine.
func (p *Palace) Leads() bool {
	l := p.lease()
	return l == nil || l.leads()
}

// MayAlert reports whether the bot may send alerts about itself: it leads, or it led
// when the server stopped answering, so that no other bot can lead that would know of
// it.
func (p *Palace) MayAlert() bool {
	l := p.lease()
	return l == nil || l.leads() || l.cutOff()
}

// KeepLease renews the lease until ctx ends or another bot leads, in which case it
// returns [ErrLed]. While the server is unreachable it keeps trying, since other bots
// may not reach it either; [Palace.Leads] returns false as soon as the lease may have
// expired.
func (p *Palace) KeepLease(ctx context.Context) error {
	if l := p.lease(); l != nil {
		return l.keep(ctx, p.handed)
	}
	<-ctx.Done()
	return nil
}

// Leadership says who leads and who stands by.
type Leadership struct {
	Leader
	Standbys []StandbyState
}

// StandbyState says of a bot that stands by how it is.
type StandbyState struct {
	Holder  string        // the machine and the process
	Copied  bool          // its goals.json was what the list was at some time
	Age     time.Duration // how long ago that was last
	Trouble string        // what is wrong with its goals.json, as an alert calls it; empty for nothing
}

// Leadership asks the server who leads and who stands by. It is zero where the palace
// is in an SQLite file.
func (p *Palace) Leadership(ctx context.Context) (Leadership, error) {
	if p.lease() == nil {
		return Leadership{}, nil
	}
	now, err := readLease(ctx, p.readers)
	if err != nil {
		return Leadership{}, explain(err)
	}
	standbys, err := readStandbys(ctx, p.readers)
	return Leadership{now.Leader, standbys}, explain(err)
}

// Leader says who leads.
type Leader struct {
	Holder string // the machine and the process
	Epoch  int64  // grows with every leader
	Since  time.Time
}
