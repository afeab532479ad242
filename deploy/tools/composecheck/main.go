// Command composecheck loads Docker Compose files with the library that docker
// compose itself uses, and prints their services: a file with an unknown key, a
// wrong type, a variable without a value or a service that is not there is an
// error and exit code 1. It is a module of its own so that the library's
// dependencies are none of the project's.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			fmt.Fprintf(os.Stderr, "composecheck: %s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

// check loads the file with the .env that lies beside it.
func check(path string) error {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithWorkingDirectory(""), cli.WithEnvFiles(), cli.WithDotEnv)
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	for _, name := range project.ServiceNames() {
		service := project.Services[name]
		fmt.Printf("%s/%s %s\n", project.Name, name, service.Image)
	}
	return nil
}
