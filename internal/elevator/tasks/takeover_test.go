package tasks

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/control"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/gotask"
	"elevator/internal/journal"
)

// A successor asks the tasks what time it is. Where none lives, its wall clock says
// how long the group was without a scheduler. The building's time never goes back,
// and steps of the wall clock do not touch it afterwards.
func TestTimeAfterATakeover(t *testing.T) {
	const last = 10 * time.Minute
	for _, c := range []struct {
		name  string
		step  time.Duration // of the wall clock, half a minute after the last event
		alive bool          // a task tells that half a minute has passed
		want  time.Duration
	}{
		{"nobody lives", 0, false, last + 5*time.Minute},
		{"nobody lives, a wall clock set back", -time.Hour, false, last},
		{"nobody lives, a wall clock set forward", time.Minute, false, last + 15*time.Minute},
		{"a task lives", 0, true, last + 5*time.Minute},
		{"a task lives, a wall clock set back", -time.Hour, true, last + 5*time.Minute},
		{"a task lives, a wall clock set forward", time.Hour, true, last + 5*time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, now := building.Builtin(), time.Now()
			var clock Clock
			s := newTestScheduler(t, b, func(c Clock) { clock = c })
			s.outboxes["car-0"], s.taken["car-0"] = newOutbox("car-0", nil, nil), new(confirmations)
			g := elevator.NewGroup(b)
			g.T = last
			s.group.Group().T = last
			header := elevator.Header{Building: b, Speed: 10, WallTime: now.Add(-c.step - 90*time.Second).Round(0)}
			s.takeOver(&Resume{Recovered: &journal.Recovered{Group: g, Header: &header, NextSeq: 7}, Epoch: header.WallTime}, now)
			s.takeover.until = now // nobody is waited for any longer
			s.guessTime(now)
			if s.clock.At(now) != last || clock != (Clock{}) {
				t.Errorf("before anybody has answered it is %v, want %v; others are told %v", s.clock.At(now), last, clock)
			}
			if c.alive {
				report := control.NewMessage(control.Know)
				report.Stop, report.Car, report.Floor, report.Report = 7, 0, 0, &control.Report{Park: elevator.NoFloor, Recall: elevator.NoFloor}
				msg, err := gotask.NewMsg("car-0", fromTask{T: last + 5*time.Minute, Outputs: []output{{Message: &report}}})
				if err := errors.Join(err, s.receive(msg)); err != nil {
					t.Fatal(err)
				}
			} else {
				s.heard("car-0")
			}
			s.guessTime(time.Now())
			if got := clock.At(now); got < c.want-time.Second || got > c.want+time.Second {
				t.Errorf("it is %v, want %v", got, c.want)
			}
			if s.clock != clock {
				t.Errorf("others are told %v, want %v", clock, s.clock)
			}
			// Round(0) would take the monotonic reading away: what an epoch without one
			// is compared with is the wall clock, which may have been set.
			if clock.Epoch == clock.Epoch.Round(0) { //nolint:staticcheck // Equal would not see the monotonic reading
				t.Error("the clock follows the steps of the wall clock")
			}
		})
	}
}

func newTestScheduler(t *testing.T, b *elevator.Building, clockSet func(Clock)) *Scheduler {
	t.Helper()
	law := motion.NewLaw(b)
	entry, _ := dispatch.ByName("eta")
	s, err := NewScheduler(Config{
		Building: b, Law: law, Dispatcher: entry.New(dispatch.Plant{Building: b, Law: law}), Source: &list{},
		Header: elevator.Header{Building: b, Speed: 10}, Speed: 10, ClockSet: clockSet, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
