package placement

import (
	"cmp"
	"slices"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// maxPort is the greatest port there is; what is offered above is ignored.
const maxPort = 65535

// agent is what is known of one agent, whatever the role.
type agent struct {
	id, hostname string
	attributes   map[string]string // text ones, and Hostname and Agent
	executors    map[string]bool   // running there already
}

// bin is what one agent offers for one role.
type bin struct {
	agent  *agent
	role   string
	offers []*mesos.Offer // by id
	pieces []piece        // reserved ones first, then in order of offers
	free   [kinds]Amount  // sums over the pieces
}

// piece is one resource of one offer, as far as it has not been given to anyone.
type piece struct {
	kind     kind
	offer    int // index into bin.offers
	template mesos.Resource
	amount   Amount              // of a scalar
	ranges   []mesos.Value_Range // of ports
}

// gather sorts offers into bins, which come in order of agent and role.
func gather(offers []mesos.Offer) []*bin {
	type key struct{ agent, role string }
	agents := map[string]*agent{}
	byKey := map[key]*bin{}
	var bins []*bin
	for _, offer := range sortedByID(offers) {
		id, role := offer.AgentID.Value, offer.GetAllocationInfo().GetRole()
		a := agents[id]
		if a == nil {
			a = &agent{id: id, hostname: offer.Hostname, attributes: map[string]string{}, executors: map[string]bool{}}
			agents[id] = a
		}
		a.learn(offer.Hostname, offer.Attributes)
		for _, executor := range offer.ExecutorIDs {
			a.executors[executor.Value] = true
		}
		b := byKey[key{id, role}]
		if b == nil {
			b = &bin{agent: a, role: role}
			byKey[key{id, role}] = b
			bins = append(bins, b)
		}
		b.offers = append(b.offers, offer)
	}
	slices.SortFunc(bins, func(x, y *bin) int {
		return cmp.Or(cmp.Compare(x.agent.id, y.agent.id), cmp.Compare(x.role, y.role))
	})
	takenPorts := map[string][]mesos.Value_Range{} // by agent
	for _, b := range bins {
		takenPorts[b.agent.id] = b.split(takenPorts[b.agent.id])
	}
	return bins
}

// sortedByID returns the offers in order of their ids, each id once.
func sortedByID(offers []mesos.Offer) []*mesos.Offer {
	sorted := make([]*mesos.Offer, len(offers))
	for i := range offers {
		sorted[i] = &offers[i]
	}
	slices.SortStableFunc(sorted, func(x, y *mesos.Offer) int { return cmp.Compare(x.ID.Value, y.ID.Value) })
	return slices.CompactFunc(sorted, func(x, y *mesos.Offer) bool { return x.ID.Value == y.ID.Value })
}

// learn notes the attributes of an agent; the first text of a name counts.
func (a *agent) learn(hostname string, attributes []mesos.Attribute) {
	a.attributes[Hostname], a.attributes[Agent] = hostname, a.id
	for _, attribute := range attributes {
		if _, known := a.attributes[attribute.Name]; !known && attribute.Text != nil {
			a.attributes[attribute.Name] = attribute.Text.Value
		}
	}
}

// split cuts the offers into pieces. Ports that another piece of the agent has already are left out, so that none can be
// assigned twice whatever the offers say. It returns all ports seen.
func (b *bin) split(takenPorts []mesos.Value_Range) []mesos.Value_Range {
	for i, offer := range b.offers {
		for _, r := range offer.Resources {
			k := kind(slices.Index(kindNames[:], r.Name))
			if k < 0 || !b.usable(r) {
				continue
			}
			p := piece{kind: k, offer: i, template: r}
			if k == ports {
				p.ranges = subtract(normalise(r.GetRanges().GetRange()), takenPorts)
				p.amount = Amount(countPorts(p.ranges))
				takenPorts = normalise(append(slices.Clone(takenPorts), p.ranges...))
			} else if r.Scalar != nil {
				p.amount = AmountOf(r.Scalar.Value)
			}
			if p.amount > 0 {
				b.pieces = append(b.pieces, p)
				b.free[k] += p.amount
			}
		}
	}
	slices.SortStableFunc(b.pieces, func(x, y piece) int {
		return cmp.Compare(btoi(isUnreserved(x.template)), btoi(isUnreserved(y.template)))
	})
	return takenPorts
}

// usable says whether tasks of the bin's role may take the resource.
func (b *bin) usable(r mesos.Resource) bool {
	if r.Revocable != nil || r.Shared != nil || r.Disk != nil || r.ProviderID != nil {
		return false
	}
	if r.Reservation.GetLabels() != nil {
		return false
	}
	return !slices.ContainsFunc(r.Reservations, func(reservation mesos.Resource_ReservationInfo) bool {
		return reservation.Labels != nil
	})
}

func isUnreserved(r mesos.Resource) bool {
	return len(r.Reservations) == 0 && r.Reservation == nil && cmp.Or(r.GetRole(), "*") == "*"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// take gives concrete resources out of the bin's pieces and notes which offers they come from. The caller has made sure
// that there is enough.
func (b *bin) take(need Resources, used []bool) (resources []mesos.Resource) {
	for k, amount := range need.amounts() {
		for i := range b.pieces {
			p := &b.pieces[i]
			if amount <= 0 {
				break
			}
			if p.kind != kind(k) || p.amount == 0 {
				continue
			}
			n := min(amount, p.amount)
			resources = merge(resources, p.cut(n, b.role))
			used[p.offer] = true
			amount -= n
		}
	}
	return resources
}

// cut takes an amount out of a piece, of ports the lowest.
func (p *piece) cut(n Amount, role string) mesos.Resource {
	r := p.template
	if role != "" {
		r.AllocationInfo = &mesos.Resource_AllocationInfo{Role: &role}
	}
	p.amount -= n
	if p.kind != ports {
		r.Scalar = &mesos.Value_Scalar{Value: n.Float()}
		return r
	}
	var taken []mesos.Value_Range
	taken, p.ranges = splitPorts(p.ranges, uint64(n))
	r.Ranges = &mesos.Value_Ranges{Range: taken}
	return r
}

// merge appends a resource, or adds it to one that differs only in its amount (of another offer of the same agent).
func merge(resources []mesos.Resource, r mesos.Resource) []mesos.Resource {
	if len(resources) == 0 || !sameButAmount(resources[len(resources)-1], r) {
		return append(resources, r)
	}
	last := &resources[len(resources)-1]
	if r.Scalar != nil {
		last.Scalar = &mesos.Value_Scalar{Value: (AmountOf(last.Scalar.Value) + AmountOf(r.Scalar.Value)).Float()}
		return resources
	}
	last.Ranges = &mesos.Value_Ranges{Range: normalise(append(slices.Clone(last.Ranges.Range), r.Ranges.Range...))}
	return resources
}

func sameButAmount(x, y mesos.Resource) bool {
	x.Scalar, y.Scalar, x.Ranges, y.Ranges = nil, nil, nil, nil
	return x.Equal(&y)
}
