package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"elevator/internal/programtest"
)

// TestTeardownWaitsForSubscription has a master that accepts a subscription
// some time before it says SUBSCRIBED, as a real one does: calls are good from
// then on.
func TestTeardownWaitsForSubscription(t *testing.T) {
	// Long enough for a client that does not wait.
	master := startFakeMaster(t, "1.12.0", 50*time.Millisecond)
	var out, complaints bytes.Buffer
	code := perform(t.Context(), []string{"teardown", "--master", master.address, "--framework-id", "f-1"},
		streams{out: &out, err: &complaints})
	if code != 0 || !master.tornDown.Load() || out.String() != "framework f-1 is torn down\n" {
		t.Errorf("code %d, torn down %v, said %q, %q", code, master.tornDown.Load(), out.String(), complaints.String())
	}
}

// TestOldMasterIsRefused has a master that is older than what is asked of it:
// the run ends at once, and says why in one sentence.
func TestOldMasterIsRefused(t *testing.T) {
	master := startFakeMaster(t, "1.2.3", 0)
	p := programtest.Start(t, "run", "--ui", "never", "--http", "127.0.0.1:0", "--master", master.address,
		"--artifact", "127.0.0.1:0", "--advertise", "127.0.0.1", "--state-dir", t.TempDir())
	if code := p.Wait(20 * time.Second); code != exitFailed {
		t.Errorf("exit code %d, want %d", code, exitFailed)
	}
	last := programtest.Tail(p.Stderr(), 1)
	if want := "is Mesos 1.2.3: want 1.3 or later, which knows frameworks with several roles"; !strings.HasSuffix(last, want) {
		t.Errorf("it ended with %q, want %q", last, want)
	}
}
