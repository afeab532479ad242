package main

import (
	"slices"
	"testing"

	"elevator/internal/elevator/building"
	"elevator/internal/elevator/group"
	"elevator/internal/operator"
)

// The operators' API and the group control know the same commands, although
// neither knows the other.
func TestCommandsAreTheGroupsCommands(t *testing.T) {
	var offered []string
	for _, form := range operator.CommandForms() {
		offered = append(offered, form.Name)
	}
	known := slices.Sorted(slices.Values(group.CommandNames()))
	slices.Sort(offered)
	if !slices.Equal(offered, known) {
		t.Errorf("the API offers %v, the group knows %v", offered, known)
	}
}

func TestCommandNamesBecomeIndexes(t *testing.T) {
	b := building.Builtin()
	on := true
	cmd, err := groupCommand(b, operator.Command{Name: "fault", Car: "C", Fault: "door-closing", On: &on})
	if err != nil || cmd.Car != 2 || !cmd.On || cmd.Fault.String() != "door-closing" {
		t.Errorf("%+v, %v", cmd, err)
	}
	cmd, err = groupCommand(b, operator.Command{Name: "landing-call", Floor: "8", Direction: "down"})
	if err != nil || cmd.Floor != 7 || cmd.Direction != -1 {
		t.Errorf("%+v, %v", cmd, err)
	}
	if _, err := groupCommand(b, operator.Command{Name: "car-mode", Car: "A", Mode: "sideways"}); err == nil {
		t.Error("an unknown mode is taken")
	}
}
