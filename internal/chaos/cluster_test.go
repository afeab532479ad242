package chaos

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"elevator/internal/localmesos"
	"elevator/internal/localmesos/clustertest"
	"elevator/internal/programtest"
)

// cluster is the Mesos under a building, and what can be done to it. What it
// cannot do fails the test.
type cluster interface {
	master() string         // what --master is to be given
	below(id string) string // the agent of an executor with that MESOS_AGENT_ENDPOINT, by the name the others take
	killAgent(agent string)
	startAgent(agent string)
	freezeAgent(agent string)
	thawAgent(agent string)
	// cutExecutors breaks the connections between the agent and its executors.
	cutExecutors(agent string)
	masters() []string // those that run, the leading one first
	killMaster(master string)
	startMasters()
	freezeMaster(master string)
	thawMasters()
	// masterGivenUp is how long a master may hang before the others do without it.
	masterGivenUp() time.Duration
	killZooKeeper()
	startZooKeeper()
	// loseMessages has framework messages of either direction lost with the
	// probability given, and the others delayed; the zero values end that.
	loseMessages(probability float64, delay time.Duration)
	// clocks are those of the agents' machines, by agent, which settable executors go
	// by that start from now on; nil: they cannot be set.
	clocks() map[string]*programtest.Clock
	// powerOff ends master and agents at once and starts others in their place,
	// which remember nothing.
	powerOff()
}

// localCluster has its master and agents in the test's process. They restart
// and register faster than those of a real cluster by default, and keep old
// sandboxes for some seconds instead of a week.
type localCluster struct {
	running     atomic.Pointer[localmesos.Cluster] // powerOff replaces it while relays ask for its master
	t           testing.TB
	work        string
	masterHosts []localmesos.Host
	agentHosts  []localmesos.Host
}

func newLocalCluster(t testing.TB) *localCluster {
	t.Helper()
	return newClusterOn(t, nil, nil)
}

// newClusterOn starts a local cluster with master and agents on hosts of their
// own.
func newClusterOn(t testing.TB, masters, agents []localmesos.Host) *localCluster {
	t.Helper()
	c := &localCluster{t: t, work: t.TempDir(), masterHosts: masters, agentHosts: agents}
	c.start()
	t.Cleanup(func() { _ = c.mesos().Close() })
	return c
}

func (c *localCluster) start() {
	c.t.Helper()
	cluster, err := localmesos.Start(c.t.Context(), localmesos.Config{
		WorkDir: c.work, MasterHosts: c.masterHosts, AgentHosts: c.agentHosts,
		HeartbeatInterval: time.Second, ReregistrationDelay: 200 * time.Millisecond,
		PingInterval: time.Second, PingTimeouts: 5, GCDelay: 10 * time.Second, DiskWatchInterval: time.Second,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.running.Store(cluster)
}

func (c *localCluster) mesos() *localmesos.Cluster { return c.running.Load() }

func (c *localCluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *localCluster) index(agent string) int {
	c.t.Helper()
	i, err := strconv.Atoi(agent)
	c.must(err)
	return i
}

func (c *localCluster) master() string { return c.mesos().MasterAddr() }

func (c *localCluster) below(endpoint string) string {
	c.t.Helper()
	for _, e := range c.mesos().Executors() {
		for _, p := range clustertest.Executors(c.t, e.FrameworkID) {
			if p.PID == e.PID && p.Agent == endpoint {
				return strconv.Itoa(e.Agent)
			}
		}
	}
	c.t.Fatalf("no agent has an executor at %s", endpoint)
	return ""
}

func (c *localCluster) killAgent(agent string) {
	c.t.Helper()
	c.must(c.mesos().StopAgent(c.index(agent)))
}

func (c *localCluster) startAgent(agent string) {
	c.t.Helper()
	c.must(c.mesos().StartAgent(c.index(agent)))
}

func (c *localCluster) freezeAgent(agent string) {
	c.t.Helper()
	c.must(c.mesos().FreezeAgent(c.index(agent)))
}

func (c *localCluster) thawAgent(agent string) {
	c.t.Helper()
	c.must(c.mesos().ThawAgent(c.index(agent)))
}

// masters has the only one, which is the first.
func (c *localCluster) masters() []string { return []string{"0"} }

func (c *localCluster) killMaster(string) { c.t.Helper(); c.must(c.mesos().StopMaster(0)) }

func (c *localCluster) startMasters() {
	c.t.Helper()
	c.must(c.mesos().StartMaster(0))
	c.must(c.mesos().Elect(0))
}

func (c *localCluster) cutExecutors(agent string) {
	c.t.Helper()
	for _, e := range c.mesos().Executors() {
		if e.Agent == c.index(agent) {
			c.mesos().CutExecutor(e.ExecutorID)
		}
	}
}

func (c *localCluster) freezeMaster(string) { c.t.Helper(); c.must(c.mesos().FreezeMaster()) }
func (c *localCluster) thawMasters()        { c.mesos().ThawMaster() }

// masterGivenUp is five heartbeats of a scheduler's patience.
func (c *localCluster) masterGivenUp() time.Duration { return 5 * time.Second }

func (c *localCluster) killZooKeeper()  { c.t.Fatal("a local cluster has no ZooKeeper") }
func (c *localCluster) startZooKeeper() { c.t.Fatal("a local cluster has no ZooKeeper") }

func (c *localCluster) loseMessages(probability float64, delay time.Duration) {
	c.mesos().SetMessageFaults(localmesos.MessageFaults{ToExecutor: probability, ToScheduler: probability, DelayMax: delay})
}

// clocks counts on executors lying below their agent's directory.
func (c *localCluster) clocks() map[string]*programtest.Clock {
	c.t.Helper()
	clocks := make(map[string]*programtest.Clock)
	for i := range c.mesos().AgentIDs() {
		clocks[strconv.Itoa(i)] = programtest.NewClock(c.t, filepath.Join(c.work, fmt.Sprintf("agent-%d", i+1)))
	}
	return clocks
}

func (c *localCluster) powerOff() {
	c.t.Helper()
	c.must(c.mesos().Close())
	c.start()
}

// namedCluster is the one that the environment names.
type namedCluster struct{ t testing.TB }

func (c *namedCluster) master() string               { return clustertest.Named() }
func (c *namedCluster) below(endpoint string) string { return endpoint }
func (c *namedCluster) killAgent(agent string)       { clustertest.Do(c.t, clustertest.KillAgent, agent) }

func (c *namedCluster) startAgent(agent string) { clustertest.Do(c.t, clustertest.StartAgent, agent) }

func (c *namedCluster) freezeAgent(agent string) { clustertest.Do(c.t, clustertest.FreezeAgent, agent) }

func (c *namedCluster) thawAgent(agent string) { clustertest.Do(c.t, clustertest.ThawAgent, agent) }
func (c *namedCluster) masters() []string      { return clustertest.Masters(c.t) }

func (c *namedCluster) killMaster(master string) { clustertest.Do(c.t, clustertest.KillMaster, master) }
func (c *namedCluster) startMasters()            { clustertest.Do(c.t, clustertest.StartMasters) }

func (c *namedCluster) cutExecutors(agent string) {
	clustertest.Do(c.t, clustertest.CutExecutors, agent)
}

func (c *namedCluster) freezeMaster(master string) {
	clustertest.Do(c.t, clustertest.FreezeMaster, master)
}

func (c *namedCluster) thawMasters() { clustertest.Do(c.t, clustertest.ThawMasters) }

// masterGivenUp is ZooKeeper's session time-out, after which others elect a new
// leader. A master that is the only one is waited for.
func (c *namedCluster) masterGivenUp() time.Duration { return 10 * time.Second }

func (c *namedCluster) killZooKeeper()  { clustertest.Do(c.t, clustertest.KillZooKeeper) }
func (c *namedCluster) startZooKeeper() { clustertest.Do(c.t, clustertest.StartZooKeeper) }

func (c *namedCluster) clocks() map[string]*programtest.Clock { return nil }

func (c *namedCluster) powerOff() { c.t.Fatal("a named cluster is not given up") }

func (c *namedCluster) loseMessages(float64, time.Duration) {
	c.t.Fatal("a named cluster loses no messages to order")
}

// zooKeeper reports whether masters elect each other behind a ZooKeeper.
func zooKeeper() bool { return strings.HasPrefix(clustertest.Named(), "zk://") }
