package operator

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"elevator/internal/elevator"
	"elevator/internal/elevator/motion"
)

// open begins to read a stream in a bubble. Lines are read on demand.
func (s *service) open(path string) (lines *bufio.Reader, leave func()) {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	resp, err := s.http.Do(s.request(http.MethodGet, path, "").WithContext(ctx))
	if err != nil {
		s.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		s.t.Fatalf("GET %s: %s, %s", path, resp.Status, resp.Header.Get("Content-Type"))
	}
	return bufio.NewReader(resp.Body), func() { cancel(); resp.Body.Close() }
}

func readLine(t *testing.T, lines *bufio.Reader) string {
	t.Helper()
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}

// inBubble runs a test with a server whose clock is the bubble's. Its hub must
// be made in the bubble too: by configure, which may be nil.
func inBubble(t *testing.T, configure func(t *testing.T) Config, test func(t *testing.T, s *service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var cfg Config
		if configure != nil {
			cfg = configure(t)
		}
		s := serve(t, cfg)
		test(t, s)
		s.close()
	})
}

// forgetful configures a hub that keeps only so many events, the next of which
// is number 2.
func forgetful(events int) func(*testing.T) Config {
	return func(t *testing.T) Config {
		hub := newHub(t, small(t))
		hub.ring = newRing(events, 1<<20)
		hub.ring.restart(2)
		return Config{Hub: hub}
	}
}

func TestStreamOpensWithBuildingAndSnapshotAndGoesOn(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		publish(t, s.hub, ticks(3, time.Second)...)
		lines, leave := s.open(eventsPath)
		defer leave()
		for _, want := range []string{`{"t":0,"seq":1,"event":"building",`, `{"t":1,"seq":4,"event":"snapshot",`} {
			if got := readLine(t, lines); !strings.HasPrefix(got, want) {
				t.Errorf("line %.60s…, want %s…", got, want)
			}
		}
		publish(t, s.hub, tick(2*time.Second), tick(3*time.Second))
		for seq := 5; seq <= 6; seq++ {
			want := fmt.Sprintf(`{"t":%d,"seq":%d,"event":"doors_closed","car":"A","floor":"G"}`, seq-3, seq)
			if got := readLine(t, lines); got != want {
				t.Errorf("line %s, want %s", got, want)
			}
		}
	})
}

func TestStreamOfARunThatHasNotBegun(t *testing.T) {
	b := small(t)
	unbegun := func(*testing.T) Config { return Config{Hub: NewHub(b, motion.NewLaw(b))} }
	inBubble(t, unbegun, func(t *testing.T, s *service) {
		lines, leave := s.open(eventsPath)
		defer leave()
		if got, want := readLine(t, lines), `{"t":0,"seq":0,"event":"heartbeat"}`; got != want {
			t.Errorf("line %s, want %s", got, want)
		}
		publish(t, s.hub, header(b))
		if got := readLine(t, lines); !strings.Contains(got, `"event":"building"`) {
			t.Errorf("line %s, want the building", got)
		}
	})
}

func TestStreamGoesOnFromASequenceNumber(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		publish(t, s.hub, ticks(2000, time.Second)...)
		lines, leave := s.open(eventsPath + "?from=7")
		defer leave()
		for seq := 7; seq <= 2001; seq++ {
			if got, want := readLine(t, lines), fmt.Sprintf(`{"t":1,"seq":%d,`, seq); !strings.HasPrefix(got, want) {
				t.Fatalf("line %s, want %s…", got, want)
			}
		}
	})
}

func TestStreamParameters(t *testing.T) {
	inBubble(t, forgetful(4), func(t *testing.T, s *service) {
		publish(t, s.hub, ticks(9, time.Second)...) // 2 to 10, of which 7 to 10 are kept
		for _, test := range []struct {
			query  string
			status int
			says   string
		}{
			{"from=6", http.StatusGone, "no longer kept; ask without from"},
			{"from=1", http.StatusGone, "no longer kept"},
			{"from=12", http.StatusBadRequest, "not happened yet"},
			{"from=0", http.StatusBadRequest, "a sequence number from 1 on"},
			{"from=-1", http.StatusBadRequest, "a sequence number from 1 on"},
			{"from=seven", http.StatusBadRequest, `from="seven"`},
			{"from=", http.StatusBadRequest, "a sequence number from 1 on"},
			{"from=18446744073709551616", http.StatusBadRequest, "a sequence number from 1 on"},
			{"from=7&from=8", http.StatusBadRequest, "once and nothing else"},
			{"form=7", http.StatusBadRequest, `parameter "form"`},
			{"from=%zz", http.StatusBadRequest, "cannot be read"},
		} {
			resp, body := s.get(eventsPath + "?" + test.query)
			if resp.StatusCode != test.status || !strings.Contains(unquoted(t, body), test.says) {
				t.Errorf("%s: %s %s; want %d and %q", test.query, resp.Status, body, test.status, test.says)
			}
		}
		for _, from := range []int{7, 11} {
			lines, leave := s.open(fmt.Sprintf("%s?from=%d", eventsPath, from))
			if from == 7 {
				readLine(t, lines)
			}
			leave()
		}
	})
}

func TestAQuietStreamHasAHeartbeat(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		publish(t, s.hub, tick(0))
		lines, leave := s.open(eventsPath + "?from=2")
		defer leave()
		readLine(t, lines)
		// Longer than every deadline that the server has for other answers.
		for i := 1; i <= 60; i++ {
			want := fmt.Sprintf(`{"t":%d,"seq":2,"event":"heartbeat"}`, 5*i)
			if got := readLine(t, lines); got != want {
				t.Fatalf("line %s, want %s", got, want)
			}
		}
	})
}

func TestAReaderWhoFallsBehindIsToldAndCutOff(t *testing.T) {
	inBubble(t, forgetful(10), func(t *testing.T, s *service) {
		publish(t, s.hub, tick(0))
		lines, leave := s.open(eventsPath + "?from=2")
		defer leave()
		readLine(t, lines)
		// The pipe holds nothing, so the server is stuck in its first write while
		// the ring goes on without it.
		publish(t, s.hub, tick(0))
		synctest.Wait()
		publish(t, s.hub, ticks(50, time.Second)...)
		var last string
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				break
			}
			last = line
		}
		if !strings.HasPrefix(last, `{"event":"cut_off",`) {
			t.Errorf("the last line is %q", last)
		}
		if got := testutil.ToFloat64(s.server.metrics.cutOff); got != 1 {
			t.Errorf("%v readers counted as cut off", got)
		}
		err := s.client().Stream(context.Background(), s.hub.building, 3, func(*elevator.Event) error { return nil }, func() {})
		if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != http.StatusGone {
			t.Errorf("coming back with what is gone: %v", err)
		}
	})
}

func TestAReaderWhoReadsNothingIsCutOff(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		publish(t, s.hub, tick(0))
		lines, leave := s.open(eventsPath + "?from=2")
		defer leave()
		readLine(t, lines)
		publish(t, s.hub, ticks(5000, time.Second)...)
		time.Sleep(streamPatience + time.Second) // the bubble's time
		synctest.Wait()
		if got := testutil.ToFloat64(s.server.metrics.cutOff); got != 1 || s.server.streams.Load() != 0 {
			t.Errorf("%v readers counted as cut off, %d connected", got, s.server.streams.Load())
		}
	})
}

func TestClosingWritesWhatWasPublished(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		const readers = 5
		seen := make(chan uint64, readers)
		for range readers {
			go func() {
				last := uint64(0)
				err := s.client().Stream(context.Background(), nil, 0, func(e *elevator.Event) error {
					last = e.Seq
					return nil
				}, func() {})
				if !errors.Is(err, io.EOF) {
					t.Errorf("the stream ended with %v, want EOF", err)
				}
				seen <- last
			}()
		}
		synctest.Wait()
		publish(t, s.hub, ticks(3000, time.Second)...)
		s.close()
		for range readers {
			if got := <-seen; got != 3001 {
				t.Errorf("a reader saw the events to %d, want 3001", got)
			}
		}
	})
}

func TestReadersAreWokenTogether(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		lines, leave := s.open(eventsPath)
		defer leave()
		readLine(t, lines)
		readLine(t, lines)
		time.Sleep(time.Second) // the bubble's time
		began := time.Now()
		publish(t, s.hub, tick(time.Second))
		readLine(t, lines)
		if took := time.Since(began); took != 0 {
			t.Errorf("the first event after a quiet time took %v", took)
		}
		synctest.Wait()
		publish(t, s.hub, tick(time.Second))
		readLine(t, lines)
		if took := time.Since(began); took != streamPause {
			t.Errorf("the next one took %v, want %v", took, streamPause)
		}
	})
}

func TestOnlySoManyStreams(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, s *service) {
		s.server.streams.Store(mostStreams)
		resp, body := s.get(eventsPath)
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("%s %s", resp.Status, body)
		}
		s.server.streams.Store(mostStreams - 1)
		_, leave := s.open(eventsPath)
		leave()
	})
}

func TestClientKnowsWhenItIsCutOffOrTheStreamBreaks(t *testing.T) {
	for _, test := range []struct {
		name string
		sent string
		want error
	}{
		{"cut off", cutOffLine, ErrCutOff},
		{"ended", `{"t":0,"seq":1,"event":"heartbeat"}` + "\n", io.EOF},
		{"broken in a line", `{"t":0,"seq":1,"eve`, io.ErrUnexpectedEOF},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &lineReader{in: bufio.NewReader(strings.NewReader(test.sent))}
			err := readStream(r, nil, func(*elevator.Event) error { return nil }, func() {})
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestLinesOfAnyLength(t *testing.T) {
	var text strings.Builder
	var want []string
	for _, n := range []int{0, 1, 15, 16, 17, 100, 3, 1 << 17} {
		want = append(want, strings.Repeat("x", n)+"\n")
		text.WriteString(want[len(want)-1])
	}
	r := &lineReader{in: bufio.NewReaderSize(strings.NewReader(text.String()), 16)}
	for i := range want {
		got, err := r.next()
		if err != nil || string(got) != want[i] {
			t.Errorf("line %d has %d bytes, %v; want %d", i, len(got), err, len(want[i]))
		}
	}
	if _, err := r.next(); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}
