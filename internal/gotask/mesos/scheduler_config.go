package mesos

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
)

// DialFunc opens a network connection, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// SchedulerConfig says which cluster a [Scheduler] subscribes to, and as which framework.
type SchedulerConfig struct {
	// Masters is "host:port[,host:port…]", "http(s)://host:port[,…]" or "zk://[user:password@]host:port[,…]/path".
	// Any master of a list will do: one that does not lead redirects to the one that does.
	Masters string

	// Detector replaces the one made from Masters. Run closes it.
	Detector Detector

	// Framework is asked for the framework's description at each SUBSCRIBE. It carries the framework id once that is
	// known; where it does not, the id learned earlier by the same Scheduler is used. The answer is not changed.
	Framework func() *mesosv1.FrameworkInfo

	// SuppressedRoles, if set, is asked at each SUBSCRIBE for the roles that shall not get offers.
	SuppressedRoles func() []string

	// Credentials, if set, are sent with every request.
	Credentials *Credentials

	// TLS, if set, makes https the scheme of addresses that name none, and verifies the masters.
	TLS *tls.Config

	// ConnectTimeout is how long to look for a first master before Run returns [ErrNoMaster]; default 30 s. After the
	// first subscription there is no limit.
	ConnectTimeout time.Duration

	// SubscribeTimeout is the longest time from dialling one master to its SUBSCRIBED event; default 20 s.
	SubscribeTimeout time.Duration

	// CallTimeout is the longest time for one call to be answered once it is sent; default 60 s. It is not the
	// caller's patience, which is that of its context.
	CallTimeout time.Duration

	// HeartbeatsMissed is how many of the master's heartbeat intervals may pass in silence; default 5.
	HeartbeatsMissed int

	// BackoffMin and BackoffMax bound the pause between subscriptions: the n-th pause in a row is random between 0 and
	// BackoffMin·2ⁿ, at most BackoffMax. Defaults 250 ms and 5 s.
	BackoffMin, BackoffMax time.Duration

	// MaxRecordBytes is the largest event accepted; default 256 MiB.
	MaxRecordBytes int64

	// MaxEventQueueBytes bounds the events that wait for the handler, by their encoded size; default 256 MiB. One event
	// is always accepted, whatever its size.
	MaxEventQueueBytes int64

	// MaxCallQueueBytes bounds what Enqueue keeps waiting, by encoded size; default 64 MiB.
	MaxCallQueueBytes int64

	// Logger gets connection events; default none. Secrets are never logged.
	Logger *slog.Logger

	// Observer is told calls and events, for metrics.
	Observer Observer

	// Dial replaces the TCP dialler.
	Dial DialFunc
}

func (c SchedulerConfig) withDefaults() SchedulerConfig {
	setDefault(&c.ConnectTimeout, 30*time.Second)
	setDefault(&c.SubscribeTimeout, 20*time.Second)
	setDefault(&c.CallTimeout, 60*time.Second)
	setDefault(&c.HeartbeatsMissed, 5)
	setDefault(&c.BackoffMin, 250*time.Millisecond)
	setDefault(&c.BackoffMax, 5*time.Second)
	setDefault(&c.MaxRecordBytes, DefaultMaxRecordBytes)
	setDefault(&c.MaxEventQueueBytes, 256<<20)
	setDefault(&c.MaxCallQueueBytes, 64<<20)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c SchedulerConfig) validate() error {
	if c.Framework == nil {
		return errors.New("scheduler configuration: Framework is not set")
	}
	if c.Credentials != nil {
		if err := c.Credentials.validate(); err != nil {
			return fmt.Errorf("scheduler configuration: %w", err)
		}
	}
	if c.BackoffMax < c.BackoffMin {
		return fmt.Errorf("scheduler configuration: BackoffMax %v is less than BackoffMin %v", c.BackoffMax, c.BackoffMin)
	}
	return errors.Join(
		notNegative("ConnectTimeout", c.ConnectTimeout),
		notNegative("SubscribeTimeout", c.SubscribeTimeout),
		notNegative("CallTimeout", c.CallTimeout),
		notNegative("HeartbeatsMissed", c.HeartbeatsMissed),
		notNegative("BackoffMin", c.BackoffMin),
		notNegative("MaxRecordBytes", c.MaxRecordBytes),
		notNegative("MaxEventQueueBytes", c.MaxEventQueueBytes),
		notNegative("MaxCallQueueBytes", c.MaxCallQueueBytes),
	)
}

func (c *Credentials) validate() error {
	// RFC 7617 §2: the user-id of Basic authentication ends at the first colon.
	if c.Principal == "" || strings.Contains(c.Principal, ":") {
		return fmt.Errorf("principal %q must be neither empty nor contain a colon", c.Principal)
	}
	return nil
}

func setDefault[T ~int | ~int64](value *T, fallback T) {
	if *value == 0 {
		*value = fallback
	}
}

func notNegative[T ~int | ~int64](name string, value T) error {
	if value < 0 {
		return fmt.Errorf("configuration: %s %v is negative", name, value)
	}
	return nil
}
