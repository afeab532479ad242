package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/motion"
	"elevator/internal/operator"
)

// serveCommands starts an API whose group refuses the command dispatcher and
// carries out all others.
func serveCommands(t *testing.T, tokens *operator.Tokens) (address string) {
	t.Helper()
	b := building.Builtin()
	server := operator.NewServer(operator.Config{
		Hub: operator.NewHub(b, motion.NewLaw(b)), Tokens: tokens,
		Command: func(_ context.Context, by string, cmd operator.Command) (operator.Result, error) {
			if cmd.Name == "dispatcher" {
				return operator.Result{}, &operator.RefusedError{Reason: "there is no dispatcher " + cmd.Dispatcher}
			}
			return operator.Result{Result: "done for " + by, Seq: 5}, nil
		},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(l)
	t.Cleanup(func() { _ = server.Close(context.Background()) })
	return l.Addr().String()
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const token = "0123456789abcdef"
	tokens, err := operator.LoadTokens(file("tokens", "operator otto "+token+"\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	open, guarded := serveCommands(t, nil), serveCommands(t, tokens)
	for _, test := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"done", []string{"--connect", open, "park", "A"}, 0, "park: done for local\n"},
		{
			"done, in JSON",
			[]string{"--connect", open, "--format", "json", "--request-id", "7", "lock-floor", "2", "on"},
			0,
			`{"request_id":"7","result":"done for local","seq":5}` + "\n",
		},
		{"with a token", []string{"--connect", guarded, "--token-file", file("token", token+"\n"), "car-call", "A", "3"}, 0, "car-call: done for otto\n"},
		{"a task", []string{"--connect", open, "restart-task", "car-0"}, 0, "restart-task: done for local\n"},
		{"help", []string{"--help"}, 0, "landing-call FLOOR up|down|TO"},
		{"without a token", []string{"--connect", guarded, "park", "A"}, exitFailed, "a token is needed"},
		{"refused", []string{"--connect", open, "dispatcher", "psychic"}, exitFailed, "there is no dispatcher psychic"},
		{"nobody there", []string{"--connect", "127.0.0.1:1", "--request-id", "7", "park", "A"}, exitFailed, "give it again with --request-id 7"},
		{"no command", []string{"--connect", open}, exitBadInput, "a command is needed"},
		{"unknown command", []string{"explode"}, exitBadInput, `command "explode" is unknown`},
		{"too few words", []string{"car-call", "A"}, exitBadInput, "want car-call CAR FLOOR"},
		{"unknown car", []string{"--connect", open, "park", "Z"}, exitBadInput, `car "Z"`},
		{"unknown mode", []string{"--connect", open, "car-mode", "A", "sideways"}, exitBadInput, "no BACnet car mode"},
		{"no such token file", []string{"--token-file", filepath.Join(dir, "none"), "park", "A"}, exitBadInput, "none: no such file"},
		{"unknown format", []string{"--format", "xml", "park", "A"}, exitBadInput, "--format"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			err := commandCommand(t.Context(), test.args, streams{out: &out, err: &out})
			code := 0
			switch {
			case isBadInput(err):
				code = exitBadInput
			case err != nil && !errors.Is(err, flag.ErrHelp):
				code = exitFailed
			}
			said := out.String()
			if err != nil {
				said += err.Error()
			}
			if code != test.code || !strings.Contains(said, test.says) {
				t.Errorf("exit code %d, %q; want %d and %q", code, said, test.code, test.says)
			}
			if strings.Contains(said, token) {
				t.Error("the token is printed")
			}
		})
	}
}
