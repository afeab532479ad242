//go:build race

package gotaskbench_test

// raceDetector says that the programs measured are slowed down by the race detector.
const raceDetector = true
