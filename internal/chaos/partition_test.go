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
func lasting(d time.Duration, name string, strike, mend func(), until func() error) fault {
	return fault{fmt.Sprintf("%s for %v", name, d), mostOfTask, 0, aLocal, func(*site, *rand.Rand) (func(), func() error) {
		strike()
		time.Sleep(d)
		mend()
		return nil, until
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

// heardFrom returns what reports whether a car on the agent has been heard since
// it was asked first.
func (n *network) heardFrom(agent string) func() error {
	var cars []elevator.CarIndex
	var since int
	return func() error {
		events := n.events()
		if cars == nil {
			status, err := n.scheduler.Status()
			if err != nil {
				return err
			}
			for _, t := range status.Tasks {
				if car := elevator.TaskCar(t.Name); car != elevator.NoCar && t.Agent.Hostname == agent {
					cars = append(cars, car)
				}
			}
			since = len(events)
		}
		heard := func(e elevator.Event) bool { return slices.Contains(cars, e.Car) }
		if !slices.ContainsFunc(events[min(since, len(events)):], heard) {
			return fmt.Errorf("none of the cars %v on %s has been heard", cars, agent)
		}
		return nil
	}
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
					lasting(long, "scheduler|master cut", c.Cut, c.Mend, nil),
					lasting(short, "scheduler|master cut", c.Cut, c.Mend, nil),
					lasting(long, "scheduler|master unplugged", n.must(c.Unplug), n.must(c.Plug), nil),
				}
			}},
			{"master and agent", func(n *network) []fault {
				c := n.agentMaster[0]
				return []fault{
					lasting(long, "master|agent cut", c.Cut, c.Mend, nil),
					lasting(short, "master|agent cut", c.Cut, c.Mend, n.heardFrom("agent-1")),
				}
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
						all(networktest.Faults{Loss: 0.2, Delay: 30 * time.Millisecond}), all(networktest.Faults{}), nil),
					lasting(long, "scheduler and agents all cut off", all(networktest.Faults{Cut: true}), all(networktest.Faults{}), nil),
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
