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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"goalbot/telegramtest"
)

var noFault = telegramtest.Fault{}

// reader reads goals.json as a terminal UI does, and measures for how long it
// misses goals of the phone that it has seen before.
type reader struct {
	mu    sync.Mutex
	reads int
	bad   []error
	gaps  map[string][]time.Duration
}

const readEvery = 2 * time.Millisecond

// start begins to read; stop may be called twice.
func (r *reader) start(b *beside, path string) (stop func()) {
	r.gaps = map[string][]time.Duration{}
	end := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		var last os.FileInfo
		seen := map[string]bool{}
		var since time.Time // goals are missing; zero where they are not
		var when string
		var downs int64
		for {
			select {
			case <-end:
				return
			case <-time.After(readEvery):
			}
			info, err := os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) && last == nil {
				continue // nobody has written yet
			}
			if err == nil && last != nil && os.SameFile(info, last) && info.ModTime().Equal(last.ModTime()) {
				continue
			}
			list, info, err := readWhole(path)
			r.mu.Lock()
			r.reads++
			if err != nil {
				r.bad = append(r.bad, err)
			}
			r.mu.Unlock()
			if err != nil {
				continue
			}
			last = info
			missing := b.missing(list, seen)
			down := b.down.Load()
			switch {
			case missing && since.IsZero():
				since, when, downs = info.ModTime(), "at an ordinary pace", down
				if b.storm.Load() {
					when = "in a storm"
				}
			case !missing && !since.IsZero():
				if down != downs || down%2 == 1 {
					when = "while the bot was not there"
				}
				r.mu.Lock()
				r.gaps[when] = append(r.gaps[when], time.Since(since))
				r.mu.Unlock()
				since = time.Time{}
			}
		}
	})
	return sync.OnceFunc(func() { close(end); reading.Wait() })
}

func readWhole(path string) (list []theirGoal, info os.FileInfo, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(f)
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	return list, info, err
}

// missing reports whether goals of the phone are not there that were there before.
func (b *beside) missing(list []theirGoal, seen map[string]bool) (missing bool) {
	there := make(map[string]bool, len(list))
	for _, g := range list {
		there[g.Description] = true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for name, g := range b.said {
		switch {
		case !g.added:
		case g.deleted:
			delete(seen, name)
		case there[name]:
			seen[name] = true
		case seen[name]:
			missing = true
		}
	}
	return missing
}

func (r *reader) torn() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.bad) == 0 {
		return nil
	}
	return fmt.Errorf("a reader of goals.json failed %d times: %w", len(r.bad), r.bad[0])
}

func (r *reader) report() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var text strings.Builder
	fmt.Fprintf(&text, "%d versions of goals.json read, %d torn", r.reads, len(r.bad))
	for _, when := range slices.Sorted(maps.Keys(r.gaps)) {
		all := slices.Sorted(slices.Values(r.gaps[when]))
		at := func(percent int) time.Duration { return all[(len(all)-1)*percent/100].Round(100 * time.Microsecond) }
		fmt.Fprintf(&text, "\nthe phone's goals were missing %s: %d times, median %v, p95 %v, at most %v", when, len(all), at(50), at(95), at(100))
	}
	return text.String()
}

var numberedGoal = regexp.MustCompile(`#(\d+) ((?:errand|their)\d{5})`)

// count counts what the bot sends. It spoils nothing, so it never matches.
func (b *beside) count(c telegramtest.Call) bool {
	switch strings.ToLower(c.Method) {
	case "editmessagetext":
		b.edits.Add(1)
	case "sendmessage":
		head, _, _ := strings.Cut(c.Params["text"], "\n")
		b.mu.Lock()
		for _, m := range numberedGoal.FindAllStringSubmatch(c.Params["text"], -1) {
			if g := b.said[m[2]]; g != nil {
				g.number = m[1]
			}
		}
		b.mu.Unlock()
		n, _ := b.messages.LoadOrStore(c.Params["chat_id"]+" "+kindOf(head), new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
	}
	return false
}

// kindOf is what a message is about: an answer to a command, or its first words.
func kindOf(head string) string {
	for _, word := range []string{"Added: ", "Task linked to: ", "Task verified: ", "Task failed: ", "Note added to: ", "New criterion: ", "In progress: ", "Blocked: ", "Reopened: ", "Back to To do: ", "Deleted: "} {
		if strings.HasPrefix(head, word) {
			return "answer"
		}
	}
	if strings.Contains(head, " commands were waiting.") {
		return "answer"
	}
	words := strings.Fields(head)
	return strings.Join(words[:min(len(words), 4)], " ")
}

// told says what the chats were told.
func (b *beside) told() string {
	var lines []string
	b.messages.Range(func(k, v any) bool {
		lines = append(lines, fmt.Sprintf("%d of %q", v.(*atomic.Int64).Load(), k))
		return true
	})
	slices.Sort(lines)
	return fmt.Sprintf("messages by chat and kind: %s; %d edits", strings.Join(lines, ", "), b.edits.Load())
}

const (
	handful = 6  // messages about another program are a few
	news    = 10 // goals at most have a message of their own in ten minutes
)

// fewMessages reports a chat that was told of another program in more than a
// handful of new messages. After a kill one may be sent once more.
func (b *beside) fewMessages(lasted time.Duration, kills int) (err error) {
	notices := map[string]int{}
	b.messages.Range(func(k, v any) bool {
		if chat, kind, _ := strings.Cut(k.(string), " "); kind != "answer" {
			notices[chat] += int(v.(*atomic.Int64).Load())
		}
		return true
	})
	for chat, n := range notices {
		if n > handful+news*(1+int(lasted/(10*time.Minute)))+kills {
			err = fmt.Errorf("chat %s got %d new messages that answer no command: %s", chat, n, b.told())
		}
	}
	return err
}

// processorTime is how long a program has kept processors busy (proc(5)).
func processorTime(l *life) time.Duration {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", l.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	var ticks int64
	for _, i := range []int{11, 12} { // utime and stime, in hundredths of a second
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
