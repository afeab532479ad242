package tasks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/motion"
	"elevator/internal/elevator/sim/simtest"
	"elevator/internal/elevator/traffic"
	"elevator/internal/gotask"
)

// spoil does to the journal what a machine may that dies: what the disk did not
// have is gone, or a part of the last line is, or one of its bits is flipped.
func (h *hall) spoil(rng *rand.Rand) {
	if rng.IntN(2) == 0 && h.durable > 0 {
		if err := os.Truncate(h.path, h.durable); err != nil {
			h.t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	last := bytes.LastIndexByte(bytes.TrimSuffix(text, []byte("\n")), '\n') + 1
	if last == 0 {
		return // the building's line: a run has not begun without it
	}
	at := last + rng.IntN(len(text)-last)
	switch rng.IntN(3) {
	case 0:
		text = text[:at]
	case 1:
		text[at] ^= 1 << rng.IntN(8)
	}
	if err := os.WriteFile(h.path, text, 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// destroy makes a line of the journal illegible, wherever it stands: more of it
// is damaged than can be mended. The first line stays: without it there is no run.
func (h *hall) destroy(rng *rand.Rand) {
	text, err := os.ReadFile(h.path)
	if err != nil {
		h.t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	if len(lines) == 1 {
		return
	}
	line := lines[1+rng.IntN(len(lines)-1)]
	if !bytes.HasPrefix(line, []byte(`{"`)) {
		return // a second time would mend it
	}
	h.destroyed++
	for i := 1; i < 20; i += 3 {
		line[i] ^= 0x11
	}
	if err := os.WriteFile(h.path, append(bytes.Join(lines, nil), '\n'), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// everybodyArrived expects that those who left a car are those who came to a landing,
// as landings and cars told it, whatever the journal says.
func (h *hall) everybodyArrived() {
	came, left := make(map[elevator.PassengerID]bool), make(map[elevator.PassengerID]bool)
	for _, m := range h.said {
		said, err := gotask.Decode[fromTask](m)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, out := range said.Outputs {
			switch e := out.Event; {
			case e == nil:
			case e.Kind == elevator.PassengerArrived:
				came[e.Passenger] = true
			case e.Kind == elevator.PassengerAlighted:
				left[e.Passenger] = true
			}
		}
	}
	if len(came) < 20 || !maps.Equal(came, left) {
		h.t.Errorf("%d came, %d arrived; want the same people, 20 at least", len(came), len(left))
	}
}

// judge allows for events that were journaled with a time up to late after they
// happened.
func (h *hall) judge(least int, late time.Duration) {
	checker, carried := simtest.NewChecker(h.b), 0
	checker.Late = late
	h.read(func(e *elevator.Event) {
		checker.Event(e)
		if e.Kind == elevator.PassengerAlighted {
			carried++
		}
	})
	if err := checker.End(); err != nil {
		h.t.Error(err)
	}
	if carried < least {
		h.t.Errorf("%d carried, want at least %d", carried, least)
	}
}

// Schedulers die at any moment, again and again, and with them what the disk does
// not have of the journal, or its last line; cars or landings are cut off, and the
// disk has no room for a while; cars and landings go on. The journal that they
// leave together is one of a run in which nobody was lost, no call forgotten and no
// door opened in motion.
func TestSuccession(t *testing.T) {
	for _, c := range []struct{ dispatcher, traffic string }{{"eta", "two-way:30%"}, {"destination", "two-way:25%"}, {"nearest-car", "up-peak:20%"}} {
		t.Run(c.dispatcher, func(t *testing.T) {
			eachSeed(t, 12, func(t *testing.T, seed uint64) {
				h, late := succession(t, c.dispatcher, c.traffic, seed, (*hall).spoil)
				h.judge(20, late)
			})
		})
	}
}

// Each time that a scheduler dies a line of the journal, any, is lost for good.
// What it said is missing in the record, and in the record alone: what is true is
// asked of cars and landings, and everybody arrives. At most as many people as
// lines were lost are left in the record.
func TestSuccessionWithLostLines(t *testing.T) {
	eachSeed(t, 3, func(t *testing.T, seed uint64) {
		h, _ := succession(t, "eta", "two-way:30%", seed, (*hall).destroy)
		h.everybodyArrived()
	})
}

// Every successor runs on another machine, whose wall clock is wrong, by up to a
// day forward or back, and some hear the tasks late. These live on and know the
// building's time: it neither goes back, nor jumps, nor stands.
func TestSuccessionWithClockSteps(t *testing.T) {
	eachSeed(t, 3, func(t *testing.T, seed uint64) {
		h, late := succession(t, "eta", "two-way:30%", seed, (*hall).setClock)
		h.judge(20, late)
		h.everybodyArrived()
		h.keptTime(late)
	})
}

// eachSeed tests with the first few seeds, in a soak with 300, under virtual time
// each, in a subtest of its own.
func eachSeed(t *testing.T, few uint64, test func(t *testing.T, seed uint64)) {
	seeds := few
	if os.Getenv("ELEVATOR_SOAK") != "" {
		seeds = 300
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, seed) })
		})
	}
}

// setClock has the next scheduler find another wall clock than those before.
func (h *hall) setClock(rng *rand.Rand) {
	const most = 24 * time.Hour
	h.step = time.Duration(rng.Int64N(int64(2*most))) - most
	if rng.IntN(2) == 0 { // what may still be taken for the time that has passed
		h.step = h.step % (10 * time.Second)
	}
	h.deaf = 0
	if rng.IntN(3) == 0 { // also longer than it waits for anybody
		h.deaf = time.Duration(rng.Int64N(int64(2 * settleTime)))
	}
}

// keptTime expects that the building's time was that of the wall, speed times as
// fast, all the while: no event is from later than it was told, and when the run
// is over the last one is about as old as that.
func (h *hall) keptTime(late time.Duration) {
	var epoch time.Time
	var last time.Duration
	h.read(func(e *elevator.Event) {
		if e.Kind == elevator.BuildingLoaded && epoch.IsZero() {
			epoch = e.Detail.Header.WallTime
		}
		last = e.T
	})
	clock := Clock{Epoch: epoch, Speed: hallSpeed}
	for i, m := range h.said {
		said, err := gotask.Decode[fromTask](m)
		if err != nil {
			h.t.Fatal(err)
		}
		if ahead := said.T - clock.At(h.saidAt[i]); ahead > time.Second {
			h.t.Fatalf("%s says at %v that it is %v", m.TaskName, clock.At(h.saidAt[i]), said.T)
		}
	}
	if now := clock.At(time.Now()); last < now-late-time.Minute {
		h.t.Errorf("the run was over at %v, its last event is of %v", now, last)
	}
}

// succession runs a building until everybody has arrived, with schedulers that
// die and something that is done to the hall each time. It returns the hall, and
// by how much the times of its journal may be wrong.
func succession(t *testing.T, dispatcher, pattern string, seed uint64, spoil func(*hall, *rand.Rand)) (h *hall, late time.Duration) {
	const duration = 4 * time.Minute
	b := building.Builtin()
	if dispatcher == "destination" {
		b.Signalling = elevator.Destination
	}
	law := motion.NewLaw(b)
	entry, _ := dispatch.ByName(dispatcher)
	spec, err := traffic.ParseSpec(pattern)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	upTo := func(most time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(most))) }
	h = newHall(t, b)
	defer h.end()
	var longest time.Duration
	for lives := 1; ; lives++ {
		source, err := traffic.New(b, spec, seed, duration)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{
			Building: b, Law: law, Dispatcher: entry.New(dispatch.Plant{Building: b, Law: law}), Source: source,
			Header: elevator.Header{Building: b, Speed: hallSpeed}, Speed: hallSpeed, Duration: duration,
			Publish: func([]elevator.Event) error { return nil }, Logger: slog.New(slog.DiscardHandler),
		}
		lasts := time.Second + upTo(7*time.Second)
		if lives > 20 {
			lasts = time.Hour // enough to find out who is left
		}
		ctx, cancel := context.WithTimeout(t.Context(), lasts)
		troubles := troubles{
			pause: upTo(100 * time.Millisecond),
			cut:   drawOutage(upTo), task: h.names[rng.IntN(len(h.names))],
			full: drawOutage(upTo),
			lag:  upTo(2 * time.Second),
			step: h.step, deaf: h.deaf,
		}
		longest = max(longest, h.deaf+troubles.cut.length(), troubles.full.length())
		err = h.run(ctx, cfg, troubles)
		died := ctx.Err() != nil
		cancel()
		if left, ok := errors.AsType[*LeftBehindError](err); ok && len(left.Passengers) <= h.destroyed {
			break // left in the record alone, for want of the lines that were lost
		}
		if err != nil {
			t.Fatal(err)
		}
		if !died {
			break
		}
		spoil(h, rng)
		time.Sleep(upTo(2 * time.Second))
	}
	return h, longest * hallSpeed
}
