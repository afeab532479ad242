package ui

import (
	"errors"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/stats"
	"elevator/internal/operator"
)

// message is what update reads: something that happened to a feed, to the
// terminal or to the clock.
type message interface{ isMessage() }

// eventsMessage brings events of a site, in order.
type eventsMessage struct {
	site   int
	events []elevator.Event
}

// heardMessage says that a site's connection is alive.
type heardMessage struct{ site int }

// lostMessage says that a site's connection failed, for the given time in a row.
type lostMessage struct {
	site    int
	attempt int
	err     error
	ended   bool // nothing more will come
}

// tasksMessage brings a site's tasks.
type tasksMessage struct {
	site   int
	report taskReport
}

// runMessage brings what a site's scheduler says of the whole run, and the
// building's time there at the wall time at.
type runMessage struct {
	site  int
	now   time.Duration
	at    time.Time
	stats stats.Result

	dispatchers []string // that can serve the building
}

// tickMessage says what time it is.
type tickMessage struct{ wall time.Time }

// keyMessage is a key by its name in the key table.
type keyMessage struct{ key string }

// mouseMessage is a click at a place of the last frame (wheel 0) or a turn of
// the wheel.
type mouseMessage struct {
	x, y, wheel   int
	width, height int
}

// tapeMessage brings events of a recording up to the time at; anew, they begin
// with its building and a snapshot.
type tapeMessage struct {
	anew   bool
	at     time.Duration
	events []elevator.Event
}

// answerMessage is the answer to a command.
type answerMessage struct {
	command, result string
	err             error
}

// sentence says what came of the command.
func (a answerMessage) sentence() string {
	if refused, ok := errors.AsType[*operator.StatusError](a.err); ok {
		return "refused: " + refused.Sentence
	}
	if a.err != nil {
		return a.command + ": not known whether it was done: " + a.err.Error()
	}
	return a.command + ": " + a.result
}

// reasonsMessage brings a dispatcher's reasons.
type reasonsMessage struct {
	site        int
	assignments operator.Assignments
	err         error
}

// exportedMessage says where a snapshot of the screen went.
type exportedMessage struct {
	path string
	err  error
}

func (eventsMessage) isMessage()   {}
func (heardMessage) isMessage()    {}
func (lostMessage) isMessage()     {}
func (tasksMessage) isMessage()    {}
func (runMessage) isMessage()      {}
func (tickMessage) isMessage()     {}
func (keyMessage) isMessage()      {}
func (mouseMessage) isMessage()    {}
func (tapeMessage) isMessage()     {}
func (answerMessage) isMessage()   {}
func (reasonsMessage) isMessage()  {}
func (exportedMessage) isMessage() {}

// effect is what update wants done in the world.
type effect interface{ isEffect() }

type (
	quitEffect    struct{}
	suspendEffect struct{}
	redrawEffect  struct{}
	bellEffect    struct{}
)

// exportEffect writes the screen to a file.
type exportEffect struct{}

// commandEffect gives a command to a site.
type commandEffect struct {
	site    int
	command operator.Command
}

// reasonsEffect asks a site's dispatcher for its reasons.
type reasonsEffect struct{ site int }

// seekEffect moves a recording to another place.
type seekEffect struct{ to tapePosition }

// playEffect reads a recording on to a time.
type playEffect struct{ to time.Duration }

func (quitEffect) isEffect()    {}
func (suspendEffect) isEffect() {}
func (redrawEffect) isEffect()  {}
func (bellEffect) isEffect()    {}
func (exportEffect) isEffect()  {}
func (commandEffect) isEffect() {}
func (reasonsEffect) isEffect() {}
func (seekEffect) isEffect()    {}
func (playEffect) isEffect()    {}
