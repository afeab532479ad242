package gotask

import (
	"slices"
	"strings"
	"time"

	mesosv1 "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// Bounds of the time for which a declined agent's resources are not offered again.
const (
	minRefuse = 5 * time.Second
	maxRefuse = time.Minute
)

// offerBook holds the offers that wait for more. They are gathered from the first on for OfferHold and then all declined
// together, with the same filter, so that they come back together.
type offerBook struct {
	held       map[string]heldOffer
	since      time.Time     // when the first of the held offers came
	refuse     time.Duration // filter of the next decline
	declined   bool          // filters may keep resources away
	tried      int           // how many tasks the held offers did not cover; 0 when anything changed since
	suppressed bool
	heard      time.Time // when offers came, or were asked for, last
}

// reviveEvery is how long no offer may come, although tasks wait, before offers are asked for again: the last REVIVE may
// have been lost.
const reviveEvery = 2 * time.Minute

type heldOffer struct {
	offer mesosv1.Offer
	since time.Time
}

func newOfferBook() offerBook { return offerBook{held: map[string]heldOffer{}, refuse: minRefuse} }

func (b *offerBook) clear() {
	clear(b.held)
	b.tried = 0
	b.declined = false
}

// ids returns the offers' ids in a fixed order.
func (b *offerBook) ids() []string {
	ids := make([]string, 0, len(b.held))
	for id := range b.held {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, c string) int { // by length first: ids are numbered
		if len(a) != len(c) {
			return len(a) - len(c)
		}
		return strings.Compare(a, c)
	})
	return ids
}

func (s *GoTaskScheduler) offered(now time.Time, offers []mesosv1.Offer) {
	for _, o := range offers {
		if len(s.offers.held) == 0 {
			s.offers.since = now
		}
		s.offers.held[o.ID.Value] = heldOffer{o, now}
		s.agents[o.AgentID.Value] = AgentRef{ID: o.AgentID.Value, Hostname: o.Hostname}
		s.attributes[o.AgentID.Value] = o.Attributes
	}
	s.offers.tried, s.offers.heard = 0, now
	s.considerOffers(now)
	if len(s.offers.held) > 0 && s.offers.declined {
		s.revive(now) // what is filtered and what is held might do together
	}
}

func (s *GoTaskScheduler) rescinded(now time.Time, id string) {
	held, ok := s.offers.held[id]
	if !ok {
		return
	}
	delete(s.offers.held, id)
	s.offers.tried = 0
	s.emit(SchedEvent{Kind: EventOfferRescinded, Time: now, Agent: s.agentRef(held.offer.AgentID.Value), Text: "offer " + id})
}

// wanted returns the tasks to launch now.
func (s *GoTaskScheduler) wanted(now time.Time) []*task {
	if s.closing {
		return nil
	}
	var wanted []*task
	for _, t := range s.order {
		if t.state != TaskPending {
			continue
		}
		if now.Before(t.notBefore) {
			t.pending = "waits after " + t.reason + " until " + t.notBefore.UTC().Format(time.RFC3339)
			continue
		}
		wanted = append(wanted, t)
	}
	return wanted
}

// considerOffers launches all wanted tasks if the held offers cover them. If they do not, it goes on gathering; if nothing
// is wanted, it gives everything back.
func (s *GoTaskScheduler) considerOffers(now time.Time) {
	if !s.connected || s.ended {
		return
	}
	wanted := s.wanted(now)
	if len(wanted) == 0 {
		// Masters before 1.5 do not heed the suppressed roles of a SUBSCRIBE (MESOS-7015, MESOS-8200): they are told
		// again when their offers come.
		if len(s.offers.held) > 0 {
			s.decline(minRefuse)
			s.offers.suppressed = false
		}
		if !s.offers.suppressed {
			s.offers.suppressed = true
			s.call(&scheduler.Call{Type: scheduler.Call_SUPPRESS, Suppress: &scheduler.Call_Suppress{Roles: []string{s.cfg.Role}}})
		}
		return
	}
	if s.offers.suppressed || now.Sub(s.offers.heard) >= reviveEvery {
		s.revive(now)
	}
	if len(s.offers.held) == 0 {
		return
	}
	if s.offers.tried != len(wanted) {
		if s.place(now, wanted) {
			return
		}
		s.offers.tried = len(wanted)
	}
	if now.Sub(s.offers.since) >= s.cfg.OfferHold {
		s.decline(s.offers.refuse)
		s.offers.declined = true
		s.offers.refuse = min(2*s.offers.refuse, maxRefuse)
	}
}

// revive asks for offers of everything, filters or not.
func (s *GoTaskScheduler) revive(now time.Time) {
	s.offers.suppressed, s.offers.declined, s.offers.heard = false, false, now
	s.call(&scheduler.Call{Type: scheduler.Call_REVIVE, Revive: &scheduler.Call_Revive{Roles: []string{s.cfg.Role}}})
}

// decline gives all held offers back for a while.
func (s *GoTaskScheduler) decline(refuse time.Duration) {
	d := &scheduler.Call_Decline{Filters: filters(refuse)}
	for _, id := range s.offers.ids() {
		d.OfferIDs = append(d.OfferIDs, mesosv1.OfferID{Value: id})
	}
	s.cfg.Observer.Offers(0, len(d.OfferIDs))
	clear(s.offers.held)
	s.call(&scheduler.Call{Type: scheduler.Call_DECLINE, Decline: d})
}

func filters(refuse time.Duration) *mesosv1.Filters {
	return &mesosv1.Filters{RefuseSeconds: new(refuse.Seconds())}
}
