package gotask

import "context"

// GoTaskScheduler is one framework: it holds the application's scheduler function and keeps the tasks it spawned running
// on the cluster. All methods may be called from any goroutine, also from the scheduler function.
type GoTaskScheduler struct{}

// NewGoTaskScheduler returns a scheduler that is not connected yet.
func NewGoTaskScheduler(cfg Config) (*GoTaskScheduler, error) { return nil, nil }

// RegisterSchedFunc sets the scheduler function. It must be called once, before Run.
func (s *GoTaskScheduler) RegisterSchedFunc(f SchedFunc) error { return nil }

// RegisterSchedTask sets the scheduler function in its interface form.
func (s *GoTaskScheduler) RegisterSchedTask(t SchedTask) error { return nil }

// RegisterSchedContext sets the scheduler function in its context form.
func (s *GoTaskScheduler) RegisterSchedContext(t ContextSchedTask) error { return nil }

// SpawnTask asks for count more instances of the task that executors registered as name; args become their args[1:]. It
// returns the instances' names.
func (s *GoTaskScheduler) SpawnTask(name string, count int, res Resources, args ...string) ([]string, error) {
	return nil, nil
}

// SpawnTasks asks for the instances of all specs and returns their names, in order. Either all specs are taken or none.
// It may be called before Run and while it runs. Tasks are launched only when offers held together cover all tasks that
// are not launched yet.
func (s *GoTaskScheduler) SpawnTasks(specs []TaskSpec) ([]string, error) { return nil, nil }

// KillTask tells the named task to return; it is not launched again. An EventTaskKilled follows.
func (s *GoTaskScheduler) KillTask(name string) error { return nil }

// RestartTask tells the named task to return and launches it again at once; that is not a failure. A task that has ended
// is launched again.
func (s *GoTaskScheduler) RestartTask(name string) error { return nil }

// Scale brings the number of instances of a spawned type to count: it spawns more with the last spec of that name, or
// kills those with the highest index. It returns the names of the new instances.
func (s *GoTaskScheduler) Scale(name string, count int) ([]string, error) { return nil, nil }

// Status returns a snapshot.
func (s *GoTaskScheduler) Status() Status { return Status{} }

// Run subscribes with the master, launches the tasks, and runs the scheduler function until it returns (nil), ctx is done
// (ctx's cause), a task fails under ShutdownOnFailure (a *TaskError), or the master refuses the framework. It returns at
// most Config.EndTimeout after that, with every goroutine gone except a scheduler function that will not return.
func (s *GoTaskScheduler) Run(ctx context.Context) error { return nil }
