package ui

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// A panic leaves a real terminal as it was: in lines, with an echo, the cursor
// seen, and the error below what stood there before.
func TestPanicRestoresARealTerminal(t *testing.T) {
	if os.Getenv(panicVariable) != "" {
		fmt.Println(panickingDesk(t.Context()))
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := programtest.NewScreen(t, 100, 30, "sh", "-c",
		fmt.Sprintf("echo before; %s=1 %s -test.run ^TestPanicRestoresARealTerminal; stty -a; echo after", panicVariable, program))
	s.Shows(20*time.Second, "before", "dashboard: panic: the feed broke", "PASS", "after", "exit code 0")
	settings := strings.Fields(s.Text())
	for _, want := range []string{"icanon", "echo", "opost", "icrnl"} {
		if !slices.Contains(settings, want) {
			t.Errorf("the terminal is not set to %s:\n%s", want, s.Text())
		}
	}
	if cursor := strings.TrimSpace(s.Tmux("display-message", "-p", "#{cursor_flag} #{alternate_on}")); cursor != "1 0" {
		t.Errorf("cursor seen and other screen on: %s, want 1 0", cursor)
	}
}

// panicVariable makes the test be the program that it looks at.
const panicVariable = "ELEVATOR_TEST_PANICKING_DESK"

// panickingDesk takes the process's terminal, panics once it has drawn, and
// returns the first line of the error.
func panickingDesk(ctx context.Context) string {
	a := newApp(Config{Mouse: true}, newModel([]string{"http://127.0.0.1:1"}))
	a.feeds = append(a.feeds, func(context.Context) {
		time.Sleep(3 * drawEvery)
		panic("the feed broke")
	})
	err := a.run(ctx)
	first, _, _ := strings.Cut(fmt.Sprint(err), "\n")
	return first
}
