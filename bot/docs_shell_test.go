//go:build unix

package main

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"goalbot/postgrestest"
)

// standIns are the programs that testdata/docs/standin.bash plays.
var standIns = []string{"sudo", "go", "install", "systemd-sysusers", "systemctl", "journalctl", "dpkg", "chown", "apt-get", "docker"}

// elsewhere are the folders of a machine that a block may name; here they are
// below the folder ROOT.
var elsewhere = regexp.MustCompile(`(^|[\s=])(/(?:usr|etc|var)/)`)

// TestShellBlocks runs every block of shell commands of the documentation, those
// of a page one after the other on one machine. Those of docs/runbooks.md are run
// by TestRunbooks. Seen red with a file that is not there, a test that has
// another name, and a misspelt command.
func TestShellBlocks(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("bash is not here")
	}
	blocks := 0
	for page, text := range pages(t) {
		if page == "docs/runbooks.md" {
			continue
		}
		root := checkout(t)
		for _, b := range regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$").FindAllStringSubmatch(text, -1) {
			blocks++
			first, _, _ := strings.Cut(strings.TrimSpace(b[1]), "\n")
			t.Run(page+"/"+first, func(t *testing.T) {
				script, folder := b[1], "checkout"
				if strings.Contains(script, "docker compose") && !strings.Contains(script, "cd deploy") {
					folder = "checkout/deploy"
				}
				env := append(os.Environ(), "ROOT="+root+"/root", "TMPDIR="+t.TempDir(), "AWAY="+t.TempDir(), "DATA_ROOT="+root+"/data",
					"PATH="+root+"/bin:"+root+"/root/usr/bin:"+os.Getenv("PATH"))
				if strings.Contains(script, "createdb") || strings.Contains(script, "PALACE_URL=") {
					server := postgrestest.Start(t)
					at, err := url.Parse(server.URL(t))
					if err != nil {
						t.Fatal(err)
					}
					host, port := at.Query().Get("host"), at.Query().Get("port")
					env = append(env, "PGHOST="+host, "PGPORT="+port, "PGUSER="+postgrestest.User, "PGDATABASE=postgres")
					script = strings.ReplaceAll(script, "@db.example.org/goals?sslmode=verify-full' bot", "@/goals?host="+host+"&port="+port+"' bot check")
				}
				c := exec.Command(bash, "-euo", "pipefail", "-c", elsewhere.ReplaceAllString(script, "${1}"+root+"/root$2"))
				c.Dir, c.Env = filepath.Join(root, folder), env
				c.Stdin = strings.NewReader("password\npassword\n")
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v:\n%s\n%s", err, b[1], out)
				}
			})
		}
	}
	if blocks < 10 {
		t.Errorf("only %d blocks", blocks)
	}
}

// checkout returns a folder with: checkout, the files of this checkout, of which
// only deploy may be written to; root, the folders of a machine; bin, the stand-ins.
func checkout(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"checkout", "bin", "root/usr/bin", "root/usr/lib/sysusers.d", "root/etc/systemd/system", "root/var/lib/goals-bot"} {
		must(os.MkdirAll(filepath.Join(root, dir), 0o755))
	}
	top, err := filepath.Abs("..")
	must(err)
	entries, err := os.ReadDir(top)
	must(err)
	for _, e := range entries {
		from, to := filepath.Join(top, e.Name()), filepath.Join(root, "checkout", e.Name())
		if e.Name() == "deploy" {
			must(os.CopyFS(to, os.DirFS(from)))
		} else {
			must(os.Symlink(from, to))
		}
	}
	standIn, err := filepath.Abs("testdata/docs/standin.bash")
	must(err)
	for _, name := range standIns {
		must(os.Symlink(standIn, filepath.Join(root, "bin", name)))
	}
	return root
}
