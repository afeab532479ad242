// Package architecture holds the tests of the house's rules: which room may
// import which, that the pure core reaches for no clock, socket or log, that
// each package has one package comment, and that files stay small. It has no
// code of its own.
package architecture
