package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"elevator/internal/operator"
)

// commandCommand gives a running group one command and prints what was done.
// A command that is refused is a failure; one that no group could carry out is
// bad input.
func commandCommand(ctx context.Context, args []string, std streams) error {
	flags := newFlags("command", std)
	connect := flags.String("connect", "http://127.0.0.1:8080", "`URL` of the operators' API")
	tokenFile := flags.String("token-file", "", "`file` with the operator's token")
	ca := flags.String("tls-ca", "", "`file` with the certificate authority that signed the API's certificate")
	requestID := flags.String("request-id", "", "`id` of the command; one that was given with this id before is answered again and not carried out again; default a new one")
	timeout := flags.Duration("timeout", 15*time.Second, "how long to wait for the answer")
	var format string
	formatVar(flags.FlagSet, &format)
	if err := flags.parseSome(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			printCommands(std.out)
		}
		return err
	}
	cmd, err := operator.CommandFromWords(flags.Args())
	if err != nil {
		return badInputf("%w; see 'elevator-scheduler command --help'", err)
	}
	client, err := operator.NewClientWith(operator.ClientConfig{Address: *connect, TokenFile: *tokenFile, CAFile: *ca})
	if err != nil {
		return badInputf("--connect, --token-file, --tls-ca: %w", err)
	}
	defer client.Close()
	if cmd.RequestID = *requestID; cmd.RequestID == "" {
		cmd.RequestID = operator.NewRequestID()
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()
	result, err := client.Command(ctx, cmd)
	if err != nil {
		return commandError(&cmd, err)
	}
	if format == "json" {
		return json.NewEncoder(std.out).Encode(result)
	}
	fmt.Fprintf(std.out, "%s: %s\n", cmd.Name, result.Result)
	return nil
}

// commandError says why a command was not carried out or, where that is not
// known, how to find out.
func commandError(cmd *operator.Command, err error) error {
	status, answered := errors.AsType[*operator.StatusError](err)
	switch {
	case !answered:
		return fmt.Errorf("%s: %w; it may have been carried out: give it again with --request-id %s to be sure", cmd.Name, err, cmd.RequestID)
	case status.Status == http.StatusGatewayTimeout:
		return fmt.Errorf("%s: %w: --request-id %s", cmd.Name, err, cmd.RequestID)
	case status.Status == http.StatusBadRequest || status.Status == http.StatusNotFound:
		return badInputf("%s: %w", cmd.Name, err)
	}
	return fmt.Errorf("%s: %w", cmd.Name, err)
}

// commandWords are the operands of command.
func commandWords() []word {
	var list []word
	for _, form := range operator.CommandForms() {
		name, rest, _ := strings.Cut(form.Usage(), " ")
		w := word{name: name, rest: rest, summary: form.Summary}
		for _, field := range form.Fields() {
			known := operator.KnownWords(field)
			if field == "dispatcher" {
				known = dispatcherNames()
			}
			w.follow = append(w.follow, known)
		}
		list = append(list, w)
	}
	return list
}

func printCommands(w io.Writer) {
	fmt.Fprintln(w, "\ncommands, which follow the flags:")
	for _, form := range operator.CommandForms() {
		fmt.Fprintf(w, "  %-34s %s\n", form.Usage(), form.Summary)
	}
}
