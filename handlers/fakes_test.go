package handlers

import (
	"context"
	"errors"

	"goalbot/message"
)

// fakeMonitor stands in for the monitor.
type fakeMonitor struct {
	kept string
	err  error
	boom bool
	rows [][]message.Button // of the report
}

func (d *fakeMonitor) Report(context.Context) message.Message {
	if d.boom {
		panic("the monitor died")
	}
	return new(message.Text).Add("goals.json is OK.").Message(d.rows...)
}

func (d *fakeMonitor) Restore(context.Context) (string, error) { return d.kept, d.err }

func (d *fakeMonitor) Mute(_ context.Context, words string) message.Message {
	return said("Mute " + words)
}

func (d *fakeMonitor) Unmute(context.Context) message.Message { return said("Unmute") }

func (d *fakeMonitor) Acknowledge(_ context.Context, words, by string) message.Message {
	return said("Acknowledge " + words + " by " + by)
}

func (d *fakeMonitor) TestAlert(context.Context) message.Message { return said("TestAlert") }

func said(s string) message.Message { return new(message.Text).Add(s).Message() }

// files are what people have sent, by id.
type files map[string][]byte

func (f files) Fetch(_ context.Context, id string, most int64) ([]byte, error) {
	data, ok := f[id]
	switch {
	case !ok:
		return nil, errors.New("there is no such file")
	case int64(len(data)) > most:
		return nil, ErrTooLarge
	}
	return data, nil
}
