package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/traffic"
	"elevator/internal/gotask"
	"elevator/internal/operator"
	"elevator/ui"
)

// runOptions are the flags of run.
type runOptions struct {
	master         string
	agents         int
	building       string
	traffic        string
	seed           uint64
	dispatcher     string
	parking        string
	speed          float64
	duration       time.Duration
	onTaskFailure  string
	onExit         string
	http           string
	artifact       string
	advertise      string
	stateDir       string
	journal        string
	journalSize    int
	journalKeep    int
	executor       string
	ui             string
	connectTimeout time.Duration

	principalFile, secretFile string
	role, user, frameworkName string
	failoverTimeout           time.Duration
	tlsCA, tlsCert, tlsKey    string
	offerHold                 time.Duration

	tokenFile, httpTLSCert, httpTLSKey string

	logFile string
	look    ui.Config // of the dashboard

	httpGiven, dispatcherGiven bool // on the command line
}

func (o *runOptions) register(f *flag.FlagSet) {
	f.StringVar(&o.master, "master", "local", "`local` for a cluster in this process, host:port[,host:port…], http(s)://… or zk://host:port[,…]/path")
	f.IntVar(&o.agents, "agents", 2, "with --master=local: how many agents")
	f.StringVar(&o.building, "building", "", "building `file` (YAML); default the built-in one, see 'elevator-scheduler building'")
	f.StringVar(&o.traffic, "traffic", "two-way:20%", "`NAME[:RATE%]` (up-peak, down-peak, lunch, interfloor, two-way, office-day, crites-barto), a CSV trace, or none; the rate is the share of the population that arrives in 5 minutes")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the traffic")
	f.StringVar(&o.dispatcher, "dispatcher", dispatch.Default, "which `rule` decides: "+strings.Join(dispatcherNames(), ", "))
	f.StringVar(&o.parking, "parking", dispatch.Parkings[0].Name, "where idle cars wait: "+parkingHelp())
	f.Float64Var(&o.speed, "speed", 1, "how many `times` faster than the wall clock the building runs")
	f.DurationVar(&o.duration, "duration", 0, "arrivals stop after this much of the building's time and the run ends when everybody has arrived; 0: never")
	f.StringVar(&o.onTaskFailure, "on-task-failure", "shutdown", "what a failed task means: `shutdown or restart`")
	f.StringVar(&o.onExit, "on-exit", "", "what becomes of the tasks on q, SIGINT and SIGTERM: `teardown or keep`; default teardown with --master=local, else keep")
	f.StringVar(&o.http, "http", "127.0.0.1:8080", "`address` of the operators' API and /metrics; a free port when this one is taken and the flag was not given")
	f.StringVar(&o.artifact, "artifact", "", "listen `address` from which agents fetch the executor; default a free port")
	f.StringVar(&o.advertise, "advertise", "", "`host[:port]` at which agents reach --artifact; default this host's address")
	f.StringVar(&o.stateDir, "state-dir", "", "`directory` of framework id, settings and journal; default temporary with --master=local, else $XDG_STATE_HOME/elevator")
	f.StringVar(&o.journal, "journal", "", "the journal's `file`; default journal.ndjson in the state directory")
	f.IntVar(&o.journalSize, "journal-size", 64, "the journal goes on in a new file after this many `MB`; 0: never")
	f.IntVar(&o.journalKeep, "journal-keep", 0, "how many full `files` of the journal are kept; 0: all")
	f.StringVar(&o.executor, "executor", "", "the executor's `binary`; default elevator-executor beside this program")
	f.StringVar(&o.ui, "ui", "auto", "`auto` (dashboard where stdout is a terminal, else one line an event), always or never")
	f.DurationVar(&o.connectTimeout, "connect-timeout", 30*time.Second, "how long to look for a first master")
	o.registerCredentials(f)
	f.StringVar(&o.role, "role", "*", "Mesos role")
	f.StringVar(&o.user, "user", "", "user that runs the executors; default the one who runs this program")
	f.StringVar(&o.frameworkName, "framework-name", "elevator", "name of the framework on the master")
	f.DurationVar(&o.failoverTimeout, "failover-timeout", 7*24*time.Hour, "how long the master keeps the tasks while no scheduler is connected")
	f.DurationVar(&o.offerHold, "offer-hold", 5*time.Second, "how long offers are held together before they are declined")
	f.StringVar(&o.tokenFile, "token-file", "", "`file` with the operators' tokens, one a line: role (viewer or operator), name, token")
	f.StringVar(&o.httpTLSCert, "http-tls-cert", "", "`file` with the certificate of the operators' API")
	f.StringVar(&o.httpTLSKey, "http-tls-key", "", "`file` with the key of --http-tls-cert")
	f.StringVar(&o.logFile, "log", "", "`file` for the log, or - for stderr; default errors only, to stderr, and nothing under the dashboard")
	lookFlags(f, &o.look)
}

func dispatcherNames() []string {
	var names []string
	for _, e := range dispatch.All {
		names = append(names, e.Name)
	}
	return names
}

// parkingHelp lists the parking policies for a flag's help.
func parkingHelp() string {
	list := make([]string, len(dispatch.Parkings))
	for i, p := range dispatch.Parkings {
		list[i] = fmt.Sprintf("%s (%s)", p.Name, p.About)
	}
	return "a `policy`: " + strings.Join(list, ", ")
}

// fittingDispatchers returns the names of those that can serve the building.
func fittingDispatchers(b *elevator.Building) []string {
	var names []string
	for _, e := range dispatch.All {
		if e.Fits(b) == nil {
			names = append(names, e.Name)
		}
	}
	return names
}

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
		oneOf("on-task-failure", o.onTaskFailure, "shutdown", "restart"),
		oneOf("on-exit", p.options.onExit, "teardown", "keep"),
		oneOf("ui", o.ui, "auto", "always", "never"),
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

func (p *runPlan) readBuilding() (err error) {
	p.building, err = readBuilding(p.options.building)
	return err
}

// readBuilding reads the building file, or returns the built-in building for
// an empty path.
func readBuilding(path string) (*elevator.Building, error) {
	if path == "" {
		return building.Builtin(), nil
	}
	b, err := building.ReadFile(path)
	if err != nil {
		return nil, badInput{err}
	}
	return b, nil
}

// readLook checks the flags of the dashboard's look.
func (p *runPlan) readLook() error {
	if err := p.options.look.CheckLook(); err != nil {
		return badInput{err}
	}
	return nil
}

func (p *runPlan) readDispatcher() (err error) {
	p.entry, err = parkedDispatcher(p.options.dispatcher, p.options.parking, p.building)
	return err
}

// parkedDispatcher returns the dispatcher of that name with the cars parked by
// the policy of that name, if it can serve b.
func parkedDispatcher(name, parking string, b *elevator.Building) (dispatch.Entry, error) {
	entry, err := findDispatcher(name, b)
	if err != nil {
		return entry, err
	}
	policy, err := dispatch.ParkingByName(parking)
	if err != nil {
		return entry, badInputf("--parking %w", err)
	}
	return entry.Parked(policy), nil
}

// findDispatcher returns the dispatcher of that name if it can serve b, which
// may be nil when the building is at fault itself.
func findDispatcher(name string, b *elevator.Building) (dispatch.Entry, error) {
	entry, ok := dispatch.ByName(name)
	if !ok {
		return entry, badInputf("--dispatcher %q: want one of %s", name, strings.Join(dispatcherNames(), ", "))
	}
	if b == nil {
		return entry, nil
	}
	if err := entry.Fits(b); err != nil {
		return entry, badInput{err}
	}
	return entry, nil
}

func (p *runPlan) readTraffic() (err error) {
	if p.traffic, err = readTraffic(p.options.traffic); err != nil || p.building == nil || p.traffic.Trace == "" {
		return err
	}
	// A trace is read once from end to end, so that a bad line is refused before
	// anything starts.
	source, err := traffic.New(p.building, p.traffic, p.options.seed, 0)
	for more := true; more && err == nil; {
		_, more, err = source.Next()
	}
	if err != nil {
		return badInputf("--traffic: %w", err)
	}
	return nil
}

func readTraffic(text string) (traffic.Spec, error) {
	spec, err := traffic.ParseSpec(text)
	if err != nil {
		return spec, badInputf("--traffic: %w", err)
	}
	return spec, nil
}

func (p *runPlan) findExecutor() error {
	path := p.options.executor
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program's directory: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), "elevator-executor")
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return badInputf("--executor %s: there is no such file; 'make build' makes it as bin/elevator-executor", path)
	case err != nil:
		return badInputf("--executor: %w", err)
	case !info.Mode().IsRegular():
		return badInputf("--executor %s: not a regular file; want the elevator-executor binary", path)
	}
	if _, err := exec.LookPath(mustAbs(path)); err != nil {
		return badInputf("--executor %s: not executable; want the elevator-executor binary", path)
	}
	p.executor = mustAbs(path)
	return nil
}

// mustAbs returns path made absolute where that is possible.
func mustAbs(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
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

// readOperators reads who may use the operators' API, and its certificate.
func (p *runPlan) readOperators() (err error) {
	o := &p.options
	if o.tokenFile != "" {
		if p.tokens, err = operator.LoadTokens(o.tokenFile, p.log); err != nil {
			return badInputf("--token-file: %w", err)
		}
	}
	if (o.httpTLSCert == "") != (o.httpTLSKey == "") {
		return badInputf("--http-tls-cert and --http-tls-key belong together")
	}
	if o.httpTLSCert != "" {
		if p.httpTLS, err = operator.ServerTLS(o.httpTLSCert, o.httpTLSKey, p.log); err != nil {
			return badInputf("--http-tls-cert, --http-tls-key: %w", err)
		}
	}
	return nil
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
