package ui

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gdamore/tcell/v2"

	"elevator/internal/operator"
)

// desk is a running dashboard with a fake terminal and a fake feed, in the
// virtual time of a synctest bubble.
type desk struct {
	t    *testing.T
	tty  *fakeTty
	app  *app
	done chan error
}

func startDesk(t *testing.T, cfg Config, tty *fakeTty, feeds ...func(context.Context)) *desk {
	d := &desk{t: t, tty: tty, done: make(chan error, 1)}
	d.app = newApp(cfg, newModel(cfg.URLs))
	d.app.feeds = feeds
	go func() { d.done <- d.app.run(t.Context()) }()
	synctest.Wait()
	return d
}

// send puts messages where a feed would, and waits until they are drawn.
func (d *desk) send(msgs ...message) {
	for _, m := range msgs {
		if err := d.app.box.put(d.t.Context(), m); err != nil {
			d.t.Fatal(err)
		}
	}
	d.pass(drawEvery)
}

// pass lets time go by.
func (d *desk) pass(by time.Duration) {
	time.Sleep(by)
	synctest.Wait()
}

func (d *desk) press(keys ...string) {
	for _, k := range keys {
		d.tty.keys <- []byte(k)
		d.pass(drawEvery)
	}
}

// end waits for the dashboard to end and returns its error.
func (d *desk) end() error {
	d.t.Helper()
	err := <-d.done
	if !d.tty.restored() {
		d.t.Error("the terminal was not restored")
	}
	return err
}

func (d *desk) shows(text string) {
	d.t.Helper()
	if p := d.tty.picture(); !strings.Contains(p, text) {
		d.t.Errorf("the terminal does not show %q:\n%s", text, p)
	}
}

// inBubble runs a test in virtual time. The environment is set outside it.
func inBubble(t *testing.T, width, height int, test func(*testing.T, Config, *fakeTty)) {
	tty := newTty(width, height)
	cfg := tty.on(t, "xterm-256color")
	synctest.Test(t, func(t *testing.T) {
		tty.keys = make(chan []byte, 64) // of the bubble
		test(t, cfg, tty)
	})
}

func TestDashboardShowsEventsAndQuits(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := startDesk(t, cfg, tty)
		d.shows("waiting for the scheduler")
		d.send(eventsMessage{0, busy().sorted()}, heardMessage{0})
		d.shows("Office 14")
		d.shows("LIVE")
		d.press("5")
		d.shows("following the newest")
		d.press("1", "\x1b[B", "\r")
		d.shows("Car B")
		d.press("q")
		if err := d.end(); err != nil {
			t.Error(err)
		}
	})
}

func TestContextEndsTheDashboard(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		a := newApp(cfg, newModel(cfg.URLs))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil || !tty.restored() {
			t.Errorf("err %v, restored %v", err, tty.restored())
		}
	})
}

// A panic anywhere leaves a terminal that can be read, and says what happened.
func TestPanicsRestoreTheTerminal(t *testing.T) {
	t.Run("in a feed", func(t *testing.T) {
		inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
			boom := make(chan struct{})
			d := startDesk(t, cfg, tty, func(context.Context) {
				<-boom
				panic("the feed broke")
			})
			close(boom)
			if err := d.end(); err == nil || !strings.Contains(err.Error(), "the feed broke") {
				t.Errorf("err %v", err)
			}
		})
	})
	t.Run("in the loop", func(t *testing.T) {
		inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
			d := startDesk(t, cfg, tty)
			d.app.box.mu.Lock()
			d.app.box.messages = append(d.app.box.messages, eventsMessage{site: 7})
			d.app.box.mu.Unlock()
			signal(d.app.box.nudge)
			if err := d.end(); err == nil || !strings.Contains(err.Error(), "index out of range") {
				t.Errorf("err %v", err)
			}
		})
	})
	t.Run("in a command", func(t *testing.T) {
		inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
			d := startDesk(t, cfg, tty)
			d.send(eventsMessage{0, quiet().sorted()}, heardMessage{0}) // and nobody to give it to
			d.tty.keys <- []byte(":park A 3\r")
			if err := d.end(); err == nil || !strings.Contains(err.Error(), "index out of range") {
				t.Errorf("err %v", err)
			}
		})
	})
	t.Run("in drawing", func(t *testing.T) {
		inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
			d := startDesk(t, cfg, tty)
			d.app.m.glyphs = nil // nobody draws while the bubble rests
			d.tty.keys <- []byte("1")
			if err := d.end(); err == nil || !strings.Contains(err.Error(), "nil pointer") {
				t.Errorf("err %v", err)
			}
		})
	})
	t.Run("before it is continued", func(t *testing.T) {
		inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
			cfg.AllowSuspend = true
			d := startDesk(t, cfg, tty)
			d.app.stop = func() { panic("cannot stop") }
			d.tty.keys <- []byte("\x1a")
			if err := d.end(); err == nil || !strings.Contains(err.Error(), "cannot stop") {
				t.Errorf("err %v", err)
			}
		})
	})
}

// still returns a scene in which nothing moves and no clock that is shown
// changes: the run is over.
func still(t *testing.T, cfg Config, tty *fakeTty) *desk {
	d := startDesk(t, cfg, tty)
	d.send(eventsMessage{0, quiet().sorted()}, heardMessage{0})
	d.send(lostMessage{site: 0, ended: true})
	d.pass(3 * time.Second)
	tty.count()
	return d
}

func TestUnchangedFramesCostNothing(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := still(t, cfg, tty)
		d.pass(10 * time.Second)
		if n := tty.count(); n != 0 {
			t.Errorf("%d bytes for a picture that did not change", n)
		}
		d.press("q")
		_ = d.end()
	})
}

func TestOneCarMovingOneFloorIsCheap(t *testing.T) {
	const most = 100
	for _, theme := range themes {
		t.Run(theme.name, func(t *testing.T) {
			inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
				cfg.Theme = theme.name
				d := still(t, cfg, tty)
				s := d.app.m.sites[0]
				s.group.Cars[1].Floor, s.group.Cars[1].FromM = 4, s.building.Floors[4].ElevationM
				d.press("k") // draws, selects nothing new
				tty.count()
				s.group.Cars[1].Floor, s.group.Cars[1].FromM = 5, s.building.Floors[5].ElevationM
				d.press("k")
				n := tty.count()
				if n == 0 || n > most {
					t.Errorf("%d bytes for one car that moved one floor; at most %d", n, most)
				}
				d.press("q")
				_ = d.end()
			})
		})
	}
}

func TestResizeAndRedraw(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := still(t, cfg, tty)
		tty.resize(40, 10)
		d.pass(time.Second)
		if n := tty.count(); n == 0 {
			t.Error("nothing was drawn after the terminal's size changed")
		}
		tty.resize(30, 8)
		d.pass(time.Second)
		d.shows("needs 40 x 10")
		tty.count()
		d.press("\x0c")
		if n := tty.count(); n < 30 {
			t.Errorf("ctrl-l sent %d bytes only", n)
		}
		d.press("q")
		_ = d.end()
	})
}

func TestCtrlZIsRefusedWhereTheGroupRuns(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := still(t, cfg, tty)
		d.press("\x1a")
		d.shows("ctrl-z is off")
		d.press("q")
		_ = d.end()
	})
}

func TestCtrlZSuspendsAndComesBack(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		cfg.AllowSuspend = true
		d := still(t, cfg, tty)
		stopped := false
		d.app.stop = func() { stopped = tty.restored() }
		before := tty.picture()
		d.press("\x1a")
		if !stopped {
			t.Error("the process was stopped before the terminal was given back")
		}
		d.pass(time.Second)
		if after := tty.picture(); after != before || tty.restored() {
			t.Errorf("after coming back:\n%s", after)
		}
		d.press("q")
		_ = d.end()
	})
}

// A desk whose terminal went away while it was stopped ends, and says why.
func TestTerminalGoneWhileSuspended(t *testing.T) {
	hangUp := errors.New("no such device")
	for want, goes := range map[string]func(*fakeTty){
		"take the terminal back: no such device":            func(tty *fakeTty) { tty.gone = hangUp },
		"take the terminal back: it does not tell its size": func(tty *fakeTty) { tty.sizeless = hangUp },
	} {
		inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
			cfg.AllowSuspend = true
			d := still(t, cfg, tty)
			d.app.stop = func() {
				tty.mu.Lock()
				defer tty.mu.Unlock()
				goes(tty)
			}
			tty.keys <- []byte("\x1a")
			if err := d.end(); err == nil || err.Error() != want {
				t.Errorf("ended with %v, want %s", err, want)
			}
		})
	}
}

// Whatever was drawn before, the terminal shows the frame.
func TestTerminalShowsTheFrame(t *testing.T) {
	inBubble(t, 100, 30, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := startDesk(t, cfg, tty)
		d.send(eventsMessage{0, faulty().sorted()}, heardMessage{0})
		d.send(lostMessage{site: 0, ended: true})
		for _, key := range []string{"2", "?", "?", "3", "4", "a", "5", "\x1b[A", "6", "1", "\r", "\x1b[B", "t", "1", "t", "5", "/", "c", "\r", "1"} {
			d.press(key)
			want := strings.Split(view(d.app.m, tty.width, tty.height).text(), "\n")
			for y, line := range strings.Split(tty.picture(), "\n")[:tty.height] {
				if strings.TrimRight(line, " ") != want[y] {
					t.Errorf("after %q row %d is %q, want %q", key, y, line, want[y])
				}
			}
		}
		d.press("q")
		_ = d.end()
	})
}

// A connection that says nothing becomes stale by itself.
func TestSilenceIsStale(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := startDesk(t, cfg, tty)
		d.send(eventsMessage{0, quiet().sorted()}, heardMessage{0})
		d.pass(silence - 2*time.Second)
		d.shows("LIVE")
		d.pass(4 * time.Second)
		d.shows("STALE")
		d.shows("connection lost")
		d.send(heardMessage{0})
		d.pass(time.Second)
		d.shows("LIVE")
		d.press("q")
		_ = d.end()
	})
}

func TestDrawsAtMostTenTimesASecond(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := startDesk(t, cfg, tty)
		s := newScene(testBuilding("B", 8, 2))
		s.depart(0, 0, 0, 7)
		d.send(eventsMessage{0, s.sorted()}, heardMessage{0})
		draws, last := 0, d.app.drawn
		for range 1000 {
			if err := d.app.box.put(t.Context(), heardMessage{0}); err != nil {
				t.Fatal(err)
			}
			d.pass(time.Millisecond)
			if d.app.drawn != last {
				draws, last = draws+1, d.app.drawn
			}
		}
		if draws > 11 || draws < 8 {
			t.Errorf("%d draws in a second", draws)
		}
		d.press("q")
		_ = d.end()
	})
}

func TestExportWritesTheScreen(t *testing.T) {
	dir := t.TempDir()
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		cfg.ExportDir = dir
		d := still(t, cfg, tty)
		d.press("S")
		d.shows("screen written to")
		d.press("q")
		_ = d.end()
	})
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	data, err := os.ReadFile(dir + "/" + files[0].Name())
	if err != nil || !strings.Contains(string(data), "Town Hall") {
		t.Errorf("%v:\n%s", err, data)
	}
}

// fakeScheduler answers every command, and knows the reasons of the faulty
// building.
type fakeScheduler struct {
	got    chan operator.Command
	answer string
	mu     sync.Mutex
	err    error // of every call from now on
}

func (f *fakeScheduler) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

func (f *fakeScheduler) failure() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *fakeScheduler) Command(_ context.Context, c operator.Command) (operator.Result, error) {
	f.got <- c
	return operator.Result{Result: f.answer}, f.failure()
}

func (f *fakeScheduler) Assignments(context.Context) (operator.Assignments, error) {
	return faultyReasons(), f.failure()
}

// Reasons are asked for when somebody wants to see them, and as long as they do.
func TestReasonsOnDemand(t *testing.T) {
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		fake := &fakeScheduler{}
		d := startDesk(t, cfg, tty)
		d.app.schedulers = []scheduler{fake}
		d.send(eventsMessage{0, faulty().sorted()}, heardMessage{0})
		d.press("w")
		d.pass(drawEvery)
		d.shows("has the call")
		d.press("j")
		d.shows("▸3▲")
		fake.fail(errors.New("connection reset"))
		d.pass(2 * reasonsEvery)
		d.shows("connection reset")
		d.press("\x1b")
		d.pass(time.Second)
		d.shows("Group")
		d.press("q")
		_ = d.end()
	})
}

func TestCommandsAreGivenAndAnswered(t *testing.T) {
	inBubble(t, 100, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		fake := &fakeScheduler{got: make(chan operator.Command, 2), answer: "ok"}
		d := startDesk(t, cfg, tty)
		d.app.schedulers = []scheduler{fake}
		d.send(eventsMessage{0, quiet().sorted()}, heardMessage{0})
		d.press(":", "p", "\t", "C", "\t", "3", "\r") // park C 3
		c := <-fake.got
		if c.Name != "park" || c.Car != "C" || c.Floor != "3" || c.RequestID == "" {
			t.Errorf("got %+v", c)
		}
		d.pass(drawEvery)
		d.shows("park: ok")
		fake.fail(&operator.StatusError{Status: http.StatusConflict, Sentence: "car C is out of service"})
		d.press(":", "\x1b[A", "\r")
		<-fake.got
		d.pass(drawEvery)
		d.shows("refused: car C is out of service")
		fake.fail(errors.New("connection reset"))
		d.press(":", "\x1b[A", "\r")
		if first, second := <-fake.got, <-fake.got; first.RequestID != second.RequestID {
			t.Error("a command whose answer was lost was sent again with another request id")
		}
		d.press("q")
		_ = d.end()
	})
}

func TestNoColorMeansMono(t *testing.T) {
	t.Setenv("NO_COLOR", "1")
	inBubble(t, 80, 24, func(t *testing.T, cfg Config, tty *fakeTty) {
		d := startDesk(t, cfg, tty)
		if got := themes[d.app.m.theme].name; got != "mono" {
			t.Errorf("theme %s with NO_COLOR", got)
		}
		d.press("q")
		_ = d.end()
	})
}

func TestOtherCharsetsGetASCII(t *testing.T) {
	tty := newTty(80, 24)
	cfg := tty.on(t, "xterm")
	t.Setenv("LC_ALL", "C")
	a := newApp(cfg, newModel(cfg.URLs))
	if err := a.open(); err != nil {
		t.Fatal(err)
	}
	defer a.screen.Fini()
	if a.m.glyphs != asciiGlyphs {
		t.Error("a terminal of locale C gets other characters than ASCII")
	}
}

func TestATerminalThatCannotBeUsedIsAnError(t *testing.T) {
	cfg := Config{URLs: []string{"x"}, screen: func() (tcell.Screen, error) { return nil, errors.New("no cursor") }}
	if err := newApp(cfg, newModel(cfg.URLs)).run(t.Context()); err == nil || !strings.Contains(err.Error(), "no cursor") {
		t.Errorf("err %v", err)
	}
}
