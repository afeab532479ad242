package mesos

import (
	"fmt"
	"strconv"
	"strings"
)

// VersionError ends a subscription with a master that is too old.
type VersionError struct {
	Endpoint string // Endpoint is the URL of the master.
	Version  string // Version is what the master calls itself.
}

// Error names the master, its version and what would be right.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the master at %s is Mesos %s: want %v or later, which knows frameworks with several roles", e.Endpoint, e.Version, oldest)
}

// release is a minor version of Mesos.
type release struct{ major, minor int }

// The oldest is what the calls of gotask need, by Mesos' own CHANGELOG and protocol files: FrameworkInfo.roles, MULTI_ROLE
// and the allocation_info of offers are complete in 1.3.0 (MESOS-1763; in 1.2 their comments say DO NOT USE), and only
// there does SUPPRESS by roles work (MESOS-7430). What else is used is older: the v1 HTTP API and TASK_KILLING_STATE 1.0,
// PARTITION_AWARE with its states and the master's version in SUBSCRIBED 1.1. What is newer is done without: suppressed_roles of
// SUBSCRIBE 1.4, heartbeats between executor and agent 1.8. The newest is what this package was tried with.
var oldest, newest = release{1, 3}, release{1, 12}

// String gives the release as Mesos writes it.
func (r release) String() string { return fmt.Sprintf("%d.%d", r.major, r.minor) }

func (r release) before(other release) bool {
	return r.major < other.major || r.major == other.major && r.minor < other.minor
}

// parseRelease reads versions such as 1.12.0 and 1.4.1-rc2.
func parseRelease(version string) (r release, ok bool) {
	major, rest, dotted := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	var errMajor, errMinor error
	r.major, errMajor = strconv.Atoi(major)
	r.minor, errMinor = strconv.Atoi(minor)
	return r, dotted && errMajor == nil && errMinor == nil
}

// VersionDoubt returns what speaks against working with a master of that version, empty where it does not tell, or nil:
// nobody knows that it fails, but nobody has tried it either.
func VersionDoubt(version string) error {
	r, ok := parseRelease(version)
	switch {
	case version == "":
		return fmt.Errorf("the Mesos master does not tell its version: want %v to %v", oldest, newest)
	case !ok, newest.before(r):
		return fmt.Errorf("the Mesos master is of version %s: %v to %v were tried", version, oldest, newest)
	}
	return nil
}

// checkVersion refuses a master that is known to be too old.
func checkVersion(endpoint, version string) error {
	if r, ok := parseRelease(version); ok && r.before(oldest) {
		return &VersionError{endpoint, version}
	}
	return nil
}
