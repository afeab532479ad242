package programtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Screen is a real terminal with a program in it, as an operator has it.
type Screen struct {
	t      testing.TB
	host   Host
	socket string
}

// NewScreen runs a command line in a tmux of the test's own. Without tmux the
// test is skipped, or fails where tools are required.
func NewScreen(t testing.TB, width, height int, command ...string) *Screen {
	t.Helper()
	return NewScreenOn(t, here{}, width, height, command...)
}

// NewScreenOn is NewScreen for a program that runs on another host.
func NewScreenOn(t testing.TB, host Host, width, height int, command ...string) *Screen {
	t.Helper()
	Tool(t, "tmux")
	s := &Screen{t, host, filepath.Join(t.TempDir(), "tmux")}
	var line strings.Builder
	for _, word := range command {
		fmt.Fprintf(&line, "'%s' ", word)
	}
	s.Tmux("-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(width), "-y", fmt.Sprint(height),
		line.String()+`; echo "exit code $?"; read wait`)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the screen at last:\n%s", s.Text())
		}
		_ = exec.Command("tmux", "-S", s.socket, "kill-server").Run()
	})
	return s
}

// Tmux gives tmux a command and returns what it prints.
func (s *Screen) Tmux(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", s.socket}, args...)...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8", "TMPDIR="+filepath.Dir(s.socket))
	var out []byte
	err := s.host.Do(func() (err error) {
		out, err = cmd.CombinedOutput()
		return err
	})
	if err != nil {
		s.t.Fatalf("tmux %v: %v: %s", args, err, out)
	}
	return string(out)
}

// Text returns what is on the screen.
func (s *Screen) Text() string {
	s.t.Helper()
	return s.Tmux("capture-pane", "-p")
}

// Press types keys, named as tmux names them.
func (s *Screen) Press(keys ...string) {
	s.t.Helper()
	s.Tmux(append([]string{"send-keys"}, keys...)...)
}

// Shows waits until the screen has all the words.
func (s *Screen) Shows(most time.Duration, words ...string) {
	s.t.Helper()
	Eventually(s.t, most, fmt.Sprintf("the screen shows %q", words), func() bool {
		text := s.Text()
		for _, w := range words {
			if !strings.Contains(text, w) {
				return false
			}
		}
		return true
	})
}
