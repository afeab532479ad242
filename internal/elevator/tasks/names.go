package tasks

import (
	"fmt"
	"strings"

	"elevator/internal/elevator"
	"elevator/internal/elevator/group"
	"elevator/internal/gotask"
)

// Specs returns the tasks of a building: one for each car and one for each
// floor.
func Specs(b *elevator.Building) []gotask.TaskSpec {
	resources := gotask.Resources{CPUs: 0.05, MemMB: 16}
	return []gotask.TaskSpec{
		{Name: CarTask, Count: len(b.Cars), Resources: resources},
		{Name: FloorTask, Count: len(b.Floors), Resources: resources},
	}
}

func (s *Scheduler) taskNames() []string {
	var names []string
	for i := range s.cfg.Building.Cars {
		names = append(names, elevator.TaskName(CarTask, i))
	}
	for i := range s.cfg.Building.Floors {
		names = append(names, elevator.TaskName(FloorTask, i))
	}
	return names
}

// party returns whom a task's name stands for.
func party(task string) (group.Party, int, error) {
	index, err := taskIndex([]string{task})
	if err != nil {
		return group.Nobody, 0, err
	}
	switch {
	case strings.HasPrefix(task, CarTask+"-"):
		return group.Car, index, nil
	case strings.HasPrefix(task, FloorTask+"-"):
		return group.Landing, index, nil
	}
	return group.Nobody, 0, fmt.Errorf("task %q is neither a car nor a floor", task)
}
