package chaos

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/networktest"
)

// lasting is a fault of a link that is mended after a while.
func lasting(d time.Duration, name string, strike, mend func()) fault {
	return fault{fmt.Sprintf("%s for %v", name, d), mostOfTask, 0, aLocal, func(*site, *rand.Rand) (func(), func() error) {
		strike()
		time.Sleep(d)
		mend()
		return nil, nil
	}}
}

// must makes what cannot fail of what fails the test.
func (n *network) must(do func() error) func() {
	return func() {
		if err := do(); err != nil {
			n.t.Error(err)
		}
	}
}

// busiest returns the index of the agent that has the most cars, and these. One
// that was away for too long has none any more.
func (n *network) busiest() (agent int, cars []elevator.CarIndex) {
	n.t.Helper()
	status, err := n.scheduler.Status()
	if err != nil {
		n.t.Fatal(err)
	}
	byAgent := make(map[string][]elevator.CarIndex)
	for _, t := range status.Tasks {
		if car := elevator.TaskCar(t.Name); car != elevator.NoCar {
			byAgent[t.Agent.Hostname] = append(byAgent[t.Agent.Hostname], car)
		}
	}
	for i := range n.agentMaster {
		if here := byAgent[fmt.Sprintf("agent-%d", i+1)]; len(here) > len(cars) {
			agent, cars = i, here
		}
	}
	return agent, cars
}

// agentCut is a fault: an agent that has cars cannot reach its master for a
// while. With heard, one of these cars has to be heard after it.
func (n *network) agentCut(d time.Duration, heard bool) fault {
	return fault{fmt.Sprintf("master|agent cut for %v", d), mostOfTask, 0, aLocal, func(*site, *rand.Rand) (func(), func() error) {
		agent, cars := n.busiest()
		n.agentMaster[agent].Cut()
		time.Sleep(d)
		n.agentMaster[agent].Mend()
		if !heard {
			return nil, nil
		}
		since := len(n.events())
		return nil, func() error {
			events := n.events()
			told := func(e elevator.Event) bool { return slices.Contains(cars, e.Car) }
			if !slices.ContainsFunc(events[min(since, len(events)):], told) {
				return fmt.Errorf("none of the cars %v on agent %d has been heard", cars, agent+1)
			}
			return nil
		}
	}}
}

// A link between two hosts fails, for longer than it takes to be noticed or for
// a moment. The rest goes on, and nobody is forgotten. Every test tries the first
// fault of each link, a soak tries all, and several times.
func TestPartitions(t *testing.T) {
	const short, long = 3 * time.Second, 8 * time.Second
	soak := os.Getenv("ELEVATOR_SOAK") != ""
	table := newTable()
	t.Run("between", func(t *testing.T) {
		for _, links := range []struct {
			between string
			faults  func(n *network) []fault
		}{
			{"scheduler and master", func(n *network) []fault {
				c := n.schedulerMaster
				return []fault{
					lasting(long, "scheduler|master cut", c.Cut, c.Mend),
					lasting(short, "scheduler|master cut", c.Cut, c.Mend),
					lasting(long, "scheduler|master unplugged", n.must(c.Unplug), n.must(c.Plug)),
				}
			}},
			{"master and agent", func(n *network) []fault {
				// After the long one its tasks run on the other agent.
				return []fault{n.agentCut(long, false), n.agentCut(short, true)}
			}},
			{"all", func(n *network) []fault {
				cables := append([]*networktest.Cable{n.schedulerMaster}, n.agentMaster...)
				all := func(f networktest.Faults) func() {
					return func() {
						for _, c := range cables {
							c.SetFaults(f)
						}
					}
				}
				return []fault{
					lasting(long, "a fifth of all packets lost, the rest 30 ms late",
						all(networktest.Faults{Loss: 0.2, Delay: 30 * time.Millisecond}), all(networktest.Faults{})),
					lasting(long, "scheduler and agents all cut off", all(networktest.Faults{Cut: true}), all(networktest.Faults{})),
				}
			}},
		} {
			t.Run(links.between, func(t *testing.T) {
				t.Parallel()
				n := newNetwork(t)
				faults, duration := links.faults(n), 4*time.Minute
				if soak {
					faults, duration = slices.Repeat(faults, 4), 40*time.Minute
				} else {
					faults = faults[:1]
				}
				n.open("--duration", duration.String(), "--traffic", "two-way:25%")
				r := rand.New(rand.NewPCG(1, 1))
				var worst time.Duration
				for _, f := range faults {
					worst = max(worst, n.suffer(f, r, table))
				}
				table.judged(n.finishWithin(6*time.Minute, n.lateness(worst)))
			})
		}
	})
	t.Logf("\n%s", table)
}
