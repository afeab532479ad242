package tasks

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"elevator/internal/gotask"
)

// What is held leaves by time, and by arrival where times are equal: a stable
// sort of what came.
func TestReorderIsAStableSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		times := rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "times")
		var r reorder
		type item struct {
			t    time.Duration
			from string
		}
		var want []item
		for i, at := range times {
			it := item{time.Duration(at), fmt.Sprintf("car-%d", i)}
			want = append(want, it)
			r.add(gotask.TaskMsg{TaskName: it.from}, fromTask{T: it.t})
		}
		slices.SortStableFunc(want, func(a, b item) int { return cmp.Compare(a.t, b.t) })
		for _, w := range want {
			if at, held := r.earliest(); !held || at != w.t {
				t.Fatalf("earliest is %v, %v; want %v", at, held, w.t)
			}
			if got := r.pop(); got.t != w.t || got.from != w.from {
				t.Fatalf("left %s at %v, want %s at %v", got.from, got.t, w.from, w.t)
			}
		}
		if _, held := r.earliest(); held {
			t.Fatal("something is still held")
		}
	})
}
