package traffic

import (
	"math"
	"math/rand/v2"
	"time"

	"elevator/internal/elevator"
)

// poisson merges one Poisson stream a floor.
type poisson struct {
	phases    []phaseDemand
	cycle     time.Duration // the phases together
	batchMean float64
	together  bool          // a batch has one destination
	duration  time.Duration // 0: for ever
	massKg    float64
	streams   []stream
	transfers *transferTimes
	last      elevator.PassengerID
}

// stream is the arrivals at one floor.
type stream struct {
	random *rand.Rand
	next   time.Duration       // never: nobody arrives here any more
	batch  int                 // how many more arrive at next
	to     elevator.FloorIndex // of the latest of the batch; NoFloor before its first
}

const never = time.Duration(math.MaxInt64)

func newPoisson(b *elevator.Building, spec Spec, phases []phaseDemand, seed uint64, duration time.Duration) *poisson {
	p := &poisson{
		phases: phases, batchMean: max(spec.BatchMean, 1), together: spec.BatchTogether, duration: duration, massKg: b.Load.PassengerKg,
		transfers: newTransferTimes(b, seed),
	}
	for _, phase := range phases {
		p.cycle += phase.duration
	}
	if len(phases) == 0 {
		return p
	}
	p.streams = make([]stream, len(b.Floors))
	for f := range p.streams {
		p.streams[f].random = newRandom(seed, uint64(f))
		p.advance(f)
	}
	return p
}

// newRandom returns the stream of that number under a seed. Seed and number
// are spread over all bits first (the finalizer of SplitMix64), since
// generators started from neighbouring numbers resemble each other at first.
func newRandom(seed, number uint64) *rand.Rand {
	return rand.New(rand.NewPCG(spread(seed), spread(^number)))
}

func spread(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Next returns the earliest arrival; of two at the same moment that at the
// lower floor.
func (p *poisson) Next() (elevator.Passenger, bool, error) {
	floor := -1
	for f := range p.streams {
		if p.streams[f].next != never && (floor < 0 || p.streams[f].next < p.streams[floor].next) {
			floor = f
		}
	}
	if floor < 0 {
		return elevator.Passenger{}, false, nil
	}
	s := &p.streams[floor]
	p.last++
	passenger := elevator.Passenger{
		ID: p.last, Floor: elevator.FloorIndex(floor), MassKg: p.massKg, ArrivesAt: s.next,
	}
	if !p.together || s.to == elevator.NoFloor {
		s.to = p.demandAt(floor, s.next).destination(s.random.Float64())
	}
	passenger.To = s.to
	p.transfers.draw(&passenger)
	if s.batch--; s.batch == 0 {
		p.advance(floor)
	}
	return passenger, true, nil
}

// demandAt returns the demand of a floor at a time.
func (p *poisson) demandAt(floor int, t time.Duration) *floorDemand {
	t %= p.cycle
	i := 0
	for t >= p.phases[i].duration {
		t -= p.phases[i].duration
		i++
	}
	return &p.phases[i].floors[floor]
}

// advance draws when the floor's next batch arrives. A Poisson process of
// changing rate arrives when the rate, added up over time since the last
// arrival, reaches a draw from the exponential distribution of mean 1 (Çınlar
// 1975); between two steps of the rate that is a division.
func (p *poisson) advance(floor int) {
	s := &p.streams[floor]
	need := s.random.ExpFloat64() * p.batchMean
	offset, i := s.next%p.cycle, 0
	for offset >= p.phases[i].duration {
		offset -= p.phases[i].duration
		i++
	}
	start := s.next
	for idle := 0; ; {
		phase := &p.phases[i]
		rate, left := phase.floors[floor].perSecond, phase.duration-offset
		if supply := rate * left.Seconds(); supply > need {
			// Rounding must not carry the arrival over into a phase in which nobody comes.
			start += min(time.Duration(need/rate*float64(time.Second)), left-1)
			break
		} else if supply > 0 {
			need, idle = need-supply, 0
		} else {
			idle++
		}
		start, offset, i = start+left, 0, (i+1)%len(p.phases)
		if idle > len(p.phases) || p.duration > 0 && start >= p.duration || start > never/2 {
			s.next = never
			return
		}
	}
	s.next, s.batch, s.to = start, 1, elevator.NoFloor
	if p.batchMean > 1 {
		// Geometric from 1 on: 1 + the number of failures before a success.
		s.batch += int(math.Log(1-s.random.Float64()) / math.Log(1-1/p.batchMean))
	}
	if p.duration > 0 && s.next >= p.duration {
		s.next = never
	}
}

// transferTimes draws how long passengers take to step in and out.
type transferTimes struct {
	transfer elevator.Transfer
	random   *rand.Rand
}

// transferStream is the number of the stream transfer times are drawn from,
// which no floor has.
const transferStream = 1 << 32

func newTransferTimes(b *elevator.Building, seed uint64) *transferTimes {
	return &transferTimes{b.Transfer, newRandom(seed, transferStream)}
}

func (t *transferTimes) draw(p *elevator.Passenger) {
	p.BoardTime, p.AlightTime = t.one(), t.one()
}

// redraws bounds how often a value outside Min to Max is drawn again, for
// buildings whose bounds leave next to nothing.
const redraws = 1000

func (t *transferTimes) one() time.Duration {
	if t.transfer.Distribution == elevator.FixedTransfer {
		return t.transfer.Mean
	}
	scale := float64(t.transfer.Mean) / float64(t.transfer.K)
	for range redraws {
		sum := 0.0
		for range t.transfer.K {
			sum += t.random.ExpFloat64()
		}
		if d := time.Duration(sum * scale); d >= t.transfer.Min && d <= t.transfer.Max {
			return d
		}
	}
	return t.transfer.Mean
}
