// Package sim runs a building under virtual time: the same car and landing
// controllers, group control and dispatchers as on a cluster, with messages that
// take no time.
//
// Run takes the list of passengers, which is made beforehand and is the same for
// every dispatcher, and plays the building until everybody has arrived. It jumps
// from one wake-up time to the next; at each instant the cars and landings act
// first and the dispatcher last, so that it decides on everything that happened.
// The events of a run are handed to OnEvent and to the statistics; the same
// inputs give the same events.
//
// Replicate runs many seeds on all cores. The benchmark suites are built on it. Engine
// times runs and single decisions on one core; nothing else here looks at a clock.
package sim
