package localmesos

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Resources are what one agent offers. Scalars are kept in fixed point with
// three decimals, as Mesos does.
type Resources struct {
	CPUs   float64 // cores
	MemMB  float64 // mebibytes
	DiskMB float64 // mebibytes
	GPUs   float64 // offered only when positive
	Ports  []PortRange
}

// PortRange is a range of TCP ports, both ends included.
type PortRange struct{ Begin, End uint64 }

// Attribute is a text attribute of an agent, shown in its offers.
type Attribute struct{ Name, Value string }

// Config says what cluster to start. Zero fields get the default their comment
// names, which is Mesos' own where Mesos has one.
type Config struct {
	// WorkDir is an existing directory; sandboxes and the fetcher's cache live
	// below it. It belongs to the caller and is not removed. Required.
	WorkDir string
	// Logger gets what a Mesos master and agent would log, far more sparsely.
	// Default: nothing is logged.
	Logger *slog.Logger

	// Agents is how many agents there are; default 2.
	Agents int
	// Resources of each agent; default cpus 8, mem 8192, disk 10240 and ports
	// 31000-32000.
	Resources Resources
	// AgentResources replaces Resources for the agents it has an entry for.
	AgentResources []Resources
	// AgentHostnames are the agents' names as offers show them. Default:
	// agent-1, agent-2 and so on.
	AgentHostnames []string
	// AgentHosts are where the agents run, by agent. Default: here, on loopback.
	AgentHosts []Host
	// Attributes of the agents, by agent; default none.
	Attributes [][]Attribute

	// Masters is how many masters there are; default 1. The first leads, the
	// others answer 307 until Elect makes one of them the leader.
	Masters int
	// MasterHosts are where the masters run, by master. Default: here, on
	// loopback. Masters and agents on different hosts need the network between
	// them.
	MasterHosts []Host
	// Credentials, when there are any, are the HTTP Basic credentials that the
	// masters' scheduler API accepts: secrets by principal.
	Credentials map[string]string
	// RefuseRoot refuses frameworks of user root (--no-root_submissions).
	RefuseRoot bool

	// HeartbeatInterval of the scheduler API, announced in SUBSCRIBED; 15 s.
	HeartbeatInterval time.Duration
	// ExecutorHeartbeatInterval of the executor API; 30 min.
	ExecutorHeartbeatInterval time.Duration
	// AllocationInterval between two rounds of offers; 1 s.
	AllocationInterval time.Duration
	// DefaultRefuse is how long a decline without filters holds; 5 s.
	DefaultRefuse time.Duration
	// OfferTimeout rescinds offers nobody answered; 0 means never.
	OfferTimeout time.Duration
	// UpdateRetryMin and UpdateRetryMax bound the doubling interval at which an
	// agent resends an unacknowledged status update; 10 s and 10 min.
	UpdateRetryMin, UpdateRetryMax time.Duration
	// RegistrationTimeout is how long an executor may take to subscribe, from
	// its launch on; 1 min.
	RegistrationTimeout time.Duration
	// ReregistrationTimeout is how long a restarted agent waits for its
	// executors before it registers; 2 s.
	ReregistrationTimeout time.Duration
	// ReregistrationDelay is how long agents take to register with a new
	// leader; 1 s.
	ReregistrationDelay time.Duration
	// ShutdownGrace is how long an executor may take to end after SHUTDOWN
	// unless its ExecutorInfo says otherwise; 5 s.
	ShutdownGrace time.Duration
	// PingInterval and PingTimeouts: an agent that leaves so many pings in a
	// row unanswered is marked unreachable; 15 s and 5.
	PingInterval time.Duration
	PingTimeouts int
	// GCDelay is how long the sandbox of an executor that has ended is kept, where
	// the disk has room; 1 week. On a disk that is used in part it is kept for GCDelay
	// times (1 - GCDiskHeadroom - the part used).
	GCDelay time.Duration
	// GCDiskHeadroom is the part of the disk that shall stay free of sandboxes; 0.1.
	GCDiskHeadroom float64
	// DiskWatchInterval between two looks for sandboxes to remove; 1 min.
	DiskWatchInterval time.Duration
	// RecoveryTimeout and SubscriptionBackoffMax are told to executors of
	// checkpointing frameworks; 15 min and 2 s.
	RecoveryTimeout, SubscriptionBackoffMax time.Duration

	// Seed of the random losses and delays of SetMessageFaults; default 1.
	Seed uint64

	// roundsByHand leaves the periodic rounds of offers to the tests.
	roundsByHand bool
}

func (c Config) withDefaults() Config {
	setDefault(&c.Logger, slog.New(slog.DiscardHandler))
	setDefault(&c.Agents, 2)
	setDefault(&c.Masters, 1)
	if c.Resources.isZero() {
		c.Resources = Resources{CPUs: 8, MemMB: 8192, DiskMB: 10240, Ports: []PortRange{{31000, 32000}}}
	}
	setDefault(&c.HeartbeatInterval, 15*time.Second)
	setDefault(&c.ExecutorHeartbeatInterval, 30*time.Minute)
	setDefault(&c.AllocationInterval, time.Second)
	setDefault(&c.DefaultRefuse, 5*time.Second)
	setDefault(&c.UpdateRetryMin, 10*time.Second)
	setDefault(&c.UpdateRetryMax, 10*time.Minute)
	setDefault(&c.RegistrationTimeout, time.Minute)
	setDefault(&c.ReregistrationTimeout, 2*time.Second)
	setDefault(&c.ReregistrationDelay, time.Second)
	setDefault(&c.ShutdownGrace, 5*time.Second)
	setDefault(&c.PingInterval, 15*time.Second)
	setDefault(&c.PingTimeouts, 5)
	setDefault(&c.GCDelay, 7*24*time.Hour)
	setDefault(&c.GCDiskHeadroom, 0.1)
	setDefault(&c.DiskWatchInterval, time.Minute)
	setDefault(&c.RecoveryTimeout, 15*time.Minute)
	setDefault(&c.SubscriptionBackoffMax, 2*time.Second)
	setDefault(&c.Seed, 1)
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (r Resources) isZero() bool {
	return r.CPUs == 0 && r.MemMB == 0 && r.DiskMB == 0 && r.GPUs == 0 && len(r.Ports) == 0
}

func (c Config) validate() error {
	if c.WorkDir == "" {
		return errors.New("local cluster: WorkDir is empty; it must name an existing directory")
	}
	if c.Agents < 0 {
		return fmt.Errorf("local cluster: Agents is %d; it must be at least 1", c.Agents)
	}
	if c.Masters < 0 {
		return fmt.Errorf("local cluster: Masters is %d; it must be at least 1", c.Masters)
	}
	for principal, secret := range c.Credentials {
		if principal == "" || secret == "" || strings.Contains(principal, ":") {
			return fmt.Errorf("local cluster: credentials of principal %q: want a principal without a colon, and a secret", principal)
		}
	}
	if c.GCDiskHeadroom < 0 || c.GCDiskHeadroom > 1 {
		return fmt.Errorf("local cluster: GCDiskHeadroom is %v; it must be between 0 and 1", c.GCDiskHeadroom)
	}
	if c.UpdateRetryMin > c.UpdateRetryMax {
		return fmt.Errorf("local cluster: UpdateRetryMin %v is more than UpdateRetryMax %v", c.UpdateRetryMin, c.UpdateRetryMax)
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"HeartbeatInterval", c.HeartbeatInterval},
		{"ExecutorHeartbeatInterval", c.ExecutorHeartbeatInterval},
		{"AllocationInterval", c.AllocationInterval},
		{"DefaultRefuse", c.DefaultRefuse},
		{"OfferTimeout", c.OfferTimeout},
		{"UpdateRetryMin", c.UpdateRetryMin},
		{"RegistrationTimeout", c.RegistrationTimeout},
		{"ReregistrationTimeout", c.ReregistrationTimeout},
		{"ReregistrationDelay", c.ReregistrationDelay},
		{"ShutdownGrace", c.ShutdownGrace},
		{"PingInterval", c.PingInterval},
		{"GCDelay", c.GCDelay},
		{"DiskWatchInterval", c.DiskWatchInterval},
		{"RecoveryTimeout", c.RecoveryTimeout},
		{"SubscriptionBackoffMax", c.SubscriptionBackoffMax},
	} {
		if d.value < 0 {
			return fmt.Errorf("local cluster: %s is %v; it must not be negative", d.name, d.value)
		}
	}
	return nil
}
