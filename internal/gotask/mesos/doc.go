// Package mesos speaks the v1 scheduler and executor HTTP APIs of Apache Mesos for the framework above it.
//
// A [Scheduler] finds the leading master (a list of addresses, or ZooKeeper), subscribes, and hands every event to one
// handler; an [Executor] does the same with its agent. Both keep two connections: the subscription, a chunked answer that
// never ends and carries protobuf messages framed by RecordIO, and one keep-alive connection on which all other calls go
// out one after the other, because Mesos acts on them in the order of their arrival. Message types and their protobuf
// encoding are mesos-go's; everything on the wire around them is this package's own.
//
// How data passes through:
//
//	socket ─► RecordReader ─► decode ─► eventQueue ─► handle (the caller's function)
//	Call, Enqueue ─► encode ─► sender's queue ─► sender ─► socket
//
// Concurrency: Run owns every goroutine of its driver and has waited for all of them when it returns. The reader never
// waits for the handler, so that heart-beats are seen while a handler is slow; the queue between them is bounded by bytes,
// and a subscription whose queue is full is given up and renewed, which makes the master send unacknowledged updates
// again. The handler is called by the goroutine that called Run, never concurrently with itself, and may use Call and
// Enqueue. Call and Enqueue may be used by any number of goroutines.
package mesos
