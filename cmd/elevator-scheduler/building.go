package main

import (
	"context"

	"elevator/internal/elevator/building"
)

// buildingCommand prints the built-in building file, a start for one's own.
func buildingCommand(_ context.Context, args []string, std streams) error {
	flags := newFlags("building", std)
	if err := flags.parse(args); err != nil {
		return err
	}
	_, err := std.out.Write(building.Format(building.Builtin()))
	return err
}
