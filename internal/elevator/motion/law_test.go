package motion

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/elevator"
)

// shaft returns a building of equal floors under the S-curve model.
func shaft(floors int, heightM, v, a, j float64) *elevator.Building {
	b := &elevator.Building{Motion: elevator.Motion{
		Model: elevator.SCurve, SpeedMps: v, AccelerationMps2: a, JerkMps3: j,
	}}
	for f := range floors {
		b.Floors = append(b.Floors, elevator.Floor{ElevationM: float64(f) * heightM})
	}
	return b
}

// crites is the shaft of Crites and Barto.
func crites() *elevator.Building {
	b := shaft(10, 3.66, 0, 0, 0)
	b.Motion = elevator.Motion{
		Model: elevator.FloorTime, FloorTime: 1450 * time.Millisecond,
		StopOverhead: 5740 * time.Millisecond, TurnTime: time.Second,
	}
	return b
}

func TestFlightTimesOfTheLiterature(t *testing.T) {
	for _, c := range []struct {
		source                   string
		heightM, v, a, j         float64
		floors                   int
		startDelay, levelling, s float64
	}{
		{"elevator-sim, rated speed not reached", 3.8, 2.5, 1.0, 1.4, 1, 0, 0, 4.678},
		{"elevator-sim, slow car", 3.0, 0.63, 0.6, 0.8, 1, 0, 0, 6.562},
		{"elevator-sim, slow car over five floors", 3.0, 0.63, 0.6, 0.8, 5, 0, 0, 25.610},
		{"OFFICE-14", 3.8, 2.5, 1.0, 1.2, 1, 0, 0, 4.820},
		{"OFFICE-14", 3.8, 2.5, 1.0, 1.2, 2, 0, 0, 6.410},
		{"OFFICE-14", 3.8, 2.5, 1.0, 1.2, 3, 0, 0, 7.893},
		{"OFFICE-14", 3.8, 2.5, 1.0, 1.2, 4, 0, 0, 9.413},
		{"OFFICE-14", 3.8, 2.5, 1.0, 1.2, 5, 0, 0, 10.933},
		{"OFFICE-14", 3.8, 2.5, 1.0, 1.2, 14, 0, 0, 24.613},
		{"start delay and levelling are part of a flight", 3.8, 2.5, 1.0, 1.2, 1, 0.5, 0.25, 5.570},
		{"acceleration never reached: (32·1/2)^(1/3)", 1.0, 4, 2, 2, 1, 0, 0, math.Cbrt(16)},
	} {
		b := shaft(c.floors+1, c.heightM, c.v, c.a, c.j)
		b.Motion.StartDelay = time.Duration(c.startDelay * 1e9)
		b.Motion.Levelling = time.Duration(c.levelling * 1e9)
		got := NewLaw(b).FlightTime(0, elevator.FloorIndex(c.floors)).Seconds()
		if math.Abs(got-c.s) > 0.0006 {
			t.Errorf("%s: %d floors of %.1f m: %.4f s, want %.3f s", c.source, c.floors, c.heightM, got, c.s)
		}
	}
}

func TestFloorTimeModel(t *testing.T) {
	l := NewLaw(crites())
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	if got := l.FlightTime(9, 0); got != ms(9*1450) {
		t.Errorf("nine floors down take %v", got)
	}
	if got := l.TurnTime(); got != time.Second {
		t.Errorf("turn time %v", got)
	}
	for _, c := range []struct {
		elapsed time.Duration
		want    elevator.FloorIndex
	}{
		{0, 1}, {ms(725), 1}, {ms(726), 2}, {ms(1450), 2}, {ms(2175), 2}, {ms(2176), 3}, {ms(20000), 3},
	} {
		if got := l.NextStop(0, 3, c.elapsed); got != c.want {
			t.Errorf("a car %v on its way from 0 to 3 can stop next at %d, want %d", c.elapsed, got, c.want)
		}
	}
	for _, c := range []struct {
		elapsed     time.Duration
		metres, mps float64
	}{
		{-1, 7.32, 0}, {ms(725), 5.49, -3.66 / 1.45}, {ms(1450), 3.66, -3.66 / 1.45}, {ms(2900), 0, 0},
	} {
		metres, mps := l.At(2, 0, c.elapsed)
		if math.Abs(metres-c.metres) > 1e-9 || math.Abs(mps-c.mps) > 1e-9 {
			t.Errorf("%v after leaving 2 for 0: %.3f m %.3f m/s, want %.3f %.3f", c.elapsed, metres, mps, c.metres, c.mps)
		}
	}
}

func TestLevellingRun(t *testing.T) {
	l := NewLaw(shaft(4, 3, 1.6, 1, 1.2))
	if f := l.FloorAt(3.004); f != 1 {
		t.Errorf("4 mm above floor 1 is floor %d", f)
	}
	if f := l.FloorAt(3.4); f != elevator.NoFloor {
		t.Errorf("40 cm above floor 1 is floor %d, want none", f)
	}
	if got := l.LevellingTime(4, 2); got != 8*time.Second {
		t.Errorf("2 m at levelling speed take %v", got)
	}
	car := elevator.Car{Moving: true, Floor: 1, Target: 2, FromM: 4, DepartedAt: 10 * time.Second}
	for _, c := range []struct {
		now    time.Duration
		metres float64
	}{{10 * time.Second, 4}, {14 * time.Second, 5}, {30 * time.Second, 6}} {
		if metres, _ := l.CarAt(&car, c.now); math.Abs(metres-c.metres) > 1e-9 {
			t.Errorf("at %v the car is at %.3f m, want %.3f", c.now, metres, c.metres)
		}
	}
	car.FromM = 3
	if metres, mps := l.CarAt(&car, 11*time.Second); metres >= 6 || mps <= LevellingSpeedMps {
		t.Errorf("a flight from a floor runs at full speed: %.3f m, %.3f m/s", metres, mps)
	}
	car.Moving = false
	if metres, mps := l.CarAt(&car, time.Hour); metres != 3 || mps != 0 {
		t.Errorf("a standing car stands: %.3f m, %.3f m/s", metres, mps)
	}
}

// anyShaft draws a building of unequal floors and a drive for it.
func anyShaft(t *rapid.T) *elevator.Building {
	b := shaft(0, 0, rapid.Float64Range(0.3, 10).Draw(t, "v"), rapid.Float64Range(0.3, 2).Draw(t, "a"), rapid.Float64Range(0.3, 3).Draw(t, "j"))
	b.Motion.StartDelay = time.Duration(rapid.IntRange(0, 1000).Draw(t, "delay ms")) * time.Millisecond
	b.Motion.Levelling = time.Duration(rapid.IntRange(0, 1000).Draw(t, "levelling ms")) * time.Millisecond
	height := 0.0
	for _, h := range rapid.SliceOfN(rapid.Float64Range(0.5, 30), 2, 12).Draw(t, "heights") {
		b.Floors = append(b.Floors, elevator.Floor{ElevationM: height})
		height += h
	}
	return b
}

func anyFloor(t *rapid.T, b *elevator.Building, name string) elevator.FloorIndex {
	return elevator.FloorIndex(rapid.IntRange(0, len(b.Floors)-1).Draw(t, name))
}

// travelled adds up the speed of a flight. The steps are small beside the time in
// which a drive gets under way, however slow and long the flight is.
func travelled(l *Law, from, to elevator.FloorIndex) (metres float64) {
	const steps = 4000
	total := l.FlightTime(from, to)
	dt := total.Seconds() / steps
	before := 0.0
	for i := range steps + 1 {
		_, mps := l.At(from, to, time.Duration(float64(total)*float64(i)/steps))
		metres += (mps + before) / 2 * dt
		before = mps
	}
	return metres
}

// A flight obeys the limits of its drive. The limits are checked on finite
// differences of the position alone, so speed, acceleration and jerk are
// judged by what the car does and not by what it says.
func TestFlightStaysWithinLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyShaft(t)
		l := NewLaw(b)
		from, to := anyFloor(t, b, "from"), anyFloor(t, b, "to")
		total := l.FlightTime(from, to)
		const steps = 400
		dt := total.Seconds() / steps
		sign := float64(elevator.Toward(from, to))
		var x [4]float64
		before := 0.0
		for i := range steps + 1 {
			at := time.Duration(float64(total) * float64(i) / steps)
			metres, mps := l.At(from, to, at)
			metres, mps = sign*metres, sign*mps
			if i > 0 {
				if metres < x[0]-1e-9 {
					t.Fatalf("the car turns back at %v: %.9f m after %.9f m", at, metres, x[0])
				}
				if mps > b.Motion.SpeedMps+1e-9 || mps < -1e-9 {
					t.Fatalf("%.6f m/s at %v", mps, at)
				}
				if rise := math.Abs(mps - before); rise > b.Motion.AccelerationMps2*(dt+2e-9)+1e-9 {
					t.Fatalf("the speed changes by %.6f m/s in %.6f s at %v", rise, dt, at)
				}
			}
			x = [4]float64{metres, x[0], x[1], x[2]}
			before = mps
			if i < 3 || dt == 0 {
				continue
			}
			jerk := math.Abs(x[0]-3*x[1]+3*x[2]-x[3]) / (dt * dt * dt)
			// Times are whole nanoseconds, so positions are off by as much as
			// the car moves in one.
			noise := (4e-9*b.Motion.SpeedMps + 1e-12) / (dt * dt * dt)
			if jerk > b.Motion.JerkMps3*1.001+noise {
				t.Fatalf("%.4f m/s³ at %v, the drive allows %.4f", jerk, at, b.Motion.JerkMps3)
			}
		}
		distance := math.Abs(b.Floors[to].ElevationM - b.Floors[from].ElevationM)
		integral := math.Abs(travelled(l, from, to))
		if math.Abs(integral-distance) > 1e-4*max(1, distance) {
			t.Fatalf("the speed adds up to %.6f m over a distance of %.6f m", integral, distance)
		}
		if end, mps := l.At(from, to, total); math.Abs(end-b.Floors[to].ElevationM) > 1e-9 || mps != 0 {
			t.Fatalf("arrives at %.9f m with %.6f m/s", end, mps)
		}
	})
}

// Until the commit time of the nearer of two floors, nobody can tell which of
// them a flight is going to; after it they can.
func TestRetargetingChangesNothingYet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyShaft(t)
		l := NewLaw(b)
		from, to, other := anyFloor(t, b, "from"), anyFloor(t, b, "to"), anyFloor(t, b, "other")
		if from == to || from == other || to == other || elevator.Toward(from, to) != elevator.Toward(from, other) {
			return
		}
		last := min(l.CommitTime(from, to), l.CommitTime(from, other))
		if !l.CanRetarget(from, to, other, last) || l.CanRetarget(from, to, other, last+1) {
			t.Fatalf("the last moment to retarget is not %v", last)
		}
		at := time.Duration(rapid.Float64Range(0, 1).Draw(t, "moment") * float64(last))
		x1, v1 := l.At(from, to, at)
		x2, v2 := l.At(from, other, at)
		if math.Abs(x1-x2) > 1e-6 || math.Abs(v1-v2) > 1e-6 {
			t.Fatalf("at %v of %v: %.9f m %.9f m/s towards %d, %.9f m %.9f m/s towards %d", at, last, x1, v1, to, x2, v2, other)
		}
	})
}

// NextStop agrees with the definition: the nearest floor on the way whose
// commit time has not passed.
func TestNextStopIsTheNearestReachableFloor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyShaft(t)
		l := NewLaw(b)
		from, to := anyFloor(t, b, "from"), anyFloor(t, b, "to")
		if from == to {
			return
		}
		elapsed := time.Duration(rapid.Float64Range(0, 1).Draw(t, "moment") * float64(l.FlightTime(from, to)))
		next := l.NextStop(from, to, elapsed)
		if !l.CanRetarget(from, to, next, elapsed) {
			t.Fatalf("the next stop %d cannot be reached", next)
		}
		step := elevator.FloorIndex(elevator.Toward(from, to))
		for f := from + step; f != next; f += step {
			if l.CanRetarget(from, to, f, elapsed) {
				t.Fatalf("%d is nearer than the next stop %d", f, next)
			}
		}
		x, v := l.At(from, to, elapsed)
		if braking := math.Abs(v) * math.Abs(v) / 2 / b.Motion.AccelerationMps2; math.Abs(b.Floors[next].ElevationM-x)+1e-6 < braking {
			t.Fatalf("%.3f m before %d at %.3f m/s: no drive can stop there", math.Abs(b.Floors[next].ElevationM-x), next, v)
		}
	})
}

func TestFlightTimesGrowWithDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyShaft(t)
		l := NewLaw(b)
		for to := 1; to < len(b.Floors); to++ {
			f := elevator.FloorIndex(to)
			if l.FlightTime(0, f) <= l.FlightTime(0, f-1) || f > 1 && l.CommitTime(0, f) < l.CommitTime(0, f-1) {
				t.Fatalf("floor %d is reached or committed to before floor %d", f, f-1)
			}
			if l.CommitTime(0, f) >= l.FlightTime(0, f) {
				t.Fatalf("floor %d: commits at %v, arrives at %v", f, l.CommitTime(0, f), l.FlightTime(0, f))
			}
			if l.FlightTime(0, f) != l.FlightTime(f, 0) {
				t.Fatalf("up takes %v, down %v", l.FlightTime(0, f), l.FlightTime(f, 0))
			}
		}
	})
}

func BenchmarkAt(b *testing.B) {
	l := NewLaw(shaft(15, 3.8, 2.5, 1, 1.2))
	b.ReportAllocs()
	for b.Loop() {
		l.At(0, 14, 9*time.Second)
	}
}
