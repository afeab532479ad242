package main

import (
	"flag"
	"fmt"
	"strings"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/traffic"
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
	suggestVar(f, &o.master, "master", "local", "`local` for a cluster in this process, host:port[,host:port…], http(s)://… or zk://host:port[,…]/path", "local")
	f.IntVar(&o.agents, "agents", 2, "with --master=local: how many agents")
	f.StringVar(&o.building, "building", "", "building `file` (YAML); default the built-in one, see 'elevator-scheduler building'")
	suggestVar(f, &o.traffic, "traffic", "two-way:20%", "`NAME[:RATE%] or file` ("+strings.Join(traffic.Profiles(), ", ")+", a CSV trace, or a journal); the rate is the share of the population that arrives in 5 minutes", traffic.Profiles()...)
	f.Uint64Var(&o.seed, "seed", 1, "seed of the traffic")
	dispatcherVar(f, &o.dispatcher)
	parkingVar(f, &o.parking)
	f.Float64Var(&o.speed, "speed", 1, "how many `times` faster than the wall clock the building runs")
	f.DurationVar(&o.duration, "duration", 0, "arrivals stop after this much of the building's time and the run ends when everybody has arrived; 0: never")
	chooseVar(f, &o.onTaskFailure, "on-task-failure", "shutdown", "what a failed task means: `shutdown or restart`", "shutdown", "restart")
	chooseVar(f, &o.onExit, "on-exit", "", "what becomes of the tasks on q, SIGINT and SIGTERM: `teardown or keep`; default teardown with --master=local, else keep", "teardown", "keep")
	f.StringVar(&o.http, "http", "127.0.0.1:8080", "`address` of the operators' API and /metrics; a free port when this one is taken and the flag was not given")
	f.StringVar(&o.artifact, "artifact", "", "listen `address` from which agents fetch the executor; default a free port")
	f.StringVar(&o.advertise, "advertise", "", "`host[:port]` at which agents reach --artifact; default this host's address")
	f.StringVar(&o.stateDir, "state-dir", "", "`directory` of framework id, settings and journal; default temporary with --master=local, else $XDG_STATE_HOME/elevator")
	f.StringVar(&o.journal, "journal", "", "the journal's `file`; default journal.ndjson in the state directory")
	f.IntVar(&o.journalSize, "journal-size", 64, "the journal goes on in a new file after this many `MB`; 0: never")
	f.IntVar(&o.journalKeep, "journal-keep", 0, "how many full `files` of the journal are kept; 0: all")
	f.StringVar(&o.executor, "executor", "", "the executor's `binary`; default elevator-executor beside this program")
	chooseVar(f, &o.ui, "ui", "auto", "`auto` (dashboard where stdout is a terminal, else one line an event), always or never", "auto", "always", "never")
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
	f.StringVar(&o.logFile, "log", "", "`file` for the log and the trace of a crash, or - for stderr; default errors only, to stderr, and nothing under the dashboard")
	lookFlags(f, &o.look)
}

func dispatcherNames() []string {
	var names []string
	for _, e := range dispatch.All {
		names = append(names, e.Name)
	}
	return names
}

// dispatcherVar registers which dispatcher decides.
func dispatcherVar(f *flag.FlagSet, p *string) {
	chooseVar(f, p, "dispatcher", dispatch.Default, "which `rule` decides: "+strings.Join(dispatcherNames(), ", "), dispatcherNames()...)
}

// parkingVar registers where idle cars wait.
func parkingVar(f *flag.FlagSet, p *string) {
	list := make([]string, len(dispatch.Parkings))
	for i, p := range dispatch.Parkings {
		list[i] = fmt.Sprintf("%s (%s)", p.Name, p.About)
	}
	chooseVar(f, p, "parking", dispatch.Parkings[0].Name, "where idle cars wait, a `policy`: "+strings.Join(list, ", "), dispatch.ParkingNames()...)
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
