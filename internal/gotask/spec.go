package gotask

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Resources is what one instance of a task, or an executor process, takes of an agent. Mesos counts in thousandths.
type Resources struct {
	CPUs   float64 // cores
	MemMB  float64 // mebibytes
	DiskMB float64 // mebibytes
	Ports  int     // how many of the agent's ports; the task finds them in its env as PORT0, PORT1, …
}

// Operators of a Constraint.
const (
	OpEquals    = "equals"     // the agent's attribute has the value
	OpNotEquals = "not-equals" // the agent's attribute does not have the value
	OpUnique    = "unique"     // at most one instance of the spec's name for each value of the attribute
	OpMaxPer    = "max-per"    // at most Value instances of the spec's name for each value of the attribute
)

// Constraint limits which agents may run a task.
type Constraint struct {
	Attribute string // an attribute of the agent, or "hostname", or "agent" for its id
	Op        string // OpEquals, OpNotEquals, OpUnique or OpMaxPer
	Value     string // for OpEquals and OpNotEquals the value, for OpMaxPer a positive number
}

// TaskSpec describes Count instances of a task. They are named "<Name>-<index>"; spawning the same Name again continues
// the index.
type TaskSpec struct {
	Name        string // prefix of the instances' names: letters, digits, '_', '.' and '-'
	Type        string // what the executor registered; default Name
	Count       int    // how many instances, at least 1
	Resources   Resources
	Args        []string          // args[1:] of every instance
	Env         map[string]string // env of every instance
	Constraints []Constraint
	KillGrace   time.Duration // how long a told task may take to return; default Config.KillGrace
}

const (
	maxNameBytes = 100
	maxCount     = 100_000 // of one spec; more is a mistake
)

func (r Resources) validate() error {
	scalars := []struct {
		name  string
		value float64
	}{{"cpus", r.CPUs}, {"memory", r.MemMB}, {"disk", r.DiskMB}}
	for _, s := range scalars {
		if math.IsNaN(s.value) || math.IsInf(s.value, 0) || s.value < 0 {
			return fmt.Errorf("%s %v: must be a finite number, 0 or more", s.name, s.value)
		}
		if s.value > 0 && math.Round(s.value*1000) == 0 {
			return fmt.Errorf("%s %v: below Mesos' unit of 0.001", s.name, s.value)
		}
	}
	if r.CPUs == 0 && r.MemMB == 0 {
		return errors.New("no cpus and no memory: a task must take some of either")
	}
	if r.Ports < 0 {
		return fmt.Errorf("ports %d: must be 0 or more", r.Ports)
	}
	return nil
}

func (s TaskSpec) validate() error {
	if err := validName(s.Name); err != nil {
		return err
	}
	if s.Count < 1 || s.Count > maxCount {
		return fmt.Errorf("task %s: count %d: must be from 1 to %d", s.Name, s.Count, maxCount)
	}
	if err := s.Resources.validate(); err != nil {
		return fmt.Errorf("task %s: %w", s.Name, err)
	}
	if s.KillGrace < 0 {
		return fmt.Errorf("task %s: kill grace %v: must not be negative", s.Name, s.KillGrace)
	}
	for _, c := range s.Constraints {
		if _, err := c.placement(); err != nil {
			return fmt.Errorf("task %s: %w", s.Name, err)
		}
	}
	for key := range s.Env {
		if key == "" || strings.ContainsAny(key, "=\x00") {
			return fmt.Errorf("task %s: environment variable %q: a name without '=' is needed", s.Name, key)
		}
	}
	return nil
}

func validName(name string) error {
	if name == "" {
		return errors.New("task without a name")
	}
	if len(name) > maxNameBytes {
		return fmt.Errorf("task name of %d bytes: at most %d", len(name), maxNameBytes)
	}
	for _, r := range name {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == '.':
		default:
			return fmt.Errorf("task name %q: %q is not allowed, use letters, digits, '_', '.' and '-'", name, r)
		}
	}
	if name == "." || name == ".." {
		return fmt.Errorf("task name %q is reserved", name)
	}
	return nil
}
