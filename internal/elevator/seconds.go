package elevator

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Seconds is a time in seconds as the journal, traces and JSON write it: a
// plain decimal, exact to the nanosecond, without trailing zeros (12.5, 0,
// 3.141592654).
type Seconds time.Duration

// MarshalJSON writes the time as AppendSeconds does.
func (s Seconds) MarshalJSON() ([]byte, error) { return AppendSeconds(nil, time.Duration(s)), nil }

// UnmarshalJSON reads the time as ParseSeconds does.
func (s *Seconds) UnmarshalJSON(data []byte) error {
	d, err := ParseSeconds(data)
	if err != nil {
		return err
	}
	*s = Seconds(d)
	return nil
}

// AppendSeconds appends d in seconds, exact to the nanosecond and without
// trailing zeros.
func AppendSeconds(dst []byte, d time.Duration) []byte {
	u := uint64(d)
	if d < 0 {
		dst = append(dst, '-')
		u = -u
	}
	dst = strconv.AppendUint(dst, u/uint64(time.Second), 10)
	frac := u % uint64(time.Second)
	if frac == 0 {
		return dst
	}
	dst = append(dst, '.')
	for digit := uint64(time.Second) / 10; frac > 0; digit /= 10 {
		dst = append(dst, byte('0'+frac/digit))
		frac %= digit
	}
	return dst
}

const (
	noSeconds = "%.40q is not a plain decimal number of seconds such as 12.5"
	tooLong   = "%.40q seconds is more than can be counted (about 292 years)"
)

// ParseSeconds reads a decimal number of seconds without an exponent and with
// at most nine digits after the point, so that nothing is rounded.
func ParseSeconds[T string | []byte](text T) (time.Duration, error) {
	rest := text
	negative := len(rest) > 0 && rest[0] == '-'
	if negative {
		rest = rest[1:]
	}
	var n uint64
	digits, decimals := 0, -1
	for i := range len(rest) {
		c := rest[i]
		if c == '.' && decimals < 0 && digits > 0 {
			decimals = 0
			continue
		}
		if c < '0' || c > '9' {
			return 0, fmt.Errorf(noSeconds, string(text))
		}
		if decimals == 9 {
			return 0, fmt.Errorf("%.40q has more than nine decimals of a second", string(text))
		}
		if decimals >= 0 {
			decimals++
		}
		digits++
		if n > math.MaxInt64/10 {
			return 0, fmt.Errorf(tooLong, string(text))
		}
		n = n*10 + uint64(c-'0')
	}
	if digits == 0 || decimals == 0 {
		return 0, fmt.Errorf(noSeconds, string(text))
	}
	for range 9 - max(decimals, 0) {
		if n > math.MaxInt64/10 {
			return 0, fmt.Errorf(tooLong, string(text))
		}
		n *= 10
	}
	if n > math.MaxInt64 {
		return 0, fmt.Errorf(tooLong, string(text))
	}
	if negative {
		return -time.Duration(n), nil
	}
	return time.Duration(n), nil
}
