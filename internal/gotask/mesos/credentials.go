package mesos

import "log/slog"

// Credentials authenticate a framework to a master by HTTP Basic. Their text forms hide the secret.
type Credentials struct {
	Principal string
	Secret    string
}

// String gives the principal only.
func (c Credentials) String() string { return c.Principal + ":***" }

// GoString gives the principal only.
func (c Credentials) GoString() string { return "mesos.Credentials{" + c.String() + "}" }

// LogValue gives the principal only.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }
