package gotaskbench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"elevator/internal/gotask"
	"elevator/internal/localmesos"
)

// What a child process is told to be.
const (
	childEcho    = "echo"    // a gotask executor
	childBare    = "bare"    // a bare executor
	childCluster = "cluster" // a local cluster, followed by its number of agents
)

// Child plays the part of a process that Run has started, until it is over or ctx is done. args are those that follow
// Config.Child on the command line.
func Child(ctx context.Context, args []string) error {
	switch {
	case len(args) == 1 && args[0] == childEcho:
		return runEchoExecutor(ctx)
	case len(args) == 1 && args[0] == childBare:
		return runBareExecutor(ctx)
	case len(args) == 2 && args[0] == childCluster:
		agents, err := strconv.Atoi(args[1])
		if err != nil {
			return fmt.Errorf("number of agents: %w", err)
		}
		return runCluster(ctx, agents)
	}
	return fmt.Errorf("part %q of a benchmark: want %s, %s or %s AGENTS", args, childEcho, childBare, childCluster)
}

func runEchoExecutor(ctx context.Context) error {
	e, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{})
	if err != nil {
		return err
	}
	if err := e.RegisterTaskFunc(childEcho, echo); err != nil {
		return err
	}
	return e.Run(ctx)
}

func echo(in <-chan gotask.TaskMsg, out chan<- gotask.TaskMsg, _ []string, _ map[string]string) error {
	for m := range in {
		out <- m
	}
	return nil
}

// runCluster runs a cluster until its standard input ends, so that it never outlives whoever started it. It prints its
// master's address.
func runCluster(ctx context.Context, agents int) error {
	dir, err := os.MkdirTemp("", "gotaskbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c, err := localmesos.Start(ctx, localmesos.Config{
		WorkDir: dir, Agents: agents, Resources: localmesos.Resources{CPUs: 1000, MemMB: 1 << 20, DiskMB: 1 << 20},
	})
	if err != nil {
		return err
	}
	fmt.Println(c.MasterAddr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, c.Close())
}

// cluster is a local cluster in a process of its own.
type cluster struct {
	master string
	cmd    *exec.Cmd
	stdin  io.Closer
}

func startCluster(ctx context.Context, child []string, agents int) (*cluster, error) {
	args := append(child[1:len(child):len(child)], childCluster, strconv.Itoa(agents))
	cmd := exec.CommandContext(ctx, child[0], args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	c := &cluster{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cluster did not start: %w", err), c.close())
	}
	c.master = strings.TrimSpace(line)
	return c, nil
}

func (c *cluster) close() error {
	c.stdin.Close()
	if err := c.cmd.Wait(); err != nil {
		return fmt.Errorf("cluster: %w", err)
	}
	return nil
}
