package elevator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// parseNamed reads a value of a closed list of names.
func parseNamed[T any](value []byte, what string, parse func(string) (T, bool)) (T, error) {
	text, err := parseText(value)
	if err != nil {
		var zero T
		return zero, err
	}
	v, ok := parse(string(text))
	if !ok {
		return v, fmt.Errorf("%.40q is no %s", text, what)
	}
	return v, nil
}

func parseUint(value []byte) (uint64, error) {
	n, err := strconv.ParseUint(string(value), 10, 64)
	if err != nil || len(value) > 1 && value[0] == '0' {
		return 0, fmt.Errorf("%.40q is no whole number from 0 to %d", value, uint64(math.MaxUint64))
	}
	return n, nil
}

func parseFloat(value []byte) (float64, error) {
	if n, ok := parseShortDecimal(value); ok {
		return n, nil
	}
	if len(value) > 0 && (value[0] == '-' || '0' <= value[0] && value[0] <= '9') && !bytes.ContainsAny(value, "xX_pP") {
		if n, err := strconv.ParseFloat(string(value), 64); err == nil {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%.40q is no number", value)
}

// parseShortDecimal reads plain decimals of at most 15 digits, which are most,
// without the string that strconv wants: both the digits and the power of ten
// are exact as float64, so the one division rounds correctly (Clinger 1990).
func parseShortDecimal(value []byte) (n float64, ok bool) {
	digits, scale, point := 0, 1.0, false
	for _, c := range value {
		switch {
		case c == '.' && !point && digits > 0:
			point = true
			continue
		case c < '0' || c > '9':
			return 0, false
		}
		n = n*10 + float64(c-'0')
		digits++
		if point {
			scale *= 10
		}
	}
	return n / scale, digits > 0 && digits <= 15 && value[len(value)-1] != '.'
}

func parseString(value []byte) (string, error) {
	text, err := parseText(value)
	return string(text), err
}

// parseText returns the text of a JSON string, a part of value where it has
// no escapes.
func parseText(value []byte) ([]byte, error) {
	if len(value) < 2 || value[0] != '"' {
		return nil, fmt.Errorf("%.40q is no text in double quotes", value)
	}
	inner := value[1 : len(value)-1]
	for _, c := range inner {
		if c < ' ' || c == '\\' {
			var s string
			if err := json.Unmarshal(value, &s); err != nil {
				return nil, fmt.Errorf("%.40q is no JSON text: %w", value, err)
			}
			return []byte(s), nil
		}
	}
	return inner, nil
}

func unmarshalStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if len(bytes.TrimSpace(data[d.InputOffset():])) > 0 {
		return errors.New("text follows the value")
	}
	return nil
}
