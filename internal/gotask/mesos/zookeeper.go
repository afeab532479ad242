package mesos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"
)

const (
	zooKeeperSessionTimeout = 10 * time.Second
	zooKeeperRetry          = time.Second
	zooKeeperGreeting       = 5 * time.Second
)

// zooKeeperDetector follows the masters' election. Without a connection to ZooKeeper it goes on believing in the leader it
// knew, because a subscription that works is better than none.
type zooKeeperDetector struct {
	address  zooKeeperAddress
	secure   bool
	retry    time.Duration
	greeting time.Duration // greeting is how long a server that has taken a connection may say nothing on it

	conn     *zk.Conn // conn is nil before the first Detect
	cancel   context.CancelFunc
	watching sync.WaitGroup

	mu      sync.Mutex
	leader  *elected      // leader is nil while there is none
	lastErr error         // lastErr says why there is none
	changed chan struct{} // changed is closed when leader changes
}

type elected struct {
	node string
	url  *url.URL
	lost chan struct{}
}

func newZooKeeperDetector(address zooKeeperAddress, secure bool) *zooKeeperDetector {
	return &zooKeeperDetector{address: address, secure: secure, retry: zooKeeperRetry, greeting: zooKeeperGreeting, changed: make(chan struct{})}
}

// Detect waits for a leading master. It returns the same one again while that leads.
func (d *zooKeeperDetector) Detect(ctx context.Context) (Leader, error) {
	if err := d.connect(); err != nil {
		return Leader{}, err
	}
	for {
		d.mu.Lock()
		leader, changed := d.leader, d.changed
		d.mu.Unlock()
		if leader != nil {
			return Leader{URL: leader.url, Lost: leader.lost}, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Leader{}, d.noLeader()
		}
	}
}

func (d *zooKeeperDetector) noLeader() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lastErr != nil {
		return d.lastErr
	}
	return fmt.Errorf("no answer from ZooKeeper at %v", d.address.servers)
}

// Close leaves ZooKeeper and waits for the watching goroutine.
func (d *zooKeeperDetector) Close() error {
	if d.conn == nil {
		return nil
	}
	d.cancel()
	d.conn.Close()
	d.watching.Wait()
	d.conn = nil
	return nil
}

func (d *zooKeeperDetector) connect() error {
	if d.conn != nil {
		return nil
	}
	conn, _, err := zk.Connect(d.address.servers, zooKeeperSessionTimeout, zk.WithLogInfo(false), zk.WithLogger(silent{}), zk.WithDialer(d.dial))
	if err != nil {
		return fmt.Errorf("connect to ZooKeeper at %v: %w", d.address.servers, err)
	}
	var ctx context.Context
	ctx, d.cancel = context.WithCancel(context.Background()) // ended by Close: the watch outlives one Detect
	d.conn = conn
	d.watching.Go(func() { d.watch(ctx) })
	return nil
}

// dial makes a connection whose server is not waited for without an end. One that is just starting may take a connection
// and forget it; the library waits ten times as long for the first answer as for any other, which is over a minute in
// which a new leader is not seen.
func (d *zooKeeperDetector) dial(network, address string, timeout time.Duration) (net.Conn, error) {
	conn, err := net.DialTimeout(network, address, timeout)
	if err != nil {
		return nil, err
	}
	return &greetedConn{Conn: conn, patience: d.greeting}, nil
}

// greetedConn is a connection whose deadlines of reading are no later than patience allows, until the other end has said
// something. One goroutine at a time reads.
type greetedConn struct {
	net.Conn
	patience time.Duration
	greeted  bool
}

// SetReadDeadline implements net.Conn.
func (c *greetedConn) SetReadDeadline(t time.Time) error {
	if latest := time.Now().Add(c.patience); !c.greeted && t.After(latest) {
		t = latest
	}
	return c.Conn.SetReadDeadline(t)
}

// Read implements net.Conn.
func (c *greetedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.greeted = c.greeted || n > 0
	return n, err
}

// watch follows the election until ctx ends.
func (d *zooKeeperDetector) watch(ctx context.Context) {
	if d.address.user != "" {
		// The library repeats the authentication on each new connection.
		if err := d.conn.AddAuth("digest", []byte(d.address.user+":"+d.address.password)); err != nil {
			d.note(fmt.Errorf("authenticate to ZooKeeper: %w", err))
		}
	}
	for ctx.Err() == nil {
		children, _, election, err := d.conn.ChildrenW(d.address.path)
		switch {
		case err == nil:
			err = d.follow(children)
		case !errors.Is(err, zk.ErrNoNode):
			err = fmt.Errorf("list node %s of ZooKeeper at %v: %w", d.address.path, d.address.servers, err)
		default:
			d.elect(nil)
			err = fmt.Errorf("ZooKeeper has no node %s: no master has registered there", d.address.path)
		}
		if err != nil {
			d.note(err)
			pause(ctx, d.retry)
			continue
		}
		select {
		case <-election:
		case <-ctx.Done():
		}
	}
}

// follow reads the leader's address, if there is a leader and it is not the one known already.
func (d *zooKeeperDetector) follow(children []string) error {
	node, found := leadingNode(children)
	if !found {
		d.elect(nil)
		d.note(fmt.Errorf("no master has registered at ZooKeeper node %s", d.address.path))
		return nil
	}
	if d.leads(node) {
		return nil
	}
	data, _, err := d.conn.Get(d.address.path + "/" + node)
	if errors.Is(err, zk.ErrNoNode) {
		return nil // it left in the meantime, and the election's event says so
	}
	if err != nil {
		return fmt.Errorf("read ZooKeeper node %s/%s: %w", d.address.path, node, err)
	}
	address, err := parseMasterInfo(data, d.secure)
	if err != nil {
		return fmt.Errorf("ZooKeeper node %s/%s: %w", d.address.path, node, err)
	}
	d.elect(&elected{node: node, url: address, lost: make(chan struct{})})
	return nil
}

func (d *zooKeeperDetector) leads(node string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.leader != nil && d.leader.node == node
}

// elect replaces the leader and tells everybody who followed the old one.
func (d *zooKeeperDetector) elect(leader *elected) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.leader != nil {
		close(d.leader.lost)
	}
	d.leader = leader
	close(d.changed)
	d.changed = make(chan struct{})
}

func (d *zooKeeperDetector) note(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastErr = err
}

// silent is the ZooKeeper library's logger: what it has to say arrives as errors.
type silent struct{}

// Printf drops the line.
func (silent) Printf(string, ...any) {}
