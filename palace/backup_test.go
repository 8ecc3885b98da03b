package palace

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"goalbot/postgrestest"
)

// What is tested here: which backup is the newest, and which ones stay.

func backedUp(t *testing.T, p *Palace, dir string, at time.Time) (path string) {
	t.Helper()
	p.now = func() time.Time { return at }
	path, err := p.Backup(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func listBackups(t *testing.T, p *Palace, dir string) []string {
	t.Helper()
	paths, err := Backups(t.Context(), p.path, dir)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// A clock that was a year ahead once made an old backup the newest for a year:
// it was offered first, and outlived the newer ones. Red when the names decide.
func TestTheNewestBackupIsJudgedByWhatIsInIt(t *testing.T) {
	p, dir := fresh(t), t.TempDir()
	add(t, p, "0")
	ahead := backedUp(t, p, dir, noon.AddDate(1, 0, 0))
	var made []string
	for day := range keptBackups - 1 {
		add(t, p, time.Duration(day+1).String())
		made = append(made, backedUp(t, p, dir, noon.AddDate(0, 0, day)))
	}
	same(t, "backups", listBackups(t, p, dir), append([]string{ahead}, made...))
	for day := range keptBackups {
		add(t, p, "later "+time.Duration(day).String())
		made = append(made, backedUp(t, p, dir, noon.AddDate(0, 1, day)))
		same(t, "backups", listBackups(t, p, dir), made[len(made)-keptBackups:])
	}
	// The clock goes back again, and farther than before.
	add(t, p, "last")
	last := backedUp(t, p, dir, noon.AddDate(-5, 0, 0))
	got := listBackups(t, p, dir)
	same(t, "the newest", got[len(got)-1], last)
	same(t, "how many stay", len(got), keptBackups)
}

// A palace that was put back goes on from an older revision than that of the
// backups which were made after it. What it backs up is the newest all the
// same. Red without raiseRevision: the old line would outlive the new one.
func TestBackupsOfAPalaceThatWasPutBackAreTheNewest(t *testing.T) {
	p, dir := fresh(t), t.TempDir()
	add(t, p, "one")
	old := backedUp(t, p, dir, noon)
	for i := range keptBackups - 1 {
		add(t, p, "given up "+time.Duration(i).String())
		backedUp(t, p, dir, noon.Add(time.Duration(i+1)*time.Hour))
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	restored(t, old, p.path)
	p, err := Open(t.Context(), p.path, Options{Backups: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	same(t, "list", listed(p.List()), "#1 one ")
	for i := range keptBackups + 1 {
		add(t, p, "new "+time.Duration(i).String())
		made := backedUp(t, p, dir, noon.Add(time.Duration(i-100)*time.Hour))
		got := listBackups(t, p, dir)
		same(t, "the newest", got[len(got)-1], made)
	}
	for _, path := range listBackups(t, p, dir) {
		elsewhere := filepath.Join(t.TempDir(), "palace.db")
		restored(t, path, elsewhere)
		if list := listed(at(t, elsewhere).List()); strings.Contains(list, "given up") {
			t.Errorf("%s outlived a newer one", path)
		}
	}
	revision := p.committed.Load().revision
	p = reopened(t, p)
	same(t, "the revision after the next start", p.committed.Load().revision, revision)
}

// What is no backup of this palace is neither offered nor removed.
func TestOtherFilesAmongTheBackupsStay(t *testing.T) {
	p, dir := fresh(t), t.TempDir()
	add(t, p, "one")
	other := fresh(t)
	add(t, other, "other")
	add(t, other, "another")
	strange := map[string]bool{backedUp(t, other, dir, noon): true}
	for name, data := range map[string]string{
		"palace-20200101T000000.000Z.db": "rubbish", "palace-20200102T000000.000Z.db": "", "mine.db": "mine", "palace-1.txt": "",
	} {
		path := filepath.Join(dir, name)
		strange[path] = true
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := filepath.Join(dir, "palace-20200103T000000.000Z.db")
	if runtime.GOOS != "windows" && os.Symlink(p.path, link) == nil {
		strange[link] = true
	}
	copied := filepath.Join(dir, "palace-before the journey.db")
	copyFile(t, backedUp(t, p, t.TempDir(), noon), copied)
	strange[copied] = true
	for _, name := range []string{"journey.db", "palace-journey.old"} { // which do not say that they are one
		path := filepath.Join(dir, name)
		copyFile(t, copied, path)
		strange[path] = true
	}
	for day := range keptBackups + 2 {
		add(t, p, time.Duration(day).String())
		backedUp(t, p, dir, noon.AddDate(0, 1, day))
	}
	for path := range strange {
		if _, err := os.Lstat(path); err != nil {
			t.Error(err)
		}
	}
	got := listBackups(t, p, dir)
	same(t, "how many are offered", len(got), keptBackups+1)
	same(t, "the oldest", got[0], copied) // which can be put back, too
	if slices.ContainsFunc(got[1:], func(path string) bool { return strange[path] }) {
		t.Errorf("offered are %v", got)
	}
}

// A pattern found nothing below a folder with brackets in its name: no backup
// was ever offered, or removed.
func TestBackupsAreFoundInAnyFolder(t *testing.T) {
	name := `data [1] *?\`
	if runtime.GOOS == "windows" {
		name = "data [1]" // it allows no more
	}
	p := at(t, filepath.Join(t.TempDir(), name, "palace.db"))
	add(t, p, "one")
	dir := filepath.Join(filepath.Dir(p.path), "backups")
	made := backedUp(t, p, dir, noon)
	same(t, "backups", listBackups(t, p, dir), []string{made})
	for day := range keptBackups {
		backedUp(t, p, dir, noon.AddDate(0, 0, day+1))
	}
	same(t, "how many stay", len(listBackups(t, p, dir)), keptBackups)
	if exists(made) {
		t.Error("the oldest was not removed")
	}
	same(t, "none, where there is no folder", len(listBackups(t, p, filepath.Join(dir, "nowhere"))), 0)
}

// What a restore or a backup leaves that was killed is removed at the start,
// and nothing else.
func TestTheStartRemovesWhatWasLeft(t *testing.T) {
	path := closed(t)
	dir := filepath.Dir(path)
	backups := filepath.Join(dir, "backups")
	if err := os.Mkdir(backups, 0o700); err != nil {
		t.Fatal(err)
	}
	left, stay := []string{}, []string{}
	for _, dir := range []string{dir, backups} {
		for _, name := range []string{".palace-123.tmp", ".palace-123.tmp-journal", ".palace-20260101T000000.000Z.tmp", ".palace.id-7.tmp"} {
			left = append(left, filepath.Join(dir, name))
		}
		for _, name := range []string{"palace-1.tmp", ".palace-1", "goals.json", ".goals.json.tmp.1"} {
			stay = append(stay, filepath.Join(dir, name))
		}
		if err := os.Mkdir(filepath.Join(dir, ".palace-folder.tmp"), 0o700); err != nil {
			t.Fatal(err)
		}
		stay = append(stay, filepath.Join(dir, ".palace-folder.tmp"))
	}
	for _, path := range slices.Concat(left, stay) {
		if !strings.Contains(path, "folder") {
			os.WriteFile(path, []byte("left"), 0o600)
		}
	}
	p, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	for _, path := range slices.Concat(left, stay) {
		if !exists(path) {
			t.Errorf("a look removed %s", path)
		}
	}
	at(t, path)
	for _, path := range left {
		if exists(path) {
			t.Errorf("%s stays", path)
		}
	}
	for _, path := range stay {
		if !exists(path) {
			t.Errorf("%s is gone", path)
		}
	}
}

func TestTheNewestSevenBackupsAreKept(t *testing.T) {
	now := noon
	p := fresh(t)
	p.now = func() time.Time { return now }
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "mine.db"), []byte("not ours"), 0o600)
	var made []string
	for i := range 9 {
		now = noon.Add(time.Duration(i) * time.Hour)
		path, err := p.Backup(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, path)
	}
	backups, err := Backups(t.Context(), p.path, dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "backups", backups, made[2:])
	same(t, "files", strings.Count(listing(t, dir), "\n"), keptBackups+1)

	now = noon.Add(-time.Hour) // the clock was set back
	path, err := p.Backup(t.Context(), dir)
	if err != nil || !exists(path) {
		t.Errorf("the newest backup is gone: %v", err)
	}
}

// The bot starts where it cannot look at its backups, and says that the newest of them
// may be misjudged then; else it says nothing of them.
func TestBackupsThatCannotBeLookedAt(t *testing.T) {
	dir := t.TempDir()
	noFolder := filepath.Join(dir, "backups")
	if err := os.WriteFile(noFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]func(*testing.T) string{
		"SQLite":     func(*testing.T) string { return "" },
		"PostgreSQL": func(t *testing.T) string { return postgrestest.Shared(t).URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			place := Place{File: filepath.Join(t.TempDir(), "palace.db"), URL: url(t)}
			for backups, says := range map[string]bool{noFolder: true, t.TempDir(): false, filepath.Join(dir, "none yet"): false} {
				var log strings.Builder
				p, err := place.Open(t.Context(), Options{Log: logTo(&log), Backups: backups})
				if err != nil {
					t.Fatal(err)
				}
				p.Close()
				if strings.Contains(log.String(), "which backup is the newest may be misjudged") != says {
					t.Errorf("with backups in %s it says %q", backups, log.String())
				}
			}
		})
	}
}

// Copies that people keep among the backups are not taken for some of the bot's.
func TestTheNameOfABackupSaysWhenItWasMade(t *testing.T) {
	stamp := noon.Format(stampFormat)
	for name, want := range map[string]bool{
		"palace-" + stamp + ".db": true, stamp + ".db": false, "palace-" + stamp: false, stamp: false, "palace-old.db": false,
	} {
		at, ok := BackupTime(filepath.Join("folder", name))
		if ok != want || ok && !at.Equal(noon) {
			t.Errorf("%s: %v, %v", name, at, ok)
		}
	}
}
