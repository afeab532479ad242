package deploy

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func containerChecks() []check {
	const dockerfile = "docker/Dockerfile"
	return []check{
		{
			name: "image", tool: "make images with buildah, and the image's own programs",
			files: []string{dockerfile, "docker/Dockerfile.dockerignore", "docker/passwd", "docker/group", "docker/state/*", "tools/anonymize/*.go"},
			run:   checkImage,
			mutants: []mutant{
				{dockerfile, "FROM scratch", "FORM scratch", "FORM"},
				{dockerfile, "USER 65532:65532", "USER 0:0", "user"},
				{dockerfile, `"healthcheck"`, `"healthy"`, "unknown subcommand"},
				{dockerfile, "STOPSIGNAL SIGTERM", "STOPSIGNAL SIGKILL", "stop signal"},
				{dockerfile, "--chown=65532:65532 ", "", "/var/lib/elevator"},
				{dockerfile, "--ui=never", "--ui-never", "no flag --ui-never"},
				{dockerfile, "org.opencontainers.image.licenses", "licence", "org.opencontainers.image.licenses"},
				{"docker/Dockerfile.dockerignore", "!bin/elevator-executor\n", "", "elevator-executor"},
				{"docker/passwd", ":65532:65532:", ":65533:65533:", "passwd"},
				{"docker/group", ":65532:", ":65533:", "group"},
				{"docker/state/README", "Mount a volume", "Mount nothing", "state/README"},
				{"tools/anonymize/main.go", `delete(settings, "Hostname")`, "", "Hostname"},
			},
		},
		{
			name: "compose", tool: "compose-go, the library of docker compose (module tools), the flags of elevator-scheduler run",
			files: []string{"compose/demo.yaml", "compose/stack.yaml", "compose/.env", "tools/go.mod", "tools/go.sum", "tools/composecheck/*.go"},
			run:   checkCompose,
			mutants: []mutant{
				{"compose/demo.yaml", "image:", "imagee:", "imagee"},
				{"compose/stack.yaml", "condition: service_healthy", "condition: service_happy", "condition"},
				{"compose/stack.yaml", "master: {condition", "mister: {condition", "mister"},
				{"compose/.env", "ELEVATOR_IMAGE=", "IMAGE=", "neither an image"},
				{"compose/stack.yaml", "--artifact=", "--artefact=", "no flag --artefact"},
				{"compose/stack.yaml", "127.0.0.1:${MESOS_PORT}", "${MESOS_PORT}", "loopback"},
				{"tools/composecheck/main.go", ", cli.WithDotEnv", "", "neither an image"},
				{"tools/go.mod", "compose-go/v2 v2", "compose-go/v2 v1", "go.mod"},
				{"tools/go.sum", "h1:", "h1:AAAA", "go.sum"},
			},
		},
	}
}

// image is what 'buildah inspect --type image' says.
type image struct {
	FromImageID string
	Docker      struct {
		Config struct {
			User        string
			Entrypoint  []string
			Cmd         []string
			StopSignal  string
			Volumes     map[string]struct{}
			Labels      map[string]string
			Healthcheck struct{ Test []string }
			Hostname    string
		} `json:"config"`
	}
}

// checkImage makes the image twice and compares, looks at its configuration,
// and runs the scheduler in it, where there is neither shell nor libc.
func checkImage(t *testing.T, root string) error {
	if os.Geteuid() != 0 {
		return &missingToolError{"buildah as root", "buildah"}
	}
	if _, err := findTool("buildah"); err != nil {
		return err
	}
	p, err := built()
	if err != nil {
		return err
	}
	b, err := newImageBuilder(t, root, p)
	if err != nil {
		return err
	}
	first, archive, err := b.build()
	if err != nil {
		return err
	}
	if err := checkImageConfig(first); err != nil {
		return err
	}
	if err := b.runs(first); err != nil {
		return err
	}
	second, again, err := b.build()
	if err != nil {
		return err
	}
	if first.FromImageID != second.FromImageID || archive != again {
		return fmt.Errorf("made twice, the image is %s in an archive of %s and %s in one of %s: want the same bytes", first.FromImageID, archive, second.FromImageID, again)
	}
	return nil
}

// imageBuilder makes images in a tree and a storage of its own.
type imageBuilder struct {
	t       *testing.T
	context string
	storage []string
}

// newImageBuilder makes a tree like the repository: bin/ with the programs and
// deploy/ with the files at root.
func newImageBuilder(t *testing.T, root string, p *programs) (*imageBuilder, error) {
	dir := t.TempDir()
	b := &imageBuilder{t: t, context: filepath.Join(dir, "context"), storage: []string{
		"--root", filepath.Join(dir, "root"), "--runroot", filepath.Join(dir, "run"), "--storage-driver", "vfs",
	}}
	if err := os.CopyFS(filepath.Join(b.context, "deploy"), os.DirFS(root)); err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(b.context, "bin"), os.DirFS(filepath.Join(p.dir, "bin"))); err != nil {
		return nil, err
	}
	makefile := "GO = go\nVERSION = 1.2.3\nbuild:\ninclude deploy/package.mk\n"
	return b, os.WriteFile(filepath.Join(b.context, "Makefile"), []byte(makefile), 0o644)
}

func (b *imageBuilder) buildah(args ...string) (string, error) {
	return tool(b.t, b.context, "buildah", append(slices.Clone(b.storage), args...)...)
}

// build returns the image, and the hash of the archive that users load.
func (b *imageBuilder) build() (i *image, archive string, err error) {
	if _, err := tool(b.t, b.context, "make", "images", "BUILDAH=buildah "+strings.Join(b.storage, " ")); err != nil {
		return nil, "", err
	}
	sum, err := tool(b.t, b.context, "sha256sum", "dist/elevator-1.2.3-image.tar")
	if err != nil {
		return nil, "", err
	}
	archive, _, _ = strings.Cut(sum, " ")
	text, err := b.buildah("inspect", "--type", "image", imageName)
	if err != nil {
		return nil, "", err
	}
	i = new(image)
	return i, archive, json.Unmarshal([]byte(text), i)
}

const imageName = "localhost/elevator:1.2.3"

func checkImageConfig(i *image) error {
	c := &i.Docker.Config
	switch _, volume := c.Volumes["/var/lib/elevator"]; {
	case c.User != "65532:65532":
		return fmt.Errorf("user %s: want a number that is not root's", c.User)
	case c.StopSignal != "SIGTERM":
		return fmt.Errorf("stop signal %s: want SIGTERM", c.StopSignal)
	case !volume:
		return errors.New("want the volume /var/lib/elevator")
	case len(c.Healthcheck.Test) < 3 || c.Healthcheck.Test[0] != "CMD":
		return fmt.Errorf("health check %v: want CMD and the scheduler, there is no shell", c.Healthcheck.Test)
	case c.Hostname != "":
		return fmt.Errorf("Hostname %s: want none, it is another each time", c.Hostname)
	}
	for _, label := range []string{"title", "description", "licenses", "version", "revision"} {
		if c.Labels["org.opencontainers.image."+label] == "" {
			return fmt.Errorf("want the label org.opencontainers.image.%s", label)
		}
	}
	return checkFlags("Dockerfile", strings.Join(c.Cmd, " "))
}

// runs starts what the image says in it: a short run of the building with its
// own cluster, and the health check's subcommand.
func (b *imageBuilder) runs(i *image) error {
	container, err := b.buildah("from", imageName)
	if err != nil {
		return err
	}
	container = strings.TrimSpace(container)
	run := func(args ...string) (string, error) {
		return b.buildah(append([]string{"run", "--isolation", "chroot", container, "--"}, args...)...)
	}
	health := i.Docker.Config.Healthcheck.Test[1:]
	if out, err := run(append(slices.Clone(health), "--help")...); err != nil {
		return fmt.Errorf("health check: %w\n%s", err, out)
	}
	mounted, err := b.buildah("mount", container)
	if err != nil {
		return err
	}
	users, err := os.ReadFile(filepath.Join(strings.TrimSpace(mounted), "etc/passwd"))
	if err != nil {
		return err
	}
	if !strings.Contains(string(users), ":"+i.Docker.Config.User+":") {
		return fmt.Errorf("passwd: want a name for %s", i.Docker.Config.User)
	}
	groups, err := os.ReadFile(filepath.Join(strings.TrimSpace(mounted), "etc/group"))
	if err != nil {
		return err
	}
	if _, number, _ := strings.Cut(i.Docker.Config.User, ":"); !strings.Contains(string(groups), ":"+number+":") {
		return fmt.Errorf("group: want a name for %s", number)
	}
	about, err := os.ReadFile(filepath.Join(strings.TrimSpace(mounted), "var/lib/elevator/README"))
	if err != nil {
		return err
	}
	if !strings.Contains(string(about), "Mount a volume here") {
		return fmt.Errorf("state/README: want it to say that a volume is mounted, got %q", about)
	}
	out, err := run("/usr/bin/elevator-scheduler", "run", "--http=127.0.0.1:0", "--ui=never", "--speed=50", "--duration=30s", "--traffic=two-way:50%")
	if err != nil {
		return err
	}
	if !strings.Contains(out, " passengers carried, 0 waiting, 0 riding") {
		return fmt.Errorf("the building in the image did not carry everybody:\n%s", out)
	}
	return nil
}

// buildTool builds a command of the module of tools at root. What it imports is
// fetched from the network unless it was before.
func buildTool(t *testing.T, root, name string) (string, error) {
	compiler, err := findTool("go")
	if err != nil {
		return "", err
	}
	file := filepath.Join(t.TempDir(), name)
	cmd := exec.Command(compiler, "build", "-trimpath", "-o", file, "./"+name)
	cmd.Dir = filepath.Join(root, "tools")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build tools/%s: %w\n%s%w", name, err, out, &missingToolError{name, "none: Go fetches what it imports"})
	}
	return file, nil
}

// checkCompose loads the files as docker compose would.
func checkCompose(t *testing.T, root string) error {
	abs, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	demo, stack := filepath.Join(abs, "compose", "demo.yaml"), filepath.Join(abs, "compose", "stack.yaml")
	checker, err := buildTool(t, root, "composecheck")
	if err != nil {
		return err
	}
	out, err := tool(t, abs, checker, demo, stack)
	if err != nil {
		return err
	}
	if !strings.Contains(out, "elevator/scheduler ") || !strings.Contains(out, "elevator-demo/scheduler ") {
		return fmt.Errorf("want a scheduler in both files, got\n%s", out)
	}
	for _, file := range []string{demo, stack} {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "- ") && strings.Contains(line, "_PORT}") && !strings.HasPrefix(line, "- 127.0.0.1:") {
				return fmt.Errorf("%s: %s: want the loopback address", file, line)
			}
			if strings.HasPrefix(line, "- --") {
				if err := checkFlags(file, line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
