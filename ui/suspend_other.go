//go:build !unix

package ui

// stopProcess does nothing where processes cannot be stopped.
func stopProcess() {}
