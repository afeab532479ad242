package programtest

import (
	"os"
	"os/exec"
	"testing"
)

// Tool returns where a program that the test needs is installed. Without it the
// test is skipped, or fails where tools are required.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case os.Getenv("ELEVATOR_TEST_REQUIRE_TOOLS") == "1":
		t.Fatalf("%s is not installed and tools are required", name)
	default:
		t.Skipf("%s is not installed", name)
	}
	return path
}
