package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"elevator/internal/operator"
	"elevator/ui"
)

// desk says how whoever watches on this terminal reaches the operators' API.
// Where that asks for tokens or a certificate, the terminal gets an entrance of
// its own: a loopback port with a token made for this run, in a file that only
// its owner can read.
func (p *runPlan) desk(cfg operator.Config) (desk ui.Config, stop func(context.Context) error, err error) {
	if p.tokens == nil && p.httpTLS == nil {
		desk = p.options.look
		desk.URLs = []string{p.address()}
		return desk, func(context.Context) error { return nil }, nil
	}
	path := filepath.Join(p.state.path, "desk-token")
	if err := os.WriteFile(path, fmt.Appendf(nil, "operator desk %s\n", rand.Text()), 0o600); err != nil {
		return desk, nil, fmt.Errorf("write the token of this terminal: %w", err)
	}
	cfg.TLS, cfg.Registry = nil, nil
	if cfg.Tokens, err = operator.LoadTokens(path, cfg.Logger); err != nil {
		return desk, nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return desk, nil, fmt.Errorf("open this terminal's entrance to the API: %w", err)
	}
	server := operator.NewServer(cfg)
	server.Serve(listener)
	stop = func(ctx context.Context) error {
		defer os.Remove(path)
		return server.Close(ctx)
	}
	desk = p.options.look
	desk.URLs, desk.TokenFile = []string{"http://" + listener.Addr().String()}, path
	return desk, stop, nil
}
