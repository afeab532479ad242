package mesos

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const tokenVariable = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN"

// ExecutorEnv is what an agent tells an executor through its environment (docs/executor-http-api.md and
// src/slave/slave.cpp of Apache Mesos).
type ExecutorEnv struct {
	FrameworkID string // FrameworkID is MESOS_FRAMEWORK_ID.
	ExecutorID  string // ExecutorID is MESOS_EXECUTOR_ID.
	AgentID     string // AgentID is MESOS_SLAVE_ID; it may be empty.
	Endpoint    string // Endpoint is MESOS_AGENT_ENDPOINT, host:port.
	Sandbox     string // Sandbox is MESOS_SANDBOX, or MESOS_DIRECTORY where that is not set.

	// DomainSocket is MESOS_DOMAIN_SOCKET, the path of the agent's Unix socket to use in place of Endpoint.
	DomainSocket string

	// Secure is set by LIBPROCESS_SSL_ENABLED (or SSL_ENABLED): the agent speaks https.
	Secure bool

	// Checkpoint is MESOS_CHECKPOINT: the executor outlives a restart of its agent.
	Checkpoint bool

	// RecoveryTimeout is how long a checkpointing executor waits for its agent, MESOS_RECOVERY_TIMEOUT, default 15 min.
	RecoveryTimeout time.Duration

	// SubscriptionBackoffMax is MESOS_SUBSCRIPTION_BACKOFF_MAX, default 2 s.
	SubscriptionBackoffMax time.Duration

	// ShutdownGracePeriod is the time between SHUTDOWN and the agent's SIGKILL, MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD,
	// default 5 s.
	ShutdownGracePeriod time.Duration

	// Token authenticates the executor to its agent. The text forms of ExecutorEnv hide it.
	Token Token
}

// Token is a secret that is not shown when it is formatted.
type Token string

// String hides the token.
func (t Token) String() string {
	if t == "" {
		return ""
	}
	return "***"
}

// GoString hides the token.
func (t Token) GoString() string { return strconv.Quote(t.String()) }

// ReadExecutorEnv parses the process's environment and erases the token from it, so that processes started by tasks do
// not inherit it.
func ReadExecutorEnv() (ExecutorEnv, error) {
	env, err := ParseExecutorEnv(os.Getenv)
	return env, errors.Join(err, os.Unsetenv(tokenVariable))
}

// ParseExecutorEnv reads the MESOS_ variables through getenv. All that is missing or malformed is reported at once.
func ParseExecutorEnv(getenv func(string) string) (ExecutorEnv, error) {
	var errs []error
	required := func(name string) string {
		value := getenv(name)
		if value == "" {
			errs = append(errs, fmt.Errorf("%s is not set: is this process started by a Mesos agent?", name))
		}
		return value
	}
	flag := func(name string) bool {
		set, err := parseFlag(getenv(name))
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return set
	}
	duration := func(name string, fallback time.Duration) time.Duration {
		text := getenv(name)
		if text == "" {
			return fallback
		}
		value, err := ParseDuration(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
		return value
	}
	env := ExecutorEnv{
		FrameworkID:            required("MESOS_FRAMEWORK_ID"),
		ExecutorID:             required("MESOS_EXECUTOR_ID"),
		AgentID:                getenv("MESOS_SLAVE_ID"),
		Endpoint:               getenv("MESOS_AGENT_ENDPOINT"),
		DomainSocket:           getenv("MESOS_DOMAIN_SOCKET"),
		Sandbox:                getenv("MESOS_SANDBOX"),
		Secure:                 flag("LIBPROCESS_SSL_ENABLED") || flag("SSL_ENABLED"),
		Checkpoint:             flag("MESOS_CHECKPOINT"),
		RecoveryTimeout:        duration("MESOS_RECOVERY_TIMEOUT", 15*time.Minute),
		SubscriptionBackoffMax: duration("MESOS_SUBSCRIPTION_BACKOFF_MAX", 2*time.Second),
		ShutdownGracePeriod:    duration("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5*time.Second),
		Token:                  Token(getenv(tokenVariable)),
	}
	if env.Sandbox == "" {
		env.Sandbox = getenv("MESOS_DIRECTORY")
	}
	if env.DomainSocket == "" {
		required("MESOS_AGENT_ENDPOINT")
	}
	if env.Endpoint != "" {
		if _, _, err := splitHostPort(env.Endpoint); err != nil {
			errs = append(errs, fmt.Errorf("MESOS_AGENT_ENDPOINT %q: %w: want host:port", env.Endpoint, err))
		}
	}
	if strings.ContainsAny(string(env.Token), "\r\n") {
		errs = append(errs, fmt.Errorf("%s contains a line break", tokenVariable))
	}
	if err := errors.Join(errs...); err != nil {
		return ExecutorEnv{}, fmt.Errorf("read executor environment: %w", err)
	}
	return env, nil
}

// url is the address of the agent's executor API. Over a domain socket the host is a placeholder.
func (e ExecutorEnv) url(secure bool) *url.URL {
	if e.DomainSocket != "" {
		return &url.URL{Scheme: "http", Host: "localhost", Path: executorPath}
	}
	return &url.URL{Scheme: schemeFor(secure), Host: e.Endpoint, Path: executorPath}
}

// parseFlag reads a boolean as agents write them: 1 and 0 (seen), true and false (documented).
func parseFlag(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "1", "true":
		return true, nil
	case "", "0", "false":
		return false, nil
	}
	return false, fmt.Errorf("%q is neither 1 nor 0", text)
}
