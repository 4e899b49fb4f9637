package main_test

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dingpass/dingpass/"

// rules says what each folder's product code may import, beside the standard
// library and its own subfolders. Arrows point inward: a sign-in knows nothing
// of DingTalk's wire, the database or the window, and these know nothing of each
// other, so that one of them can be changed by reading one folder. A new
// dependency is a decision, and is written here.
var rules = []rule{
	{"backend/secret", nil},
	{"backend/identity", inward("secret")},
	{"backend/signlog", inward("identity", "secret")}, // what is written down of a sign-in: as much the domain as the sign-in
	{"backend/login", inward("identity", "secret", "signlog")},

	{"backend/clock", domain("golang.org/x/sys/unix", "golang.org/x/sys/windows")}, // the run of the machine, and its time with sleep
	{"backend/config", domain("github.com/BurntSushi/toml", "golang.org/x/sys/windows")},
	{"backend/dingtalk", domain()},
	// DingTalk pushes events through a websocket only, and the standard library
	// has none; its frames are weighed, so that a flood of them has a limit.
	{"backend/dingtalk/stream", domain(module+"backend/dingtalk", "github.com/coder/websocket", "golang.org/x/sync/semaphore")},
	{"backend/loopback", domain()},
	{"backend/network", domain("golang.org/x/sys/unix")}, // the kernel's news of links and addresses
	// The standard library has no keychain, no way to ask the Secret Service why it
	// refuses, no Argon2id and no XChaCha20; processes that make a key take turns.
	{"backend/vault", domain("github.com/zalando/go-keyring", "github.com/godbus/dbus/v5", "golang.org/x/crypto", "github.com/gofrs/flock")},
	{"backend/offline", domain("golang.org/x/crypto/argon2", "github.com/skip2/go-qrcode")}, // the hash of PINs; badges on paper
	{"backend/store", domain(module+"backend/offline", "modernc.org/sqlite", "github.com/gofrs/flock", "golang.org/x/sys/windows")},
	{"backend/viewer", domain("github.com/pkg/browser", "github.com/gofrs/flock")},
	{"backend/words", domain()},
	{"backend/sandbox", append(inward("secret"), "github.com/skip2/go-qrcode", "github.com/coder/websocket")}, // a stand-in must not share the client's mistakes

	{"backend/canary", nil}, // looks for private values where none may be; for tests, whichever they are of

	{"backend/command", anything},
	{"frontend", nil}, // the built interface, embedded
	{"build", anything},
	{"e2e", anything},
	{".", anything},
}

// rule binds a folder, its subfolders included.
type rule struct {
	folder string
	may    []string // import paths, their subfolders included
}

// anything is allowed but for what TestOnlyTheWindowImportsWails forbids.
var anything = []string{"*"}

func inward(packages ...string) []string {
	var paths []string
	for _, name := range packages {
		paths = append(paths, module+"backend/"+name)
	}
	return paths
}

func domain(others ...string) []string {
	return append(inward("login", "identity", "secret", "signlog"), others...)
}

// vague are names that attract everything and explain nothing.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "shared", "types", "models", "consts"}

func TestImportsPointInward(t *testing.T) {
	t.Parallel()
	for _, file := range tree(t) {
		if file.test {
			continue // a test may put real parts together
		}
		rule, ok := ruleOf(file.folder)
		if !ok {
			t.Errorf("%s: no rule for this folder; add a row to the table", file.path)
			continue
		}
		for _, imported := range file.imports() {
			own := within(imported, module+rule.folder)
			if !own && !standard(imported) && !slices.ContainsFunc(rule.may, func(allowed string) bool {
				return allowed == "*" || within(imported, allowed)
			}) {
				t.Errorf("%s imports %s, which %s may not", file.path, imported, rule.folder)
			}
		}
	}
}

// What nobody imports any more has to be decided anew before somebody does.
func TestNoRuleAllowsALibraryThatNobodyImports(t *testing.T) {
	t.Parallel()
	used := make(map[string][]string) // by the folder of the rule
	for _, file := range tree(t) {
		if rule, ok := ruleOf(file.folder); ok && !file.test {
			used[rule.folder] = append(used[rule.folder], file.imports()...)
		}
	}
	for _, r := range rules {
		for _, allowed := range r.may {
			if allowed != "*" && !within(allowed, strings.TrimSuffix(module, "/")) &&
				!slices.ContainsFunc(used[r.folder], func(imported string) bool { return within(imported, allowed) }) {
				t.Errorf("%s may import %s, and does not", r.folder, allowed)
			}
		}
	}
}

// windows are the folders that may import Wails. The second is no part of the
// product: build/bench compares its start with an empty window.
var windows = []string{".", "build/bench/emptywindow"}

// The core must start where there is no GUI library (design 2), and nothing of
// it may be reachable from the window's script.
func TestOnlyTheWindowImportsWails(t *testing.T) {
	t.Parallel()
	for _, file := range tree(t) {
		for _, imported := range file.imports() {
			if strings.HasPrefix(imported, "github.com/wailsapp/") && (!slices.Contains(windows, file.folder) || !file.needsTag("desktop")) {
				t.Errorf("%s imports %s: only files with the tag desktop may, in %v", file.path, imported, windows)
			}
		}
	}
}

// himmelblau #1398, #441: offline sign-in asked the network first, or a part of
// it did. What is not imported cannot be asked.
func TestOfflineSignInCannotReachTheNetwork(t *testing.T) {
	t.Parallel()
	files := tree(t)
	seen, next := make(map[string]bool), []string{"backend/offline"}
	for len(next) > 0 {
		folder := next[0]
		next = next[1:]
		if seen[folder] {
			continue
		}
		seen[folder] = true
		for _, file := range files {
			if file.folder != folder || file.test {
				continue
			}
			for _, imported := range file.imports() {
				if within(imported, "net") && imported != "net/url" || imported == "os/exec" || imported == "syscall" {
					t.Errorf("%s imports %s", file.path, imported)
				}
				if own, ok := strings.CutPrefix(imported, module); ok {
					next = append(next, own)
				}
			}
		}
	}
	if !seen["backend/identity"] {
		t.Errorf("only %v were looked at: this test would pass for nothing", seen)
	}
}

func TestEveryPackageHasACommentAndATellingName(t *testing.T) {
	t.Parallel()
	documented := make(map[string]bool)
	for _, file := range tree(t) {
		if file.test {
			continue
		}
		documented[file.folder] = documented[file.folder] || strings.TrimSpace(file.ast.Doc.Text()) != ""
		if name := file.ast.Name.Name; slices.Contains(vague, name) {
			t.Errorf("%s: a package named %s says nothing of what it is for", file.path, name)
		}
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("%s: no package comment", folder)
		}
	}
}

// What runs before main can neither fail with words nor be left out by a test.
func TestNothingRunsBeforeMain(t *testing.T) {
	t.Parallel()
	for _, file := range tree(t) {
		for _, decl := range file.ast.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: func init", file.at(f))
			}
		}
	}
}

// A test that sleeps is slow on a good day and wrong on a bad one; time is
// testing/synctest's or Now's.
func TestNoTestSleeps(t *testing.T) {
	t.Parallel()
	for _, file := range tree(t) {
		if !file.test {
			continue
		}
		name := file.nameOf("time")
		ast.Inspect(file.ast, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Sleep" {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == name {
				t.Errorf("%s: time.Sleep", file.at(sel))
			}
			return true
		})
	}
}

// source is one Go file, read but not built: files of every system and tag
// count.
type source struct {
	path, folder string // with slashes, from the root
	test         bool
	set          *token.FileSet
	ast          *ast.File
}

// tree reads every Go file of the repository.
func tree(t *testing.T) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch base := entry.Name(); {
			case base == "node_modules" || base == "testdata" || base == "dist", name != "." && strings.HasPrefix(base, "."):
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		files = append(files, source{name, path.Dir(name), strings.HasSuffix(name, "_test.go"), set, parsed})
		return nil
	})
	if err != nil {
		t.Fatal("read the tree:", err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d Go files found: these tests would pass for nothing", len(files))
	}
	return files
}

func (s source) imports() []string {
	var paths []string
	for _, spec := range s.ast.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has read it as a string
		paths = append(paths, imported)
	}
	return paths
}

// nameOf is what the file calls an imported package, "" where it does not
// import it.
func (s source) nameOf(imported string) string {
	for i, p := range s.imports() {
		if p == imported {
			if alias := s.ast.Imports[i].Name; alias != nil {
				return alias.Name
			}
			return path.Base(imported)
		}
	}
	return ""
}

func (s source) at(node ast.Node) string { return s.set.Position(node.Pos()).String() }

// needsTag reports whether the file is left out of every build without the tag,
// whichever others there are.
func (s source) needsTag(tag string) bool {
	for _, group := range s.ast.Comments {
		for _, comment := range group.List {
			if !constraint.IsGoBuild(comment.Text) || comment.Pos() > s.ast.Package {
				continue
			}
			expr, err := constraint.Parse(comment.Text)
			return err == nil &&
				!expr.Eval(func(other string) bool { return other != tag }) &&
				!expr.Eval(func(string) bool { return false })
		}
	}
	return false
}

// ruleOf is the rule of the nearest folder upward. The root's is for the root
// alone.
func ruleOf(folder string) (nearest rule, ok bool) {
	for _, r := range rules {
		if (r.folder == folder || r.folder != "." && within(folder, r.folder)) && len(r.folder) > len(nearest.folder) {
			nearest, ok = r, true
		}
	}
	return nearest, ok
}

func within(p, folder string) bool { return p == folder || strings.HasPrefix(p, folder+"/") }

// standard reports whether an import path is the standard library's, whose first
// element has no dot.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}
