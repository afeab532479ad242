package main

import (
	"errors"
	"slices"
	"testing"

	"elevator/internal/gotask"
)

func TestWarnings(t *testing.T) {
	good := gotask.Status{Connected: true, MasterVersion: "1.12.0"}
	for _, test := range []struct {
		name    string
		status  gotask.Status
		journal error
		clock   string
		want    []string
	}{
		{"all is well", good, nil, "", nil},
		{"before a master is found", gotask.Status{}, nil, "", nil},
		{
			"a master nobody has tried",
			gotask.Status{Connected: true, MasterVersion: "2.0.0"},
			nil, "",
			[]string{"the Mesos master is of version 2.0.0: 1.3 to 1.12 were tried"},
		},
		{"a clock that was set", good, nil, "the clock was set", []string{"the clock was set"}},
		{
			"a full disk",
			gotask.Status{Connected: true, MasterVersion: "1.12.0", Unsaved: "the state cannot be saved"},
			errors.New("no space left"), "",
			[]string{"no space left", "the state cannot be saved"},
		},
	} {
		if got := warnings(test.status, test.journal, test.clock); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
