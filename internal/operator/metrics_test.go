package operator

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"elevator/internal/elevator"
)

// ride is one passenger's journey from G to 3 in car A, with a reassignment,
// and a fault and a mode of car B.
const ride = `{"t":1,"event":"passenger_arrived","passenger":1,"floor":"G","to":"3","mass_kg":75}
{"t":1,"event":"landing_call_registered","floor":"G","direction":"up"}
{"t":1,"event":"landing_call_registered","floor":"G","direction":"up"}
{"t":1,"event":"landing_call_assigned","floor":"G","direction":"up","car":"B"}
{"t":2,"event":"landing_call_assigned","floor":"G","direction":"up"}
{"t":2,"event":"landing_call_assigned","floor":"G","direction":"up","car":"B"}
{"t":2,"event":"landing_call_assigned","floor":"G","direction":"up","car":"A"}
{"t":2,"event":"landing_call_assigned","floor":"G","direction":"up","car":"A"}
{"t":4,"event":"landing_call_answered","floor":"G","direction":"up","car":"A"}
{"t":4,"event":"landing_call_answered","floor":"G","direction":"up","car":"A"}
{"t":4,"event":"doors_opening","car":"A","floor":"G","direction":"up"}
{"t":8,"event":"passenger_boarded","passenger":1,"car":"A","floor":"G"}
{"t":9,"event":"car_call_registered","car":"A","floor":"3"}
{"t":9,"event":"car_call_registered","car":"A","floor":"3"}
{"t":10,"event":"doors_closed","car":"A","floor":"G"}
{"t":10,"event":"car_departed","car":"A","floor":"G","to":"3","direction":"up","position_m":0}
{"t":20,"event":"car_arrived","car":"A","floor":"3"}
{"t":20,"event":"car_call_answered","car":"A","floor":"3"}
{"t":24,"event":"passenger_alighted","passenger":1,"car":"A","floor":"3"}
{"t":25,"event":"passenger_arrived","passenger":2,"floor":"2","to":"G","mass_kg":75}
{"t":25,"event":"landing_call_registered","floor":"2","direction":"down"}
{"t":26,"event":"fault_raised","car":"B","fault":"door-closing","by":"drill"}
{"t":26,"event":"mode_changed","car":"B","mode":"out-of-service","by":"drill"}
{"t":27,"event":"task_state","task":"car-0","state":"running","agent":"a","reason":""}
{"t":27,"event":"task_state","task":"car-1","state":"on fire","agent":"a","reason":""}
`

// metered returns a server whose registry has all metrics there are, after the
// ride.
func metered(t testing.TB) (*Server, *prometheus.Registry) {
	t.Helper()
	b := small(t)
	h := newHub(t, b)
	publish(t, h, parseEvents(t, b, ride)...)
	reg := prometheus.NewRegistry()
	s := NewServer(Config{Hub: h, Registry: reg})
	t.Cleanup(s.endLife)
	return s, reg
}

func TestMetricsCountWhatHappens(t *testing.T) {
	server, reg := metered(t)
	want := `
# HELP elevator_landing_calls_total Landing calls registered, by the direction asked for.
# TYPE elevator_landing_calls_total counter
elevator_landing_calls_total{direction="down"} 1
elevator_landing_calls_total{direction="up"} 1
# HELP elevator_landing_calls_answered_total Landing calls answered, by the direction asked for.
# TYPE elevator_landing_calls_answered_total counter
elevator_landing_calls_answered_total{direction="down"} 0
elevator_landing_calls_answered_total{direction="up"} 1
# HELP elevator_landing_calls_assigned_total Landing calls without a car that were given one, by the direction asked for.
# TYPE elevator_landing_calls_assigned_total counter
elevator_landing_calls_assigned_total{direction="down"} 0
elevator_landing_calls_assigned_total{direction="up"} 2
# HELP elevator_landing_calls_reassigned_total Landing calls taken from one car and given to another, by the direction asked for.
# TYPE elevator_landing_calls_reassigned_total counter
elevator_landing_calls_reassigned_total{direction="down"} 0
elevator_landing_calls_reassigned_total{direction="up"} 1
# HELP elevator_floor_landing_calls_total Landing calls registered, by floor.
# TYPE elevator_floor_landing_calls_total counter
elevator_floor_landing_calls_total{floor="1"} 0
elevator_floor_landing_calls_total{floor="2"} 1
elevator_floor_landing_calls_total{floor="3"} 0
elevator_floor_landing_calls_total{floor="G"} 1
# HELP elevator_floor_car_calls_total Car calls registered, by the floor they lead to.
# TYPE elevator_floor_car_calls_total counter
elevator_floor_car_calls_total{floor="1"} 0
elevator_floor_car_calls_total{floor="2"} 0
elevator_floor_car_calls_total{floor="3"} 1
elevator_floor_car_calls_total{floor="G"} 0
# HELP elevator_landing_calls_pending Landing calls that are lit.
# TYPE elevator_landing_calls_pending gauge
elevator_landing_calls_pending{direction="down",floor="1"} 0
elevator_landing_calls_pending{direction="down",floor="2"} 1
elevator_landing_calls_pending{direction="down",floor="3"} 0
elevator_landing_calls_pending{direction="up",floor="1"} 0
elevator_landing_calls_pending{direction="up",floor="2"} 0
elevator_landing_calls_pending{direction="up",floor="G"} 0
# HELP elevator_landing_calls_unassigned Landing calls that are lit and have no car.
# TYPE elevator_landing_calls_unassigned gauge
elevator_landing_calls_unassigned 1
# HELP elevator_car_calls_total Car calls registered.
# TYPE elevator_car_calls_total counter
elevator_car_calls_total{car="A"} 1
elevator_car_calls_total{car="B"} 0
# HELP elevator_car_calls_answered_total Car calls answered.
# TYPE elevator_car_calls_answered_total counter
elevator_car_calls_answered_total{car="A"} 1
elevator_car_calls_answered_total{car="B"} 0
# HELP elevator_car_faults_total Faults raised.
# TYPE elevator_car_faults_total counter
elevator_car_faults_total{car="A"} 0
elevator_car_faults_total{car="B"} 1
# HELP elevator_car_floor Index of the floor where the car stands or that it left last, 0 the lowest.
# TYPE elevator_car_floor gauge
elevator_car_floor{car="A"} 3
elevator_car_floor{car="B"} 0
# HELP elevator_car_position_meters Height of the car above the lowest floor.
# TYPE elevator_car_position_meters gauge
elevator_car_position_meters{car="A"} 12
elevator_car_position_meters{car="B"} 0
# HELP elevator_car_starts_total Flights of the car begun.
# TYPE elevator_car_starts_total counter
elevator_car_starts_total{car="A"} 1
elevator_car_starts_total{car="B"} 0
# HELP elevator_car_travel_meters_total Distance the car has travelled in finished flights.
# TYPE elevator_car_travel_meters_total counter
elevator_car_travel_meters_total{car="A"} 12
elevator_car_travel_meters_total{car="B"} 0
# HELP elevator_car_door_cycles_total Times the car's doors have closed.
# TYPE elevator_car_door_cycles_total counter
elevator_car_door_cycles_total{car="A"} 1
elevator_car_door_cycles_total{car="B"} 0
# HELP elevator_passengers_arrived_total Passengers who have arrived at a landing.
# TYPE elevator_passengers_arrived_total counter
elevator_passengers_arrived_total 2
# HELP elevator_passengers_carried_total Passengers who have reached their floor.
# TYPE elevator_passengers_carried_total counter
elevator_passengers_carried_total 1
# HELP elevator_passengers_waiting Passengers waiting at all landings.
# TYPE elevator_passengers_waiting gauge
elevator_passengers_waiting 1
# HELP elevator_passengers_riding Passengers aboard all cars.
# TYPE elevator_passengers_riding gauge
elevator_passengers_riding 0
# HELP elevator_tasks Tasks of cars and floors, by state.
# TYPE elevator_tasks gauge
elevator_tasks{state="failed"} 0
elevator_tasks{state="finished"} 0
elevator_tasks{state="killed"} 0
elevator_tasks{state="killing"} 0
elevator_tasks{state="launched"} 0
elevator_tasks{state="lost"} 0
elevator_tasks{state="other"} 1
elevator_tasks{state="pending"} 0
elevator_tasks{state="running"} 1
elevator_tasks{state="starting"} 0
`
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), metricNames(want)...); err != nil {
		t.Error(err)
	}
	var page bytes.Buffer
	scrape(t, server, &page)
	for _, line := range []string{
		"elevator_landing_call_response_seconds_sum 3", "elevator_wait_seconds_sum 7", `elevator_wait_seconds_bucket{le="5"} 0`,
		`elevator_wait_seconds_bucket{le="10"} 1`, "elevator_transit_seconds_sum 16", "elevator_time_to_destination_seconds_sum 23",
		`elevator_car_mode{car="B",mode="out-of-service"} 1`, `elevator_car_mode{car="B",mode="normal"} 0`,
		`elevator_car_fault{car="B",fault="door-closing"} 1`, `elevator_car_fault{car="A",fault="door-closing"} 0`,
		`elevator_group_mode{mode="normal"} 1`, `elevator_events_total{event="landing_call_assigned"} 5`,
		`elevator_api_requests_total{code="200",path="/api/v1/group"} 0`, "elevator_events_refused_total 0",
	} {
		if !strings.Contains(page.String(), line+"\n") {
			t.Errorf("the page has no line %s", line)
		}
	}
}

// metricNames returns the names of the metrics of a page of text.
func metricNames(page string) []string {
	var names []string
	for line := range strings.Lines(page) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			names = append(names, strings.TrimSpace(rest))
		}
	}
	for i := range names {
		names[i], _, _ = strings.Cut(names[i], " ")
	}
	slices.Sort(names)
	return names
}

func TestMetricsAreCleanToTheLinter(t *testing.T) {
	_, reg := metered(t)
	problems, err := testutil.GatherAndLint(reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestMetricsPageSpeaksAllFormats(t *testing.T) {
	server, _ := metered(t)
	s := serve(t, Config{Hub: server.hub})
	for _, test := range []struct{ accept, kind, has string }{
		{"", "text/plain", `elevator_wait_seconds_bucket{le="30"}`},
		{"application/openmetrics-text; version=1.0.0", "application/openmetrics-text", `elevator_wait_seconds_bucket{le="30.0"}`},
		{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "application/vnd.google.protobuf", "elevator_wait_seconds"},
	} {
		req := s.request(http.MethodGet, "/metrics", "")
		if test.accept != "" {
			req.Header.Set("Accept", test.accept)
		}
		resp, body := s.ask(req)
		if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), test.kind) || !strings.Contains(body, test.has) {
			t.Errorf("Accept %q: %s, %s; want %s with %s", test.accept, resp.Status, resp.Header.Get("Content-Type"), test.kind, test.has)
		}
		if test.kind == "application/openmetrics-text" && !strings.HasSuffix(body, "# EOF\n") {
			t.Error("the OpenMetrics page does not end")
		}
	}
}

func TestHistogramsAreClassicAndNative(t *testing.T) {
	_, reg := metered(t)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if !strings.HasSuffix(f.GetName(), "_seconds") || f.GetMetric()[0].GetHistogram() == nil {
			continue
		}
		h := f.GetMetric()[0].GetHistogram()
		if len(h.GetBucket()) == 0 || h.Schema == nil {
			t.Errorf("%s has %d classic buckets and the native schema %v; want both", f.GetName(), len(h.GetBucket()), h.Schema)
		}
	}
}

// tower is a large building: 16 cars and 60 floors.
func tower(t testing.TB) *elevator.Building {
	t.Helper()
	var text strings.Builder
	text.WriteString("name: Tower\nfloors: [{name: G, height_m: 4, main_terminal: true}, {count: 59, height_m: 4, first: 1, population: 80}]\ncars:\n")
	for i := range 16 {
		fmt.Fprintf(&text, "  - {name: %c, capacity_persons: 16, rated_load_kg: 1250}\n", 'A'+i)
	}
	return parseBuilding(t, text.String())
}

// crowd fills the building with people and calls.
func crowd(t testing.TB, h *Hub) {
	t.Helper()
	var events []elevator.Event
	for i := range 600 {
		e := elevator.NewEvent(time.Second, elevator.PassengerArrived)
		e.Passenger, e.Floor, e.To, e.MassKg = elevator.PassengerID(i+1), elevator.FloorIndex(i%59), 59, 75
		call := elevator.NewEvent(time.Second, elevator.LandingCallRegistered)
		call.Floor, call.Direction = e.Floor, elevator.Up
		events = append(events, e, call)
	}
	publish(t, h, events...)
}

const (
	mostPage      = 200 << 10 // bytes of /metrics with 16 cars and 60 floors
	longestScrape = 5 * time.Millisecond
)

// processorTime is what this process has used, which other processes do not
// make longer.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestMetricsOfALargeBuildingAreSmallAndFast(t *testing.T) {
	b := tower(t)
	h := newHub(t, b)
	crowd(t, h)
	s := NewServer(Config{Hub: h, Logger: nil})
	t.Cleanup(s.endLife)
	var page bytes.Buffer
	const batches, scrapes = 50, 10
	took := time.Hour // a scrape of the cheapest batch; on a busy machine caches are cold
	for range batches {
		if took <= longestScrape {
			break
		}
		began := processorTime(t)
		for range scrapes {
			page.Reset()
			scrape(t, s, &page)
		}
		took = min(took, (processorTime(t)-began)/scrapes)
	}
	if page.Len() > mostPage {
		t.Errorf("the page has %d bytes, want at most %d", page.Len(), mostPage)
	}
	t.Logf("%d bytes in %v of the processor", page.Len(), took)
	// Half of what a scrape a second may cost: 1 % of a core.
	if took > longestScrape && !raceEnabled {
		t.Errorf("a scrape takes %v of the processor, want at most %v", took, longestScrape)
	}
}

// scrape asks for /metrics without a network.
func scrape(t testing.TB, s *Server, page *bytes.Buffer) {
	t.Helper()
	w := &pageWriter{header: http.Header{}, page: page}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.http.Handler.ServeHTTP(w, req)
}

type pageWriter struct {
	header http.Header
	page   *bytes.Buffer
}

func (w *pageWriter) Header() http.Header         { return w.header }
func (w *pageWriter) WriteHeader(int)             {}
func (w *pageWriter) Write(p []byte) (int, error) { return w.page.Write(p) }

func BenchmarkMetrics(b *testing.B) {
	h := newHub(b, tower(b))
	crowd(b, h)
	s := NewServer(Config{Hub: h})
	b.Cleanup(s.endLife)
	var page bytes.Buffer
	for b.Loop() {
		page.Reset()
		scrape(b, s, &page)
	}
	b.ReportMetric(float64(page.Len()), "page-bytes")
}
