// Package gotaskbench measures package gotask against a client that speaks the bare protocol of Mesos: protobuf, one
// MESSAGE call for each message, keep-alive connections, and as many calls at once as serve it best.
//
// Run does everything. The cluster (unless a master is given) and all executors are processes of their own, started again
// from the program that calls Run: Config.Child is the command line that makes that program call Child. Both sides use
// the same machine at the same time, taking turns, so that what else runs on it disturbs both alike.
//
// A bare executor answers every message with one, as a gotask executor's echo task does. It has a few connections to its
// agent for that; the bare scheduler tries several numbers of calls in flight and keeps the best.
//
// Run waits for all goroutines and processes it has started. It may not be called twice at the same time.
package gotaskbench
