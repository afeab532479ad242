package localmesos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Cluster is a running local cluster. Its methods may be called from any
// goroutine.
type Cluster struct {
	cfg    Config
	faults *faults
	agents []*agent

	control      sync.Mutex // one change of the cluster's shape at a time
	lastRegistry []string   // agents the last leader knew; guarded by control

	mu      sync.Mutex // guards the rest; no other lock is taken under it
	masters []*masterPost
	leader  int // index, -1 for none
	closed  bool

	detached func() bool // stops watching the context
	done     chan struct{}
}

// masterPost is where a master runs: its port, its server while it is up, and the
// leading master if it leads.
type masterPost struct {
	port   *port
	server *server // nil while it is stopped
	master *master
}

// Start starts the cluster of cfg. When it returns without an error the ports
// are bound and all agents are registered. The cluster ends with Close, or when
// ctx is done; Close must be called in either case.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(cfg.WorkDir)
	if err != nil {
		return nil, fmt.Errorf("local cluster: work directory: %w", err)
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("local cluster: work directory: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("local cluster: work directory: %s is not a directory", dir)
	}
	cfg.WorkDir = dir
	c := &Cluster{
		cfg:    cfg,
		faults: newFaults(cfg.Seed),
		leader: -1,
		done:   make(chan struct{}),
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.detached = context.AfterFunc(ctx, func() { _ = c.Close() })
	return c, nil
}

func (c *Cluster) start(ctx context.Context) error {
	for i := range c.cfg.Masters {
		p, err := reservePort(hostAt(c.cfg.MasterHosts, i))
		if err != nil {
			return fmt.Errorf("local cluster: master %d: %w", i, err)
		}
		c.masters = append(c.masters, &masterPost{port: p})
		if err := c.startMaster(i); err != nil {
			return err
		}
	}
	if err := c.Elect(0); err != nil {
		return err
	}
	for i := range c.cfg.Agents {
		a, err := newAgent(c, i)
		if err != nil {
			return fmt.Errorf("local cluster: agent %d: %w", i, err)
		}
		c.agents = append(c.agents, a)
		if err := a.start(); err != nil {
			return fmt.Errorf("local cluster: agent %d: %w", i, err)
		}
		select { // one after the other, so that ids follow indexes
		case <-a.ready:
		case <-ctx.Done():
			return fmt.Errorf("local cluster: agent %d did not register: %w", i, context.Cause(ctx))
		}
	}
	return nil
}

// MasterAddr is the host:port of the leading master, or of the first one when
// nobody leads.
func (c *Cluster) MasterAddr() string {
	if addr := c.leaderAddr(); addr != "" {
		return addr
	}
	return c.masters[0].port.addr()
}

// MasterAddrs are the addresses of all masters, leading or not.
func (c *Cluster) MasterAddrs() []string {
	var addrs []string
	for _, post := range c.masters {
		addrs = append(addrs, post.port.addr())
	}
	return addrs
}

func (c *Cluster) leaderAddr() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leader < 0 {
		return ""
	}
	return c.masters[c.leader].port.addr()
}

// masterAt is the leading master if it runs at post i.
func (c *Cluster) masterAt(i int) *master {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.masters[i].master
}

func (c *Cluster) leading() *master {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leader < 0 {
		return nil
	}
	return c.masters[c.leader].master
}

// Close stops everything: executors are killed with their whole session, the
// ports are closed and all goroutines have ended when it returns. Sandboxes
// stay. Calling it again waits for the first call and does nothing else.
func (c *Cluster) Close() error {
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		<-c.done
		return nil
	}
	c.closed = true
	c.mu.Unlock()
	defer close(c.done)
	c.control.Lock()
	defer c.control.Unlock()
	if c.detached != nil {
		c.detached()
	}
	var stopping sync.WaitGroup
	for _, a := range c.agents {
		stopping.Go(a.close)
	}
	for _, post := range c.masters {
		if post.master != nil {
			stopping.Go(post.master.end)
		}
		if post.server != nil {
			stopping.Go(post.server.close)
		}
	}
	stopping.Wait()
	for _, a := range c.agents {
		a.port.release()
	}
	for _, post := range c.masters {
		post.port.release()
	}
	return nil
}
