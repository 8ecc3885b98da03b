package demo

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"goalbot/telegramtest"
)

// This file lets things go wrong on purpose, and shows the file it happens to.

// accident does what a control of the page is for.
func (p *phone) accident(do func() (string, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if do != nil && !read(w, r, &struct{}{}) {
			return
		}
		p.run(w, do)
	}
}

// run does what a control of the page is for, and answers with the line that says it.
func (p *phone) run(w http.ResponseWriter, do func() (string, error)) {
	if do == nil {
		refuse(w, http.StatusNotFound, "This demo has no such control.")
		return
	}
	line, err := do()
	if err != nil {
		refuse(w, http.StatusConflict, "That did not work: "+err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]string{"line": line})
}

// clock moves the clock of the bot.
func (p *phone) clock(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		To Move `json:"to"`
	}
	if !read(w, r, &asked) {
		return
	}
	if asked.To != Hour && asked.To != Day && asked.To != Monday {
		refuse(w, http.StatusBadRequest, "The clock moves by an hour, by a day, or to Monday.")
		return
	}
	var move func() (string, error)
	if p.MoveClock != nil {
		move = func() (string, error) { return p.MoveClock(asked.To) }
	}
	p.run(w, move)
}

// outage makes Telegram answer everything the bot asks with 502, as it does
// when it is down; 0 seconds end it.
func (p *phone) outage(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Seconds int `json:"seconds"`
	}
	if !read(w, r, &asked) {
		return
	}
	length := time.Duration(asked.Seconds) * time.Second
	if asked.Seconds < 0 || length > maxOutage {
		refuse(w, http.StatusBadRequest, "An outage lasts 0 to 600 seconds.")
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.heal != nil {
		p.heal.Stop()
	}
	p.Server.Heal("")
	p.down = time.Now().Add(length)
	if length > 0 {
		p.Server.Fail("", -1, telegramtest.ServerErrorHTML(http.StatusBadGateway))
		until := p.down
		p.heal = time.AfterFunc(length, func() { p.recover(until) })
	}
	p.touch()
	answer(w, http.StatusOK, map[string]int{"seconds": asked.Seconds})
}

// recover ends the outage that was to last until then. A later one may have
// taken its place while the timer was on its way.
func (p *phone) recover(until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down.Equal(until) {
		p.Server.Heal("")
		p.touch()
	}
}

// goalsFile is goals.json as text. Bytes that are not UTF-8 are shown as U+FFFD.
func (p *phone) goalsFile(w http.ResponseWriter, r *http.Request) {
	if p.File == nil {
		refuse(w, http.StatusNotFound, "This demo does not show goals.json.")
		return
	}
	data, err := p.File()
	if errors.Is(err, fs.ErrNotExist) {
		answer(w, http.StatusOK, map[string]any{"exists": false})
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, "goals.json could not be read: "+err.Error())
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"exists": true, "size": len(data), "cut": len(data) > maxFile,
		"text": strings.ToValidUTF8(string(data[:min(len(data), maxFile)]), "\uFFFD"),
	})
}
