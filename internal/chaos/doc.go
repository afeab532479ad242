// Package chaos proves that nobody is forgotten, whatever dies. Its tests run
// the built programs under traffic on a Mesos cluster, strike them from a seeded
// schedule, and have the journals, joined over all restarts, judged by a reader
// who knows nothing but their events: passengers are conserved, lit calls
// answered, doors and loads safe.
//
//   - A site is a building that runs: state directory, scheduler, and the cluster
//     under it.
//   - A cluster is either local (its master and agents live in the test's process,
//     executors and scheduler are processes of their own) or the one that
//     ELEVATOR_TEST_MASTER names, which ELEVATOR_TEST_CONTROL breaks.
//   - A relay is a TCP connection's middle, which cuts, stalls, delays and refuses.
//   - A fault is a row of the table: what is struck, how, and how long it may take
//     until all is normal again.
//   - Clocks are the wall clocks of a site's machines. They are set under binaries
//     that were compiled with another package time (programtest.BuildSettable),
//     forward and back, alone and together, and stay so for what is struck later.
//
// A strike is drawn from the round's seed; a round that fails prints the command
// that repeats it. `make test` plays one short round; ELEVATOR_SOAK=1 all of
// them, and the faults of clocks, whose binaries take minutes to compile.
package chaos
