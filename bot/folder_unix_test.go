//go:build unix

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A volume that was made for another user, or files that root left there: the
// program names the owner and the command that changes it.
func TestWhatBelongsToAnotherUserIsToldWithTheCure(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to others")
	}
	const uid = 65532
	root, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	program := filepath.Join(root, "bot")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data := filepath.Join(root, "data")
	start := func(args ...string) (string, error) {
		c := exec.Command(program, args...)
		c.Dir = root
		c.Env = []string{"DATA_ROOT=" + data, "TELEGRAM_BOT_TOKEN=" + testToken, "TELEGRAM_API_URL=http://127.0.0.1:9", "HTTP_ADDR=nowhere.invalid:1"}
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, err := c.CombinedOutput()
		return string(out), err
	}
	for _, err := range []error{os.Chmod(root, 0o755), os.Mkdir(data, 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tells := func(of string) {
		t.Helper()
		want := fmt.Sprintf("%s belongs to user 0, and the bot runs as user %d. To change that, run as root: chown -R %d:%d %s\n", of, uid, uid, uid, data)
		if out, err := start(); err == nil || !strings.HasSuffix(out, want) {
			t.Errorf("%v: %s\nwant: %s", err, out, want)
		}
	}
	tells(data)
	if err := os.Chown(data, uid, uid); err != nil {
		t.Fatal(err)
	}
	if out, _ := start(); !strings.Contains(out, "HTTP_ADDR cannot be used") { // as far as that it makes its files, and ends
		t.Fatal(out)
	}
	for _, name := range []string{"bot.lock", "palace.db", "palace.id"} {
		path := filepath.Join(data, "sm", name)
		if err := os.Chown(path, 0, 0); err != nil {
			t.Fatal(err)
		}
		tells(path)
		if err := os.Chown(path, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := start("check"); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}
