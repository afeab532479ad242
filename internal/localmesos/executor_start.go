package localmesos

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// startExecutor makes the sandbox and starts fetching and running in the
// background. An error is about the sandbox, and the text of the task's end.
func (a *agent) startExecutor(h *hosted, info *mesos.ExecutorInfo) (*executor, error) {
	e := &executor{
		id:          info.ExecutorID.Value,
		framework:   h,
		info:        info,
		containerID: uuid.NewString(),
		tasks:       make(map[string]*hostedTask),
	}
	runs := filepath.Join(a.dir, "slaves", a.id, "frameworks", h.id, "executors", e.id, "runs")
	e.sandbox = filepath.Join(runs, e.containerID)
	name := h.info.User
	if info.Command.GetUser() != "" {
		name = info.Command.GetUser()
	}
	credential, err := makeSandbox(e.sandbox, name)
	if err != nil {
		return nil, fmt.Errorf("Failed to create executor directory '%s': %w", e.sandbox, err)
	}
	latest := filepath.Join(runs, "latest")
	if err := os.Remove(latest); err == nil || errors.Is(err, os.ErrNotExist) {
		_ = os.Symlink(e.sandbox, latest) // only a convenience
	}
	e.process = newProcess(a.port.host, a.fetcher, info.GetCommand(), e.sandbox, a.environment(e), name, credential)
	h.executors = append(h.executors, e)
	a.processes.Go(func() {
		a.ended(e, e.process.run())
	})
	life := a.life
	a.timers.after(a.cfg.RegistrationTimeout, func() { a.launchTimeout(e, life) })
	return e, nil
}

// makeSandbox makes the directory for the user. Only root can run executors as
// somebody else; otherwise they run as whoever runs the cluster.
func makeSandbox(dir, name string) (*syscall.Credential, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 || name == "" {
		return nil, nil
	}
	account, err := user.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("Failed to chown directory to '%s': No such user '%s'", name, name)
	}
	uid, err := strconv.Atoi(account.Uid)
	if err != nil {
		return nil, fmt.Errorf("uid of user '%s': %w", name, err)
	}
	gid, err := strconv.Atoi(account.Gid)
	if err != nil {
		return nil, fmt.Errorf("gid of user '%s': %w", name, err)
	}
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, fmt.Errorf("Failed to chown directory to '%s': %w", name, err)
	}
	if uid == os.Geteuid() {
		return nil, nil
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// environment is all an executor gets; the agent's own is not inherited.
func (a *agent) environment(e *executor) []string {
	endpoint := a.port.addr()
	variables := map[string]string{
		"LIBPROCESS_IP":                        a.port.ip(),
		"LIBPROCESS_PORT":                      "0",
		"MESOS_FRAMEWORK_ID":                   e.framework.id,
		"MESOS_EXECUTOR_ID":                    e.id,
		"MESOS_DIRECTORY":                      e.sandbox,
		"MESOS_SANDBOX":                        e.sandbox,
		"MESOS_SLAVE_ID":                       a.id,
		"MESOS_SLAVE_PID":                      "slave(1)@" + endpoint,
		"MESOS_AGENT_ENDPOINT":                 endpoint,
		"MESOS_CHECKPOINT":                     "0",
		"MESOS_HTTP_COMMAND_EXECUTOR":          "0",
		"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD": durationText(e.grace(a.cfg.ShutdownGrace)),
		"PATH":                                 "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	}
	if e.framework.info.GetCheckpoint() {
		variables["MESOS_CHECKPOINT"] = "1"
		variables["MESOS_RECOVERY_TIMEOUT"] = durationText(a.cfg.RecoveryTimeout)
		variables["MESOS_SUBSCRIPTION_BACKOFF_MAX"] = durationText(a.cfg.SubscriptionBackoffMax)
	}
	for _, v := range e.info.GetCommand().GetEnvironment().GetVariables() {
		variables[v.Name] = v.GetValue()
	}
	var environment []string
	for name, value := range variables {
		environment = append(environment, name+"="+value)
	}
	return environment
}

// durationText is a duration as Mesos prints it: in the largest unit that makes
// it at least one, such as 5secs, 15mins, 1.5hrs.
func durationText(d time.Duration) string {
	units := []struct {
		name string
		size time.Duration
	}{
		{"weeks", 7 * 24 * time.Hour},
		{"days", 24 * time.Hour},
		{"hrs", time.Hour},
		{"mins", time.Minute},
		{"secs", time.Second},
		{"ms", time.Millisecond},
		{"us", time.Microsecond},
	}
	for _, unit := range units {
		if d >= unit.size {
			return strings.TrimSuffix(strconv.FormatFloat(float64(d)/float64(unit.size), 'f', -1, 64), ".0") + unit.name
		}
	}
	return strconv.FormatInt(int64(d), 10) + "ns"
}
