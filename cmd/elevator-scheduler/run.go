package main

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/traffic"
	"elevator/internal/gotask"
	"elevator/internal/operator"
)

// runPlan is what run has checked and opened before anything is started.
type runPlan struct {
	options   runOptions
	local     bool
	building  *elevator.Building
	entry     dispatch.Entry
	traffic   traffic.Spec
	executor  string
	listener  net.Listener
	busy      string // the default address that was taken
	dashboard bool
	tls       *tls.Config
	principal string
	secret    string
	tokens    *operator.Tokens
	httpTLS   *tls.Config
	state     *stateDir
	log       *slog.Logger
	logFile   *reopenedFile // nil where there is none
}

func runCommand(ctx context.Context, args []string, std streams) error {
	var o runOptions
	flags := newFlags("run", std)
	o.register(flags.FlagSet)
	if err := flags.parse(args); err != nil {
		return err
	}
	o.httpGiven, o.dispatcherGiven = flags.given("http"), flags.given("dispatcher")
	plan, err := newRunPlan(o, std)
	if err != nil {
		return err
	}
	defer plan.close()
	return runBuilding(ctx, plan, std)
}

// newRunPlan checks every option and opens what can be refused. Nothing is
// left behind when it fails.
func newRunPlan(o runOptions, std streams) (plan *runPlan, err error) {
	p := &runPlan{options: o, local: o.master == "local"}
	defer func() {
		if err != nil {
			p.close()
		}
	}()
	if p.options.onExit == "" {
		p.options.onExit = string(gotask.KeepOnExit)
		if p.local {
			p.options.onExit = string(gotask.TeardownOnExit)
		}
	}
	for _, check := range []error{
		checkSpeed(o.speed),
		checkDuration("duration", o.duration),
		checkDuration("connect-timeout", o.connectTimeout),
		checkDuration("offer-hold", o.offerHold),
		checkDuration("failover-timeout", o.failoverTimeout),
		checkCount("journal-size", o.journalSize),
		checkCount("journal-keep", o.journalKeep),
		p.readBuilding(),
		p.readLook(),
		p.readDispatcher(),
		p.readTraffic(),
		p.findExecutor(),
		p.readCredentials(),
	} {
		if check != nil {
			return nil, check
		}
	}
	if o.agents < 1 || o.agents > 1000 {
		return nil, badInputf("--agents %d: want 1 to 1000", o.agents)
	}
	p.dashboard = o.ui == "always" || o.ui == "auto" && isTerminal(std.out)
	if p.dashboard && !isTerminal(std.out) {
		return nil, badInputf("--ui always: stdout is no terminal; use --ui never or auto")
	}
	if err := p.openLog(std.err); err != nil {
		return nil, err
	}
	if err := p.readOperators(); err != nil {
		return nil, err
	}
	if err := p.listen(); err != nil {
		return nil, err
	}
	if p.state, err = openStateDir(o.stateDir, o.journal, p.local); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *runPlan) close() {
	if p.listener != nil {
		_ = p.listener.Close()
	}
	if p.state != nil {
		p.state.close()
	}
	if p.logFile != nil {
		_ = p.logFile.Close()
	}
}

func (p *runPlan) openLog(stderr io.Writer) error {
	out, level := stderr, slog.LevelError
	switch p.options.logFile {
	case "":
		if p.dashboard {
			out = io.Discard // a line on stderr would tear the picture
		}
	case "-":
		level = slog.LevelInfo
	default:
		file, err := openLogFile(p.options.logFile)
		if err != nil {
			return badInputf("--log: %w", err)
		}
		p.logFile, out, level = file, file, slog.LevelInfo
	}
	p.log = slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
	return nil
}

// reopenLog opens the log's file anew, after it was moved away.
func (p *runPlan) reopenLog() error {
	if p.logFile == nil {
		return nil
	}
	return p.logFile.reopen()
}

// address is the URL of the operators' API.
func (p *runPlan) address() string {
	scheme := "http"
	if p.httpTLS != nil {
		scheme = "https"
	}
	return scheme + "://" + p.listener.Addr().String()
}

func (p *runPlan) listen() error {
	l, err := net.Listen("tcp", p.options.http)
	if err != nil && !p.options.httpGiven {
		p.busy = p.options.http
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return badInputf("--http %s: %w; want a free host:port, port 0 takes any", p.options.http, err)
	}
	p.listener = l
	return nil
}
