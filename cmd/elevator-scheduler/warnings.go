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
	list = append(list, silence(s)...)
	if doubt := mesos.VersionDoubt(s.MasterVersion); s.Connected && doubt != nil {
		list = append(list, doubt.Error())
	}
	if clock != "" {
		list = append(list, clock)
	}
	return list
}

// silence says how many tasks do not answer, on which agents, and what that may
// mean; without a master nobody can be heard.
func silence(s gotask.Status) (list []string) {
	if !s.Connected {
		if slices.ContainsFunc(s.Tasks, func(t gotask.TaskStatus) bool { return t.State == gotask.TaskRunning }) {
			list = append(list, "not subscribed with a Mesos master: cars serve who is aboard, and new calls wait")
		}
		return list
	}
	say := func(unheard bool, text string) {
		var agents []string
		for _, t := range s.Tasks {
			if t.Silent && t.Unheard == unheard {
				agents = append(agents, t.Agent.Hostname)
			}
		}
		if tasks := len(agents); tasks > 0 {
			slices.Sort(agents)
			list = append(list, fmt.Sprintf("%d of %d tasks %s: %s", tasks, len(s.Tasks), text, strings.Join(slices.Compact(agents), ", ")))
		}
	}
	say(false, "do not answer, as their executors hang or are cut off")
	say(true, "have not been heard since the master was found, for which their agents may still look")
	return list
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
		if t.Unheard {
			return fmt.Errorf("task %s has not been heard since the master was found: its agent %s may still look for it", t.Name, t.Agent.Hostname)
		}
		if t.Silent {
			return fmt.Errorf("task %s does not answer: its executor on agent %s hangs or is cut off", t.Name, t.Agent.Hostname)
		}
	}
	return nil
}
