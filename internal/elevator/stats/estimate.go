package stats

import (
	"encoding/json"
	"math"
)

// Interval is an estimate from several replications: with 95 % confidence the
// true mean lies within HalfWidth of Mean.
type Interval struct {
	Mean      float64 `json:"mean"`
	HalfWidth float64 `json:"half_width"` // 0 for fewer than two values, which say nothing of their spread
	N         int     `json:"n"`
}

// MarshalJSON writes null where there is no estimate.
func (e Interval) MarshalJSON() ([]byte, error) {
	if e.N == 0 {
		return []byte("null"), nil
	}
	type valid Interval
	return json.Marshal(valid(e))
}

// Estimate returns the mean of independent values and its 95 % confidence
// interval by Student's t distribution.
func Estimate(values []float64) Interval {
	n := float64(len(values))
	e := Interval{Mean: mean(values), N: len(values)}
	if n < 2 {
		return e
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - e.Mean) * (v - e.Mean)
	}
	e.HalfWidth = StudentT(0.95, len(values)-1) * math.Sqrt(squares/(n-1)/n)
	return e
}

// Difference returns the interval of the mean of a[i] − b[i], for runs of two
// dispatchers over the same traffic: what the traffic adds to both cancels
// out. Values without a partner are left out.
func Difference(a, b []float64) Interval {
	differences := make([]float64, min(len(a), len(b)))
	for i := range differences {
		differences[i] = a[i] - b[i]
	}
	return Estimate(differences)
}

// StudentT returns t such that a variable of Student's t distribution with the
// given degrees of freedom (from 1) lies between −t and t with the given
// probability.
func StudentT(probability float64, degrees int) float64 {
	// Beyond this many degrees the distribution is the normal one to four
	// digits, and the sum below only gets longer.
	degrees = min(degrees, 10_000)
	low, high := 0.0, 1.0
	for studentCentral(high, degrees) < probability && high < 1e12 {
		high *= 2
	}
	for range 200 {
		middle := (low + high) / 2
		if studentCentral(middle, degrees) < probability {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// studentCentral returns the probability between −t and t (Abramowitz and
// Stegun 1964, 26.7.3 and 26.7.4).
func studentCentral(t float64, degrees int) float64 {
	theta := math.Atan(t / math.Sqrt(float64(degrees)))
	sin, cos := math.Sincos(theta)
	if degrees%2 == 1 {
		sum, term := 0.0, cos
		for k := 1; k <= degrees-2; k += 2 {
			sum += term
			term *= cos * cos * float64(k+1) / float64(k+2)
		}
		return 2 / math.Pi * (theta + sin*sum)
	}
	sum, term := 0.0, 1.0
	for k := 0; k <= degrees-2; k += 2 {
		sum += term
		term *= cos * cos * float64(k+1) / float64(k+2)
	}
	return sin * sum
}
