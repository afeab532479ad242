package main

import (
	"context"
	"fmt"
	"time"

	"elevator/internal/operator"
)

// healthcheckCommand asks a scheduler's API whether it is healthy, for
// containers that have no other program to ask with.
func healthcheckCommand(ctx context.Context, args []string, std streams) error {
	flags := newFlags("healthcheck", std)
	connect := flags.String("connect", "http://127.0.0.1:8080", "`URL` of the operators' API")
	ready := flags.Bool("ready", false, "ask whether the group carries passengers, not only whether the process serves; what somebody should look at is printed as warnings")
	timeout := flags.Duration("timeout", 5*time.Second, "how long to wait for the answer")
	if err := flags.parse(args); err != nil {
		return err
	}
	client, err := operator.NewClient(*connect)
	if err != nil {
		return badInputf("--connect: %w", err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	if !*ready {
		if err := client.Healthy(ctx); err != nil {
			return fmt.Errorf("%s: %w", *connect, err)
		}
		fmt.Fprintln(std.out, "healthy")
		return nil
	}
	warnings, err := client.Ready(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", *connect, err)
	}
	fmt.Fprintln(std.out, "ready")
	for _, text := range warnings {
		fmt.Fprintln(std.out, "warning:", text)
	}
	return nil
}
