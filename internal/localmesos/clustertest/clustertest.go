// Package clustertest leads integration tests to a Mesos cluster that runs
// beside them, if the environment names one, and breaks it for them.
//
//   - ELEVATOR_TEST_MASTER is its master, as host:port or zk://…; its agents
//     have to run on this machine, as the same user.
//   - ELEVATOR_TEST_CONTROL is a command that breaks and mends it: called with
//     one of the words of Verb, and with the host:port of an agent or master
//     where it is about one, it returns when that is done.
//
// Without them a test that needs them is skipped with a sentence that says so.
// Nothing here keeps state; all functions may be called from any goroutine.
package clustertest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Verb is what the control command is asked to do.
type Verb string

// The verbs.
const (
	KillAgent    Verb = "kill-agent"    // KillAgent ends an agent at once, not its executors.
	StartAgent   Verb = "start-agent"   // StartAgent starts a killed agent again, with its work directory.
	FreezeAgent  Verb = "freeze-agent"  // FreezeAgent stops an agent as SIGSTOP does.
	ThawAgent    Verb = "thaw-agent"    // ThawAgent lets a frozen agent go on.
	KillMaster   Verb = "kill-master"   // KillMaster ends a master at once.
	FreezeMaster Verb = "freeze-master" // FreezeMaster stops a master as SIGSTOP does.
	ThawMasters  Verb = "thaw-masters"  // ThawMasters lets every frozen master go on, or starts it again when that ends it.
	StartMasters Verb = "start-masters" // StartMasters starts every master that does not run.
	ListMasters  Verb = "masters"       // ListMasters prints the host:port of every master that runs, the leading one first.

	CutExecutors   Verb = "cut-executors"   // CutExecutors breaks the connections between an agent and its executors.
	KillZooKeeper  Verb = "kill-zookeeper"  // KillZooKeeper ends ZooKeeper at once; its data stay.
	StartZooKeeper Verb = "start-zookeeper" // StartZooKeeper starts ZooKeeper again.
)

// Named returns what ELEVATOR_TEST_MASTER names, or "".
func Named() string { return os.Getenv("ELEVATOR_TEST_MASTER") }

// Master returns the cluster's master and skips the test when there is none.
func Master(t testing.TB) string {
	t.Helper()
	master := Named()
	if master == "" {
		t.Skip("needs a Mesos cluster: ELEVATOR_TEST_MASTER=host:port or zk://… names one whose agents run on this machine")
	}
	return master
}

// Controlled skips the test when nothing can break the cluster.
func Controlled(t testing.TB) {
	t.Helper()
	Master(t)
	if os.Getenv("ELEVATOR_TEST_CONTROL") == "" {
		t.Skip("needs ELEVATOR_TEST_CONTROL: a command that does kill-agent, start-agent, freeze-agent, thaw-agent, cut-executors, " +
			"kill-master, freeze-master (each with host:port), thaw-masters, start-masters, masters, kill-zookeeper and start-zookeeper to the cluster")
	}
}

// Do has the control command do it, to the agent or master at host:port where
// the verb is about one, and fails the test when it cannot. It returns what the
// command printed.
func Do(t testing.TB, verb Verb, whom ...string) string {
	t.Helper()
	args := append([]string{string(verb)}, whom...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, os.Getenv("ELEVATOR_TEST_CONTROL"), args...)
	command.WaitDelay = time.Second
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// Masters lists the host:port of the masters that run, the leading one first.
func Masters(t testing.TB) []string {
	t.Helper()
	masters := strings.Fields(Do(t, ListMasters))
	if len(masters) == 0 {
		t.Fatalf("%s: no master is named", ListMasters)
	}
	return masters
}

// KillLeader ends the leading master at once.
func KillLeader(t testing.TB) {
	t.Helper()
	Do(t, KillMaster, Masters(t)[0])
}

// Process is an executor's process on this machine.
type Process struct {
	PID        int
	ExecutorID string
	Agent      string // its agent's host:port
	Sandbox    string
}

// Executors lists the processes on this machine that have the environment of an
// executor of the framework, by process id.
func Executors(t testing.TB, frameworkID string) []Process {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []Process
	for _, path := range paths {
		environment := readEnvironment(path)
		if environment["MESOS_FRAMEWORK_ID"] != frameworkID || environment["MESOS_EXECUTOR_ID"] == "" {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		found = append(found, Process{
			PID: pid, ExecutorID: environment["MESOS_EXECUTOR_ID"],
			Agent: environment["MESOS_AGENT_ENDPOINT"], Sandbox: environment["MESOS_SANDBOX"],
		})
	}
	slices.SortFunc(found, func(a, b Process) int { return a.PID - b.PID })
	return found
}

// readEnvironment is empty for processes that have ended.
func readEnvironment(path string) map[string]string {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	environment := make(map[string]string)
	for pair := range bytes.SplitSeq(data, []byte{0}) {
		name, value, _ := strings.Cut(string(pair), "=")
		environment[name] = value
	}
	return environment
}

// Kill ends the process at once.
func (p Process) Kill() error {
	if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
		return fmt.Errorf("kill executor %d: %w", p.PID, err)
	}
	return nil
}
