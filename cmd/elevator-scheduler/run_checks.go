package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
	"elevator/internal/elevator/dispatch"
	"elevator/internal/elevator/traffic"
	"elevator/internal/operator"
)

func (p *runPlan) readBuilding() (err error) {
	p.building, err = readBuilding(p.options.building)
	return err
}

// readBuilding reads the building file, or returns the built-in building for
// an empty path.
func readBuilding(path string) (*elevator.Building, error) {
	if path == "" {
		return building.Builtin(), nil
	}
	b, err := building.ReadFile(path)
	if err != nil {
		return nil, badInput{err}
	}
	return b, nil
}

// readLook checks the flags of the dashboard's look.
func (p *runPlan) readLook() error {
	if err := p.options.look.CheckLook(); err != nil {
		return badInput{err}
	}
	return nil
}

func (p *runPlan) readDispatcher() (err error) {
	p.entry, err = parkedDispatcher(p.options.dispatcher, p.options.parking, p.building)
	return err
}

// parkedDispatcher returns the dispatcher of that name with the cars parked by
// the policy of that name, if it can serve b.
func parkedDispatcher(name, parking string, b *elevator.Building) (dispatch.Entry, error) {
	entry, err := findDispatcher(name, b)
	if err != nil {
		return entry, err
	}
	policy, err := dispatch.ParkingByName(parking)
	if err != nil {
		return entry, badInputf("--parking %w", err)
	}
	return entry.Parked(policy), nil
}

// findDispatcher returns the dispatcher of that name if it can serve b, which
// may be nil when the building is at fault itself.
func findDispatcher(name string, b *elevator.Building) (dispatch.Entry, error) {
	entry, ok := dispatch.ByName(name)
	if !ok {
		return entry, badInputf("--dispatcher %q: want one of %s", name, strings.Join(dispatcherNames(), ", "))
	}
	if b == nil {
		return entry, nil
	}
	if err := entry.Fits(b); err != nil {
		return entry, badInput{err}
	}
	return entry, nil
}

func (p *runPlan) readTraffic() (err error) {
	if p.traffic, err = readTraffic(p.options.traffic); err != nil || p.building == nil || p.traffic.Trace == "" {
		return err
	}
	// A trace is read once from end to end, so that a bad line is refused before
	// anything starts.
	source, err := traffic.New(p.building, p.traffic, p.options.seed, 0)
	for more := true; more && err == nil; {
		_, more, err = source.Next()
	}
	if err != nil {
		return badInputf("--traffic: %w", err)
	}
	return nil
}

func readTraffic(text string) (traffic.Spec, error) {
	spec, err := traffic.ParseSpec(text)
	if err != nil {
		return spec, badInputf("--traffic: %w", err)
	}
	return spec, nil
}

func (p *runPlan) findExecutor() error {
	path := p.options.executor
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program's directory: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), "elevator-executor")
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return badInputf("--executor %s: there is no such file; 'make build' makes it as bin/elevator-executor", path)
	case err != nil:
		return badInputf("--executor: %w", err)
	case !info.Mode().IsRegular():
		return badInputf("--executor %s: not a regular file; want the elevator-executor binary", path)
	}
	if _, err := exec.LookPath(absolute(path)); err != nil {
		return badInputf("--executor %s: not executable; want the elevator-executor binary", path)
	}
	p.executor = absolute(path)
	return nil
}

// absolute returns path made absolute where that is possible.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// readOperators reads who may use the operators' API, and its certificate.
func (p *runPlan) readOperators() (err error) {
	o := &p.options
	if o.tokenFile != "" {
		if p.tokens, err = operator.LoadTokens(o.tokenFile, p.log); err != nil {
			return badInputf("--token-file: %w", err)
		}
	}
	if (o.httpTLSCert == "") != (o.httpTLSKey == "") {
		return badInputf("--http-tls-cert and --http-tls-key belong together")
	}
	if o.httpTLSCert != "" {
		if p.httpTLS, err = operator.ServerTLS(o.httpTLSCert, o.httpTLSKey, p.log); err != nil {
			return badInputf("--http-tls-cert, --http-tls-key: %w", err)
		}
	}
	return nil
}
