package localmesos

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// An agent's rest is offered only with this much: --min_allocatable_resources
// of cpus:0.01|mem:32.
const (
	minMilliCPUs = 10
	minMilliMem  = 32_000
)

func allocatable(b bundle) bool {
	return b.get("cpus").milli >= minMilliCPUs || b.get("mem").milli >= minMilliMem
}

// claimant is a framework in one of its roles.
type claimant struct {
	framework *framework
	role      string
}

// allocationRound offers what is free on each agent to the claimant with the
// smallest dominant share (Ghodsi et al., Dominant Resource Fairness, NSDI
// 2011), first among roles, then among the frameworks of a role. What one
// framework gets in a round comes in one OFFERS event.
func (m *master) allocationRound() {
	m.lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	now := time.Now()
	events := make(map[*framework]*scheduler.Event_Offers)
	for _, a := range m.order {
		if a.link == nil {
			continue
		}
		available := a.available()
		if !allocatable(available) {
			continue
		}
		c, ok := m.neediest(a, available, now)
		if !ok {
			continue
		}
		o := m.makeOffer(a, c, available)
		if events[c.framework] == nil {
			events[c.framework] = &scheduler.Event_Offers{}
		}
		events[c.framework].Offers = append(events[c.framework].Offers, o.proto())
	}
	for f, offers := range events {
		f.stream.send(&scheduler.Event{Type: scheduler.Event_OFFERS, Offers: offers})
	}
}

// neediest picks who gets the next offer of the agent's resources.
func (m *master) neediest(a *agentRecord, available bundle, now time.Time) (claimant, bool) {
	var candidates []claimant
	for _, f := range m.frameworks {
		if !f.connected() {
			continue
		}
		for _, role := range f.roles {
			if !f.suppressed[role] && !f.refuses(role, a.id, available, now) {
				candidates = append(candidates, claimant{f, role})
			}
		}
	}
	if len(candidates) == 0 {
		return claimant{}, false
	}
	var total bundle
	for _, a := range m.order {
		total = total.plus(a.total)
	}
	roleShare := make(map[string]float64)
	for _, c := range candidates {
		if _, ok := roleShare[c.role]; !ok {
			var sum bundle
			for _, f := range m.frameworks {
				sum = sum.plus(f.allocated[c.role])
			}
			roleShare[c.role] = dominantShare(sum, total)
		}
	}
	return slices.MinFunc(candidates, func(x, y claimant) int {
		return cmp.Or(
			cmp.Compare(roleShare[x.role], roleShare[y.role]),
			cmp.Compare(x.role, y.role),
			cmp.Compare(dominantShare(x.framework.allocated[x.role], total), dominantShare(y.framework.allocated[y.role], total)),
			cmp.Compare(x.framework.id, y.framework.id),
		)
	}), true
}

// dominantShare is the largest share of any scalar resource.
func dominantShare(b, total bundle) float64 {
	share := 0.0
	for _, a := range b {
		if all := total.get(a.name).milli; !a.isList && all > 0 {
			share = max(share, float64(a.milli)/float64(all))
		}
	}
	return share
}

func (m *master) makeOffer(a *agentRecord, c claimant, resources bundle) *offer {
	o := &offer{
		id:        fmt.Sprintf("%s-O%d", m.id, m.nextOffer),
		framework: c.framework,
		agent:     a,
		role:      c.role,
		resources: resources,
	}
	m.nextOffer++
	c.framework.offers[o.id] = o
	a.offered = a.offered.plus(resources)
	c.framework.charge(c.role, resources)
	if m.cfg.OfferTimeout > 0 {
		m.timers.after(m.cfg.OfferTimeout, func() {
			m.lock()
			defer m.mu.Unlock()
			m.rescind(o)
		})
	}
	return o
}

// releaseOffer ends an offer: its resources are free again.
func (m *master) releaseOffer(o *offer) {
	delete(o.framework.offers, o.id)
	o.agent.offered = o.agent.offered.minus(o.resources)
	o.framework.discharge(o.role, o.resources)
}

// rescind takes an offer back if it is still outstanding.
func (m *master) rescind(o *offer) {
	if o.framework.offers[o.id] != o {
		return
	}
	m.releaseOffer(o)
	if o.framework.connected() {
		o.framework.stream.send(&scheduler.Event{
			Type:    scheduler.Event_RESCIND,
			Rescind: &scheduler.Event_Rescind{OfferID: mesos.OfferID{Value: o.id}},
		})
	}
}

// refuse keeps what was not used away from the framework for as long as the
// filters say.
func (m *master) refuse(f *framework, role, agentID string, rest bundle, filters *mesos.Filters) {
	const longest = 365 * 24 * time.Hour
	hold := m.cfg.DefaultRefuse
	if filters != nil && filters.RefuseSeconds != nil {
		switch seconds := filters.GetRefuseSeconds(); {
		case seconds >= longest.Seconds():
			hold = longest
		case seconds >= 0:
			hold = time.Duration(seconds * float64(time.Second))
		}
	}
	if hold == 0 || len(rest) == 0 {
		return
	}
	hold = max(hold, m.cfg.AllocationInterval)
	f.filters = append(f.filters, filter{role: role, agentID: agentID, refused: rest, until: time.Now().Add(hold)})
}

func (f *framework) charge(role string, b bundle) {
	f.allocated[role] = f.allocated[role].plus(b)
}

func (f *framework) discharge(role string, b bundle) {
	f.allocated[role] = f.allocated[role].minus(b)
}

func (o *offer) proto() mesos.Offer {
	shown := "" // only a MULTI_ROLE framework sees the allocation's role
	if isMultiRole(o.framework.info) {
		shown = o.role
	}
	p := mesos.Offer{
		ID:          mesos.OfferID{Value: o.id},
		FrameworkID: mesos.FrameworkID{Value: o.framework.id},
		AgentID:     mesos.AgentID{Value: o.agent.id},
		Hostname:    o.agent.hostname,
		URL: &mesos.URL{
			Scheme:  "http",
			Address: mesos.Address{Hostname: new(o.agent.hostname), IP: new(o.agent.port.ip()), Port: int32(o.agent.port.number)},
			Path:    new("/slave(1)"),
		},
		Resources:  o.resources.proto(shown),
		Attributes: o.agent.attributes,
	}
	for _, e := range slices.Backward(o.agent.executors) {
		if e.frameworkID == o.framework.id {
			p.ExecutorIDs = append(p.ExecutorIDs, e.info.ExecutorID)
		}
	}
	if shown != "" {
		p.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &shown}
	}
	return p
}
