package palace

import (
	"context"
	"time"
)

// This file says whether a palace may be written to, and what of it may be told. A
// palace in an SQLite file may, for as long as it is open: its folder is locked. One
// on a server has to hold a lease, and to renew it.

// lease is the engine's, nil where it has none.
func (p *Palace) lease() *lease {
	if s, ok := p.engine.(*server); ok {
		return s.lease
	}
	return nil
}

// Leads reports whether nobody else can lead just now. Whatever is done in the name
// of the bot elsewhere, as a message that is sent, is preceded by this question. It
// asks nobody but the clocks of this machine.
func (p *Palace) Leads() bool {
	l := p.lease()
	return l == nil || l.leads()
}

// MayAlert reports whether the bot may say something about itself: it leads, or it did
// when the server ceased to answer, so that nobody can lead in its place who knows of that.
func (p *Palace) MayAlert() bool {
	l := p.lease()
	return l == nil || l.leads() || l.cutOff()
}

// KeepLease renews the lease until ctx ends, or another bot leads: then it returns an
// error that is [ErrLed]. While the server cannot be reached it tries on, for nobody
// else may reach it either; but [Palace.Leads] says no as soon as the lease may have run out.
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
