package motion

import "math"

// limits are the bounds of an ideal S-curve.
//
// Invariant: a*a <= v*j, so that a profile which reaches the speed v also
// reaches the acceleration a; newLimits lowers a where it could never be
// reached.
type limits struct {
	v, a, j float64
}

func newLimits(v, a, j float64) limits {
	return limits{v: v, a: min(a, math.Sqrt(v*j)), j: j}
}

// profile is the time-optimal run over one distance: jerk up for jerkS,
// constant acceleration for accelS, jerk down for jerkS, cruise for cruiseS,
// and the mirror image of the first three.
type profile struct {
	jerk                   float64 // m/s³
	jerkS, accelS, cruiseS float64 // seconds
	distance               float64 // metres
	cruises                bool    // it reaches the rated speed
}

// over returns the profile over a distance: Peters' three regimes. Either the
// rated speed is reached, or only the rated acceleration, or neither.
func (l limits) over(distance float64) profile {
	p := profile{jerk: l.j, distance: distance}
	switch {
	case distance <= 0:
		p.distance = 0
	case distance >= (l.a*l.a*l.v+l.v*l.v*l.j)/(l.j*l.a):
		p.cruises = true
		p.jerkS = l.a / l.j
		p.accelS = l.v/l.a - l.a/l.j
		p.cruiseS = distance/l.v - l.v/l.a - l.a/l.j
	case distance >= 2*l.a*l.a*l.a/(l.j*l.j):
		p.jerkS = l.a / l.j
		p.accelS = (math.Sqrt(4*distance/l.a+p.jerkS*p.jerkS) - 3*p.jerkS) / 2
	default:
		p.jerkS = math.Cbrt(distance / (2 * l.j))
	}
	p.accelS, p.cruiseS = max(p.accelS, 0), max(p.cruiseS, 0)
	return p
}

// seconds returns how long the run takes.
func (p *profile) seconds() float64 { return 4*p.jerkS + 2*p.accelS + p.cruiseS }

// commitSeconds returns the moment until which every longer run coincides with
// this one: a run that reaches the rated speed differs from longer ones when
// it starts to brake, any other when it takes back its acceleration.
func (p *profile) commitSeconds() float64 {
	if p.cruises {
		return 2*p.jerkS + p.accelS + p.cruiseS
	}
	return p.jerkS + p.accelS
}

// at returns the distance covered and the speed t seconds into the run.
func (p *profile) at(t float64) (metres, mps float64) {
	total := p.seconds()
	switch {
	case t <= 0:
		return 0, 0
	case t >= total:
		return p.distance, 0
	case t > total/2:
		metres, mps = p.firstHalf(total - t)
		return p.distance - metres, mps
	}
	return p.firstHalf(t)
}

func (p *profile) firstHalf(t float64) (metres, mps float64) {
	if t <= p.jerkS {
		return p.jerk * t * t * t / 6, p.jerk * t * t / 2
	}
	accel := p.jerk * p.jerkS
	v1, x1 := accel*p.jerkS/2, accel*p.jerkS*p.jerkS/6
	t -= p.jerkS
	if t <= p.accelS {
		return x1 + v1*t + accel*t*t/2, v1 + accel*t
	}
	v2, x2 := v1+accel*p.accelS, x1+v1*p.accelS+accel*p.accelS*p.accelS/2
	t -= p.accelS
	if t <= p.jerkS {
		return x2 + v2*t + accel*t*t/2 - p.jerk*t*t*t/6, v2 + accel*t - p.jerk*t*t/2
	}
	v3 := v2 + accel*p.jerkS/2
	x3 := x2 + v2*p.jerkS + accel*p.jerkS*p.jerkS/3
	return x3 + v3*(t-p.jerkS), v3
}
