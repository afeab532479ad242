package elevator

import (
	"iter"
	"math/bits"
)

// MaxFloors is the largest number of floors a building can have.
const MaxFloors = 256

// MaxCars is the largest number of cars one group can have.
const MaxCars = 64

// FloorIndex numbers the floors of a building from 0, the lowest.
type FloorIndex int16

// NoFloor stands where no floor is meant.
const NoFloor FloorIndex = -1

// CarIndex numbers the cars of a group from 0, in the building file's order.
type CarIndex int16

// NoCar stands where no car is meant.
const NoCar CarIndex = -1

// FloorSet is a set of floors, a value of fixed size.
type FloorSet [MaxFloors / 64]uint64

// Has reports whether f is in the set. NoFloor is in no set.
func (s *FloorSet) Has(f FloorIndex) bool {
	return f >= 0 && s[f>>6]&(1<<(f&63)) != 0
}

// Add puts f into the set.
func (s *FloorSet) Add(f FloorIndex) { s[f>>6] |= 1 << (f & 63) }

// Remove takes f out of the set.
func (s *FloorSet) Remove(f FloorIndex) { s[f>>6] &^= 1 << (f & 63) }

// Empty reports whether the set has no floor.
func (s *FloorSet) Empty() bool { return s[0]|s[1]|s[2]|s[3] == 0 }

// Len counts the floors of the set.
func (s *FloorSet) Len() int {
	return bits.OnesCount64(s[0]) + bits.OnesCount64(s[1]) + bits.OnesCount64(s[2]) + bits.OnesCount64(s[3])
}

// Above returns the lowest floor of the set that is higher than f, or NoFloor.
// Above(NoFloor) is the lowest floor of the set.
func (s *FloorSet) Above(f FloorIndex) FloorIndex {
	f++
	w := int(f >> 6)
	if w >= len(s) {
		return NoFloor
	}
	for word := s[w] & (^uint64(0) << (f & 63)); ; word = s[w] {
		if word != 0 {
			return FloorIndex(w<<6 + bits.TrailingZeros64(word))
		}
		if w++; w == len(s) {
			return NoFloor
		}
	}
}

// Set adds the floor or removes it.
func (s *FloorSet) Set(f FloorIndex, in bool) {
	if in {
		s.Add(f)
	} else {
		s.Remove(f)
	}
}

// Below returns the highest floor of the set that is lower than f, or NoFloor.
// Below(MaxFloors) is the highest floor of the set.
func (s *FloorSet) Below(f FloorIndex) FloorIndex {
	f--
	if f < 0 {
		return NoFloor
	}
	w := int(f >> 6)
	for word := s[w] & (^uint64(0) >> (63 - f&63)); ; word = s[w] {
		if word != 0 {
			return FloorIndex(w<<6 + 63 - bits.LeadingZeros64(word))
		}
		if w--; w < 0 {
			return NoFloor
		}
	}
}

// All yields the floors of the set from the lowest up.
func (s FloorSet) All() iter.Seq[FloorIndex] {
	return func(yield func(FloorIndex) bool) {
		for f := s.Above(NoFloor); f != NoFloor; f = s.Above(f) {
			if !yield(f) {
				return
			}
		}
	}
}

// CarSet is a set of cars, one bit each.
type CarSet uint64

// Has reports whether c is in the set. NoCar is in no set.
func (s CarSet) Has(c CarIndex) bool { return c >= 0 && s>>(c%MaxCars)&1 != 0 }

// With returns the set with c in it.
func (s CarSet) With(c CarIndex) CarSet { return s | 1<<c }

// Without returns the set without c.
func (s CarSet) Without(c CarIndex) CarSet { return s &^ (1 << c) }

// Len counts the cars of the set.
func (s CarSet) Len() int { return bits.OnesCount64(uint64(s)) }

// All yields the cars of the set, the lowest index first.
func (s CarSet) All() iter.Seq[CarIndex] {
	return func(yield func(CarIndex) bool) {
		for ; s != 0; s &= s - 1 {
			if !yield(CarIndex(bits.TrailingZeros64(uint64(s)))) {
				return
			}
		}
	}
}

// First returns the car with the lowest index, or NoCar.
func (s CarSet) First() CarIndex {
	if s == 0 {
		return NoCar
	}
	return CarIndex(bits.TrailingZeros64(uint64(s)))
}

// Direction is the way a car travels or a landing call asks for.
type Direction int8

// The directions. The values are those of the metric elevator_car_direction.
const (
	Down Direction = -1
	None Direction = 0
	Up   Direction = 1
)

// String returns "up", "down" or "none", the journal's words.
func (d Direction) String() string {
	switch d {
	case Up:
		return "up"
	case Down:
		return "down"
	}
	return "none"
}

// Toward returns the direction of travel from one floor to another.
func Toward(from, to FloorIndex) Direction {
	switch {
	case to > from:
		return Up
	case to < from:
		return Down
	}
	return None
}
