package main

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/motion"
	"elevator/internal/operator"
)

// TestHealthcheck asks an API that is healthy, and ready or not.
func TestHealthcheck(t *testing.T) {
	b := building.Builtin()
	var warnings []string
	var notReady error
	server := operator.NewServer(operator.Config{
		Hub:      operator.NewHub(b, motion.NewLaw(b)),
		Ready:    func() error { return notReady },
		Warnings: func() []string { return warnings },
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server.Serve(listener)
	defer server.Close(t.Context())
	for _, test := range []struct {
		name     string
		flags    []string
		warnings []string
		notReady error
		code     int
		says     string
	}{
		{"healthy", nil, nil, errors.New("no task runs"), 0, "healthy\n"},
		{"ready", []string{"--ready"}, nil, nil, 0, "ready\n"},
		{"ready with warnings", []string{"--ready"}, []string{"the clock was set", "the master is new"}, nil, 0, "ready\nwarning: the clock was set\nwarning: the master is new\n"},
		{"not ready", []string{"--ready"}, nil, errors.New("no task runs"), 1, "no task runs (HTTP 503)\n"},
	} {
		warnings, notReady = test.warnings, test.notReady
		var out bytes.Buffer
		args := append([]string{"healthcheck", "--connect", "http://" + listener.Addr().String()}, test.flags...)
		code := perform(t.Context(), args, streams{out: &out, err: &out})
		if code != test.code || !strings.HasSuffix(out.String(), test.says) {
			t.Errorf("%s: exit code %d, %q; want %d, %q", test.name, code, out.String(), test.code, test.says)
		}
	}
}
