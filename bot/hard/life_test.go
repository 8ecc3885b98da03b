//go:build linux

package hard

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// life is one run of the program.
type life struct {
	cmd   *exec.Cmd
	polls int64  // how many there had been before
	lock  string // the file that it locks
	ended chan struct{}
	err   error
}

// start starts the program, behind the command of wrap if there is one.
func (w *world) start(wrap ...string) (*life, error) {
	return w.startAt(w.root, w.web.URL, w.settings, wrap...)
}

// startAt starts the program with that DATA_ROOT, which finds Telegram there.
func (w *world) startAt(root, api string, settings []string, wrap ...string) (*life, error) {
	args := append(slices.Clone(wrap), w.program)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = "/" // no .env is there
	var ids []string
	for _, u := range people {
		ids = append(ids, strconv.FormatInt(u.ID, 10))
	}
	cmd.Env = append([]string{
		"HOME=" + root, "PATH=" + os.Getenv("PATH"), "TELEGRAM_BOT_TOKEN=" + token, "TELEGRAM_API_URL=" + api,
		"ALLOWED_USER_IDS=" + strings.Join(ids, ","), "DATA_ROOT=" + root, "TIMEZONE=UTC",
	}, settings...)
	cmd.Stdout, cmd.Stderr = w.logs, w.logs
	// A group of its own, so that what wraps the program dies with it; and it dies with the test.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	polls := w.polls.Load()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	l := &life{cmd: cmd, polls: polls, lock: filepath.Join(root, "sm", "bot.lock"), ended: make(chan struct{})}
	go func() {
		l.err = cmd.Wait()
		close(l.ended)
	}()
	return l, nil
}

// kill ends the program in the middle of whatever it does.
func (l *life) kill() {
	_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGKILL)
	<-l.ended
	// Behind strace the program itself ends a moment later, and with it its lock.
	lock, err := os.Open(l.lock)
	if err != nil {
		return
	}
	defer lock.Close()
	for range 1000 {
		if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// stop asks the program to stop.
func (l *life) stop() error {
	_ = syscall.Kill(-l.cmd.Process.Pid, syscall.SIGTERM)
	select {
	case <-l.ended:
		return l.err
	case <-time.After(20 * time.Second):
		l.kill()
		return errors.New("the program did not stop when it was told to")
	}
}

func (l *life) running() bool {
	select {
	case <-l.ended:
		return false
	default:
		return true
	}
}
