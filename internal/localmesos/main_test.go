package localmesos

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the executor of the tests: the agents start the test binary
// again with this variable set.
func TestMain(m *testing.M) {
	if os.Getenv("LOCALMESOS_TEST_EXECUTOR") != "" {
		os.Exit(runTestExecutor())
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // the tests wait more than they work
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
