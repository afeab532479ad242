package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"

	"elevator/internal/gotask"
	"elevator/internal/gotask/mesos"
)

// teardownCommand ends a framework for good: the master kills its tasks and
// never accepts its id again.
func teardownCommand(ctx context.Context, args []string, std streams) error {
	var o runOptions
	flags := newFlags("teardown", std)
	flags.StringVar(&o.master, "master", "", "host:port[,host:port…], http(s)://… or zk://host:port[,…]/path")
	flags.StringVar(&o.stateDir, "state-dir", "", "`directory` with the framework's id; default $XDG_STATE_HOME/elevator")
	id := flags.String("framework-id", "", "the framework's `id`; default the one of the state directory")
	o.registerCredentials(flags.FlagSet)
	flags.StringVar(&o.user, "user", "root", "user of the framework")
	flags.StringVar(&o.frameworkName, "framework-name", "elevator", "name of the framework on the master")
	flags.DurationVar(&o.connectTimeout, "connect-timeout", 30*time.Second, "how long to look for a master")
	if err := flags.parse(args); err != nil {
		return err
	}
	if o.master == "" || o.master == "local" {
		return badInputf("--master is needed: host:port, http(s)://… or zk://…; a local cluster ends with its scheduler")
	}
	plan := &runPlan{options: o}
	if err := plan.readCredentials(); err != nil {
		return err
	}
	if *id != "" {
		return plan.teardown(ctx, *id, std)
	}
	return plan.teardownStored(ctx, std)
}

// teardownStored ends the framework of the state directory, which must not be
// in use by a running scheduler, and forgets its id.
func (p *runPlan) teardownStored(ctx context.Context, std streams) error {
	state, err := openStateDir(p.options.stateDir, "", false)
	if err != nil {
		return err
	}
	defer state.close()
	store := gotask.NewFileStore(filepath.Join(state.path, frameworkFile))
	stored, err := store.Load()
	if err != nil {
		return badInputf("--state-dir: %w", err)
	}
	if stored.FrameworkID == "" {
		return badInputf("--state-dir %s: no framework id is stored there; want the directory of its scheduler, or --framework-id", state.path)
	}
	if err := p.teardown(ctx, stored.FrameworkID, std); err != nil {
		return err
	}
	return store.Save(gotask.StoredState{})
}

// teardown takes the framework over, which the master allows its owner at any
// time, and tears it down.
func (p *runPlan) teardown(ctx context.Context, id string, std streams) error {
	framework := &mesosv1.FrameworkInfo{
		User: p.options.user, Name: p.options.frameworkName, ID: &mesosv1.FrameworkID{Value: id},
		Capabilities: []mesosv1.FrameworkInfo_Capability{
			{Type: mesosv1.FrameworkInfo_Capability_PARTITION_AWARE}, {Type: mesosv1.FrameworkInfo_Capability_MULTI_ROLE},
		},
		Roles: []string{"*"},
	}
	cfg := mesos.SchedulerConfig{
		Masters: p.options.master, TLS: p.tls, ConnectTimeout: p.options.connectTimeout,
		Framework: func() *mesosv1.FrameworkInfo { return framework },
	}
	if p.principal != "" {
		framework.Principal = &p.principal
		cfg.Credentials = &mesos.Credentials{Principal: p.principal, Secret: p.secret}
	}
	client, err := mesos.NewScheduler(cfg)
	if err != nil {
		return badInputf("--master: %w", err)
	}
	ctx, done := context.WithCancelCause(ctx)
	defer done(nil)
	errTornDown := errors.New("torn down")
	err = client.Run(ctx, func(e mesos.SchedulerEvent) {
		if e.Event.GetType() != scheduler.Event_SUBSCRIBED {
			return // no call is taken before
		}
		call := &scheduler.Call{Type: scheduler.Call_TEARDOWN, FrameworkID: framework.ID}
		if err := client.Call(ctx, call); err != nil {
			done(err)
			return
		}
		done(errTornDown)
	})
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, errTornDown), errors.Is(err, mesos.ErrFrameworkRemoved):
		fmt.Fprintf(std.out, "framework %s is torn down\n", id)
		return nil
	case cause != nil:
		err = cause
	}
	return fmt.Errorf("framework %s: %w", id, err)
}
