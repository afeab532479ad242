// Package elevator holds the words of an elevator group: the building, its
// floors and cars, landing calls and car calls, passengers, the events that
// happen to them, and the Group, which is the fold of those events.
//
// Data goes one way round. A button or a moving car makes an Event; the event
// is appended to the journal and applied to the Group; a dispatcher reads the
// group and answers with assignments; assignments make cars move, and moving
// cars make events. The dashboard, the metrics and a replay read the same
// events. Nothing else holds state.
//
// Everything here is a plain value. The package imports no clock, no random
// source, no file and no log: time is an argument, a time.Duration since the
// start of the run in the building's time. Floors, cars and passengers are
// small indexes inside the program and names only at its edges (see
// AppendEvent and ParseEvent for the journal's form).
//
// A Group and its slices belong to the one goroutine that applies events to
// it; readers on other goroutines take a Clone.
package elevator
