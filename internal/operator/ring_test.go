package operator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// keeper is the obviously right ring: it keeps everything and counts back.
type keeper struct {
	first              uint64 // sequence number of all[0]
	all                [][]byte
	maxLines, maxBytes int
}

// oldest returns the sequence number of the oldest line that fits.
func (k *keeper) oldest() uint64 {
	bytes := 0
	for i, v := range slices.Backward(k.all) {
		bytes += len(v)
		kept := len(k.all) - i
		if kept > k.maxLines || kept > 1 && bytes > k.maxBytes {
			return k.first + uint64(i) + 1
		}
	}
	return k.first
}

func (k *keeper) from(seq uint64, limit int) ([][]byte, error) {
	switch next := k.first + uint64(len(k.all)); {
	case seq < k.oldest():
		return nil, errTooOld
	case seq > next:
		return nil, errAhead
	}
	lines := k.all[seq-k.first:]
	return lines[:min(limit, len(lines))], nil
}

func TestRingKeepsTheNewestLinesThatFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := &keeper{first: 1, maxLines: rapid.IntRange(1, 8).Draw(t, "lines"), maxBytes: rapid.IntRange(1, 60).Draw(t, "bytes")}
		r := newRing(k.maxLines, k.maxBytes)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				line := bytes.Repeat([]byte{'x'}, rapid.IntRange(1, 30).Draw(t, "length"))
				r.push(line)
				k.all = append(k.all, line)
			},
			"restart": func(t *rapid.T) {
				seq := rapid.Uint64Range(1, 1000).Draw(t, "seq")
				r.restart(seq)
				k.first, k.all = seq, nil
			},
			"": func(t *rapid.T) {
				seq, limit := rapid.Uint64Range(0, 1020).Draw(t, "from"), rapid.IntRange(0, 9).Draw(t, "limit")
				if rapid.Bool().Draw(t, "near") {
					seq = k.first + uint64(rapid.IntRange(0, len(k.all)+1).Draw(t, "offset"))
				}
				got, err := r.from(seq, nil, limit)
				want, wantErr := k.from(seq, limit)
				if !errors.Is(err, wantErr) || fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("from %d, at most %d: got %d lines and %v, want %d and %v", seq, limit, len(got), err, len(want), wantErr)
				}
			},
		})
	})
}
