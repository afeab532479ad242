package deploy

import (
	"debug/buildinfo"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func documentChecks() []check {
	return []check{
		{
			name: "runbooks", tool: "links, one page for each alert, dashboards that are there",
			files: []string{"runbooks/*.md"},
			run:   checkRunbooks,
			mutants: append(runbookMutants(),
				mutant{"runbooks/ElevatorCarStuck.md", "## What to do", "## Perhaps", "What to do"},
				mutant{"runbooks/ElevatorLongWaits.md", "*Elevator / Passengers*", "*Elevator / People*", "no dashboard"},
				mutant{"prometheus/rules/alerts.yml", "elevator/ElevatorCarFault", "elevator/ElevatorCarStuck", "no alert leads"},
			),
		},
		{
			name: "guide", tool: "links, flags, every file named",
			files: []string{"README.md"},
			run:   checkGuide,
			mutants: []mutant{
				{"README.md", "systemd/open-cluster.conf", "systemd/closed-cluster.conf", "closed-cluster.conf"},
				{"README.md", "`compose/stack.yaml`", "the stack", "compose/stack.yaml"},
				{"README.md", "--on-exit", "--at-exit", "no flag --at-exit"},
			},
		},
		{
			name: "packaging", tool: "make, tar, dpkg-deb",
			files: []string{"package.mk", "debian/*"},
			run:   checkPackages,
			mutants: []mutant{
				{"package.mk", "deploy/systemd/elevator.logrotate", "deploy/systemd/elevator.rotate", "elevator.rotate"},
				{"package.mk", "--mtime=@$(SOURCE_DATE_EPOCH)", "--mtime=@$$(date +%N)", "want the same"},
				{"debian/control.in", "Architecture:", "Machine:", "Architecture"},
				{"debian/changelog.in", "elevator (@VERSION@)", "elevator", "changelog"},
				{"debian/copyright", "License: Apache-2.0", "Licence: Apache-2.0", "copyright"},
				{"debian/lintian-overrides", "elevator: static", "static", "lintian-overrides"},
				{"debian/conffiles", "/etc/logrotate.d/elevator", "/etc/logrotate.d/lift", "lift"},
				{"package.mk", "healthcheck man ", "man ", "elevator-scheduler-healthcheck.1"},
			},
		},
		{
			name: "manual", tool: "mandoc -T lint",
			files: []string{"man/*.1"},
			run: func(t *testing.T, root string) error {
				_, err := tool(t, root, "mandoc", "-T", "lint", "-W", "error", "man/elevator-executor.1")
				return err
			},
			mutants: []mutant{
				{"man/elevator-executor.1", ".TP\n\\fB2", ".FT Q\n.PS 1\n\\fB2", "ERROR"},
			},
		},
		{
			name: "bill of materials", tool: "the tool itself, on the programs",
			files: []string{"tools/sbom/*.go"},
			run:   checkBill,
			mutants: []mutant{
				{"tools/sbom/main.go", "info.Deps", "info.Deps[:1]", "linked from"},
			},
		},
	}
}

// runbookMutants gives every page another title than its alert's name.
func runbookMutants() []mutant {
	pages, _ := filepath.Glob("runbooks/*.md") // the pattern is well-formed
	var list []mutant
	for _, page := range pages {
		alert := strings.TrimSuffix(filepath.Base(page), ".md")
		list = append(list, mutant{filepath.ToSlash(page), "# " + alert, "# Alert", page})
	}
	return list
}

var (
	namedBoard = regexp.MustCompile(`\*(Elevator / [^*]+)\*`)
	link       = regexp.MustCompile(`\]\(([^)#\s]+)[^)]*\)`)
	codeWords  = regexp.MustCompile("`([a-zA-Z0-9@._/-]+)`")
	runLine    = regexp.MustCompile(`(?m)^.*elevator-scheduler run\b(?:.*\\\n)*.*$`)
	inFlag     = regexp.MustCompile("`--[a-z-]+[^`]*`")
)

// checkLinks wants every relative link of a page to lead somewhere.
func checkLinks(root, page, text string) error {
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		if strings.Contains(m[1], "://") {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, path.Dir(page), m[1])); err != nil {
			return fmt.Errorf("%s: dead link to %s", page, m[1])
		}
	}
	return nil
}

func checkRunbooks(_ *testing.T, root string) error {
	rules, err := readRules(root)
	if err != nil {
		return err
	}
	alerts := make(map[string]string)
	for _, r := range rules {
		if r.Alert != "" {
			alerts[path.Base(r.Annotations["runbook_url"])] = r.Alert
		}
	}
	dashboards, err := readDashboards(root)
	if err != nil {
		return err
	}
	titles := make(map[string]bool)
	for _, d := range dashboards {
		titles[d.Title] = true
	}
	pages, err := filepath.Glob(filepath.Join(root, "runbooks/*.md"))
	if err != nil {
		return err
	}
	for _, name := range pages {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		text, page := string(data), strings.TrimSuffix(filepath.Base(name), ".md")
		if alerts[page] == "" {
			return fmt.Errorf("runbooks/%s.md: no alert leads there", page)
		}
		if !strings.HasPrefix(text, "# "+page+"\n") {
			return fmt.Errorf("runbooks/%s.md: want the alert's name as title", page)
		}
		for _, m := range namedBoard.FindAllStringSubmatch(text, -1) {
			if !titles[m[1]] {
				return fmt.Errorf("runbooks/%s.md: there is no dashboard %s", page, m[1])
			}
		}
		for _, heading := range []string{"What it means", "What to look at", "What to do"} {
			if !strings.Contains(text, "\n## "+heading+"\n") {
				return fmt.Errorf("runbooks/%s.md: want the heading %q", page, heading)
			}
		}
		if err := checkLinks(root, "runbooks/"+page+".md", text); err != nil {
			return err
		}
	}
	return nil
}

// checkGuide wants README.md to name every file of the folder, by itself or
// with its folder, and no file that is not there.
func checkGuide(_ *testing.T, root string) error {
	data, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		return err
	}
	text := string(data)
	if err := checkLinks(root, "README.md", text); err != nil {
		return err
	}
	named := make(map[string]bool)
	for _, m := range codeWords.FindAllStringSubmatch(text, -1) {
		named[strings.TrimSuffix(m[1], "/")] = true
		first, _, isPath := strings.Cut(m[1], "/")
		if _, err := os.Stat(filepath.Join(root, first)); isPath && first != "" && err == nil {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				return fmt.Errorf("README.md names %s, which is not there", m[1])
			}
		}
	}
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Dir(name) == "." {
			return err
		}
		for at := name; at != "."; at = path.Dir(at) {
			if named[at] {
				return nil
			}
		}
		return fmt.Errorf("README.md does not name %s", name)
	})
	if err != nil {
		return err
	}
	for _, words := range append(runLine.FindAllString(text, -1), inFlag.FindAllString(text, -1)...) {
		if err := checkFlags("README.md", strings.ReplaceAll(words, "`", " ")); err != nil {
			return err
		}
	}
	return nil
}

// checkPackages makes the packages twice, with small files for the programs,
// and compares them.
func checkPackages(t *testing.T, root string) error {
	for _, program := range []string{"make", "dpkg-deb"} {
		if _, err := findTool(program); err != nil {
			return err
		}
	}
	var sums [2]string
	for i := range sums {
		tree := t.TempDir()
		if err := os.CopyFS(filepath.Join(tree, "deploy"), os.DirFS(root)); err != nil {
			return err
		}
		if err := os.Mkdir(filepath.Join(tree, "bin"), 0o755); err != nil {
			return err
		}
		for name, text := range map[string]string{
			"README.md": "README\n", "LICENSE": "licence\n",
			"bin/elevator-scheduler": "#!/bin/sh\necho \"$@\"\n", "bin/elevator-executor": "executor\n",
			"Makefile": "VERSION = 1.2.3\nbuild:\ninclude deploy/package.mk\n",
		} {
			if err := os.WriteFile(filepath.Join(tree, name), []byte(text), 0o755); err != nil {
				return err
			}
		}
		if out, err := tool(t, tree, "make", "tarball", "deb", "install", "SBOM=echo bill", "DEB_FLAGS=-Znone", "DESTDIR="+filepath.Join(tree, "root")); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		sum, err := tool(t, filepath.Join(tree, "dist"), "sha256sum", "elevator_1.2.3_amd64.deb", "elevator-1.2.3-linux-amd64.tar.gz")
		if err != nil {
			return err
		}
		sums[i] = sum
		if err := checkDebian(t, tree); err != nil {
			return err
		}
		listing, err := tool(t, tree, "tar", "-tzf", "dist/elevator-1.2.3-linux-amd64.tar.gz")
		if err != nil {
			return err
		}
		if !strings.Contains(listing, "elevator/bin/elevator-scheduler\n") {
			return fmt.Errorf("tarball: want elevator/bin/elevator-scheduler, which the Marathon apps start; got\n%s", listing)
		}
		if err := checkManuals(listing); err != nil {
			return err
		}
	}
	if sums[0] != sums[1] {
		return fmt.Errorf("made twice, the packages are\n%s%s: want the same", sums[0], sums[1])
	}
	return nil
}

// checkDebian wants in the package what Debian's policy and lintian ask for.
func checkDebian(t *testing.T, tree string) error {
	changelog, err := tool(t, tree, "sh", "-c",
		"dpkg-deb --fsys-tarfile dist/elevator_1.2.3_amd64.deb | tar -xOf - ./usr/share/doc/elevator/changelog.gz | gzip -d")
	if err != nil {
		return err
	}
	if !strings.HasPrefix(changelog, "elevator (1.2.3) stable; urgency=medium\n") {
		return fmt.Errorf("changelog.in: want the package and its version first, got\n%s", changelog)
	}
	copyright, err := os.ReadFile(filepath.Join(tree, "deploy/debian/copyright"))
	if err != nil {
		return err
	}
	for _, line := range []string{"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n", "\nLicense: Apache-2.0\n"} {
		if !strings.Contains(string(copyright), line) {
			return fmt.Errorf("debian/copyright: want %q", line)
		}
	}
	overrides, err := os.ReadFile(filepath.Join(tree, "deploy/debian/lintian-overrides"))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(overrides)) {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "elevator: ") {
			return fmt.Errorf("lintian-overrides: %s: want elevator: TAG", line)
		}
	}
	return nil
}

// checkManuals wants a page for each subcommand that the program lists.
func checkManuals(listing string) error {
	p, err := built()
	if err != nil {
		return err
	}
	usage, err := exec.Command(p.scheduler(), "help").Output()
	if err != nil {
		return fmt.Errorf("ask for the subcommands: %w", err)
	}
	subcommands := regexp.MustCompile(`(?m)^  ([a-z]+) `).FindAllStringSubmatch(string(usage), -1)
	if len(subcommands) < 5 {
		return fmt.Errorf("help lists no subcommands:\n%s", usage)
	}
	for _, m := range subcommands {
		if page := "elevator/man/elevator-scheduler-" + m[1] + ".1\n"; !strings.Contains(listing, page) {
			return fmt.Errorf("tarball: want %s", page)
		}
	}
	return nil
}

// checkBill wants every module that the scheduler is linked from on its bill.
func checkBill(t *testing.T, root string) error {
	p, err := built()
	if err != nil {
		return err
	}
	dir := filepath.Join(t.TempDir(), "tools")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "tools"))); err != nil {
		return err
	}
	text, err := tool(t, dir, "go", "run", "./sbom", "elevator", "1.2.3", p.scheduler())
	if err != nil {
		return err
	}
	var bill struct {
		BOMFormat  string `json:"bomFormat"`
		Components []struct {
			Name string `json:"name"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(text), &bill); err != nil {
		return fmt.Errorf("bill of materials: %w\n%s", err, text)
	}
	linked, err := buildinfo.ReadFile(p.scheduler())
	if err != nil {
		return err
	}
	for _, module := range linked.Deps {
		found := false
		for _, c := range bill.Components {
			found = found || c.Name == module.Path
		}
		if !found {
			return fmt.Errorf("bill of materials: want %s, which the scheduler is linked from", module.Path)
		}
	}
	return nil
}
