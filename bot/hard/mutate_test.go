//go:build linux

package hard

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/importer"
	"go/parser"
	gotoken "go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A change alters one place of the program's source. It names the package, the
// declaration and the expression, so it still applies when code moves to
// another file or is laid out differently.
type change struct {
	pkg  string // the directory, from the root of the module
	decl string // a function, a method as in "File.Save", or a package variable
	at   place  // must find exactly one
	put  string // the new text; $it stands for the old
}

// A place finds parts of a declaration.
type place func(ast.Decl) []span

type span struct{ pos, end gotoken.Pos }

// start is the beginning of a function's body.
func start(d ast.Decl) []span {
	if f, ok := d.(*ast.FuncDecl); ok {
		return []span{{f.Body.Lbrace + 1, f.Body.Lbrace + 1}}
	}
	return nil
}

// behind is the line after a declaration.
func behind(d ast.Decl) []span { return []span{{d.End(), d.End()}} }

// call finds the calls of a function, a method or, as in "tx.Send", a method of
// one operand.
func call(name string) place {
	return exprs(func(e ast.Expr) bool {
		c, ok := e.(*ast.CallExpr)
		return ok && strings.HasSuffix("."+source(c.Fun), "."+name)
	})
}

// expr finds expressions by their text, in gofmt's style and on one line.
func expr(text string) place {
	return exprs(func(e ast.Expr) bool { return source(e) == text })
}

func exprs(wanted func(ast.Expr) bool) place {
	return func(d ast.Decl) (found []span) {
		ast.Inspect(d, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok && wanted(e) {
				found = append(found, span{e.Pos(), e.End()})
			}
			return true
		})
		return found
	}
}

func source(e ast.Expr) string {
	var b strings.Builder
	_ = format.Node(&b, gotoken.NewFileSet(), e) // whatever cannot be printed is not wanted
	return b.String()
}

// sources are the files of some packages, by directory and file.
type sources map[string]map[string]string

// apply makes a change.
func (s sources) apply(c change) error {
	files, fset := s[c.pkg], gotoken.NewFileSet()
	at := ""
	var found []span
	for name, text := range files {
		f, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			if declares(d, c.decl) {
				at, found = name, append(found, c.at(d)...)
			}
		}
	}
	if len(found) != 1 {
		return fmt.Errorf("%s of %s has %d places for a change that needs one; name its place anew", c.decl, c.pkg, len(found))
	}
	pos, end := fset.Position(found[0].pos).Offset, fset.Position(found[0].end).Offset
	old, put := files[at], c.put
	if pos == end {
		put = "\n" + put + "\n"
	}
	files[at] = old[:pos] + strings.ReplaceAll(put, "$it", old[pos:end]) + old[end:]
	return nil
}

func declares(d ast.Decl, name string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return d.Name.Name == name
		}
		return strings.TrimPrefix(source(d.Recv.List[0].Type), "*")+"."+d.Name.Name == name
	case *ast.GenDecl:
		for _, s := range d.Specs {
			if v, ok := s.(*ast.ValueSpec); ok && v.Names[0].Name == name {
				return true
			}
		}
	}
	return false
}

// mutate returns the packages that the changes alter, altered.
func mutate(changes []change) (sources, error) {
	s := sources{}
	for _, c := range changes {
		if s[c.pkg] == nil {
			files, err := readPackage(c.pkg)
			if err != nil {
				return nil, err
			}
			s[c.pkg] = files
		}
		if err := s.apply(c); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readPackage reads the files that a package is built from.
func readPackage(dir string) (map[string]string, error) {
	all, err := packages()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, name := range all["goalbot/"+dir].GoFiles {
		text, err := os.ReadFile(filepath.Join("../..", dir, name))
		if err != nil {
			return nil, err
		}
		files[name] = string(text)
	}
	return files, nil
}

// build builds the program with what s has in place of the files of the tree.
func (s sources) build(dir string) (string, error) {
	replace := map[string]string{}
	for pkg, files := range s {
		for name, text := range files {
			here := filepath.Join(dir, strings.ReplaceAll(pkg, "/", "-")+"-"+name)
			if err := os.WriteFile(here, []byte(text), 0o600); err != nil {
				return "", err
			}
			there, err := filepath.Abs(filepath.Join("../..", pkg, name))
			if err != nil {
				return "", err
			}
			replace[there] = here
		}
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, overlay, 0o600); err != nil {
		return "", err
	}
	return build(dir, "-overlay="+path)
}

// check reports what the compiler would say about the packages of s, without
// the time that it takes.
func (s sources) check() error {
	all, err := packages()
	if err != nil {
		return err
	}
	fset := gotoken.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(all[path].Export) })
	for pkg, files := range s {
		var parsed []*ast.File
		for name, text := range files {
			f, err := parser.ParseFile(fset, filepath.Join(pkg, name), text, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			parsed = append(parsed, f)
		}
		if _, err := (&types.Config{Importer: imports}).Check("goalbot/"+pkg, fset, parsed, nil); err != nil {
			return err
		}
	}
	return nil
}

// listed is what "go list" says of a package.
type listed struct {
	ImportPath, Export string
	GoFiles            []string
}

// packages are those that the program is built from, compiled.
var packages = sync.OnceValues(func() (map[string]listed, error) {
	cmd := exec.Command("go", "list", "-buildvcs=false", "-deps", "-export", "-json=ImportPath,Export,GoFiles", "./bot")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	all := map[string]listed{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var l listed
		if err := d.Decode(&l); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all[l.ImportPath] = l
	}
})

func TestChangesNameTheirPlace(t *testing.T) {
	for _, test := range []struct {
		name, text string
		made       bool
	}{
		{"as it was written", "package p\n\nfunc (f *F) save() error { return f.w.Sync() }\n", true},
		{"laid out differently", "package p\n\n// It syncs.\nfunc (f F) save() error {\n\treturn f.w.\n\t\tSync( )\n}\n", true},
		{"another function", "package p\n\nfunc (f *F) read() error { return f.w.Sync() }\n", false},
		{"two places", "package p\n\nfunc (f *F) save() error { f.w.Sync(); return f.w.Sync() }\n", false},
		{"no place", "package p\n\nfunc (f *F) save() error { return f.w.Resync() }\n", false},
	} {
		changed := sources{"p": {"p.go": test.text}}
		err := changed.apply(change{"p", "F.save", call("Sync"), "notSynced($it)"})
		if made := err == nil && strings.Contains(changed["p"]["p.go"], "notSynced(f.w."); made != test.made {
			t.Errorf("%s: %v\n%s", test.name, err, changed["p"]["p.go"])
		}
	}
}
