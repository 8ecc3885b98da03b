//go:build linux

package hard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// This file stands in for the session manager that goals.json is shared with. It
// is a process of its own, this test program run once more, and keeps to what the
// real one does: its goals are in memory and in a store of its own; every change
// rewrites the whole of goals.json, sorted by id, through a temporary sibling; it
// never reads the file, and knows no member but these.

type theirGoal struct {
	ID          string         `json:"id"`
	Description string         `json:"description"`
	Status      string         `json:"status"`
	Acceptance  []string       `json:"acceptance"`
	Sessions    []theirSession `json:"sessions"`
	Progress    int            `json:"progress"`
	Created     time.Time      `json:"created"`
	Updated     time.Time      `json:"updated"`
	Notes       []string       `json:"notes"`
}

type theirSession struct {
	ID       string  `json:"session_id"`
	Task     string  `json:"task"`
	State    string  `json:"state"`
	Evidence *string `json:"evidence"`
}

// theirChange is what it is told to do.
type theirChange struct{ Do, Goal, Text, State string }

// theirAnswer comes when a change is in its store and in goals.json, and once
// when it has begun.
type theirAnswer struct {
	Wrote time.Time
	Goals map[string]*theirGoal `json:",omitempty"` // that it began with
	Error string                `json:",omitempty"`
}

// sessionsVariable names the directory of goals.json and that of the store.
const sessionsVariable = "GOALS_HARD_SESSIONS"

// sessions is the process.
func sessions(dir, store string, in io.Reader, out io.Writer) error {
	all := map[string]*theirGoal{}
	data, err := os.ReadFile(filepath.Join(store, "store.json"))
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	asked, answers := json.NewDecoder(in), json.NewEncoder(out)
	answer := theirAnswer{Goals: all}
	for n := 0; ; n++ {
		if answer.Error == "" && len(all) > 0 { // one that has nothing writes nothing
			list := []*theirGoal{}
			for _, id := range slices.Sorted(maps.Keys(all)) {
				list = append(list, all[id])
			}
			if err := errors.Join(replaceJSON(filepath.Join(store, "store.json"), n, all), replaceJSON(filepath.Join(dir, "goals.json"), n, list)); err != nil {
				return err
			}
		}
		answer.Wrote = time.Now()
		if err := answers.Encode(answer); err != nil {
			return err
		}
		var c theirChange
		if err := asked.Decode(&c); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		answer = theirAnswer{}
		if err := c.apply(all); err != nil {
			answer.Error = err.Error()
		}
	}
}

func replaceJSON(path string, n int, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.tmp.%d.%d.%d", path, os.Getpid(), time.Now().UnixNano(), n)
	if err := os.WriteFile(temp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// apply changes its memory.
func (c theirChange) apply(all map[string]*theirGoal) error {
	now := time.Now().UTC()
	g := all[c.Goal]
	if g == nil && c.Do != "create" && c.Do != "save" {
		return fmt.Errorf("there is no goal %q", c.Goal)
	}
	switch c.Do {
	case "save":
		return nil
	case "create":
		all[c.Goal] = &theirGoal{ID: c.Goal, Description: c.Text, Status: "pending", Acceptance: []string{}, Sessions: []theirSession{}, Created: now, Updated: now, Notes: []string{}}
		return nil
	case "note":
		g.Notes = append(g.Notes, c.Text)
	case "criterion":
		g.Acceptance = append(g.Acceptance, c.Text)
	case "status":
		g.Status = c.State
	case "session":
		g.Sessions = append(g.Sessions, theirSession{ID: c.Text, Task: "task of " + c.Text, State: "launched"})
	case "state":
		for i := range g.Sessions {
			if s := &g.Sessions[i]; s.ID == c.Text {
				s.State = c.State
				if s.State == "verified" {
					evidence := "all of it is green"
					s.Evidence = &evidence
				}
			}
		}
	default:
		return fmt.Errorf("nobody knows how to %q", c.Do)
	}
	verified := 0
	for _, s := range g.Sessions {
		if s.State == "verified" {
			verified++
		}
	}
	g.Progress = (200*verified + len(g.Sessions)) / max(1, 2*len(g.Sessions)) // rounded
	g.Updated = now
	return nil
}

// manager is such a process, as a suite sees it.
type manager struct {
	cmd   *exec.Cmd
	asks  *json.Encoder
	hears *json.Decoder
	in    io.Closer
	goals map[string]*theirGoal // what it has
}

func startManager(dir, store string) (*manager, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	m := &manager{cmd: exec.Command(self)}
	m.cmd.Env = append(os.Environ(), sessionsVariable+"="+dir+string(os.PathListSeparator)+store)
	m.cmd.Stderr = os.Stderr
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := m.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := m.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	m.in, m.asks, m.hears = in, json.NewEncoder(in), json.NewDecoder(out)
	a, err := m.hear()
	if err != nil {
		return nil, errors.Join(err, m.end())
	}
	if m.goals = a.Goals; m.goals == nil {
		m.goals = map[string]*theirGoal{}
	}
	return m, nil
}

func (m *manager) hear() (a theirAnswer, err error) {
	if err = m.hears.Decode(&a); err == nil && a.Error != "" {
		err = errors.New(a.Error)
	}
	return a, err
}

// do changes something, which is in goals.json afterwards.
func (m *manager) do(c theirChange) (wrote time.Time, err error) {
	if err := m.asks.Encode(c); err != nil {
		return wrote, err
	}
	a, err := m.hear()
	if err != nil {
		return wrote, fmt.Errorf("the session manager was to %s: %w", c.Do, err)
	}
	return a.Wrote, c.apply(m.goals)
}

// killDuring kills the process while it changes something. What became of that
// is seen at its next start.
func (m *manager) killDuring(c theirChange, after time.Duration) error {
	err := m.asks.Encode(c)
	time.Sleep(after) // the instant of the kill
	_ = m.cmd.Process.Kill()
	_ = m.end()
	return err
}

func (m *manager) end() error {
	m.in.Close()
	return m.cmd.Wait()
}
