//go:build linux

package hard

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestWindows builds the tests of what depends on how files behave, for
// Windows, and runs them with Wine: there a file that is open can neither be
// renamed nor removed, and a lock keeps other handles from reading and writing.
func TestWindows(t *testing.T) {
	named(t)
	if _, err := exec.LookPath("wine"); err != nil {
		t.Skip("needs wine, which is not installed")
	}
	if runtime.GOARCH != "amd64" {
		t.Skip("Wine runs programs for this machine's processor, and this is for amd64")
	}
	const tree = "../.."
	prefix, overlay := t.TempDir(), forWine(t)
	wine := func(dir, program string, args ...string) error {
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "WINEPREFIX="+prefix, "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		return nil
	}
	must(t, wine(prefix, "wine", "wineboot", "--init"))
	defer func() { _ = wine(prefix, "wineserver", "--kill") }()
	for _, test := range []struct{ dir, run, skip string }{
		{"securefile", "", "^$"}, {"goals/goaljson", "", "^$"}, {"palace", "", "^$"},
		{"cache", "", "TestADiskThatFailsAtAnyOperation"}, // which takes long, and exchanges files
		{"bot", "Lock|ToldToStop|Palace|Backup", "^$"},
	} {
		t.Run(test.dir, func(t *testing.T) {
			program := filepath.Join(t.TempDir(), "test.exe")
			compile := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", program, "./"+test.dir)
			compile.Dir = tree
			compile.Env = append(os.Environ(), "GOOS=windows", "CGO_ENABLED=0")
			if out, err := compile.CombinedOutput(); err != nil {
				t.Fatalf("go test -c: %v\n%s", err, out)
			}
			must(t, wine(filepath.Join(tree, test.dir), "wine", program, "-test.short", "-test.run", test.run, "-test.skip", test.skip))
		})
	}
}

// forWine writes what has the Go compiler use other versions of three files of
// the standard library: Wine 8 has no bcryptprimitives.dll, and knows one way
// less to remove a file than Windows does. It returns the path of the overlay.
func forWine(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	must(t, err)
	array := func(name string) string { return "'" + strings.Join(strings.Split(name, ""), "', '") + "', 0" }
	files := map[string]string{}
	for name, edits := range map[string][][2]string{
		"runtime/os_windows.go": {
			{array("bcryptprimitives.dll"), array("advapi32.dll")}, {`"ProcessPrng\000"`, `"SystemFunction036\000"`}, // RtlGenRandom
		},
		"internal/syscall/windows/zsyscall_windows.go": {
			{`"bcryptprimitives.dll"`, `"advapi32.dll"`}, {`NewProc("ProcessPrng")`, `NewProc("SystemFunction036")`},
		},
		"internal/syscall/windows/at_windows.go": {
			{"case STATUS_INVALID_INFO_CLASS,", "case NTStatus(0xC0000002), STATUS_INVALID_INFO_CLASS,"}, // STATUS_NOT_IMPLEMENTED
		},
	} {
		path := filepath.Join(strings.TrimSpace(string(root)), "src", filepath.FromSlash(name))
		data, err := os.ReadFile(path)
		must(t, err)
		text := string(data)
		for _, e := range edits {
			if !strings.Contains(text, e[0]) {
				t.Fatalf("%s of this Go does not say %s", name, e[0])
			}
			text = strings.ReplaceAll(text, e[0], e[1])
		}
		files[path] = filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		must(t, os.WriteFile(files[path], []byte(text), 0o600))
	}
	overlay, err := json.Marshal(map[string]any{"Replace": files})
	must(t, err)
	path := filepath.Join(dir, "overlay.json")
	must(t, os.WriteFile(path, overlay, 0o600))
	return path
}
