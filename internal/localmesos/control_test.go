package localmesos

import (
	"testing"
	"time"
)

// A frozen master says nothing and takes nothing. What was sent to it meanwhile
// arrives when it goes on; and it can be killed as it stands.
func TestFrozenMaster(t *testing.T) {
	t.Parallel()
	c := localOnly(t, Config{Agents: 1, HeartbeatInterval: 20 * time.Millisecond})
	f := newTestFramework(t, c.MasterAddr()).subscribe()
	agent := f.running(testExecutorInfo("ex1"), "t1")
	freeze := func() {
		t.Helper()
		if err := c.FreezeMaster(); err != nil {
			t.Fatal(err)
		}
	}
	freeze()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		f.message(agent, "ex1", "Elate")
	}()
	f.never(quiet, "message through a frozen master", isMessage)
	select {
	case <-answered:
		t.Error("a frozen master has answered a call")
	default:
	}
	c.ThawMaster()
	<-answered
	f.awaitMessage("Elate")

	freeze()
	for _, do := range []func() error{
		func() error { return c.StopAgent(0) },
		func() error { return c.StartAgent(0) },
		func() error { return c.StopMaster(0) },
		func() error { return c.StartMaster(0) },
		func() error { return c.Elect(0) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	f.awaitEnd()
	f.subscribe().echo(agent, "ex1", "again")
}
