package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"elevator/internal/elevator"
	"elevator/internal/gotask"
)

// service tells systemd how the scheduler fares (sd_notify(3)): ready once it
// is subscribed, whether it still works, what it does at the moment, and that
// it stops or reads its files again. Where no service manager asked for it, it
// does nothing.
type service struct {
	framework func() gotask.Status
	healthy   func() error
	group     func() *elevator.Group
	warnings  func() []string
	reload    func() error // opens the log again
	log       *slog.Logger

	ready  bool
	status string // told last
}

// underServiceManager reports whether whoever started this program wants to be
// told how it fares.
func underServiceManager() bool { return os.Getenv("NOTIFY_SOCKET") != "" }

// run tells the service manager until ctx is done. The watchdog is content as
// long as the scheduler function turns and answers.
func (s *service) run(ctx context.Context) {
	if !underServiceManager() {
		return
	}
	hangUp := make(chan os.Signal, 1)
	signal.Notify(hangUp, syscall.SIGHUP)
	defer signal.Stop(hangUp)
	pause := time.Second
	watchdog, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		s.log.Warn("the service manager's watchdog is left alone", "error", err)
	} else if watchdog > 0 {
		pause = min(pause, watchdog/3)
	}
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	defer s.tell(daemon.SdNotifyStopping)
	for {
		s.look(watchdog > 0)
		select {
		case <-ticker.C:
		case <-hangUp:
			s.readAgain()
		case <-ctx.Done():
			return
		}
	}
}

// look tells what has changed since it looked last, and that all is well.
func (s *service) look(watched bool) {
	status := s.framework()
	if status.Connected && !s.ready {
		s.ready = true
		s.tell(daemon.SdNotifyReady)
	}
	text := s.describe(status)
	if text != s.status {
		s.status = text
		s.tell("STATUS=" + text)
	}
	if watched && s.healthy() == nil {
		s.tell(daemon.SdNotifyWatchdog)
	}
}

// describe says in one line what 'systemctl status' shows.
func (s *service) describe(status gotask.Status) string {
	if err := s.healthy(); err != nil {
		return err.Error()
	}
	if err := ready(status); err != nil {
		return err.Error()
	}
	g := s.group()
	text := fmt.Sprintf("%d tasks run; %d passengers carried, %d waiting, %d riding", len(status.Tasks), g.Carried, g.WaitingTotal(), g.Riding())
	return strings.Join(append([]string{text}, s.warnings()...), "; ")
}

// readAgain opens the log again, which was moved away.
func (s *service) readAgain() {
	s.tell(daemon.SdNotifyReloading)
	if err := s.reload(); err != nil {
		s.log.Error("open the log again", "error", err)
	}
	s.tell(daemon.SdNotifyReady)
}

func (s *service) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("tell the service manager", "state", state, "error", err)
	}
}

// patience is how long the scheduler function may take for one turn. It does
// four a second; a journal on a disk that hangs keeps it waiting.
const patience = 30 * time.Second

// healthy returns why this process does not do its work, or nil. Turned is when
// the scheduler function looked last for something to do, zero before it began.
func healthy(turned, now time.Time) error {
	if late := now.Sub(turned); !turned.IsZero() && late > patience {
		return fmt.Errorf("the scheduler function has not turned for %v: does the journal's disk hang?", late.Round(time.Second))
	}
	return nil
}

// reopenedFile is a log file that can be opened anew under its name, after
// somebody moved it away. The trace of a crash goes there as well as to stderr:
// on a terminal that a dashboard has, nobody can read it.
type reopenedFile struct {
	path string

	mu   sync.Mutex // guards file
	file *os.File
}

func openLogFile(path string) (*reopenedFile, error) {
	f := &reopenedFile{path: path}
	return f, f.reopen()
}

// Write implements io.Writer.
func (f *reopenedFile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.file.Write(p)
}

// reopen opens the file of that name. If it cannot, the old one stays.
func (f *reopenedFile) reopen() error {
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	if err := debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		return errors.Join(err, file.Close())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.file
	f.file = file
	if old == nil {
		return nil
	}
	return old.Close()
}

// Close implements io.Closer.
func (f *reopenedFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(debug.SetCrashOutput(nil, debug.CrashOptions{}), f.file.Close())
}
