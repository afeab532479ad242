package tasks

import (
	"testing"
	"time"
)

func TestClock(t *testing.T) {
	epoch := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	c := Clock{Epoch: epoch, Speed: 20}
	if got := c.At(epoch.Add(3 * time.Second)); got != time.Minute {
		t.Errorf("3 s of ours are %v of the building's, want 1m", got)
	}
	if got := c.Until(epoch.Add(time.Second), time.Minute); got != 2*time.Second {
		t.Errorf("a second on, the first minute is over in %v, want 2s", got)
	}
	if got := c.Until(epoch.Add(4*time.Second), time.Minute); got != -time.Second {
		t.Errorf("what has passed is due in %v, want -1s", got)
	}
}

// A hello that was under way for longer than clocks are trusted leaves a slow
// clock behind. The first message that was given later sets it right.
func TestClockAfterALateHello(t *testing.T) {
	epoch := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	told := Clock{Epoch: epoch, Speed: 7}
	sent := epoch.Add(5 * time.Second)
	arrived := sent.Add(8 * time.Second)
	clock := told.Received(told.At(sent), arrived)
	if late := told.At(arrived) - clock.At(arrived); late != 56*time.Second {
		t.Fatalf("the clock is slow by %v, want 56s", late)
	}
	if older := clock.NotBefore(told.At(sent), arrived, time.Millisecond); older != clock {
		t.Errorf("an older message sets the clock to %v", older.At(arrived))
	}
	given := told.At(arrived) - 13*time.Millisecond
	if got := clock.NotBefore(given, arrived, time.Millisecond).At(arrived); got < given || got > given+7 {
		t.Errorf("the clock shows %v, want %v", got, given)
	}
}

// A task on another machine keeps the scheduler's time if their clocks agree,
// and otherwise takes the message as just sent.
func TestReceivedClock(t *testing.T) {
	epoch := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	told := Clock{Epoch: epoch, Speed: 10}
	sent := epoch.Add(5 * time.Second) // wall time of sending
	sentAt := told.At(sent)
	cases := []struct {
		name    string
		arrived time.Time // by the task's clock
		want    time.Duration
	}{
		{"same clock, 3 ms under way", sent.Add(3 * time.Millisecond), sentAt + 30*time.Millisecond},
		{"an hour ahead", sent.Add(time.Hour), sentAt},
		{"an hour behind", sent.Add(-time.Hour), sentAt},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := told.Received(sentAt, c.arrived).At(c.arrived); got != c.want {
				t.Errorf("the building's time is %v on arrival, want %v", got, c.want)
			}
		})
	}
}
