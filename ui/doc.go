// Package ui is the building operators' terminal dashboard.
//
// Data passes through it one way round. A feed reads a scheduler's event
// stream, its statistics and its tasks and puts them into a mailbox; the app,
// the only goroutine that touches the screen, empties the mailbox into the
// model as messages. The model is the whole state of the dashboard: the group
// (the fold of the events), alarms, history, and what the operator selected,
// filtered and paused. Its update method answers a message with effects, which
// the app carries out. The view turns a model into a frame, a grid of cells,
// without looking at a clock or a terminal; the painter writes to the terminal
// only the cells in which a frame differs from the one before. So an unchanged
// frame costs no byte, a replay uses the same code as a live group, and every
// screen can be tested as text.
//
// Positions of moving cars are computed with package motion, as everywhere.
//
// Run, Lines, Replay and Once may be called from any goroutine; each owns all
// it starts and has ended it on return. A panic in any of their goroutines
// restores the terminal and comes back as an error.
package ui
