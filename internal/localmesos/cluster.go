package localmesos

import (
	"context"
	"errors"
)

// Cluster is a running local cluster. Its methods may be called from any
// goroutine.
type Cluster struct {
	cfg Config
}

// Start starts the cluster of cfg. When it returns without an error the ports
// are bound and all agents are registered. The cluster ends with Close, or when
// ctx is done; Close must be called in either case.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	return nil, errors.New("local cluster: not built yet")
}

// MasterAddr is the host:port of the leading master, or of the first one when
// nobody leads.
func (c *Cluster) MasterAddr() string { return "" }

// Close stops everything: executors are killed with their whole session, the
// ports are closed and all goroutines have ended when it returns. Sandboxes
// stay. Calling it again does nothing.
func (c *Cluster) Close() error { return nil }
