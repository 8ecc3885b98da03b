package goals

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What a person may type next depends on where they read it, so the rules know
// no commands. A slash command in a string of this package turns this red.
func TestNoCommandIsNamedHere(t *testing.T) {
	command := regexp.MustCompile(`(^|[^\pL\pN])/[a-z]+`)
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if _, imports := n.(*ast.ImportSpec); imports {
				return false
			}
			if s, ok := n.(*ast.BasicLit); ok && s.Kind == token.STRING && command.MatchString(strings.Trim(s.Value, "\"`")) {
				t.Errorf("%s: %s", set.Position(s.Pos()), s.Value)
			}
			return true
		})
	}
}

// A kind without words of its own would be logged as a number.
func TestEveryRefusalSaysWhatItIs(t *testing.T) {
	for kind := NoGoal; kind <= FullFiles; kind++ {
		said := Refusal{Kind: kind, Goal: 3, Status: Done, Text: NoteText, Has: 7, Limit: 5}.Error()
		if strings.HasPrefix(said, "refused") || strings.ContainsAny(said, "/.%") {
			t.Errorf("kind %d says %q", kind, said)
		}
	}
}
