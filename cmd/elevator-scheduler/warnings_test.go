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
		{
			"executors that do not answer",
			gotask.Status{Connected: true, MasterVersion: "1.12.0", Tasks: []gotask.TaskStatus{
				{Name: "car-0", Silent: true, Agent: gotask.AgentRef{Hostname: "m2"}},
				{Name: "car-1", Silent: true, Agent: gotask.AgentRef{Hostname: "m1"}},
				{Name: "car-2", Agent: gotask.AgentRef{Hostname: "m3"}},
				{Name: "floor-0", Silent: true, Agent: gotask.AgentRef{Hostname: "m2"}},
				{Name: "floor-1", Silent: true, Unheard: true, Agent: gotask.AgentRef{Hostname: "m4"}},
				{Name: "floor-2", Unheard: true, Agent: gotask.AgentRef{Hostname: "m5"}},
			}},
			nil, "",
			[]string{
				"3 of 6 tasks do not answer, as their executors hang or are cut off: m1, m2",
				"1 of 6 tasks have not been heard since the master was found, for which their agents may still look: m4",
			},
		},
		{
			"without a master nobody answers",
			gotask.Status{Tasks: []gotask.TaskStatus{{Name: "car-0", State: gotask.TaskRunning, Silent: true}}},
			nil, "",
			[]string{"not subscribed with a Mesos master: cars serve who is aboard, and new calls wait"},
		},
	} {
		if got := warnings(test.status, test.journal, test.clock); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestReady(t *testing.T) {
	with := func(task gotask.TaskStatus) gotask.Status {
		task.Name, task.Agent = "car-0", gotask.AgentRef{Hostname: "m1"}
		return gotask.Status{Connected: true, Tasks: []gotask.TaskStatus{task}}
	}
	for _, test := range []struct {
		status gotask.Status
		want   string
	}{
		{gotask.Status{}, "not subscribed with a Mesos master"},
		{gotask.Status{Connected: true, Unsaved: "the state cannot be saved"}, "the state cannot be saved"},
		{with(gotask.TaskStatus{State: gotask.TaskRunning}), ""},
		{with(gotask.TaskStatus{State: gotask.TaskPending, Pending: "no offer"}), "task car-0 is pending: no offer"},
		{with(gotask.TaskStatus{State: gotask.TaskKilling}), "task car-0 is killing"},
		{with(gotask.TaskStatus{State: gotask.TaskRunning, Silent: true}), "task car-0 does not answer: its executor on agent m1 hangs or is cut off"},
		{with(gotask.TaskStatus{State: gotask.TaskRunning, Silent: true, Unheard: true}), "task car-0 has not been heard since the master was found: its agent m1 may still look for it"},
	} {
		got := ""
		if err := ready(test.status); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.status, got, test.want)
		}
	}
}
