package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"elevator/internal/gotask"
	"elevator/internal/gotask/mesos"
)

// warnings returns what somebody should look at before it keeps the group from
// carrying passengers.
func warnings(s gotask.Status, journal error, clock string) []string {
	var list []string
	if journal != nil {
		list = append(list, journal.Error())
	}
	if s.Unsaved != "" {
		list = append(list, s.Unsaved)
	}
	if text := silence(s); text != "" {
		list = append(list, text)
	}
	if doubt := mesos.VersionDoubt(s.MasterVersion); s.Connected && doubt != nil {
		list = append(list, doubt.Error())
	}
	if clock != "" {
		list = append(list, clock)
	}
	return list
}

// silence says how many tasks do not answer, and on which agents; "" where all
// do, or where nobody can be heard.
func silence(s gotask.Status) string {
	if !s.Connected {
		return ""
	}
	tasks, agents := 0, []string(nil)
	for _, t := range s.Tasks {
		if t.Silent {
			tasks++
			agents = append(agents, t.Agent.Hostname)
		}
	}
	if tasks == 0 {
		return ""
	}
	slices.Sort(agents)
	return fmt.Sprintf("%d of %d tasks do not answer: their executors hang or are cut off, on %s",
		tasks, len(s.Tasks), strings.Join(slices.Compact(agents), ", "))
}

// ready returns why the group does not carry passengers yet, or nil.
func ready(s gotask.Status) error {
	if !s.Connected {
		return errors.New("not subscribed with a Mesos master")
	}
	if s.Unsaved != "" {
		return errors.New(s.Unsaved)
	}
	for _, t := range s.Tasks {
		if t.State != gotask.TaskRunning {
			return errors.New(strings.TrimSuffix(fmt.Sprintf("task %s is %s: %s", t.Name, t.State, cmp.Or(t.Pending, t.Text)), ": "))
		}
		if t.Silent {
			return fmt.Errorf("task %s does not answer: its executor on agent %s hangs or is cut off", t.Name, t.Agent.Hostname)
		}
		if t.Unheard {
			return fmt.Errorf("task %s has not been heard since the master was found: its agent %s may still look for it", t.Name, t.Agent.Hostname)
		}
	}
	return nil
}
