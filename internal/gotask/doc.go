// Package gotask runs the goroutines of one application on an Apache Mesos cluster.
//
// The application has two executables. The scheduler runs once, at the head of the cluster, and holds the scheduler
// function. The executor holds all task functions; agents fetch it from the scheduler and start one process of it on each
// agent, in which each task is a goroutine. Scheduler function and tasks see nothing of Mesos: they have channels. The
// first executable, in full:
//
//	func main() {
//		s, err := gotask.NewGoTaskScheduler(gotask.Config{
//			Master: "zk://zk1:2181/mesos", FrameworkName: "example", ExecutorPath: "./example-executor",
//		})
//		check(err)
//		_, err = s.SpawnTask("worker", 4, gotask.Resources{CPUs: 0.5, MemMB: 64})
//		check(err)
//		check(s.RegisterSchedFunc(schedule))
//		check(s.Run(context.Background()))
//	}
//
// and the second:
//
//	func main() {
//		e, err := gotask.NewGoTaskExecutor(gotask.ExecutorConfig{})
//		check(err)
//		check(e.RegisterTaskFunc("worker", work))
//		check(e.Run(context.Background()))
//	}
//
// # How data passes through
//
//	scheduler function ─schedout─► outbox of the task ─► link ─► MESSAGE calls ─► link ─► pump ─in─► task function
//	scheduler function ◄─schedin── pump ◄─ link ◄─ MESSAGE events ◄─ link ◄─ collector ◄─out─────── task function
//	scheduler function ◄─schedevent── pump ◄─ coalescing queue ◄─ task states ◄─ UPDATE, FAILURE, … events
//
// Package link makes messages exactly-once over the best-effort messages of Mesos, package placement decides what runs
// where, and package mesos speaks the HTTP APIs. The driver interfaces between the last and this package let package
// gotasktest take its place.
//
// # Concurrency
//
//  1. A scheduler function and each task function run in one goroutine each. All methods of GoTaskScheduler and
//     GoTaskExecutor may be called from any goroutine.
//  2. in, schedin and schedevent are each sent on and closed by one goroutine of this package. Users need not close out or
//     schedout; closing them is the end of their messages.
//  3. No user code is called, and no user's channel is waited for, by a goroutine that serves Mesos. A task that does not
//     read, write or return holds up nobody but itself.
//  4. Messages between the scheduler function and one attempt of a task keep their order, each way. There is no order
//     between different tasks, nor between schedin and schedevent, but for one: a task's last messages are queued before
//     the event of its end.
//  5. Back-pressure is per task. A task's out blocks while 256 of its messages or 1 MiB wait to be taken by the scheduler
//     function; messages to a task wait for it in an outbox of 1024 messages or 4 MiB, and only when that is full does
//     schedout block.
//  6. schedevent never blocks anything and loses nothing but repetitions: an event that was not taken yet is replaced by a
//     later one of the same kind about the same attempt, agent and executor.
//  7. Status updates are acknowledged after they were acted on and the new state was stored; each is acted on once.
//  8. Run waits for all goroutines it started. The only ones it may leave behind are those of user code that does not return.
//
// # Messages
//
// A message belongs to one attempt of its task: the one that is running, or that will be launched next, when it is taken
// from schedout. It is delivered exactly once, whatever connections break and whichever messages get lost, unless the
// attempt ends before; then it is dropped, and the event of the attempt's end tells. Messages a task has sent before it
// returned arrive even so. A restarted scheduler process gets those messages again whose delivery its predecessor could
// not confirm any more: none after an orderly end, a few after a crash. With Config.ExplicitConfirm the scheduler function
// itself says which messages it is done with, for instance when what they say is on its disk; a successor gets all others.
//
// # Failures
//
// A task fails when it returns an error, panics, is refused by its agent, or goes with its executor or agent. Under
// ShutdownOnFailure that ends the whole system, and Run returns a *TaskError. Under RestartOnFailure the task gets another
// attempt, under another Mesos task id, with a back-off; the scheduler function sees the end of the old attempt
// (Restarting is true), then EventTaskLaunched and EventTaskRunning of the new one. An old attempt that shows up again
// after a partition is killed.
//
// Tasks outlive a broken connection, a change of masters, a restarted agent (with Config.Checkpoint) and, with KeepOnExit
// and a FileStore, the scheduler: the next one finds the tasks it spawns under the same names still running.
package gotask
