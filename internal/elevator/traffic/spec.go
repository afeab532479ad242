package traffic

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// Spec describes a traffic. The zero value of everything but Profile or Trace
// means the profile's own.
type Spec struct {
	// Profile is one of Profiles. It is ignored where Trace is set.
	Profile string
	// RatePercent is the share of the building's population (main terminal
	// excluded) that arrives in five minutes, in percent; of a profile that
	// changes over time, its highest. 0: the profile's own.
	RatePercent float64
	// Mix replaces the profile's mix, in all of its phases.
	Mix *Mix
	// Phases replaces the profile's course over time; the phases are repeated
	// for ever. Rates are in percent in five minutes like RatePercent, which
	// does not scale them.
	Phases []Phase
	// BatchMean is the mean number of people who arrive together, geometrically
	// distributed. 0 or 1: one by one.
	BatchMean float64
	// BatchTogether is whether those who arrive together also have one
	// destination; without it each has their own.
	BatchTogether bool
	// Trace is the path of a CSV trace, or of a journal (.ndjson), whose
	// passengers come again.
	Trace string
}

// Mix is how traffic divides into directions. The shares need not add up to 1.
type Mix struct {
	In         float64 // from the main terminal to a floor, by the floors' population
	Out        float64 // from a floor, by population, to the main terminal
	Interfloor float64 // between two floors other than the main terminal, by population
}

// Phase is a part of the day with constant rates.
type Phase struct {
	Duration    time.Duration
	RatePercent float64 // of the population in five minutes
	Mix         Mix
}

// profile is a named course of the day. Its phases hold rates as shares of the
// highest.
type profile struct {
	name        string
	ratePercent float64
	phases      []Phase
}

func constant(name string, ratePercent float64, mix Mix) profile {
	return profile{name, ratePercent, []Phase{{time.Hour, 1, mix}}}
}

// The mixes. Up-peak and lunch are those of the British Council for Offices
// (2014), 85/10/5 and 45/45/10; down-peak mirrors up-peak; two-way is the
// hotel's and residential 50/50 of ISO 8100-32.
var (
	upPeakMix     = Mix{0.85, 0.10, 0.05}
	downPeakMix   = Mix{0.10, 0.85, 0.05}
	lunchMix      = Mix{0.45, 0.45, 0.10}
	twoWayMix     = Mix{0.50, 0.50, 0}
	interfloorMix = Mix{0, 0, 1}
	workingMix    = Mix{0.30, 0.30, 0.40}
)

// profiles are the named traffics whose rates follow the population. The
// office day begins at seven in the morning and repeats after 24 hours.
var profiles = []profile{
	constant("up-peak", 12, upPeakMix),
	constant("down-peak", 12, downPeakMix),
	constant("lunch", 13, lunchMix),
	constant("interfloor", 4, interfloorMix),
	constant("two-way", 12, twoWayMix),
	{"office-day", 12, []Phase{
		{60 * time.Minute, 0.2, upPeakMix},
		{30 * time.Minute, 0.6, upPeakMix},
		{60 * time.Minute, 1, upPeakMix}, // 8:30
		{150 * time.Minute, 0.35, workingMix},
		{120 * time.Minute, 0.9, lunchMix}, // 12:00
		{150 * time.Minute, 0.35, workingMix},
		{60 * time.Minute, 0.8, downPeakMix}, // 16:30
		{90 * time.Minute, 0.35, downPeakMix},
		{12 * time.Hour, 0.02, lunchMix}, // 19:00
	}},
}

// None is the profile of an empty building.
const None = "none"

// Profiles lists the names of all profiles.
func Profiles() []string {
	var names []string
	for _, p := range profiles {
		names = append(names, p.name)
	}
	for _, c := range critesBartoVariants {
		names = append(names, c.name)
	}
	return append(names, None)
}

// ParseSpec reads NAME[:RATE%], such as "lunch" or "two-way:20%", or the path
// of a trace, which ends in .csv or .ndjson.
func ParseSpec(text string) (Spec, error) {
	switch filepath.Ext(text) {
	case ".csv", ".ndjson":
		return Spec{Trace: text}, nil
	}
	name, rate, hasRate := strings.Cut(text, ":")
	spec := Spec{Profile: name}
	if !slices.Contains(Profiles(), name) {
		return spec, fmt.Errorf("traffic %.60q: expected a file that ends in .csv or .ndjson, or one of %s, with a rate such as lunch:13%%",
			text, strings.Join(Profiles(), ", "))
	}
	if !hasRate {
		return spec, nil
	}
	number, isPercent := strings.CutSuffix(rate, "%")
	percent, err := strconv.ParseFloat(number, 64)
	if err != nil || !isPercent || !(percent > 0 && percent <= maxRatePercent) {
		return spec, fmt.Errorf("traffic %.60q: expected a rate above 0%% and at most %d%%, such as %s:12%%", text, maxRatePercent, name)
	}
	spec.RatePercent = percent
	if _, ok := findProfile(name); !ok {
		return spec, fmt.Errorf("traffic %.60q: %s has its own rates and takes none", text, name)
	}
	return spec, nil
}

const maxRatePercent = 1000

// String returns what ParseSpec reads.
func (s Spec) String() string {
	switch {
	case s.Trace != "":
		return s.Trace
	case s.RatePercent > 0:
		return s.Profile + ":" + strconv.FormatFloat(s.RatePercent, 'f', -1, 64) + "%"
	}
	return s.Profile
}

func findProfile(name string) (profile, bool) {
	i := slices.IndexFunc(profiles, func(p profile) bool { return p.name == name })
	if i < 0 {
		return profile{}, false
	}
	return profiles[i], true
}

// demand turns the spec into rates from floor to floor.
func (s Spec) demand(b *elevator.Building) ([]phaseDemand, error) {
	if s.BatchMean != 0 && !(s.BatchMean >= 1 && s.BatchMean <= 1000) {
		return nil, fmt.Errorf("batches of %v people; expected a mean from 1 to 1000", s.BatchMean)
	}
	if s.Profile == None {
		return nil, nil
	}
	for _, c := range critesBartoVariants {
		if c.name == s.Profile {
			if s.RatePercent != 0 || s.Mix != nil || s.Phases != nil {
				return nil, errors.New("has its own rates and takes neither rate nor mix nor phases")
			}
			return c.demand(b), nil
		}
	}
	phases, err := s.phases()
	if err != nil {
		return nil, err
	}
	people, err := newPopulation(b)
	if err != nil {
		return nil, err
	}
	var demands []phaseDemand
	for _, phase := range phases {
		d, err := people.demand(phase)
		if err != nil {
			return nil, err
		}
		demands = append(demands, d)
	}
	return demands, nil
}

func (s Spec) phases() ([]Phase, error) {
	phases := slices.Clone(s.Phases)
	if phases == nil {
		p, ok := findProfile(s.Profile)
		if !ok {
			return nil, fmt.Errorf("no such profile; expected one of %s", strings.Join(Profiles(), ", "))
		}
		peak := p.ratePercent
		if s.RatePercent != 0 {
			peak = s.RatePercent
		}
		phases = slices.Clone(p.phases)
		for i := range phases {
			phases[i].RatePercent *= peak
		}
	}
	for i := range phases {
		p := &phases[i]
		if s.Mix != nil {
			p.Mix = *s.Mix
		}
		if !(p.RatePercent >= 0 && p.RatePercent <= maxRatePercent) {
			return nil, fmt.Errorf("phase %d: a rate of %v%%; expected 0 to %d", i+1, p.RatePercent, maxRatePercent)
		}
		if p.Duration <= 0 {
			return nil, fmt.Errorf("phase %d: lasts %v; expected more than 0", i+1, p.Duration)
		}
		m := p.Mix
		if sum := m.In + m.Out + m.Interfloor; m.In < 0 || m.Out < 0 || m.Interfloor < 0 || !(sum > 0) || math.IsInf(sum, 0) {
			return nil, fmt.Errorf("phase %d: mix %v; expected shares of which none is negative and one is more than 0", i+1, m)
		}
	}
	return phases, nil
}
