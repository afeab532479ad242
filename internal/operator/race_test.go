//go:build race

package operator

// raceEnabled: the race detector makes everything several times slower.
const raceEnabled = true
