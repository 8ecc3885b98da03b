//go:build unix

package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// plant writes a file with a mode, whatever the umask is.
func plant(t *testing.T, path, content string, mode os.FileMode) string {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, []byte(content), 0o600), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
	return path
}

// anybody is a user that nobody is.
const anybody = 54321

// A .env that somebody else put into the folder the bot was started in could
// point TELEGRAM_API_URL at his own server, which was then told the token.
// Broken on purpose: each half of foreign, and the owner of a link.
func TestADotenvOfOthersIsNotRead(t *testing.T) {
	const theirs = "TELEGRAM_API_URL=https://evil.example\n"
	dir := t.TempDir()
	at := func(name string) string {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name, ".env")
	}
	own := plant(t, filepath.Join(dir, "own"), theirs, 0o600)
	chown := func(path string, uid int) string {
		if err := os.Lchown(path, uid, -1); err != nil {
			t.Fatal(err)
		}
		return path
	}
	link := func(to, path string) string {
		if err := os.Symlink(to, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	type row struct{ path, problem string }
	rows := []row{
		{own, ""},
		{link(own, at("linked")), ""},
		{link("../linked/.env", at("twice")), ""},
		{plant(t, at("world"), theirs, 0o666), "can be changed by other users of this machine (mode 0666)"},
		{plant(t, at("group"), theirs, 0o620), "can be changed by other users of this machine (mode 0620)"},
		{link(".env", at("circle")), "form a loop"},
	}
	if os.Geteuid() == 0 {
		foreign := chown(plant(t, at("foreign"), theirs, 0o600), anybody)
		rows = append(rows,
			row{foreign, "belongs to another user (id 54321)"},
			row{link(foreign, at("linked to it")), "belongs to another user (id 54321)"},
			row{chown(link(own, at("their link")), anybody), "is a symbolic link made by another user (user id 54321)"})
	}
	_, env := home(t)
	for _, tt := range rows {
		c, err := Load(env, tt.path)
		switch {
		case tt.problem == "" && (err != nil || c.TelegramAPIURL != "https://evil.example"):
			t.Errorf("%s is not read: %v", tt.path, err)
		case tt.problem != "" && (err == nil || !strings.Contains(err.Error(), tt.problem) || strings.Contains(err.Error(), "evil")):
			t.Errorf("%s: %v; want that it %s", tt.path, err, tt.problem)
		case tt.problem != "" && c.TelegramAPIURL != "":
			t.Errorf("%s is read all the same", tt.path)
		}
	}
}

// A FIFO in the place of .env or the token file kept the program from ever
// starting, and a device or a huge file filled its memory.
func TestNothingOddIsReadForSettings(t *testing.T) {
	dir := t.TempDir()
	fifo, huge := filepath.Join(dir, "fifo"), plant(t, filepath.Join(dir, "huge"), "", 0o600)
	if err := errors.Join(syscall.Mkfifo(fifo, 0o600), os.Truncate(huge, 1<<40)); err != nil {
		t.Fatal(err)
	}
	_, env := home(t)
	for path, want := range map[string]string{fifo: "is a named pipe (FIFO), not a regular file", "/dev/zero": "is a device, not a regular file", dir: "is a directory, not a regular file"} {
		if _, err := Load(env, path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s as .env: %v", path, err)
		}
		if _, err := load(t, "", "TELEGRAM_BOT_TOKEN_FILE="+path); err == nil || !strings.Contains(err.Error(), "and that file "+want) {
			t.Errorf("%s as the file of the token: %v", path, err)
		}
	}
	if _, err := Load(env, huge); err == nil || !strings.Contains(err.Error(), "too long to hold settings") {
		t.Errorf("a huge .env: %v", err)
	}
	if _, err := load(t, "", "TELEGRAM_BOT_TOKEN_FILE="+huge); err == nil || !strings.Contains(err.Error(), "has more than 65536 bytes") {
		t.Errorf("a huge file of the token: %v", err)
	}
}

func TestLooseModesAreWarnedAbout(t *testing.T) {
	root := t.TempDir()
	sm := filepath.Join(root, "sm")
	if err := os.Mkdir(sm, 0o700); err != nil {
		t.Fatal(err)
	}
	token := plant(t, filepath.Join(root, "token"), aToken, 0o600)
	for _, tt := range []struct {
		sm, token os.FileMode
		want      []string
	}{
		{0o700, 0o600, nil},
		{0o711, 0o400, nil}, // may be passed through, not looked at
		{0o750, 0o600, []string{"The folder sm in DATA_ROOT can be read by other users of this machine (mode 0750). To keep it private: chmod 700 on it"}},
		{0o777, 0o644, []string{"The file of TELEGRAM_BOT_TOKEN_FILE can be read by", "The folder sm in DATA_ROOT can be changed by"}},
		{0o700, 0o660, []string{"The file of TELEGRAM_BOT_TOKEN_FILE can be changed by"}},
	} {
		if err := errors.Join(os.Chmod(sm, tt.sm), os.Chmod(token, tt.token)); err != nil {
			t.Fatal(err)
		}
		c, err := load(t, "", "DATA_ROOT="+root, "TELEGRAM_BOT_TOKEN_FILE="+token)
		if err != nil || string(c.Token) != aToken || len(c.Warnings) != len(tt.want) {
			t.Errorf("%04o and %04o: %q, %v", tt.sm, tt.token, c.Warnings, err)
			continue
		}
		for i, want := range tt.want {
			if !strings.HasPrefix(c.Warnings[i], want) {
				t.Errorf("%04o and %04o: %q, want %q", tt.sm, tt.token, c.Warnings[i], want)
			}
		}
	}
}
