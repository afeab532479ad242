package operator

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"elevator/internal/elevator"
)

// Assignments is the answer of GET /api/v1/assignments: why the landing calls
// that are lit have the cars that they have, as the dispatcher sees it now.
type Assignments struct {
	T          float64      `json:"t"` // the building's time, in seconds
	Dispatcher string       `json:"dispatcher"`
	Calls      []Assignment `json:"calls"`
}

// Assignment is one lit landing call, and what each car would cost for it.
type Assignment struct {
	LandingCallState
	Cars []Bid `json:"cars"`
}

// Bid is what the dispatcher holds of giving a call to one car.
type Bid struct {
	Name   string   `json:"name"`
	Cost   *float64 `json:"cost,omitempty"`    // what it would add, in the dispatcher's own unit: the least wins; absent where it does not say
	OpensS *float64 `json:"opens_s,omitempty"` // seconds until the car could open there at the earliest; absent where it does not say
	Unfit  string   `json:"unfit,omitempty"`   // why the car cannot take the call
}

// NewAssignments returns an answer about lit calls, to which bids are added.
func NewAssignments(b *elevator.Building, now time.Duration, dispatcher string, calls []elevator.LandingCall) Assignments {
	a := Assignments{T: thousandths(now.Seconds()), Dispatcher: dispatcher, Calls: make([]Assignment, len(calls))}
	for i := range calls {
		a.Calls[i] = Assignment{landingCallState(b, &calls[i], now), []Bid{}}
	}
	return a
}

// NewBid returns a bid; a figure that is no number is left out.
func NewBid(car string, cost, opensS float64, unfit string) Bid {
	figure := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return new(thousandths(v))
	}
	return Bid{car, figure(cost), figure(opensS), unfit}
}

// serveAssignments is GET /api/v1/assignments.
func (s *Server) serveAssignments(w http.ResponseWriter, r *http.Request, _ Principal) {
	if s.cfg.Reasons == nil {
		writeError(w, http.StatusServiceUnavailable, "this scheduler gives no reasons")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), commandPatience)
	defer cancel()
	answer, err := s.cfg.Reasons(ctx)
	switch {
	case err == nil:
		writeJSON(w, http.StatusOK, answer)
	case errors.Is(err, ErrNotReady):
		writeError(w, http.StatusServiceUnavailable, err.Error())
	default:
		writeError(w, http.StatusServiceUnavailable, "the group did not answer in time; ask again")
	}
}
