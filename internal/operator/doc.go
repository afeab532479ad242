// Package operator is the building operators' HTTP API, its server and its
// client, and the metrics that Prometheus scrapes.
//
// The scheduler function publishes every journaled event to a Hub. The Hub
// folds the events into its own Group and statistics, like any other reader of
// the journal, and keeps the newest of them encoded in a ring. Snapshots and
// metrics are computed from copies of the fold; every reader of the event
// stream walks the ring at its own pace and is cut off when it falls out of
// it. Commands go the other way: the Server checks who gives them and what
// they say, hands them to Config.Command by name, and remembers the answers,
// so that a command that is sent again is answered and not carried out again.
//
// A Hub and a Server may be used from any goroutine. Publish waits for no
// reader: nothing under the Hub's lock takes longer than a copy of the group,
// and one goroutine of the Server's wakes the readers. Every goroutine ends
// with Server.Close.
package operator
