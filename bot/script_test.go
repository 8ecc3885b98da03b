package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"goalbot/bot/config"
	"goalbot/health"
	"goalbot/postgrestest"
)

// The scripts in testdata/script run the real program against the stand-in for
// Telegram, over real HTTP, and read like the chats that they check.

const testToken = "123456789:AAScriptCanaryTokenThatNobodyMayEverSee"

func TestMain(m *testing.M) {
	// Scripts wait most of the time. -parallel says otherwise.
	_ = flag.Set("test.parallel", strconv.Itoa(max(6, 2*runtime.GOMAXPROCS(0))))
	nervous := hasty()
	nervous.PollStalled = 4 * time.Second // a poll that has nothing to say takes longer
	testscript.Main(leakless{m}, map[string]func(){
		"bot":     main,
		"hasty":   func() { os.Exit(execute(hasty())) },
		"nervous": func() { os.Exit(execute(nervous)) },
		"moved":   moved,
	})
}

// patience is how long a script waits for what the program is to do. Only one
// that fails takes so long.
const patience = 2 * time.Minute

// leakless fails where a test leaves a goroutine behind.
type leakless struct{ *testing.M }

func (m leakless) Run() int {
	code := m.M.Run()
	postgrestest.StopShared()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// hasty are limits for a script that waits until something is a fault. How much
// room there is on the disk stands in the file room in the working directory,
// as soon as there is one; a FIFO there is a disk that hangs. The kind of a remote
// file system stands in the file filesystem.
func hasty() health.Limits {
	l := health.DefaultLimits()
	l.TokenConflict, l.OutboxStuck, l.Silent, l.Watch = 6*time.Second, 3*time.Second, 3*time.Second, 500*time.Millisecond
	l.Room = func(dir string) (uint64, bool) {
		data, err := os.ReadFile("room")
		if err != nil {
			return health.FreeSpace(dir)
		}
		mebibytes, err := strconv.ParseUint(strings.TrimSpace(string(data)), 10, 64)
		return mebibytes << 20, err == nil
	}
	l.Remote = func(dir string) string {
		kind, _ := os.ReadFile("filesystem")
		return strings.TrimSpace(string(kind))
	}
	return l
}

// moved is the bot with a clock of its own for people: it is ahead by what stands in the
// file clock in the working directory, as soon as there is one.
func moved() {
	ctx, stop := untilSignal("run")
	defer stop()
	c, err := config.Load(os.Environ(), "")
	if err == nil {
		err = runBot(ctx, c, health.DefaultLimits(), func() time.Time {
			data, _ := os.ReadFile("clock")
			ahead, _ := time.ParseDuration(strings.TrimSpace(string(data)))
			return time.Now().Add(ahead)
		}, new(supervisor), false, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
}

func TestScripts(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the scripts stop the program with SIGTERM, which no program can send on Windows")
	}
	p := scripts(nil)
	p.Dir = "testdata/script"
	testscript.Run(t, p)
}

// scripts are the parameters of scripts. more adds to the environment of each.
func scripts(more func(*testscript.Env)) testscript.Params {
	return testscript.Params{
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			p := newPhone(env)
			env.Values[phoneKey{}] = p
			env.Vars = append(env.Vars,
				"TELEGRAM_BOT_TOKEN="+testToken,
				"TELEGRAM_API_URL="+p.url,
				"ALLOWED_USER_IDS="+strconv.FormatInt(owner.ID, 10),
				"DATA_ROOT="+filepath.Join(env.WorkDir, "data"),
				"GOALS="+filepath.Join(env.WorkDir, "data", "sm", "goals.json"),
				"HEALTH_CRON=@every 1s",
				"OUTSIDE="+p.outside.url,
				"FREE_ADDR="+freeAddress(env),
				"TIMEZONE=UTC",
			)
			if more != nil {
				more(env)
			}
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("there is no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"say":      command((*phone).say),
			"send":     command((*phone).send),
			"picture":  command((*phone).picture),
			"save":     command((*phone).save),
			"edit":     command((*phone).edit),
			"reply":    command((*phone).reply),
			"quote":    command((*phone).quote),
			"forward":  command((*phone).forward),
			"tap":      command((*phone).tap),
			"forge":    command((*phone).forge),
			"remember": command((*phone).remember),
			"late":     command((*phone).late),
			"hear":     command((*phone).hear),
			"both":     command((*phone).both),
			"ask":      command((*phone).ask),
			"shows":    command((*phone).shows),
			"silence":  command((*phone).silence),
			"reacted":  command((*phone).reacted),
			"unsaid":   command((*phone).unsaid),
			"telegram": command((*phone).telegram),
			"received": command((*phone).received),
			"outside":  command((*phone).switchOutside),
			"posted":   command((*phone).posted),
			"chatter":  command((*phone).chatter),
			"answer":   command((*phone).answer),
			"rich":     command((*phone).rich),
			"album":    command((*phone).album),
			"media":    command((*phone).media),
			"service":  command((*phone).service),
			"topic":    command((*phone).topics),
			"storm":    storm,
			"fetch":    fetch,
			"meets":    meets,
			"checks":   checks,
			"sigterm":  sigterm,
			"profile":  askForProfiles,
			"replace":  replaceInFile,
			"twice":    twice,
			"notoken":  noToken,
			"palace":   palaceSQL,
		},
	}
}

// sigterm asks every program in the background to stop.
func sigterm(ts *testscript.TestScript, neg bool, args []string) {
	for _, c := range ts.BackgroundCmds() {
		if err := c.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			ts.Fatalf("signal: %v", err)
		}
	}
}
