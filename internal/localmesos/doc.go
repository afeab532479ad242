// Package localmesos is an Apache Mesos cluster inside the calling process: a
// master (or several, one of them leading) and any number of agents that speak
// the real v1 scheduler and executor HTTP APIs on loopback ports chosen by the
// system. It is what the scheduler's --master=local runs on, and the peer of
// the tests of everything that talks to Mesos.
//
// The agents fetch URIs into real sandbox directories and start executors as
// real child processes, each in its own session and with exactly the
// environment a Mesos agent gives it; sandboxes of executors that have ended
// are removed after a week, the sooner the fuller the disk is. Texts, status
// codes, event orders and timings follow Mesos 1.12 as recorded on the wire;
// where Mesos drops something silently, so does this package.
//
// How data passes through: an HTTP handler decodes a call, takes the lock of
// its master or agent, changes the state and queues events on the streams of
// schedulers or executors; one goroutine for each stream writes what is queued.
// Master and agent never call each other under a lock: they exchange messages
// over a link, an ordered queue each way, so a pair of processes sees ordered
// but unreliable delivery, as with Mesos.
//
// Left out: operations other than LAUNCH and LAUNCH_GROUP, reservations,
// volumes, quota and weights, maintenance and inverse offers, container
// isolation, SASL, and the operator API.
//
// Concurrency: all methods of Cluster may be called from any goroutine. Every
// goroutine and child process belongs to the Cluster and has ended when Close
// returns.
package localmesos
