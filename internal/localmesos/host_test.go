package localmesos

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/networktest"
)

// A master and an agent on hosts of their own are reached at the hosts'
// addresses, and say so.
func TestHostsOfTheirOwn(t *testing.T) {
	t.Parallel()
	c := localOnly(t, Config{
		Agents: 1, MasterHosts: []Host{{Addr: netip.MustParseAddr("127.0.7.1")}}, AgentHosts: []Host{{Addr: netip.MustParseAddr("127.0.7.2")}},
	})
	if master := netip.MustParseAddrPort(c.MasterAddr()); master.Addr() != netip.MustParseAddr("127.0.7.1") {
		t.Errorf("the master is at %v", master)
	}
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	o := f.offer()
	if ip := o.URL.Address.GetIP(); ip != "127.0.7.2" {
		t.Errorf("the offer's agent is at %s", ip)
	}
	f.launch(o, testTask("t1", "run", testExecutorInfo("ex1")))
	running := f.acked("t1", mesos.TASK_RUNNING)
	if ip := running.ContainerStatus.NetworkInfos[0].IPAddresses[0].GetIPAddress(); ip != "127.0.7.2" {
		t.Errorf("the container's address is %s", ip)
	}
	executor := f.processes()[0]
	if agent := netip.MustParseAddrPort(executor.Agent); agent.Addr() != netip.MustParseAddr("127.0.7.2") {
		t.Errorf("the executor's agent is at %v", agent)
	}
	f.echo(o.AgentID, "ex1", "back")
	if err := c.RestartMaster(); err != nil {
		t.Fatal(err)
	}
	f.awaitEnd()
	f.subscribe()
	f.echo(o.AgentID, "ex1", "again")
}

// Between hosts the network decides: what is sent while it is cut comes late,
// and an agent that was away for too long is given up and comes back.
func TestAgentBehindACutCable(t *testing.T) {
	t.Parallel()
	n := networktest.New(t)
	office, cellar := n.Host("master"), n.Host("agent")
	cable := n.Connect(office, cellar)
	c := localOnly(t, Config{
		Agents: 1, PingInterval: 300 * time.Millisecond, PingTimeouts: 3,
		MasterHosts: []Host{{Addr: office.Addr, Do: office.Do}}, AgentHosts: []Host{{Addr: cellar.Addr, Do: cellar.Do}},
	})
	f := newTestFramework(t, c.MasterAddr())
	f.client.Transport = &http.Transport{DialContext: office.Dial}
	f.subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")

	cable.Cut()
	f.message(agent, "ex1", "Elate")
	f.never(quiet, "message across a cut cable", isMessage)
	cable.Mend()
	f.awaitMessage("Elate")

	cable.Cut()
	lost := f.await("TASK_LOST", func(e *scheduler.Event) bool {
		return e.Type == scheduler.Event_UPDATE && e.Update.Status.GetState() != mesos.TASK_RUNNING
	})
	if reason := lost.Update.Status.GetReason(); reason != mesos.REASON_AGENT_REMOVED {
		t.Errorf("lost because of %v", reason)
	}
	cable.Mend()
	back := f.status("t1", mesos.TASK_RUNNING)
	if reason := back.GetReason(); reason != mesos.REASON_AGENT_REREGISTERED {
		t.Errorf("back because of %v", reason)
	}
	f.echo(agent, "ex1", "back")
}
