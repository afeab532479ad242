//go:build !unix

package sim

import "time"

var processBegan = time.Now()

// cpuTime returns how long this process has been running, where its processor
// time is not known.
func cpuTime() time.Duration { return time.Since(processBegan) }
