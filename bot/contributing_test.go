package main

import (
	"encoding/json"
	"fmt"
	"go/format"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func readContributing(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

// packageRules are the packages of .ci/imports, and what each may import of ours.
func packageRules(t *testing.T) map[string][]string {
	t.Helper()
	script, err := os.ReadFile("../.ci/imports")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(script), "export ours='\n")
	table, _, found := strings.Cut(table, "'")
	if !found {
		t.Fatal(".ci/imports has no table of our packages")
	}
	house := map[string][]string{}
	for line := range strings.Lines(table) {
		name, may, _ := strings.Cut(strings.TrimSpace(line), ":")
		house[name] = strings.Fields(may)
	}
	return house
}

// The picture of CONTRIBUTING.md shows every package once, above all those that it
// may import as .ci/imports has it, and the table below it says what each is.
func TestThePictureIsTheHouse(t *testing.T) {
	page, house := readContributing(t), packageRules(t)
	_, picture, _ := strings.Cut(page, "```text\n┌")
	picture, _, _ = strings.Cut(picture, "```")
	row, rows := map[string]int{}, 0
	for line := range strings.Lines(picture) {
		if !strings.HasPrefix(line, "│") {
			continue
		}
		rows++
		for _, name := range strings.Fields(strings.ReplaceAll(line, "│", " ")) {
			if row[name] != 0 {
				t.Errorf("the picture shows %s twice", name)
			}
			row[name] = rows
		}
	}
	var said []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\| .").FindAllStringSubmatch(page, -1) {
		said = append(said, m[1])
	}
	slices.Sort(said)
	all := slices.Sorted(maps.Keys(house))
	if shown := slices.Sorted(maps.Keys(row)); !slices.Equal(shown, all) {
		t.Errorf("the picture shows\n%v\n.ci/imports has\n%v", shown, all)
	}
	if !slices.Equal(said, all) {
		t.Errorf("the table tells of\n%v\n.ci/imports has\n%v", said, all)
	}
	for name, may := range house {
		if slices.Equal(may, []string{"*"}) {
			may = slices.DeleteFunc(slices.Clone(all), func(other string) bool { return other == name })
		}
		for _, other := range may {
			if row[other] <= row[name] {
				t.Errorf("%s may import %s, which the picture does not show below it", name, other)
			}
		}
	}
}

// example is a file that CONTRIBUTING.md makes or changes, and how.
var example = regexp.MustCompile("(?m)^`([a-z_/]+\\.(?:go|txtar))` (?:[^\n]|\n[^\n])*?:\n\n((?:```(?:go|diff|text)\n(?s:.*?)\n```\n\n?)+)")

// examples are the files as CONTRIBUTING.md leaves them, by their paths from the top.
func examples(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, m := range example.FindAllStringSubmatch(readContributing(t), -1) {
		path := m[1]
		old, err := os.ReadFile(filepath.Join("..", path))
		text := string(old)
		for _, b := range regexp.MustCompile("```(go|diff|text)\n((?s:.*?)\n)```").FindAllStringSubmatch(m[2], -1) {
			switch {
			case b[1] == "diff" && err == nil:
				text = patched(t, path, text, b[2])
			case b[1] != "diff" && os.IsNotExist(err):
				text = b[2]
			default:
				t.Errorf("%s: it is %v that it is there already", path, err == nil)
			}
		}
		if strings.HasSuffix(path, ".go") {
			if formatted, err := format.Source([]byte(text)); err != nil || string(formatted) != text {
				t.Errorf("%s is not as gofmt has it: %v", path, err)
			}
		}
		files[path] = text
	}
	return files
}

// patched is a text after a change: lines that begin with a plus take the place of
// those that begin with a minus, all between lines that stay.
func patched(t *testing.T, path, text, diff string) string {
	t.Helper()
	var before, after string
	for line := range strings.Lines(diff) {
		if line[0] != '+' {
			before += line[1:]
		}
		if line[0] != '-' {
			after += line[1:]
		}
	}
	if strings.Count(text, before) != 1 {
		t.Errorf("CONTRIBUTING.md changes these lines of %s, which are not there, or not once:\n%s", path, before)
	}
	return strings.Replace(text, before, after, 1)
}

// TestTheExamplesWork builds the program with what CONTRIBUTING.md adds to it, and
// runs its tests. The files are laid over the sources, so that nothing is built
// anew that an example does not touch.
func TestTheExamplesWork(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the example of a check is about the rights of Unix")
	}
	dir := t.TempDir()
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	var chats []string
	for path, text := range examples(t) {
		at, err := filepath.Abs(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, filepath.Base(path))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, ".go") {
			overlay.Replace[at] = file
		} else {
			chats = append(chats, file)
		}
	}
	if t.Failed() {
		return
	}
	if len(overlay.Replace) != 7 || len(chats) != 2 {
		t.Fatalf("there are %d sources and %d chats", len(overlay.Replace), len(chats))
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	laid := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(laid, data, 0o600); err != nil {
		t.Fatal(err)
	}
	execute := func(name string, args ...string) {
		t.Helper()
		c := exec.Command(name, args...)
		c.Dir = ".."
		c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false -overlay="+laid)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
	}
	execute("go", "build", "-o", filepath.Join(dir, "bin", "bot"), "./bot")
	execute(".ci/imports")
	execute("go", "test", "./palace", "-run", "^TestStoreInScratch$")
	p := scripts(func(env *testscript.Env) {
		env.Setenv("PATH", filepath.Join(dir, "bin")+string(os.PathListSeparator)+env.Getenv("PATH"))
	})
	p.Files = chats
	testscript.Run(t, p)
}

// Every test that a page names is there, in the package that the page says.
func TestNamedTestsAreThere(t *testing.T) {
	in := map[string]string{} // the packages of each test
	err := filepath.WalkDir("..", func(path string, d os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		folder := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			in[m[1]] += " " + folder + " "
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile("`(?:([a-z/]+)\\.)?((?:Test|Fuzz)[A-Z]\\w+)`").FindAllStringSubmatch(text, -1) {
			named++
			if in[m[2]] == "" || m[1] != "" && !strings.Contains(in[m[2]], " "+m[1]+" ") {
				t.Errorf("%s names the test %s %s, which is not there%s", page, m[1], m[2], fmt.Sprint(in[m[2]]))
			}
		}
		for _, m := range regexp.MustCompile("`(bot/testdata/script/\\w+\\.txtar)`").FindAllStringSubmatch(text, -1) {
			named++
			if _, err := os.Stat(filepath.Join("..", m[1])); err != nil && page != "CONTRIBUTING.md" {
				t.Errorf("%s names a script: %v", page, err)
			}
		}
	}
	if named < 20 {
		t.Errorf("the pages name %d tests", named)
	}
}
