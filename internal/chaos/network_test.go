package chaos

import (
	"fmt"
	"testing"

	"elevator/internal/localmesos"
	"elevator/internal/networktest"
)

// network is a site whose scheduler, master, agents and desk are hosts of their
// own, with a cable between each two that talk.
type network struct {
	*site
	at   string // the scheduler's address
	desk *networktest.Host

	schedulerMaster *networktest.Cable
	schedulerDesk   *networktest.Cable
	agentMaster     []*networktest.Cable // by agent
	agentScheduler  []*networktest.Cable // over which executors are fetched
}

// newNetwork lays the cables and starts the cluster. The building opens later.
func newNetwork(t *testing.T) *network {
	t.Helper()
	lan := networktest.New(t)
	scheduler, master := lan.Host("scheduler"), lan.Host("master")
	n := &network{
		site: &site{t: t, host: scheduler, state: t.TempDir(), speed: usualSpeed, victims: newVictims()}, at: scheduler.Addr.String(), desk: lan.Host("desk"),
		schedulerMaster: lan.Connect(scheduler, master),
	}
	n.schedulerDesk = lan.Connect(scheduler, n.desk)
	var agents []localmesos.Host
	for i := range 2 {
		agent := lan.Host(fmt.Sprintf("agent-%d", i+1))
		n.agentMaster = append(n.agentMaster, lan.Connect(agent, master))
		n.agentScheduler = append(n.agentScheduler, lan.Connect(agent, scheduler))
		agents = append(agents, localmesos.Host{Addr: agent.Addr, Do: agent.Do})
	}
	n.cluster = newClusterOn(t, []localmesos.Host{{Addr: master.Addr, Do: master.Do}}, agents)
	return n
}

// open starts the building, with further arguments of run.
func (n *network) open(args ...string) {
	n.t.Helper()
	n.site.open(append([]string{"--master", n.cluster.master(), "--http", n.at + ":0", "--artifact", n.at + ":0", "--advertise", n.at}, args...)...)
}
