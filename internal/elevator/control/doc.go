// Package control decides what one car and one landing do: the controllers
// that a lift has in its machine room and behind its buttons.
//
// A Car owns its doors, its riders, its car calls and its flight; a Landing
// owns its buttons, their lamps and the people who wait. Neither knows the
// other: each takes one Message at a time and answers with Outputs, which are
// events that happened and messages for the group control, and tells when it
// wants to be woken. The same controllers run under virtual time in a simulator
// and in tasks on a cluster.
//
// # A stop
//
// With the S-curve model the doors of a car close, and in the same instant it
// departs: the start delay is part of the flight. It arrives, and in the same
// instant its doors begin to open. When they are open, those who have reached
// their floor step out one after another, each in their own time; then those
// who board, one after another, each pressing a car call when they are in. The
// doors stay open until that is over, and at least for the dwell, which is
// longer for a landing call. Then they close; on the way they open again for a
// landing call, for a car call, and for whatever stands between them.
//
// With the floor-time model a stop costs its overhead beside the transfers: one
// half from the arrival until the doors are open, the other from the first
// movement of the closing doors until the departure. There is no dwell, and
// closing doors do not open again for a call. A car that departs against the
// way it came first waits the turn time.
//
// # Boarding is one exchange
//
// When its doors begin to open the car announces direction and room. The
// landing answers once, with those who may board, in order of their arrival,
// and keeps them in mind as boarding until it hears that they have stepped in.
// When the doors have closed whoever has not boarded waits again, in their old
// place. Every announcement has its number, so an answer that is late, or
// repeated, or meant for another stop changes nothing. A car that has nowhere
// to go announces no direction and takes nobody; when it is given a call at its
// floor it announces anew. Doors wait a moment for a landing that is slow to
// answer, longer after every answer that came too late.
//
// # What the group control owes
//
// It answers a button with its lamp, and an announcement by forwarding it and
// putting out the calls the car is there for. It forwards an answer while the
// car's doors have not closed since, without those who by its own account do not
// wait there, or were sent to another car that still stands open: a landing that
// has lost its memory may offer them twice. RestoreLanding gives it that memory
// back: also which cars stand there, who is boarding them, and what was promised. It
// tells the landing of each who boards, of the last announcement of a car whose
// doors have closed or whose task is gone, and of people put out before their
// floor. RestoreCar and RestoreLanding come before anything else that a new task
// hears.
//
// # A group control that comes back
//
// Cars and landings go on without it. When it has come back it sends each of
// them a Resync. What they know and no journal does is in their Report, which
// follows everything that they had sent before: a car's announcement that still
// stands, whom it was sent and the calls it goes for; a landing's lamps, its queue,
// who was promised which car, and the cars it believes to stand there. A car that has
// done nothing yet says so and waits until it is restored. Whatever was lost with
// the predecessor shows as a difference, and the usual messages mend it: Assign and
// Unassign, Lamp, Announce, Boarded for those who are gone, PutBack for those who
// wait unknown to the landing, Left for stops that are over.
//
// # Where a car goes
//
// Directional collective control: the nearest floor ahead with a car call or
// with a landing call for its direction; where there is none, the furthest
// landing call for the other direction, where it turns; where nothing is ahead,
// back. It never passes a car call and never turns with one ahead. A car with
// little room left passes landing calls. A moving car changes where it stops as
// long as the motion law allows it. What a mode of operation or a fault changes
// in this is the matter of conduct and of FaultSet; whoever is aboard when a car
// is recalled is let out there and waits again.
//
// # Concurrency
//
// A Car and a Landing belong to one goroutine each. They read no clock, start no
// goroutine and keep nothing of a message after Step returns. Step first does
// what fell due before, each thing at the time it was due, so a late call delays
// nothing and the times of the events are exact. One Step allocates nothing in
// ordinary service once the buffers have grown.
package control
