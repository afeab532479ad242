package mesos

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

var stoutUnits = map[string]time.Duration{
	"ns":    time.Nanosecond,
	"us":    time.Microsecond,
	"ms":    time.Millisecond,
	"secs":  time.Second,
	"mins":  time.Minute,
	"hrs":   time.Hour,
	"days":  24 * time.Hour,
	"weeks": 7 * 24 * time.Hour,
}

// ParseDuration reads a duration as Mesos writes it into environments: a decimal number and one of the units ns, us, ms,
// secs, mins, hrs, days, weeks, such as "5secs" or "1.5days" (stout/duration.hpp of Apache Mesos).
func ParseDuration(text string) (time.Duration, error) {
	end := strings.LastIndexAny(text, "0123456789.") + 1
	number, unitName := text[:end], text[end:]
	unit, known := stoutUnits[unitName]
	if !known {
		return 0, fmt.Errorf("duration %q: unit %q: want ns, us, ms, secs, mins, hrs, days or weeks", text, unitName)
	}
	if strings.Trim(number, "0123456789.") != "" {
		return 0, fmt.Errorf("duration %q: %q is not a decimal number", text, number)
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("duration %q: %q is not a decimal number", text, number)
	}
	nanoseconds := value * float64(unit)
	if nanoseconds >= math.MaxInt64 {
		return 0, fmt.Errorf("duration %q is longer than 292 years", text)
	}
	return time.Duration(math.Round(nanoseconds)), nil
}
