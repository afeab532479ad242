//go:build unix

package ui

import "syscall"

// stopProcess stops this process as ctrl-z would, until a shell continues it.
func stopProcess() { _ = syscall.Kill(syscall.Getpid(), syscall.SIGTSTP) }
