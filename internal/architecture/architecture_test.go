package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "elevator"

// mesosTypes are mesos-go's message types, builders and codecs. Its HTTP
// client is not among them: it loses subscriptions.
var mesosTypes = []string{
	"github.com/mesos/mesos-go/api/v1/lib",
	"github.com/mesos/mesos-go/api/v1/lib/scheduler",
	"github.com/mesos/mesos-go/api/v1/lib/executor",
	"github.com/mesos/mesos-go/api/v1/lib/encoding/...",
	"github.com/gogo/protobuf/proto",
	"github.com/gogo/protobuf/jsonpb",
}

// rooms says what each package may import beside the standard library. A
// package that is not named is refused, so a new room is a line here.
var rooms = map[string][]string{
	"internal/elevator":               nil,
	"internal/elevator/motion":        {"internal/elevator"},
	"internal/elevator/alarm":         {"internal/elevator", "internal/elevator/motion"},
	"internal/elevator/building":      {"internal/elevator", "go.yaml.in/yaml/v3"},
	"internal/elevator/control":       {"internal/elevator", "internal/elevator/motion"},
	"internal/elevator/dispatch":      {"internal/elevator", "internal/elevator/motion"},
	"internal/elevator/group":         {"internal/elevator", "internal/elevator/motion", "internal/elevator/control", "internal/elevator/dispatch"},
	"internal/elevator/traffic":       {"internal/elevator"},
	"internal/elevator/stats":         {"internal/elevator"},
	"internal/elevator/sim":           {"internal/elevator/..."},
	"internal/elevator/sim/plot":      {"internal/elevator/..."},
	"internal/elevator/sim/simtest":   {"internal/elevator/..."},
	"internal/elevator/tasks":         {"internal/elevator/...", "internal/gotask", "internal/journal"},
	"internal/durable":                nil,
	"internal/gotask":                 append([]string{"internal/gotask/...", "internal/durable", "github.com/google/uuid"}, mesosTypes...),
	"internal/gotask/gotasktest":      append([]string{"internal/gotask/...", "github.com/google/uuid"}, mesosTypes...),
	"internal/gotask/gotaskbench":     append([]string{"internal/gotask/...", "internal/localmesos", "github.com/google/uuid", "github.com/prometheus/procfs"}, mesosTypes...),
	"internal/gotask/link":            nil,
	"internal/gotask/placement":       mesosTypes,
	"internal/gotask/mesos":           append([]string{"github.com/go-zookeeper/zk", "github.com/google/uuid"}, mesosTypes...),
	"internal/localmesos":             append([]string{"github.com/google/uuid"}, mesosTypes...),
	"internal/localmesos/clustertest": nil,
	"internal/journal":                {"internal/elevator", "internal/elevator/alarm", "internal/elevator/motion", "internal/durable", "golang.org/x/sys/unix"},
	"internal/operator":               {"internal/elevator", "internal/elevator/alarm", "internal/elevator/motion", "internal/elevator/stats", "github.com/prometheus/...", "github.com/klauspost/compress/gzip"},
	"internal/programtest":            {"internal/elevator/...", "internal/gotask", "internal/journal"},
	"internal/chaos":                  {"..."},
	"internal/metrics":                {"internal/gotask", "internal/journal", "github.com/prometheus/..."},
	"internal/architecture":           nil,
	"internal/networktest":            {"golang.org/x/sys/unix"},
	"ui":                              {"internal/operator", "internal/elevator", "internal/elevator/alarm", "internal/elevator/motion", "internal/elevator/stats", "github.com/gdamore/tcell/v2"},
	"cmd/elevator-scheduler":          {"..."},
	"cmd/elevator-executor":           {"..."},
	"deploy":                          {"..."},
	"deploy/tools/anonymize":          {},
	"deploy/tools/composecheck":       {"..."},
	"deploy/tools/dashboardcheck":     {"..."},
	"deploy/tools/sbom":               {"..."},
}

// pure rooms decide and do nothing else: time is an argument, chance comes
// with the traffic, and what shall be known outside is returned.
var pure = []string{
	"internal/elevator", "internal/elevator/alarm", "internal/elevator/motion", "internal/elevator/control", "internal/elevator/dispatch",
	"internal/elevator/group", "internal/gotask/link", "internal/gotask/placement",
}

var impure = []string{"net", "net/http", "os", "os/exec", "log", "log/slog", "math/rand", "math/rand/v2", "syscall", "context", "sync"}

var clockCalls = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

type file struct {
	path    string // slash-separated, from the repository's root
	test    bool
	lines   int
	syntax  *ast.File
	imports []string
}

func (f *file) dir() string { return filepath.ToSlash(filepath.Dir(f.path)) }

func sourceFiles(t *testing.T) []file {
	t.Helper()
	root := filepath.Join("..", "..")
	var files []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), path, source, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := file{
			path: filepath.ToSlash(rel), test: strings.HasSuffix(path, "_test.go"),
			lines: strings.Count(string(source), "\n"), syntax: syntax,
		}
		for _, spec := range syntax.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, name)
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found only %d Go files below the repository's root", len(files))
	}
	return files
}

func allowed(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if prefix, ok := strings.CutSuffix(p, "..."); ok {
			return strings.HasPrefix(name+"/", prefix)
		}
		return p == name
	})
}

func TestEachRoomImportsOnlyWhatItMay(t *testing.T) {
	for _, f := range sourceFiles(t) {
		may, known := rooms[f.dir()]
		if !known {
			t.Errorf("%s: package %s is no room of the house; add it to the table with what it may import", f.path, f.dir())
			continue
		}
		if f.test {
			continue
		}
		for _, name := range f.imports {
			local, ours := strings.CutPrefix(name, module+"/")
			if !ours && !strings.Contains(strings.SplitN(name, "/", 2)[0], ".") {
				continue // the standard library
			}
			if !allowed(may, local) {
				t.Errorf("%s: %s must not import %s", f.path, f.dir(), name)
			}
		}
	}
}

func TestOnlyTheDashboardKnowsTheTerminal(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if f.dir() != "ui" && slices.Contains(f.imports, "github.com/gdamore/tcell/v2") {
			t.Errorf("%s imports tcell; only ui draws", f.path)
		}
	}
}

func TestThePureCoreReachesForNothing(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if f.test || !slices.Contains(pure, f.dir()) {
			continue
		}
		for _, name := range f.imports {
			if slices.Contains(impure, name) {
				t.Errorf("%s imports %s; %s is pure", f.path, name, f.dir())
			}
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s starts a goroutine; %s is pure", f.path, f.dir())
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && slices.Contains(clockCalls, n.Sel.Name) {
					t.Errorf("%s calls time.%s; in %s time is an argument", f.path, n.Sel.Name, f.dir())
				}
			}
			return true
		})
	}
}

func TestNoPackageHasInitWork(t *testing.T) {
	for _, f := range sourceFiles(t) {
		for _, d := range f.syntax.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init function", f.path)
			}
		}
	}
}

func TestEachPackageHasOneComment(t *testing.T) {
	comments := make(map[string]int)
	for _, f := range sourceFiles(t) {
		if f.test {
			continue
		}
		if comments[f.dir()] += 0; f.syntax.Doc != nil {
			comments[f.dir()]++
		}
	}
	for dir, n := range comments {
		if n != 1 {
			t.Errorf("package %s has %d package comments, want 1", dir, n)
		}
	}
}

func TestFilesAreOfOneIdea(t *testing.T) {
	const longest = 600
	for _, f := range sourceFiles(t) {
		if !f.test && f.lines > longest {
			t.Errorf("%s has %d lines, more than %d", f.path, f.lines, longest)
		}
	}
}
