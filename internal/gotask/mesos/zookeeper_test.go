package mesos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

const zkServerScript = "/usr/share/zookeeper/bin/zkServer.sh"

// startZooKeeper runs Debian's ZooKeeper for the test and returns its address and a way to end it early.
func startZooKeeper(t *testing.T) (address string, kill func()) {
	t.Helper()
	if _, err := os.Stat(zkServerScript); err != nil {
		if os.Getenv("ELEVATOR_TEST_REQUIRE_TOOLS") == "1" {
			t.Fatalf("ZooKeeper is required here: %v; install the Debian package zookeeper", err)
		}
		t.Skipf("ZooKeeper is not installed (Debian package zookeeper): %v", err)
	}
	address = freeAddress(t)
	dir := t.TempDir()
	_, port, _ := net.SplitHostPort(address)
	config := filepath.Join(dir, "zoo.cfg")
	text := fmt.Sprintf("tickTime=200\nminSessionTimeout=400\ndataDir=%s\nclientPort=%s\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n", dir, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	command := exec.Command(zkServerScript, "start-foreground", config)
	command.Env = append(os.Environ(), "ZOO_LOG_DIR="+dir, "ZOO_LOG4J_PROP=WARN,CONSOLE", "JVMFLAGS=-Xmx128m -XX:TieredStopAtLevel=1")
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		command.Wait()
	}()
	kill = func() {
		syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
		<-ended
	}
	t.Cleanup(func() {
		kill()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("ZooKeeper said:\n%s", text)
		}
	})
	return address, kill
}

// freeAddress returns an address that nobody listens at. It is not one of those that the kernel gives to clients, as any
// connection made before the address is used might get that.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		if listener, err := net.Listen("tcp", address); err == nil {
			listener.Close()
			return address
		}
	}
	t.Fatal("no free port found")
	return ""
}

// zkClient is what a master is to ZooKeeper. It waits until ZooKeeper answers.
func zkClient(t *testing.T, address string) *zk.Conn {
	t.Helper()
	conn, _, err := zk.Connect([]string{address}, 5*time.Second, zk.WithLogInfo(false), zk.WithLogger(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	deadline := time.After(2 * time.Minute) // a machine full of work needs more than half a minute to start it
	for {
		_, _, err := conn.Get("/")
		if err == nil {
			return conn
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("ZooKeeper does not answer: %v", err)
		}
	}
}

func register(t *testing.T, conn *zk.Conn, port int, acl []zk.ACL) (node string) {
	t.Helper()
	data := fmt.Sprintf(`{"address":{"hostname":"h","ip":"127.0.0.1","port":%d},"capabilities":[{"type":"QUOTA_V2"}]}`, port)
	node, err := conn.Create("/mesos/json.info_", []byte(data), zk.FlagEphemeral|zk.FlagSequence, acl)
	if err != nil {
		t.Fatal(err)
	}
	return node
}

func waitClosed(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal(what)
	}
}

func TestZooKeeperDetector(t *testing.T) {
	address, kill := startZooKeeper(t)
	made, err := NewDetector("zk://me:s3cret@"+address+"/mesos", false)
	if err != nil {
		t.Fatal(err)
	}
	detector := made.(*zooKeeperDetector)
	detector.retry = 10 * time.Millisecond
	defer detector.Close()
	detect := func() Leader {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		leader, err := detector.Detect(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return leader
	}

	masters := zkClient(t, address)
	if err := masters.AddAuth("digest", []byte("me:s3cret")); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	_, err = detector.Detect(short)
	cancel()
	if err == nil || !strings.Contains(err.Error(), "/mesos") && !strings.Contains(err.Error(), "ZooKeeper") {
		t.Errorf("without masters: %v", err)
	}

	acl := zk.AuthACL(zk.PermAll) // only me:s3cret may read
	for _, path := range []string{"/mesos", "/mesos/log_replicas"} {
		if _, err := masters.Create(path, nil, 0, acl); err != nil {
			t.Fatal(err)
		}
	}
	first := register(t, masters, 8050, acl)
	leader := detect()
	if got := leader.URL.String(); got != "http://127.0.0.1:8050/api/v1/scheduler" {
		t.Errorf("leader is %s", got)
	}
	second := register(t, masters, 8060, acl)
	if again := detect(); again.URL.String() != leader.URL.String() || again.Lost != leader.Lost {
		t.Errorf("a follower changed the leader to %v", again.URL)
	}
	if err := masters.Delete(first, -1); err != nil {
		t.Fatal(err)
	}
	waitClosed(t, "the loss of the leader was not noticed", leader.Lost)
	leader = detect()
	if got := leader.URL.Host; got != "127.0.0.1:8060" {
		t.Errorf("leader is %s", got)
	}
	if err := masters.Delete(second, -1); err != nil {
		t.Fatal(err)
	}
	waitClosed(t, "the loss of the last leader was not noticed", leader.Lost)
	short, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	if _, err := detector.Detect(short); err == nil || !strings.Contains(err.Error(), "no master has registered") {
		t.Errorf("without a leader: %v", err)
	}
	cancel()

	register(t, masters, 8070, acl)
	leader = detect()
	kill()
	if again := detect(); again.Lost != leader.Lost {
		t.Error("the leader was dropped when ZooKeeper went away")
	}
	select {
	case <-leader.Lost:
		t.Error("the leader was dropped when ZooKeeper went away")
	default:
	}
}

// A server that takes a connection and says nothing on it is tried again.
func TestZooKeeperThatForgetsAConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	detector := newZooKeeperDetector(zooKeeperAddress{servers: []string{listener.Addr().String()}, path: "/mesos"}, false)
	detector.greeting = 50 * time.Millisecond
	if err := detector.connect(); err != nil {
		t.Fatal(err)
	}
	defer detector.Close()
	again := make(chan struct{})
	go func() {
		defer close(again)
		for range 2 {
			if conn, err := listener.Accept(); err == nil {
				defer conn.Close()
			}
		}
	}()
	waitClosed(t, "no second connection was tried", again)
}

func TestSchedulerOverZooKeeper(t *testing.T) {
	address, _ := startZooKeeper(t)
	masters := zkClient(t, address)
	acl := zk.WorldACL(zk.PermAll)
	if _, err := masters.Create("/mesos", nil, 0, acl); err != nil {
		t.Fatal(err)
	}
	one, two := serveTCP(t, &fakeMaster{}), serveTCP(t, &fakeMaster{})
	first := register(t, masters, one.Listener.Addr().(*net.TCPAddr).Port, acl)
	register(t, masters, two.Listener.Addr().(*net.TCPAddr).Port, acl)
	d := drive(t, nil, SchedulerConfig{Masters: "zk://" + address + "/mesos"})
	d.expect(t, "connected stream-1 "+one.URL+"/api/v1/scheduler", subscribed1)
	if err := masters.Delete(first, -1); err != nil {
		t.Fatal(err)
	}
	d.expect(t, "disconnected: another master leads now", "connected stream-1 "+two.URL+"/api/v1/scheduler", subscribed1)
	d.stop()
	wantError(t, <-d.ended, context.Canceled)
}

func TestUnreachableZooKeeperIsSaid(t *testing.T) {
	address := freeAddress(t)
	err := testScheduler(t, nil, SchedulerConfig{Masters: "zk://" + address + "/mesos", ConnectTimeout: 100 * time.Millisecond}).
		Run(t.Context(), nil)
	if !errors.Is(err, ErrNoMaster) || !strings.Contains(err.Error(), address) {
		t.Errorf("Run returned %v", err)
	}
}
