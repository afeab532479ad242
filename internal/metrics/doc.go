// Package metrics holds the Prometheus metrics that are not the building's: of
// the process and its build, of gotask's links and tasks, of the talk with
// Mesos, and of the dispatcher's work. Those of the building are folded from
// its events in package operator.
//
// Each constructor takes the registry it registers with; there are no globals.
// What gotask keeps anyway (links, executors' tasks) is read from it when it is
// scraped; what only passes by is counted as a gotask.Observer. Labels have few
// values by design: Mesos' words and the names of dispatchers, never an id.
// Everything here may be called from any goroutine.
package metrics
