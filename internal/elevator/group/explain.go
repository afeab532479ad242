package group

import (
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/dispatch"
)

// Explanation says why the lit calls have the cars that they have.
type Explanation struct {
	Now        time.Duration
	Dispatcher string
	Calls      []elevator.LandingCall
	Bids       [][]dispatch.Bid // of each call: what the dispatcher holds of each car
}

// Explain asks the dispatcher for its reasons at the building's time now. It
// decides nothing.
func (c *Control) Explain(now time.Duration) Explanation {
	view := c.view
	view.Now = max(now, c.group.T)
	return Explanation{
		Now: view.Now, Dispatcher: c.dispatcher.Name(),
		Calls: append([]elevator.LandingCall(nil), view.Calls...), Bids: dispatch.Explain(c.dispatcher, &view),
	}
}
