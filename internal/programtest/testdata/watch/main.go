// Command watch answers each line of its input with what its wall clock shows and
// with what the monotonic one has gained since the last line, in nanoseconds.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"
)

func main() {
	last := time.Now()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now := time.Now()
		fmt.Println(now.UnixNano(), int64(now.Sub(last)))
		last = now
	}
}
