package elevator

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestShortDecimalsAreReadAsStrconvReadsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{1,16}(\.[0-9]{0,10})?`).Draw(t, "text")
		got, ok := parseShortDecimal([]byte(text))
		want, err := strconv.ParseFloat(text, 64)
		if ok && (err != nil || got != want) {
			t.Fatalf("%s: %v, strconv says %v, %v", text, got, want, err)
		}
	})
}

func TestValuesEndWhereJSONSaysTheyEnd(t *testing.T) {
	for _, tc := range []struct {
		text string
		want int
	}{
		{`"a"`, 3},
		{`"a\"b" `, 6},
		{`12,`, 2},
		{`12}`, 2},
		{`[1,[2]],`, 7},
		{`{"a":"}"}`, 9},
		{`true`, 4},
		{``, 0},
		{`"a`, 0},
		{`"a\`, 0},
		{`[1`, 0},
		{`]`, 0},
		{`,`, 0},
		{` 1`, 0},
		{`["a]`, 0},
	} {
		if got := valueLength([]byte(tc.text)); got != tc.want {
			t.Errorf("%s: %d, want %d", tc.text, got, tc.want)
		}
	}
}
