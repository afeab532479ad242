package stats

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

var approximately = cmpopts.EquateApprox(1e-9, 1e-9)

func passengerEvent(t time.Duration, kind elevator.EventKind, id elevator.PassengerID, floor, to elevator.FloorIndex) *elevator.Event {
	e := elevator.NewEvent(t, kind)
	e.Passenger, e.Floor, e.To = id, floor, to
	if kind != elevator.PassengerArrived {
		e.Car, e.To = 0, elevator.NoFloor
	}
	return &e
}

// ride has a passenger arrive, board and leave at the given seconds.
func ride(c *Collector, id elevator.PassengerID, arrive, board, leave float64) {
	at := func(s float64) time.Duration { return time.Duration(s * 1e9) }
	c.Apply(passengerEvent(at(arrive), elevator.PassengerArrived, id, 0, 3))
	c.Apply(passengerEvent(at(board), elevator.PassengerBoarded, id, 0, 0))
	c.Apply(passengerEvent(at(leave), elevator.PassengerAlighted, id, 3, 0))
}

func TestResultByHand(t *testing.T) {
	c := NewCollector(building.Builtin())
	ride(c, 1, 0, 10, 40)
	ride(c, 2, 0, 30, 50)  // exactly 30 is not over 30
	ride(c, 3, 0, 60, 100) // nor 60 over 60
	ride(c, 4, 0, 60.5, 100.5)
	departed := elevator.NewEvent(101*time.Second, elevator.CarDeparted)
	departed.Car, departed.Floor, departed.To, departed.PositionM = 1, 0, 2, 0
	arrived := elevator.NewEvent(110*time.Second, elevator.CarArrived)
	arrived.Car, arrived.Floor = 1, 2
	c.Apply(&departed)
	c.Apply(&arrived)
	want := Result{
		Passengers: 4, Carried: 4,
		WaitS:              Wait{40.125, 45, 60.35, 60.425, 60.5, (100 + 900 + 3600 + 60.5*60.5) / 4, 0.5, 0.25},
		TransitS:           Transit{32.5, 40},
		TimeToDestinationS: Destination{72.625, 100.425, 100.5},
		Cars:               Cars{1, 7.2}, SimulatedS: 110,
	}
	if diff := cmp.Diff(want, c.Result(), approximately); diff != "" {
		t.Error(diff)
	}
}

func TestResultHasTheJSONOfTheManual(t *testing.T) {
	text, err := json.Marshal(NewCollector(building.Builtin()).Result())
	const want = `{"passengers":0,"carried":0,"saturated":false,` +
		`"wait_s":{"mean":0,"p50":0,"p90":0,"p95":0,"max":0,"mean_square":0,"over_30_ratio":0,"over_60_ratio":0},` +
		`"transit_s":{"mean":0,"p95":0},"time_to_destination_s":{"mean":0,"p95":0,"max":0},` +
		`"cars":{"starts":0,"metres":0},"simulated_s":0,"elapsed_s":0}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v\nwant %s", text, err, want)
	}
}

func TestEveryoneCounts(t *testing.T) {
	c := NewCollector(building.Builtin())
	ride(c, 1, 0, 10, 30)
	c.Apply(passengerEvent(40*time.Second, elevator.PassengerArrived, 2, 0, 3)) // still waits at 100 s
	c.Apply(passengerEvent(50*time.Second, elevator.PassengerArrived, 3, 0, 3)) // still rides
	c.Apply(passengerEvent(100*time.Second, elevator.PassengerBoarded, 3, 0, 0))
	r := c.Result()
	if r.Passengers != 3 || r.Carried != 1 || r.WaitS.Max != 60 || math.Abs(r.WaitS.Mean-40) > 1e-9 || r.TimeToDestinationS.Max != 60 {
		t.Errorf("%+v", r)
	}
	if c.Waiting() != 1 {
		t.Errorf("%d wait", c.Waiting())
	}
	if middle := c.Between(40*time.Second, 50*time.Second); middle.Passengers != 1 || middle.Carried != 0 {
		t.Errorf("arrived from 40 s to before 50 s: %+v", middle)
	}
}

func TestLetOutOnTheWayTheFirstWaitStands(t *testing.T) {
	c := NewCollector(building.Builtin())
	c.Apply(passengerEvent(0, elevator.PassengerArrived, 1, 0, 3))
	c.Apply(passengerEvent(10*time.Second, elevator.PassengerBoarded, 1, 0, 0))
	c.Apply(passengerEvent(20*time.Second, elevator.PassengerAlighted, 1, 2, 0))
	if c.Waiting() != 1 {
		t.Errorf("%d wait on the way", c.Waiting())
	}
	c.Apply(passengerEvent(70*time.Second, elevator.PassengerBoarded, 1, 2, 0))
	c.Apply(passengerEvent(90*time.Second, elevator.PassengerAlighted, 1, 3, 0))
	r := c.Result()
	if r.WaitS.Mean != 10 || r.TransitS.Mean != 80 || r.TimeToDestinationS.Mean != 90 || r.Carried != 1 || c.Waiting() != 0 {
		t.Errorf("%+v", r)
	}
}

// TestResultAgainstAnOracle computes every figure in the most direct way.
func TestResultAgainstAnOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCollector(building.Builtin())
		var waits, transits, totals []float64
		id := elevator.PassengerID(rapid.IntRange(1, 5).Draw(t, "first"))
		for range rapid.IntRange(1, 60).Draw(t, "passengers") {
			arrive := float64(rapid.IntRange(0, 1000).Draw(t, "arrive"))
			wait := float64(rapid.IntRange(0, 90).Draw(t, "wait"))
			transit := float64(rapid.IntRange(0, 90).Draw(t, "transit"))
			ride(c, id, arrive, arrive+wait, arrive+wait+transit)
			waits, transits, totals = append(waits, wait), append(transits, transit), append(totals, wait+transit)
			id += elevator.PassengerID(rapid.SampledFrom([]int{1, 1, 1, 7}).Draw(t, "gap"))
		}
		var want Wait
		for _, w := range waits {
			want.Mean += w / float64(len(waits))
			want.MeanSquare += w * w / float64(len(waits))
			want.Max = max(want.Max, w)
			if w > 30 {
				want.Over30Ratio += 1 / float64(len(waits))
			}
			if w > 60 {
				want.Over60Ratio += 1 / float64(len(waits))
			}
		}
		want.P50, want.P90, want.P95 = slowPercentile(waits, 50), slowPercentile(waits, 90), slowPercentile(waits, 95)
		r := c.Result()
		if diff := cmp.Diff(want, r.WaitS, approximately); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(Transit{slowMean(transits), slowPercentile(transits, 95)}, r.TransitS, approximately); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(Destination{slowMean(totals), slowPercentile(totals, 95), slices.Max(totals)}, r.TimeToDestinationS, approximately); diff != "" {
			t.Fatal(diff)
		}
		if r.Passengers != len(waits) || r.Carried != len(waits) {
			t.Fatalf("%d passengers, %d carried of %d", r.Passengers, r.Carried, len(waits))
		}
	})
}

func slowMean(values []float64) (m float64) {
	for _, v := range values {
		m += v / float64(len(values))
	}
	return m
}

// slowPercentile walks the piecewise linear curve through (i/(n-1), value i).
func slowPercentile(values []float64, percent int) float64 {
	sorted := slices.Sorted(slices.Values(values))
	for i := range len(sorted) - 1 {
		left, right := i*100, (i+1)*100
		at := percent * (len(sorted) - 1)
		if at >= left && at <= right {
			return sorted[i] + (sorted[i+1]-sorted[i])*float64(at-left)/100
		}
	}
	return sorted[len(sorted)-1]
}

// queue runs people through one server: arrivals at a rate, each served in a
// fixed time.
func queue(seed uint64, perMinute, servedPerMinute float64, length time.Duration) *Collector {
	c := NewCollector(building.Builtin())
	random := rand.New(rand.NewPCG(seed, 0))
	var events []*elevator.Event
	var arrive, free float64
	for id := elevator.PassengerID(1); ; id++ {
		arrive += random.ExpFloat64() * 60 / perMinute
		if arrive >= length.Seconds() {
			break
		}
		board := max(arrive, free)
		free = board + 60/servedPerMinute
		at := func(s float64) time.Duration { return time.Duration(s * 1e9) }
		events = append(events, passengerEvent(at(arrive), elevator.PassengerArrived, id, 0, 3),
			passengerEvent(at(board), elevator.PassengerBoarded, id, 0, 0), passengerEvent(at(free), elevator.PassengerAlighted, id, 3, 0))
	}
	slices.SortStableFunc(events, func(a, b *elevator.Event) int { return int(a.T - b.T) })
	for _, e := range events {
		c.Apply(e)
	}
	return c
}

func TestSaturationIsSeen(t *testing.T) {
	const runs = 40
	for _, tc := range []struct {
		arrive, served float64
		length         time.Duration
		least, most    int // runs that are called saturated
	}{
		{10, 20, time.Hour, 0, 0},
		{10, 11, time.Hour, 0, 8}, // 91 % of capacity: long queues, no trend
		{12, 10, time.Hour, 38, runs},
		{20, 10, 20 * time.Minute, 38, runs},
		{20, 10, 9 * time.Minute, 0, 0}, // too short to tell
		{0.5, 20, 3 * time.Hour, 0, 0},
	} {
		saturated := 0
		for seed := range uint64(runs) {
			if queue(seed, tc.arrive, tc.served, tc.length).Saturated() {
				saturated++
			}
		}
		if saturated < tc.least || saturated > tc.most {
			t.Errorf("%v arrive, %v are served a minute for %v: %d of %d saturated, want %d to %d",
				tc.arrive, tc.served, tc.length, saturated, runs, tc.least, tc.most)
		}
	}
}

func TestQueueIsTheMeanNumberWaiting(t *testing.T) {
	c := NewCollector(building.Builtin())
	ride(c, 1, 30, 150, 160)
	ride(c, 2, 60, 90, 160)
	if diff := cmp.Diff([]float64{0.5, 1.5, 0.5, 0}, c.Queue(elevator.NoFloor, 0, time.Minute, 4), approximately); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]float64{0, 0}, c.Queue(2, 0, time.Minute, 2)); diff != "" {
		t.Error(diff)
	}
	trend, _ := queue(1, 30, 10, time.Hour).QueueTrend(0, 10*time.Minute, time.Hour)
	if math.Abs(trend-20) > 2 {
		t.Errorf("30 arrive and 10 are served a minute: the queue grows by %.2f", trend)
	}
}

func TestSlopeIsTheLeastSquaresLine(t *testing.T) {
	slope, deviation := Slope([]float64{1, 3, 2, 5, 4})
	if math.Abs(slope-0.8) > 1e-12 || math.Abs(deviation-math.Sqrt(3.6/3/10)) > 1e-12 {
		t.Errorf("slope %v ± %v", slope, deviation)
	}
	if _, deviation := Slope([]float64{1, 2}); !math.IsInf(deviation, 1) {
		t.Errorf("two values have an error of %v", deviation)
	}
	if slope, _ := Slope(nil); slope != 0 {
		t.Errorf("nothing has a slope of %v", slope)
	}
}

func TestStudentTAgainstTheTables(t *testing.T) {
	for _, tc := range []struct {
		probability float64
		degrees     int
		want        float64
	}{
		{0.95, 1, 12.7062},
		{0.95, 2, 4.3027},
		{0.95, 3, 3.1824},
		{0.95, 10, 2.2281},
		{0.95, 29, 2.0452},
		{0.95, 100, 1.9840},
		{0.95, 1000, 1.9623},
		{0.95, 10_000, 1.9602},
		{0.95, 1_000_000, 1.9602},
		{0.98, 8, 2.8965},
		{0.99, 5, 4.0321},
	} {
		if got := StudentT(tc.probability, tc.degrees); math.Abs(got-tc.want) > 2e-4 {
			t.Errorf("%v with %d degrees: %.4f, want %.4f", tc.probability, tc.degrees, got, tc.want)
		}
	}
}

func TestIntervals(t *testing.T) {
	e := Estimate([]float64{1, 2, 3, 4, 5})
	if e.Mean != 3 || e.N != 5 || math.Abs(e.HalfWidth-2.7764*math.Sqrt(0.5)) > 1e-3 {
		t.Errorf("%+v", e)
	}
	if e := Estimate([]float64{7}); e != (Interval{7, 0, 1}) {
		t.Errorf("%+v", e)
	}
	if d := Difference([]float64{11, 22, 33}, []float64{10, 21, 32, 99}); d != (Interval{1, 0, 3}) {
		t.Errorf("%+v", d)
	}
}

func TestTheLastMinutes(t *testing.T) {
	c := NewCollector(building.Builtin())
	ride(c, 1, 10, 20, 30)
	c.Apply(passengerEvent(100*time.Second, elevator.PassengerArrived, 2, 0, 3))
	c.Apply(passengerEvent(270*time.Second, elevator.PassengerBoarded, 2, 0, 0))
	c.Apply(passengerEvent(300*time.Second, elevator.PassengerAlighted, 2, 3, 0))
	want := Window{
		Duration: 120 * time.Second, Boarded: 1, Carried: 1, MeanWait: 170 * time.Second, Longest: 170 * time.Second,
		Capacity5: 2.5, Percent5: 250. / 280,
	}
	if diff := cmp.Diff(want, c.Recent(3*time.Minute), approximately); diff != "" {
		t.Error(diff)
	}
	if w := c.Recent(time.Hour); w.Arrived != 2 || w.Carried != 2 || w.MeanWait != 90*time.Second || w.Duration != 300*time.Second {
		t.Errorf("%+v", w)
	}
	series := []Minute{
		{Start: 2 * time.Minute, Waiting: 1},
		{Start: 3 * time.Minute, Waiting: 1},
		{Start: 4 * time.Minute, Boarded: 1, MeanWait: 170 * time.Second},
		{Start: 5 * time.Minute, Carried: 1},
	}
	if diff := cmp.Diff(series, c.PerMinute(4)); diff != "" {
		t.Error(diff)
	}
	if n := len(c.PerMinute(1000)); n != 6 {
		t.Errorf("%d minutes of a run of five", n)
	}
	ride(c, 3, 1e6, 1e6+1, 1e6+2)
	if w := c.Recent(24 * time.Hour); w.Arrived != 1 {
		t.Errorf("long after: %+v", w)
	}
}

func TestJoiningInTheMiddle(t *testing.T) {
	b := building.Builtin()
	g := elevator.NewGroup(b)
	for _, e := range []*elevator.Event{
		passengerEvent(10*time.Second, elevator.PassengerArrived, 8, 0, 3),
		passengerEvent(11*time.Second, elevator.PassengerArrived, 9, 0, 3),
		passengerEvent(20*time.Second, elevator.PassengerBoarded, 9, 0, 0),
	} {
		if err := g.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	c := NewCollector(b)
	snapshot := elevator.NewEvent(20*time.Second, elevator.SnapshotTaken)
	snapshot.Detail = &elevator.Detail{Snapshot: g}
	c.Apply(&snapshot)
	c.Apply(&snapshot)
	if c.Waiting() != 1 {
		t.Errorf("%d wait", c.Waiting())
	}
	c.Apply(passengerEvent(40*time.Second, elevator.PassengerBoarded, 8, 0, 0))
	c.Apply(passengerEvent(60*time.Second, elevator.PassengerAlighted, 8, 3, 0))
	c.Apply(passengerEvent(60*time.Second, elevator.PassengerAlighted, 9, 3, 0))
	c.Apply(passengerEvent(60*time.Second, elevator.PassengerAlighted, 1, 3, 0)) // unknown
	if r := c.Result(); r.Passengers != 2 || r.Carried != 2 || r.WaitS.Mean != (30+9)/2. || r.TransitS.Mean != (20+40)/2. {
		t.Errorf("%+v", r)
	}
}

func TestPassengersAsCSV(t *testing.T) {
	c := NewCollector(building.Builtin())
	ride(c, 1, 0.5, 10.25, 40)
	c.Apply(passengerEvent(41*time.Second, elevator.PassengerArrived, 2, 0, 3))
	var text bytes.Buffer
	if err := c.WritePassengers(&text); err != nil {
		t.Fatal(err)
	}
	const want = "passenger,arrive_s,from,to,board_s,alight_s,car\n1,0.5,1,4,10.25,40,A\n2,41,1,4,,,\n"
	if text.String() != want {
		t.Errorf("got %q", text.String())
	}
	if err := c.WritePassengers(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("full disk: %v", err)
	}
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func BenchmarkApply(b *testing.B) {
	c := NewCollector(building.Builtin())
	b.ReportAllocs()
	id := elevator.PassengerID(0)
	for b.Loop() {
		id++
		t := time.Duration(id) * time.Second
		arrived := passengerEvent(t, elevator.PassengerArrived, id, 0, 3)
		c.Apply(arrived)
		arrived.Kind, arrived.Car = elevator.PassengerBoarded, 0
		c.Apply(arrived)
		arrived.Kind, arrived.Floor = elevator.PassengerAlighted, 3
		c.Apply(arrived)
	}
}
