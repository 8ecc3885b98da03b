package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ignored reports whether .dockerignore keeps a file out of the image: one of
// its patterns matches the path or a folder on the way. "**/" stands for any
// folders, also for none (Docker's reference of .dockerignore).
func ignored(patterns []string, file string) bool {
	parts := strings.Split(file, "/")
	for _, pattern := range patterns {
		anywhere, found := strings.CutPrefix(pattern, "**/")
		for end := 1; end <= len(parts); end++ {
			part := strings.Join(parts[:end], "/")
			if ok, _ := path.Match(pattern, part); ok {
				return true
			}
			if ok, _ := path.Match(anywhere, parts[end-1]); found && ok {
				return true
			}
		}
	}
	return false
}

func dockerignore(t *testing.T) (patterns []string) {
	t.Helper()
	content, err := os.ReadFile("../.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			patterns = append(patterns, line)
		}
	}
	return patterns
}

// Goals that somebody kept in the folder of the sources went into a layer of the
// image, as journals, backups and files that had been put aside. Whatever the
// docs/data.md says there is below DATA_ROOT must stay out, wherever that is.
func TestTheImageHoldsNoDataAndNoSettings(t *testing.T) {
	patterns := dockerignore(t)
	page, err := os.ReadFile("../docs/data.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| file | what it is |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	var names []string
	for _, row := range strings.Split(table, "\n")[1:] {
		cell, _, _ := strings.Cut(strings.TrimPrefix(row, "|"), "|")
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cell, -1) {
			switch file := strings.ReplaceAll(name[1], "<time>", "20260301T120000Z"); {
			case strings.HasPrefix(file, "-"):
				names = append(names, "palace.db"+file)
			case strings.HasSuffix(file, "/"):
				names = append(names, file+"20260301T120000.000Z")
			default:
				names = append(names, file)
			}
		}
	}
	if len(names) < 10 {
		t.Fatalf("the table of docs/data.md names %q alone", names)
	}
	names = append(names, "palace.db-journal", "palace.db.replaced-20260301T120000Z-wal", ".goals.json.tmp.12.0123456789abcdef", ".palace.id-1.tmp", ".env", ".env.local", ".env.bak")
	for _, name := range names {
		for _, folder := range []string{"", "data/", "a/b/", "sm/", "bot/"} {
			if !ignored(patterns, folder+name) {
				t.Errorf("%s goes into the image", folder+name)
			}
		}
	}
}

func TestTheImageHasAllThatItIsBuiltFrom(t *testing.T) {
	patterns := dockerignore(t)
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// No package of the program is in a folder that begins with a dot: the go
		// command leaves those out of ./... (go help packages).
		if d.IsDir() && file != ".." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		file = strings.TrimPrefix(filepath.ToSlash(file), "../")
		needed := strings.HasSuffix(file, ".go") && !strings.HasSuffix(file, "_test.go") || strings.HasSuffix(file, ".sql") ||
			strings.HasPrefix(file, "bot/demo/page/") || file == "go.mod" || file == "go.sum"
		if needed && !d.IsDir() && ignored(patterns, file) {
			t.Errorf("%s is kept out of the image, and needed there", file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
