package mesos

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/executor"
)

// ExecutorConfig says which agent an [Executor] subscribes to, and as whom.
type ExecutorConfig struct {
	// Env is what the agent put into the environment, from [ReadExecutorEnv].
	Env ExecutorEnv

	// Unacknowledged, if set, is asked at each SUBSCRIBE for the tasks that never got an ACKNOWLEDGED for any update,
	// and for the updates without ACKNOWLEDGED, oldest first. Tasks left out are lost if the agent was away when it
	// launched them. Updates whose uuid has not 16 bytes are left out, with a log line: agents abort on them.
	Unacknowledged func() ([]mesosv1.TaskInfo, []executor.Call_Update)

	// TLS, if set, makes https the scheme and verifies the agent. Without it, https is used when Env.Secure says so.
	TLS *tls.Config

	// ConnectTimeout is how long to try for the first subscription; default 60 s, the time after which agents give up
	// an executor that has not registered.
	ConnectTimeout time.Duration

	// SubscribeTimeout is the longest time from dialling to the SUBSCRIBED event; default 20 s.
	SubscribeTimeout time.Duration

	// CallTimeout is the longest time for one call to be answered once it is sent; default 60 s.
	CallTimeout time.Duration

	// HeartbeatInterval is the time between HEARTBEAT calls; default 30 min.
	HeartbeatInterval time.Duration

	// MaxRecordBytes is the largest event accepted; default 256 MiB.
	MaxRecordBytes int64

	// MaxEventQueueBytes bounds the events that wait for the handler, by their encoded size; default 256 MiB. One event
	// is always accepted, whatever its size.
	MaxEventQueueBytes int64

	// MaxCallQueueBytes bounds what Enqueue keeps waiting, by encoded size; default 64 MiB.
	MaxCallQueueBytes int64

	// Logger gets connection events; default none. The token is never logged.
	Logger *slog.Logger

	// Observer is told calls and events, for metrics.
	Observer Observer

	// Dial replaces the dialler of TCP and Unix sockets.
	Dial DialFunc
}

func (c ExecutorConfig) withDefaults() ExecutorConfig {
	setDefault(&c.ConnectTimeout, 60*time.Second)
	setDefault(&c.SubscribeTimeout, 20*time.Second)
	setDefault(&c.CallTimeout, 60*time.Second)
	setDefault(&c.HeartbeatInterval, 30*time.Minute)
	setDefault(&c.MaxRecordBytes, DefaultMaxRecordBytes)
	setDefault(&c.MaxEventQueueBytes, 256<<20)
	setDefault(&c.MaxCallQueueBytes, 64<<20)
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

func (c ExecutorConfig) validate() error {
	if c.Env.FrameworkID == "" || c.Env.ExecutorID == "" {
		return errors.New("executor configuration: Env has no framework id or no executor id")
	}
	if c.Env.DomainSocket == "" {
		if _, _, err := splitHostPort(c.Env.Endpoint); err != nil {
			return fmt.Errorf("executor configuration: agent endpoint %q: %w: want host:port", c.Env.Endpoint, err)
		}
	}
	return errors.Join(
		notNegative("ConnectTimeout", c.ConnectTimeout),
		notNegative("SubscribeTimeout", c.SubscribeTimeout),
		notNegative("CallTimeout", c.CallTimeout),
		notNegative("HeartbeatInterval", c.HeartbeatInterval),
		notNegative("MaxRecordBytes", c.MaxRecordBytes),
		notNegative("MaxEventQueueBytes", c.MaxEventQueueBytes),
		notNegative("MaxCallQueueBytes", c.MaxCallQueueBytes),
	)
}
