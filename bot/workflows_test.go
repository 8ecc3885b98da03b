package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// workflow is what the tests read of a file in .github/workflows.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Strategy    struct{ Matrix struct{ OS []string } }
		Steps       []struct {
			Uses, Run string
			With      map[string]string
		}
	}
}

func workflows(t *testing.T) (parsed map[string]workflow, text map[string]string) {
	t.Helper()
	parsed, text = map[string]workflow{}, map[string]string{}
	paths, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatal("there are no workflows", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var w workflow
		if err := yaml.Unmarshal(data, &w); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		name := filepath.Base(path)
		parsed[name], text[name] = w, string(data)
	}
	return parsed, text
}

// What is not in this repository is named by the hash of a commit, which cannot
// be moved as a tag can, with its tag beside it. A name has one hash everywhere.
func TestActionsArePinned(t *testing.T) {
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	_, text := workflows(t)
	seen := map[string]string{}
	for name, data := range text {
		for _, m := range regexp.MustCompile(`(?m)\buses: *(.+?)\s*$`).FindAllStringSubmatch(data, -1) {
			uses := m[1]
			if strings.HasPrefix(uses, "./") {
				continue
			}
			if !pinned.MatchString(uses) {
				t.Errorf("%s: uses: %s\nwant owner/name@<the hash of the commit> # v1.2.3", name, uses)
				continue
			}
			action, version, _ := strings.Cut(uses, "@")
			if other := seen[action]; other != "" && other != version {
				t.Errorf("%s uses %s at %s, and elsewhere at %s", name, action, version, other)
			}
			seen[action] = version
		}
	}
	if len(seen) == 0 {
		t.Error("no workflow uses an action")
	}
}

// A workflow may read the repository. One job may do more: the one that makes a
// release, which runs after all checks, and with no cache that others may write.
func TestWorkflowsMayDoLittle(t *testing.T) {
	all, text := workflows(t)
	for name, w := range all {
		if len(w.Permissions) != 1 || w.Permissions["contents"] != "read" {
			t.Errorf("%s: its permissions are %v; want contents: read", name, w.Permissions)
		}
		if strings.Contains(text[name], "pull_request_target") || strings.Contains(text[name], "secrets.") {
			t.Errorf("%s gives a stranger's pull request what is not for it", name)
		}
		for title, job := range w.Jobs {
			release := name == "release.yml" && title == "release"
			if !release && job.Permissions != nil || release && (len(job.Permissions) != 1 || job.Permissions["contents"] != "write") {
				t.Errorf("%s: the permissions of the job %s are %v", name, title, job.Permissions)
			}
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
					t.Errorf("%s: the job %s leaves its token in the checkout", name, title)
				}
				if release && strings.HasPrefix(step.Uses, "actions/setup-go@") && step.With["cache"] != "false" {
					t.Errorf("%s: the release is built with a cache", name)
				}
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: the job %s puts an expression into a script; let it come through env: %s", name, title, step.Run)
				}
			}
		}
	}
}

// The checks of a pull request are those of a contributor, on each system that the
// program is made for, with the Go of go.mod.
func TestWorkflowsRunTheChecks(t *testing.T) {
	all, _ := workflows(t)
	run := all["check.yml"].Jobs["run"]
	slices.Sort(run.Strategy.Matrix.OS)
	if got := strings.Join(run.Strategy.Matrix.OS, " "); got != "macos-latest ubuntu-latest windows-latest" {
		t.Errorf("the checks run on %s", got)
	}
	if n := len(run.Steps); n == 0 || run.Steps[n-1].Run != ".ci/run" {
		t.Error("check.yml does not end with .ci/run")
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(mod))[1]
	for name, w := range all {
		for title, job := range w.Jobs {
			for _, step := range job.Steps {
				if strings.HasPrefix(step.Uses, "actions/setup-go@") && step.With["go-version"] != version {
					t.Errorf("%s: the job %s is on Go %s; go.mod says %s", name, title, step.With["go-version"], version)
				}
			}
		}
	}
}
