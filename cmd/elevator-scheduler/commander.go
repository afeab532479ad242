package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"elevator/internal/elevator"
	"elevator/internal/elevator/group"
	"elevator/internal/elevator/tasks"
	"elevator/internal/operator"
)

// commander returns what carries out the commands of the operators' API: names
// become indexes, the scheduler function decides, and its answer goes back.
func commander(b *elevator.Building, function *tasks.Scheduler) func(context.Context, string, operator.Command) (operator.Result, error) {
	return func(ctx context.Context, by string, cmd operator.Command) (operator.Result, error) {
		wanted, err := groupCommand(b, cmd)
		if err != nil {
			return operator.Result{}, &operator.RefusedError{Reason: err.Error()}
		}
		wanted.By, wanted.WallTime = by, time.Now()
		result, err := function.Command(ctx, wanted)
		switch {
		case errors.Is(err, tasks.ErrNotStarted):
			return operator.Result{}, fmt.Errorf("%w: %w", operator.ErrNotReady, err)
		case err != nil:
			return operator.Result{}, err
		case result != group.Accepted:
			return operator.Result{}, &operator.RefusedError{Reason: result}
		}
		return operator.Result{RequestID: cmd.RequestID, Result: result}, nil
	}
}

// explainer returns what says why landing calls have the cars that they have.
func explainer(b *elevator.Building, function *tasks.Scheduler) func(context.Context) (operator.Assignments, error) {
	return func(ctx context.Context) (operator.Assignments, error) {
		explanation, err := function.Explain(ctx)
		switch {
		case errors.Is(err, tasks.ErrNotStarted):
			return operator.Assignments{}, fmt.Errorf("%w: %w", operator.ErrNotReady, err)
		case err != nil:
			return operator.Assignments{}, err
		}
		answer := operator.NewAssignments(b, explanation.Now, explanation.Dispatcher, explanation.Calls)
		for i, bids := range explanation.Bids {
			for _, bid := range bids {
				answer.Calls[i].Cars = append(answer.Calls[i].Cars, operator.NewBid(b.Cars[bid.Car].Name, bid.Cost, bid.OpensS, bid.Unfit))
			}
		}
		return answer, nil
	}
}

// groupCommand translates a command's names, which the API has checked against
// the building.
func groupCommand(b *elevator.Building, cmd operator.Command) (group.Command, error) {
	kind, ok := group.ParseCommand(cmd.Name)
	if !ok {
		return group.Command{}, fmt.Errorf("command %q is unknown", cmd.Name)
	}
	c := group.NewCommand(kind)
	c.RequestID, c.Dispatcher, c.Task, c.Alarm = cmd.RequestID, cmd.Dispatcher, cmd.Task, cmd.Alarm
	c.On = cmd.On != nil && *cmd.On
	if cmd.Car != "" {
		c.Car = b.CarByName(cmd.Car)
	}
	if cmd.Floor != "" {
		c.Floor = b.FloorByName(cmd.Floor)
	}
	if cmd.To != "" {
		c.To = b.FloorByName(cmd.To)
	}
	switch cmd.Direction {
	case elevator.Up.String():
		c.Direction = elevator.Up
	case elevator.Down.String():
		c.Direction = elevator.Down
	}
	var known bool
	if c.Mode, known = elevator.ParseMode(cmd.Mode); !known && cmd.Mode != "" {
		return c, fmt.Errorf("car mode %q is unknown", cmd.Mode)
	}
	if c.GroupMode, known = elevator.ParseGroupMode(cmd.GroupMode); !known && cmd.GroupMode != "" {
		return c, fmt.Errorf("group mode %q is unknown", cmd.GroupMode)
	}
	if c.Fault, known = elevator.ParseFault(cmd.Fault); !known && cmd.Fault != "" {
		return c, fmt.Errorf("fault %q is unknown", cmd.Fault)
	}
	if c.Doors, known = elevator.ParseDoorCommand(cmd.Doors); !known && cmd.Doors != "" {
		return c, fmt.Errorf("door command %q is unknown", cmd.Doors)
	}
	return c, nil
}
