package localmesos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// process is an executor's container: the fetching of its URIs, then a child
// process in a session of its own. It outlives the agent that started it.
type process struct {
	host        Host
	fetcher     *fetcher
	command     *mesos.CommandInfo
	sandbox     string
	environment []string
	user        string
	credential  *syscall.Credential
	ctx         context.Context // of the fetching
	abandon     context.CancelFunc

	mu        sync.Mutex
	child     int // pid, which is also the session's id; 0 before and after it lives
	lastPID   int
	destroyed bool
	cause     *exitStatus // what to tell when it was destroyed for a reason
}

func newProcess(host Host, f *fetcher, command *mesos.CommandInfo, sandbox string, environment []string, user string, credential *syscall.Credential) *process {
	ctx, abandon := context.WithCancel(context.Background())
	return &process{
		host:        host,
		fetcher:     f,
		command:     command,
		sandbox:     sandbox,
		environment: environment,
		user:        user,
		credential:  credential,
		ctx:         ctx,
		abandon:     abandon,
	}
}

// pid is the child's process id, also after its end; 0 before its start.
func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lastPID
}

func (p *process) alive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.child != 0
}

// run fetches, starts the child and waits for its end.
func (p *process) run() exitStatus {
	defer p.abandon()
	const killed = int32(syscall.SIGKILL)
	stdout, stderr, err := p.openLogs()
	if err != nil {
		return p.ending(killed, launchFailed(err.Error()))
	}
	defer stdout.Close()
	defer stderr.Close()
	if err := p.fetcher.fetch(p.ctx, p.command.GetURIs(), p.sandbox, p.user, p.credential, stderr); err != nil {
		fmt.Fprintf(stderr, "Failed to fetch: %v\n", err)
		return p.ending(killed, launchFailed(fmt.Sprintf("Failed to fetch all URIs for container '%s': exited with status 1",
			filepath.Base(p.sandbox))))
	}
	cmd, err := p.start(stdout, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "Failed to execute command: %v\n", err)
		const exitFailure = 1 << 8
		return p.ending(exitFailure, nil)
	}
	waitUnreaped(cmd.Process.Pid)
	killSession(cmd.Process.Pid) // before reaping, so that the id cannot be another's
	_ = cmd.Wait()               // the status says it all
	p.mu.Lock()
	p.child = 0
	p.mu.Unlock()
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return p.ending(int32(status), nil)
}

func launchFailed(message string) *exitStatus {
	return &exitStatus{
		state:   mesos.TASK_FAILED,
		reason:  mesos.REASON_CONTAINER_LAUNCH_FAILED,
		message: "Failed to launch container: " + message,
	}
}

// ending is the status to report: the reason it was destroyed for goes before
// what it ended with.
func (p *process) ending(wait int32, own *exitStatus) exitStatus {
	p.mu.Lock()
	defer p.mu.Unlock()
	status := terminatedStatus(wait)
	switch {
	case p.cause != nil:
		status = *p.cause
	case own != nil && !p.destroyed:
		status = *own
	}
	status.wait = wait
	return status
}

func (p *process) openLogs() (stdout, stderr *os.File, err error) {
	open := func(name string) (*os.File, error) {
		path := filepath.Join(p.sandbox, name)
		file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err == nil && p.credential != nil {
			err = os.Chown(path, int(p.credential.Uid), int(p.credential.Gid))
		}
		return file, err
	}
	if stdout, err = open("stdout"); err != nil {
		return nil, nil, err
	}
	if stderr, err = open("stderr"); err != nil {
		stdout.Close()
		return nil, nil, err
	}
	return stdout, stderr, nil
}

func (p *process) start(stdout, stderr *os.File) (*exec.Cmd, error) {
	path, arguments := "/bin/sh", []string{"sh", "-c", p.command.GetValue()}
	if !p.command.GetShell() {
		var err error
		if path, err = lookUp(p.command.GetValue(), p.sandbox, p.environment); err != nil {
			return nil, err
		}
		arguments = p.command.Arguments
	}
	// A file that was just written is busy (ETXTBSY) for as long as a child
	// forked meanwhile, for another executor, has not got to its own exec and
	// still holds the descriptor.
	const attempts, pause = 50, 10 * time.Millisecond
	for i := 1; ; i++ {
		cmd := &exec.Cmd{
			Path: path, Args: arguments, Dir: p.sandbox, Env: p.environment, Stdout: stdout, Stderr: stderr,
			SysProcAttr: &syscall.SysProcAttr{Setsid: true, Credential: p.credential},
		}
		err := p.startUnlessDestroyed(cmd)
		if err == nil || i == attempts || !errors.Is(err, syscall.ETXTBSY) {
			return cmd, err
		}
		time.Sleep(pause)
	}
}

func (p *process) startUnlessDestroyed(cmd *exec.Cmd) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.destroyed {
		return context.Canceled
	}
	if err := p.host.Do(cmd.Start); err != nil {
		return err
	}
	p.child, p.lastPID = cmd.Process.Pid, cmd.Process.Pid
	return nil
}

// lookUp finds an executable as execvp in the sandbox does, with the
// environment's PATH.
func lookUp(name, sandbox string, environment []string) (string, error) {
	if strings.Contains(name, "/") {
		if filepath.IsAbs(name) {
			return name, nil
		}
		return filepath.Join(sandbox, name), nil
	}
	dirs := []string{sandbox}
	for _, variable := range environment {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			dirs = append(dirs, filepath.SplitList(path)...)
		}
	}
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && !info.IsDir() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}

// destroy kills whatever there is of the container.
func (p *process) destroy() {
	p.abandon()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.destroyed = true
	if p.child != 0 {
		killSession(p.child)
	}
}

// destroyFor is destroy, with what to tell about the tasks.
func (p *process) destroyFor(cause exitStatus) {
	p.mu.Lock()
	if p.cause == nil {
		p.cause = &cause
	}
	p.mu.Unlock()
	p.destroy()
}

// waitUnreaped waits for the child's end without reaping it.
func waitUnreaped(pid int) {
	const (
		idTypePID = 1
		exited    = 4         // WEXITED
		noWait    = 0x1000000 // WNOWAIT
	)
	for {
		_, _, errno := syscall.Syscall6(syscall.SYS_WAITID, idTypePID, uintptr(pid), 0, exited|noWait, 0, 0)
		if errno != syscall.EINTR {
			return
		}
	}
}

// killSession kills every process of the session, also those in process groups
// of their own, until none is left but the leader's zombie.
func killSession(session int) {
	_ = syscall.Kill(-session, syscall.SIGKILL)
	for range 100 {
		alive := sessionMembers(session)
		if len(alive) == 0 {
			return
		}
		for _, pid := range alive {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
}

// sessionMembers lists the processes of a session that are not zombies.
func sessionMembers(session int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var members []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue
		}
		// After the name in parentheses: state, ppid, pgrp, session.
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		if len(fields) > 3 && string(fields[3]) == strconv.Itoa(session) && fields[0][0] != 'Z' && fields[0][0] != 'X' {
			members = append(members, pid)
		}
	}
	return members
}
