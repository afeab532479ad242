//go:build unix

package ui

import (
	"os"
	ossignal "os/signal"
	"syscall"
	"time"
)

// stopPatience is how long this process may still run after it was told to stop.
// One that no shell could continue is not stopped at all.
const stopPatience = 200 * time.Millisecond

// stopProcess stops this process as ctrl-z would, and returns when a shell
// continues it. That the signal was sent is not enough to go on: the terminal would
// be taken back before this process has stopped.
func stopProcess() {
	continued := make(chan os.Signal, 1)
	ossignal.Notify(continued, syscall.SIGCONT)
	defer ossignal.Stop(continued)
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTSTP); err != nil {
		return
	}
	select {
	case <-continued:
	case <-time.After(stopPatience):
	}
}
