package chaos

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/journal"
	"elevator/internal/localmesos/clustertest"
	"elevator/internal/operator"
	"elevator/internal/programtest"
)

func TestMain(m *testing.M) { os.Exit(programtest.Main(m)) }

// usualSpeed is that of the building's clock in all rounds.
const usualSpeed = 10

// site is a building that runs on a cluster, and what a strike may reach.
type site struct {
	t         testing.TB
	cluster   cluster
	host      programtest.Host // where the scheduler runs; nil: here
	link      *relay           // between scheduler and master; nil where masters are found through ZooKeeper
	state     string           // directory
	binaries  string           // directory of another version's; "": the one under test
	clocks    *clocks          // of the machines; nil: they cannot be set
	speed     float64          // of the building's clock
	args      []string
	scheduler *programtest.Program
	victims   *victims
	framework string // its id, once the building is open
	began     time.Time

	watched atomic.Pointer[programtest.Program] // the scheduler, for who looks at it from another goroutine
}

// newSite starts a building whose tasks are launched again when they fail.
// Further arguments of run may follow.
func newSite(t testing.TB, c cluster, state string, args ...string) *site {
	t.Helper()
	s := &site{t: t, cluster: c, state: state, speed: usualSpeed, victims: newVictims()}
	s.openOnCluster(args...)
	return s
}

// openOnCluster is open, with the cluster's master.
func (s *site) openOnCluster(args ...string) {
	s.t.Helper()
	master := s.cluster.master()
	if !zooKeeper() {
		s.link = newRelay(s.t, s.cluster.master)
		master = s.link.addr()
	}
	s.open(append([]string{"--master", master, "--http", "127.0.0.1:0", "--artifact", "0.0.0.0:0", "--advertise", advertised()}, args...)...)
}

// open starts the scheduler, with further arguments of run, and waits until it
// carries passengers.
func (s *site) open(args ...string) {
	s.t.Helper()
	log := filepath.Join(s.t.TempDir(), "log")
	s.args = append([]string{
		"run", "--ui", "never", "--state-dir", s.state, "--speed", fmt.Sprint(s.speed),
		"--on-task-failure", "restart", "--log", log,
	}, args...)
	s.t.Cleanup(func() {
		if s.t.Failed() {
			if log, err := os.ReadFile(log); err == nil {
				s.t.Logf("--- log\n%s", programtest.Tail(string(log), 80))
			}
			s.keepJournal()
		}
	})
	s.startScheduler()
	programtest.Eventually(s.t, 60*time.Second, "all tasks run", func() bool { return s.scheduler.Ready() == nil })
	s.began, s.framework = time.Now(), s.frameworkID()
}

// keepJournal copies the journal of a run that was judged to be wrong to where
// it outlives the test.
func (s *site) keepJournal() {
	s.t.Helper()
	files, err := journal.Files(s.journal())
	if err != nil {
		return
	}
	dir, err := os.MkdirTemp("", "chaos-journal-")
	if err != nil {
		return
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			_ = os.WriteFile(filepath.Join(dir, filepath.Base(file)), data, 0o644)
		}
	}
	s.t.Logf("the journal is kept in %s", dir)
}

// advertised is the address at which agents fetch the executor: this host's,
// where a cluster is named, else the loopback's.
func advertised() string {
	if clustertest.Named() == "" {
		return "127.0.0.1"
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "127.0.0.1"
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return "127.0.0.1"
}

func (s *site) startScheduler() {
	s.t.Helper()
	if s.clocks != nil {
		s.clocks.began = s.clocks.scheduler.Step()
	}
	binary := s.binary()
	if s.host == nil {
		s.scheduler = programtest.StartBinary(s.t, binary, s.args...)
	} else {
		s.scheduler = programtest.StartOn(s.t, s.host, binary, s.args...)
	}
	s.watched.Store(s.scheduler)
}

// binary is the path of elevator-scheduler.
func (s *site) binary() string {
	s.t.Helper()
	if s.binaries != "" {
		return filepath.Join(s.binaries, "elevator-scheduler")
	}
	return programtest.Path(s.t, "elevator-scheduler")
}

func (s *site) journal() string { return filepath.Join(s.state, "journal.ndjson") }

// executors lists the executor processes of the site's framework.
func (s *site) executors() []clustertest.Process {
	s.t.Helper()
	id := s.frameworkID()
	return slices.DeleteFunc(clustertest.Executors(s.t, id), func(p clustertest.Process) bool {
		// A shell between agent and executor has the same environment.
		name, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", p.PID))
		return err != nil || !strings.Contains(filepath.Base(name), "elevator-executor")
	})
}

func (s *site) frameworkID() string {
	s.t.Helper()
	id, err := programtest.FrameworkID(s.state)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// signalExecutor sends an executor a signal. That it has just ended is no
// failure.
func (s *site) signalExecutor(p clustertest.Process, signal syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(p.PID, signal); err != nil && err != syscall.ESRCH {
		s.t.Fatalf("%v to executor %d: %v", signal, p.PID, err)
	}
}

// operate asks or commands the present scheduler through its API, and leaves no
// connection behind.
func (s *site) operate(do func(*operator.Client) error) error {
	client, err := operator.NewClient(s.scheduler.API())
	if err != nil {
		return err
	}
	defer client.Close()
	return do(client)
}

// events reads the journal so far. While a file is being renamed it is empty.
func (s *site) events() []elevator.Event {
	events, _ := programtest.Journal(s.journal())
	return events
}

// carried counts who has arrived so far.
func (s *site) carried() (n int) {
	for _, e := range s.events() {
		if e.Kind == elevator.PassengerAlighted {
			n++
		}
	}
	return n
}

// normal returns why the building is not yet as it was before a strike, or nil:
// the scheduler says that it is ready, and cars and landings have written the
// journal since the strike was over.
func (s *site) normal(since time.Time) error {
	if code, ended := s.scheduler.Ended(); ended {
		s.t.Fatalf("the scheduler has ended with code %d: %s", code, s.scheduler.Stderr())
	}
	if err := s.scheduler.Ready(); err != nil {
		return err
	}
	events := s.events()
	if len(events) == 0 {
		return fmt.Errorf("the journal cannot be read")
	}
	over := time.Duration(float64(since.Sub(events[0].Detail.Header.WallTime)) * s.speed)
	for i := len(events) - 1; i >= 0 && events[i].T >= over; i-- {
		if e := &events[i]; e.Kind == elevator.CarDeparted || e.Kind == elevator.DoorsOpened || e.Kind == elevator.DoorsClosed {
			return nil
		}
	}
	return fmt.Errorf("nothing has moved since")
}

// patience is how long a building may take to recover from a strike at all. How
// long it takes in the middle is the table's business.
const patience = 90 * time.Second

// recovery waits until all is normal after a strike, and returns how long that
// took from now.
func (s *site) recovery(until func() error) (time.Duration, error) {
	began := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := s.normal(began)
		if err == nil && until != nil {
			err = until()
		}
		took := time.Since(began)
		if err == nil {
			return took, nil
		}
		if took > patience {
			return took, fmt.Errorf("not normal again after %v: %w", patience, err)
		}
		<-tick.C
	}
}

// finish has the run end in its own time, everybody carried, and judges it.
func (s *site) finish(late time.Duration) *programtest.Judgement {
	s.t.Helper()
	return s.finishWithin(3*time.Minute, late)
}

// finishWithin is finish for a run that may take so long until its end.
func (s *site) finishWithin(most, late time.Duration) *programtest.Judgement {
	s.t.Helper()
	if code := s.scheduler.Wait(most); code != 0 {
		s.t.Errorf("exit code %d: %s", code, s.scheduler.Stderr())
	}
	judged := programtest.Judge(s.t, s.journal(), late)
	judged.Whole(s.t)
	programtest.Eventually(s.t, 20*time.Second, "no executor is left", func() bool { return len(clustertest.Executors(s.t, s.framework)) == 0 })
	return judged
}
