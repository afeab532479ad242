package elevator

import (
	"bytes"
	"errors"
	"fmt"
)

// objectScanner walks over the fields of one JSON object without allocating.
// It finds where each value ends and leaves it to the reader of the value to
// check what is inside.
type objectScanner struct {
	rest   []byte
	opened bool
}

// next returns the next field's name, without quotes and escapes undone, and
// its raw value; false after the object's end.
func (s *objectScanner) next() (key, value []byte, ok bool, err error) {
	s.space()
	switch {
	case !s.opened:
		if !s.take('{') {
			return nil, nil, false, errors.New("not a JSON object")
		}
		s.opened = true
		if s.space(); s.take('}') {
			return nil, nil, false, s.end()
		}
	case s.take('}'):
		return nil, nil, false, s.end()
	case !s.take(','):
		return nil, nil, false, fmt.Errorf("expected , or } before %.20q", s.rest)
	}
	s.space()
	n := valueLength(s.rest)
	if n == 0 || s.rest[0] != '"' {
		return nil, nil, false, fmt.Errorf("expected a field's name before %.20q", s.rest)
	}
	if key, err = parseText(s.rest[:n]); err != nil {
		return nil, nil, false, err
	}
	s.rest = s.rest[n:]
	if s.space(); !s.take(':') {
		return nil, nil, false, fmt.Errorf("expected : after %.20q", key)
	}
	s.space()
	if n = valueLength(s.rest); n == 0 {
		return nil, nil, false, fmt.Errorf("field %.20q: its value is cut off or missing", key)
	}
	value, s.rest = s.rest[:n], s.rest[n:]
	return key, value, true, nil
}

func (s *objectScanner) end() error {
	if s.space(); len(s.rest) > 0 {
		return fmt.Errorf("%.20q follows the object", s.rest)
	}
	return nil
}

func (s *objectScanner) space() {
	for len(s.rest) > 0 && (s.rest[0] == ' ' || s.rest[0] == '\t' || s.rest[0] == '\r' || s.rest[0] == '\n') {
		s.rest = s.rest[1:]
	}
}

func (s *objectScanner) take(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// valueLength returns the length of the JSON value that text begins with, or
// 0 where none ends.
func valueLength(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			n := stringLength(text[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return 0
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return 0
			}
		default:
			if depth > 0 {
				continue
			}
			n := bytes.IndexAny(text[i:], ",:{}[]\" \t\r\n")
			if n < 0 {
				n = len(text) - i
			}
			return i + n
		}
	}
	return 0
}

// stringLength returns the length, quotes included, of the JSON string that
// text begins with, or 0 where it does not end.
func stringLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
