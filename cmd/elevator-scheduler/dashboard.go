package main

import (
	"context"
	"strings"

	"elevator/internal/operator"
	"elevator/ui"
)

// dashboardCommand watches running buildings from anywhere, or plays a journal.
func dashboardCommand(ctx context.Context, args []string, std streams) error {
	flags := newFlags("dashboard", std)
	connect := flags.String("connect", "http://127.0.0.1:8080", "`URL[,URL…]` of the operators' APIs of one or more groups")
	if err := flags.parse(args); err != nil {
		return err
	}
	urls := strings.Split(*connect, ",")
	for _, u := range urls {
		if _, err := operator.NewClient(u); err != nil {
			return badInputf("--connect: %w", err)
		}
	}
	if !isTerminal(std.out) {
		return ui.Lines(ctx, urls[0], std.out)
	}
	return ui.Run(ctx, ui.Config{URLs: urls})
}
