package config

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestDotenv(t *testing.T) {
	for _, test := range []struct {
		name, dotenv string
		problem      string // the beginning of the only one, or "" if it is fine
	}{
		{"nothing", "", ""},
		{"comments and blank lines", "# LOG_LEVEL=loud\n\n  \n\t# x\nLOG_LEVEL=debug # as loud as it gets\n", ""},
		{"a BOM", "\ufeffLOG_LEVEL=debug\n", ""},
		{"Windows line ends", "LOG_LEVEL=debug\r\nLOG_FORMAT=\"text\"\r\n", ""},
		{"export", "export LOG_LEVEL=debug\n", ""},
		{"in the manner of YAML", "LOG_LEVEL: debug", ""},
		{"a dollar in single quotes", "DATA_ROOT='/tmp/a$B'\nLOG_LEVEL=debug", ""},
		{"a dollar that is no variable", "DATA_ROOT=/tmp/a$b$\nLOG_LEVEL=debug", ""},
		{"a backslash without quotes", `DATA_ROOT=C:\new\tab` + "\nLOG_LEVEL=debug", ""},

		{"a dollar", "LOG_LEVEL=debug\nDATA_ROOT=/tmp/a$B\n", ".env line 2: the value of DATA_ROOT contains a $"},
		{"a dollar in double quotes", `DATA_ROOT="/tmp/${LOG_LEVEL}"`, ".env line 1: the value of DATA_ROOT contains a $"},
		{"a dollar with a parenthesis", `DATA_ROOT=/tmp/$(ID)`, ".env line 1: the value of DATA_ROOT contains a $"},
		{"an escape in double quotes", `DATA_ROOT="C:\new"`, ".env line 1: the value of DATA_ROOT contains a $ or a \\"},
		{"a path that ends with a backslash", `DATA_ROOT="C:\dir\"`, ".env line 1: must be NAME=value"},
		{"an unknown name", "\n\nLOG_LEVLE=debug", ".env line 3: there is no setting LOG_LEVLE; did you mean LOG_LEVEL?"},
		{"a part of a name", "BOT_TOKEN=", ".env line 1: there is no setting BOT_TOKEN; did you mean TELEGRAM_BOT_TOKEN?"},
		{"an older name", "TELEGRAM_TOKEN=x", ".env line 1: there is no setting TELEGRAM_TOKEN; did you mean TELEGRAM_BOT_TOKEN?"},
		{"small letters", "log_level=debug", ".env line 1: there is no setting of this name; did you mean LOG_LEVEL?"},
		{"nothing like it", "XYZ=debug", ".env line 1: there is no setting XYZ; .env.example lists them all"},
		{"no name", "=debug", ".env line 1: must be NAME=value"},
		{"no equals sign", "LOG_LEVEL", ".env line 1: must be NAME=value"},
		{"two on a line", `LOG_LEVEL="debug"LOG_FORMAT=text`, ".env line 1: must be NAME=value"},
		{"something after the quotes", `LOG_LEVEL="debug"x`, ".env line 1: must be NAME=value"},
		{"an open quote", "LOG_LEVEL='debug\n", ".env line 1: must be NAME=value"},
		{"twice", "LOG_LEVEL=info\nLOG_LEVEL=debug\n", ".env line 2: LOG_LEVEL is set a second time; the first is in line 1"},
		{"a token alone", "LOG_LEVEL=info\n" + aToken, ".env line 2: looks like a bot token"},
		{"control characters", "LOG_LEVEL=de\x00bug", ".env line 1: contains a control character"},
		{"UTF-16", "\xff\xfeL\x00O\x00", ".env must be saved as UTF-8"},
		{"a bad value", "\nLOG_LEVEL=loud", "LOG_LEVEL (.env line 2): must be debug"},
		{"too long", strings.Repeat("#\n", maxDotenv), ".env is too long"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := load(t, test.dotenv)
			if test.problem == "" {
				if err != nil || len(c.Warnings) > 0 || strings.Contains(test.dotenv, "\nLOG_LEVEL=debug") && c.LogLevel != slog.LevelDebug {
					t.Errorf("level %v, warnings %v, %v", c.LogLevel, c.Warnings, err)
				}
				return
			}
			wrong, ok := errors.AsType[*Error](err)
			if !ok || len(wrong.Problems) != 1 || !strings.HasPrefix(wrong.Problems[0], test.problem) || strings.HasSuffix(wrong.Problems[0], "?.") {
				t.Errorf("error is:\n%v\nwant one that begins with\n%s", err, test.problem)
			}
		})
	}
}

func FuzzDotenv(f *testing.F) {
	f.Add("LOG_LEVEL=debug\n", "x")
	f.Add("DATA_ROOT=\"a\\$b\" # c\n", "='\"\\")
	f.Fuzz(func(t *testing.T, before, after string) {
		d := dotenv{entries: make(map[string]dotenvEntry)}
		for i, line := range strings.Split(before+aToken+after, "\n") {
			if problem := d.add(i+1, line); strings.Contains(problem, "canary") {
				t.Errorf("%q: %s", line, problem)
			}
		}
	})
}

func TestADotenvThatCannotBeRead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), ".env")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, env := home(t)
	if _, err := Load(env, dir); err == nil || !strings.HasPrefix(err.Error(), ".env is a directory, not a regular file") {
		t.Errorf("error is %v", err)
	}
}

func TestADotenvThatOthersMayReadIsWarnedAbout(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the mode of a file says nothing on Windows")
	}
	_, env := home(t)
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o444: true} {
		path := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask is
			t.Fatal(err)
		}
		c, err := Load(env, path)
		warned := len(c.Warnings) == 1 && strings.Contains(c.Warnings[0], "chmod 600 .env")
		if err != nil || warned != want || len(c.Warnings) > 1 {
			t.Errorf("mode %04o: warnings %q, %v", mode, c.Warnings, err)
		}
	}
}
