package gotask

import (
	"reflect"
	"testing"
)

func FuzzDecodeTaskData(f *testing.F) {
	f.Add(encodeTaskData(taskData{Type: "car", Name: "car-0", Attempt: 1, Outlives: 3, Args: []string{"a"}, Env: map[string]string{"A": "b"}}))
	f.Add([]byte(`{"type":"car"}`))
	f.Add([]byte(`{"type":"car","name":"car-0","kill_grace_ns":-1}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := decodeTaskData(data)
		if err != nil {
			return
		}
		if d.Type == "" || d.Name == "" {
			t.Fatalf("accepted %+v", d)
		}
		again, err := decodeTaskData(encodeTaskData(d))
		if err != nil || !reflect.DeepEqual(normal(again), normal(d)) {
			t.Fatalf("%+v became %+v, %v", d, again, err)
		}
	})
}

// normal makes empty and absent collections the same.
func normal(d taskData) taskData {
	if len(d.Args) == 0 {
		d.Args = nil
	}
	if len(d.Env) == 0 {
		d.Env = nil
	}
	return d
}

func FuzzSplitTaskID(f *testing.F) {
	for _, id := range []string{"car-0.1", "a.b-1.22", ".1", "car-0.", "car-0.01"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		name, attempt, ok := splitTaskID(id)
		if ok && (name == "" || attempt < 1) {
			t.Fatalf("%q was split into %q, %d", id, name, attempt)
		}
	})
}
