package main

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages are the texts that people read: by path from the top, with what they say.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"../*.md", "../docs/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || paths == nil {
			t.Fatalf("%s: nothing there, %v", pattern, err)
		}
		for _, p := range paths {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			found[strings.TrimPrefix(filepath.ToSlash(p), "../")] = string(text)
		}
	}
	return found
}

var (
	fence   = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|<img src="([^"]+)"`)
)

// anchors are the names by which a page's headings are linked, as GitHub makes them.
func anchors(text string) map[string]bool {
	names := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
		name := regexp.MustCompile(`[^\p{L}\p{N}\- ]`).ReplaceAllString(strings.ToLower(h[1]), "")
		names[strings.ReplaceAll(name, " ", "-")] = true
	}
	return names
}

// TestLinks follows every link from page to page, and from README.md to every
// page. Links to other sites have to be https; they are not followed. Seen red with
// a page that does not exist, an anchor that does not, and a page that nothing
// links to.
func TestLinks(t *testing.T) {
	all := pages(t)
	seen := map[string]bool{"README.md": true}
	for queue := []string{"README.md"}; len(queue) > 0; queue = queue[1:] {
		page := queue[0]
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(all[page], ""), -1) {
			target := m[1] + m[2]
			if strings.Contains(target, "://") {
				if !strings.HasPrefix(target, "https://") {
					t.Errorf("%s links to %s, without TLS", page, target)
				}
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			if file = path.Join(path.Dir(page), file); strings.HasPrefix(target, "#") {
				file = page
			}
			if _, err := os.Stat(filepath.Join("..", file)); err != nil {
				t.Errorf("%s links to %s: %v", page, target, err)
			}
			text, known := all[file]
			if anchor != "" && !anchors(text)[anchor] {
				t.Errorf("%s links to %s, which has no such heading", page, target)
			}
			if known && !seen[file] {
				seen[file] = true
				queue = append(queue, file)
			}
		}
	}
	for page := range all {
		if !seen[page] {
			t.Errorf("nothing links to %s, from README.md on", page)
		}
	}
}
