package ui

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// taskReport is the answer of GET /api/v1/tasks.
type taskReport struct {
	Master    string `json:"master"`
	Framework string `json:"framework_id"`
	Connected bool   `json:"connected"`
	Tasks     []task `json:"tasks"`
	// Warnings are what somebody should look at although the group is served.
	Warnings []string `json:"warnings"`
	known    bool
}

// task is one task of a report.
type task struct {
	Name    string    `json:"name"`
	State   string    `json:"state"`
	Attempt int       `json:"attempt"`
	Agent   agent     `json:"agent"`
	Since   time.Time `json:"since"`
	Silent  bool      `json:"silent"` // its executor does not answer, whatever the state says
	Pending string    `json:"pending"`
	Reason  string    `json:"reason"`
	Text    string    `json:"text"`
}

// agent is the machine a task runs on.
type agent struct {
	ID       string `json:"id"`
	Hostname string `json:"hostname"`
}

const (
	taskRunning = "running"
	taskSilent  = "silent" // of a running task that does not answer
)

// told takes a report. A task that is said to run but does not answer is silent.
func (s *site) told(r taskReport) {
	s.report, s.report.known = r, true
	s.report.Tasks = slices.Clone(r.Tasks)
	for i := range s.report.Tasks {
		if t := &s.report.Tasks[i]; t.Silent && t.State == taskRunning {
			t.State = taskSilent
		}
	}
}

func (t *task) host() string { return cmp.Or(t.Agent.Hostname, t.Agent.ID) }

// why says in words why the task does not run, or how its last attempt ended.
func (t *task) why() string {
	if t.State == taskSilent {
		return "its executor hangs or is cut off"
	}
	return strings.Join(slices.DeleteFunc([]string{t.Pending, t.Reason, t.Text}, func(s string) bool { return s == "" }), ": ")
}

// ended reports whether the task was lost, in whatever way.
func (t *task) ended() bool {
	switch t.State {
	case "failed", "lost", "killed", "unreachable":
		return true
	}
	return false
}

// tasks returns the group's tasks: as reported or, where nobody was asked, as
// the events tell, by name.
func (s *site) tasks() []task {
	if s.report.known {
		return s.report.Tasks
	}
	if s.group == nil {
		return nil
	}
	var list []task
	for _, name := range slices.Sorted(maps.Keys(s.group.Tasks)) {
		t := s.group.Tasks[name]
		list = append(list, task{Name: name, State: t.State, Agent: agent{Hostname: t.Agent}, Reason: t.Reason})
	}
	return list
}

// agentCount is how many running tasks an agent has.
type agentCount struct {
	name    string
	running int
}

// taskCounts counts the tasks that run, in total and by agent.
func (s *site) taskCounts() (running, total int, agents []agentCount) {
	for _, t := range s.tasks() {
		total++
		if t.State != taskRunning {
			continue
		}
		running++
		i := slices.IndexFunc(agents, func(a agentCount) bool { return a.name == t.host() })
		if i < 0 {
			agents = append(agents, agentCount{name: t.host()})
			i = len(agents) - 1
		}
		agents[i].running++
	}
	slices.SortFunc(agents, func(a, b agentCount) int { return cmp.Compare(a.name, b.name) })
	return running, total, agents
}
