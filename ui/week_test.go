package ui

import (
	"runtime"
	"testing"
	"time"

	"elevator/internal/elevator"
)

// A desk that looks on for a week needs no more memory in the end than after some
// days, when its histories are full.
func TestWeekOfADesk(t *testing.T) {
	const day, week = 24 * time.Hour, 7 * 24 * time.Hour
	s := newScene(testBuilding("Town Hall", 8, 4))
	s.allRunning()
	m := s.show(time.Second)
	live := m.live()
	seq := live.group.Seq
	add := func(batch []elevator.Event) {
		for i := range batch {
			seq++
			batch[i].Seq = seq
		}
		m.update(eventsMessage{0, batch})
	}
	var settled, last uint64
	people, mostJourneys := elevator.PassengerID(0), 0
	for hour := time.Duration(0); hour < week; hour += time.Hour {
		for i := range 900 { // one every four seconds, each carried before the next
			people++
			at := hour + time.Duration(i)*4*time.Second
			var ride [3]elevator.Event
			for step, kind := range []elevator.EventKind{elevator.PassengerArrived, elevator.PassengerBoarded, elevator.PassengerAlighted} {
				e := elevator.NewEvent(at+time.Duration(step)*time.Second, kind)
				e.Passenger, e.Car, e.Floor, e.To = people, elevator.NoCar, 0, elevator.NoFloor
				switch kind {
				case elevator.PassengerArrived:
					e.To, e.MassKg = 5, 75
				case elevator.PassengerBoarded:
					e.Car = elevator.CarIndex(i % 4)
				default:
					e.Car, e.Floor = elevator.CarIndex(i%4), 5
				}
				ride[step] = e
			}
			add(ride[:])
		}
		wall := sceneStart.Add(hour + time.Hour)
		live.clock.set(hour+time.Hour, wall, 1)
		live.heard = wall
		m.update(tickMessage{wall})
		mostJourneys = max(mostJourneys, len(live.stats.Journeys()))
		if elapsed := hour + time.Hour; elapsed%day == 0 {
			last = heapInUse()
			if elapsed == 3*day {
				settled = last
			}
		}
	}
	if live.refused > 0 || live.group.Carried != int(people) || live.figures.hour.Passengers != 900 {
		t.Fatalf("%d events refused, %d of %d carried, %d of them in the last hour", live.refused, live.group.Carried, people, live.figures.hour.Passengers)
	}
	t.Logf("%d people: %d KiB after three days, %d KiB in the end, at most %d journeys", people, settled>>10, last>>10, mostJourneys)
	if mostJourneys > 3*900 {
		t.Errorf("%d journeys were remembered at a time; figures are about %d minutes", mostJourneys, historyMinutes)
	}
	if last > settled+settled/10+1<<20 {
		t.Errorf("the heap has grown from %d to %d KiB in the last days", settled>>10, last>>10)
	}
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
