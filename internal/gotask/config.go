package gotask

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os/user"
	"time"
)

// FailurePolicy says what a failed task means.
type FailurePolicy string

// The failure policies.
const (
	ShutdownOnFailure FailurePolicy = "shutdown" // whenever any task fails, the whole system ends
	RestartOnFailure  FailurePolicy = "restart"  // the task is launched again, with a capped exponential back-off
)

// ExitPolicy says what becomes of the tasks when the scheduler ends although nothing failed.
type ExitPolicy string

// The exit policies.
const (
	TeardownOnExit ExitPolicy = "teardown" // the tasks are killed and the framework is removed
	KeepOnExit     ExitPolicy = "keep"     // when Run's ctx is done the tasks live on for a successor with the same StateStore
)

// Backoff is the delay before a failed task is launched again: Min, doubled with each failure up to Max, and back to Min
// once an attempt ran for ResetAfter.
type Backoff struct {
	Min        time.Duration // default 1 s
	Max        time.Duration // default 1 min
	ResetAfter time.Duration // default 5 min
}

// Config says how a GoTaskScheduler reaches Mesos and behaves. Only Master (or Driver), FrameworkName and ExecutorPath (or
// an ExecutorCommand) are needed.
type Config struct {
	// Master is "host:port[,host:port…]", "http(s)://…" or "zk://host:port[,…]/path".
	Master string
	// Driver, if set, is used instead of a connection to Master.
	Driver MesosSchedulerDriver

	FrameworkName string
	User          string // user of the executors; default the scheduler's own
	Role          string // default "*"
	Principal     string // with Secret, sent as HTTP basic authentication
	Secret        string
	TLS           *tls.Config
	WebUIURL      string

	// FailoverTimeout is how long the master keeps the tasks of a scheduler that is away; default 1 h with KeepOnExit, else 1 min.
	FailoverTimeout time.Duration
	// Checkpoint lets tasks survive a restart of their agent's daemon.
	Checkpoint bool

	OnTaskFailure FailurePolicy // default ShutdownOnFailure
	Backoff       Backoff
	OnExit        ExitPolicy // default TeardownOnExit

	// ExplicitConfirm says that the scheduler function, in its context form, confirms the messages it takes with
	// SchedIO.Confirm, once it will not need them again: a successor gets the others anew. Without it a message is
	// confirmed when it is taken. A task's out blocks while 256 of its messages or 1 MiB are unconfirmed.
	ExplicitConfirm bool

	// OfferHold is how long offers that do not suffice are held together with later ones before they are declined; default 5 s.
	OfferHold time.Duration
	// LaunchTimeout is how long a launched task may take to report itself before the master is asked about it; default
	// 30 s. Three times that without news and the launch counts as lost.
	LaunchTimeout time.Duration
	// KillTimeout is how long a kill may stay without effect, beyond the task's grace, before it is repeated; default 10 s.
	KillTimeout time.Duration
	// KillGrace is how long a told task may take to return; default 3 s.
	KillGrace time.Duration
	// EndTimeout bounds the orderly end of Run: the function's and the tasks' returning and the teardown; default 5 s.
	EndTimeout time.Duration
	// ConnectTimeout is how long the first subscription is sought; default 30 s, negative for ever.
	ConnectTimeout time.Duration

	// ExecutorPath is the executor's binary, which agents fetch from the scheduler. It must not change while Run runs.
	ExecutorPath string
	// ExecutorCommand, if set, is a program and its arguments that is on every agent already; nothing is fetched then.
	ExecutorCommand []string
	ExecutorArgs    []string          // arguments of the fetched binary
	ExecutorEnv     map[string]string // added to the executors' environment
	// ExecutorResources are taken once per agent for the executor process; default 0.1 cpus and 64 MB.
	ExecutorResources Resources

	ArtifactListen    string // address that serves the executor's binary; default ":0"
	ArtifactAdvertise string // "host:port" (port optional) at which agents reach it; default this host's name

	// State keeps what a successor needs; default a MemoryStore.
	State    StateStore
	Logger   *slog.Logger // default slog.DiscardHandler
	Observer Observer     // default none
}

// defaultDuration sets *d to v if it is zero.
func defaultDuration(d *time.Duration, v time.Duration) {
	if *d == 0 {
		*d = v
	}
}

// withDefaults returns c with every zero field that has a default set to it.
func (c Config) withDefaults() Config {
	if c.OnTaskFailure == "" {
		c.OnTaskFailure = ShutdownOnFailure
	}
	if c.OnExit == "" {
		c.OnExit = TeardownOnExit
	}
	if c.User == "" {
		if u, err := user.Current(); err == nil {
			c.User = u.Username
		}
	}
	if c.Role == "" {
		c.Role = "*"
	}
	failover := time.Minute
	if c.OnExit == KeepOnExit {
		failover = time.Hour
	}
	defaultDuration(&c.FailoverTimeout, failover)
	defaultDuration(&c.Backoff.Min, time.Second)
	defaultDuration(&c.Backoff.Max, time.Minute)
	defaultDuration(&c.Backoff.ResetAfter, 5*time.Minute)
	defaultDuration(&c.OfferHold, 5*time.Second)
	defaultDuration(&c.LaunchTimeout, 30*time.Second)
	defaultDuration(&c.KillTimeout, 10*time.Second)
	defaultDuration(&c.KillGrace, 3*time.Second)
	defaultDuration(&c.EndTimeout, 5*time.Second)
	defaultDuration(&c.ConnectTimeout, 30*time.Second)
	if c.ExecutorResources == (Resources{}) {
		c.ExecutorResources = Resources{CPUs: 0.1, MemMB: 64}
	}
	if c.ArtifactListen == "" {
		c.ArtifactListen = ":0"
	}
	if c.State == nil {
		c.State = &MemoryStore{}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Observer == nil {
		c.Observer = NopObserver{}
	}
	return c
}

func (c Config) validate() error {
	switch {
	case c.Master == "" && c.Driver == nil:
		return errors.New("no master: give Master or Driver")
	case c.FrameworkName == "":
		return errors.New("no framework name")
	case c.ExecutorPath == "" && len(c.ExecutorCommand) == 0:
		return errors.New("no executor: give ExecutorPath or ExecutorCommand")
	case c.ExecutorPath != "" && len(c.ExecutorCommand) > 0:
		return errors.New("both ExecutorPath and ExecutorCommand are given")
	case c.Secret != "" && c.Principal == "":
		return errors.New("a secret without a principal")
	case c.OnTaskFailure != ShutdownOnFailure && c.OnTaskFailure != RestartOnFailure:
		return fmt.Errorf("failure policy %q: want %q or %q", c.OnTaskFailure, ShutdownOnFailure, RestartOnFailure)
	case c.OnExit != TeardownOnExit && c.OnExit != KeepOnExit:
		return fmt.Errorf("exit policy %q: want %q or %q", c.OnExit, TeardownOnExit, KeepOnExit)
	case c.Backoff.Max < c.Backoff.Min:
		return fmt.Errorf("back-off from %v to %v: the maximum is below the minimum", c.Backoff.Min, c.Backoff.Max)
	}
	durations := []struct {
		name  string
		value time.Duration
	}{
		{"failover timeout", c.FailoverTimeout},
		{"back-off", c.Backoff.Min},
		{"back-off reset", c.Backoff.ResetAfter},
		{"offer hold", c.OfferHold},
		{"launch timeout", c.LaunchTimeout},
		{"kill timeout", c.KillTimeout},
		{"kill grace", c.KillGrace},
		{"end timeout", c.EndTimeout},
	}
	for _, d := range durations {
		if d.value < 0 {
			return fmt.Errorf("%s %v: must not be negative", d.name, d.value)
		}
	}
	if err := c.ExecutorResources.validate(); err != nil {
		return fmt.Errorf("executor resources: %w", err)
	}
	return nil
}
