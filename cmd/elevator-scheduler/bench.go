package main

import (
	"context"
)

// benchCommand runs a benchmark suite.
func benchCommand(_ context.Context, args []string, std streams) error {
	flags := newFlags("bench", std)
	if err := flags.parseSome(args); err != nil {
		return err
	}
	return badInputf("suite %q: want one of crites-barto", flags.Arg(0))
}
