package gotaskbench

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/procfs"
)

// Cores is how many cores were busy on average, and with what.
type Cores struct {
	Scheduler float64 `json:"scheduler"`
	Executors float64 `json:"executors"` // those on this machine
	Cluster   float64 `json:"cluster"`   // master and agents; 0 where they are not the benchmark's own
	Machine   float64 `json:"machine"`   // everything that runs on it
	Of        int     `json:"of"`        // cores of the machine
}

// String tells them in the order of a message's way.
func (c Cores) String() string {
	return fmt.Sprintf("%.2f of %d: scheduler %.2f, master and agents %.2f, executors %.2f", c.Machine, c.Of, c.Scheduler, c.Cluster, c.Executors)
}

// processorTime is the processor time used since processes were started, in seconds.
type processorTime struct {
	scheduler, executors, cluster, machine float64
	at                                     time.Time
}

// readProcessorTime reads it from /proc. child is Config.Child, by which processes of the benchmark are known.
func readProcessorTime(child []string) (processorTime, error) {
	now := processorTime{at: time.Now()}
	proc, err := procfs.NewDefaultFS()
	if err != nil {
		return now, fmt.Errorf("processor time: %w", err)
	}
	stat, err := proc.Stat()
	if err != nil {
		return now, fmt.Errorf("processor time: %w", err)
	}
	all := stat.CPUTotal
	now.machine = all.User + all.Nice + all.System + all.IRQ + all.SoftIRQ
	processes, err := proc.AllProcs()
	if err != nil {
		return now, fmt.Errorf("processor time: %w", err)
	}
	for _, p := range processes {
		part := partOf(p, child)
		if part == nil && p.PID != os.Getpid() {
			continue
		}
		stat, err := p.Stat()
		if err != nil {
			continue // it has just ended
		}
		switch {
		case p.PID == os.Getpid():
			now.scheduler += stat.CPUTime()
		case part[0] == childCluster:
			now.cluster += stat.CPUTime()
		default:
			now.executors += stat.CPUTime()
		}
	}
	return now, nil
}

// partOf returns the arguments that say what a child process is, or nil for any other process.
func partOf(p procfs.Proc, child []string) []string {
	command, err := p.CmdLine()
	if err != nil || len(command) <= len(child) || !slices.Equal(command[:len(child)], child) {
		return nil
	}
	return command[len(child):]
}

// coresBusy is what was used from before to after.
func coresBusy(before, after processorTime) Cores {
	lasted := after.at.Sub(before.at).Seconds()
	return Cores{
		Scheduler: (after.scheduler - before.scheduler) / lasted,
		Executors: (after.executors - before.executors) / lasted,
		Cluster:   (after.cluster - before.cluster) / lasted,
		Machine:   (after.machine - before.machine) / lasted,
		Of:        runtime.NumCPU(),
	}
}
