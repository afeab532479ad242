package metrics

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"elevator/internal/gotask"
	"elevator/internal/journal"
)

func TestWhatHappensIsCounted(t *testing.T) {
	reg := prometheus.NewPedanticRegistry()
	cluster := NewCluster(reg, func() gotask.Status {
		return gotask.Status{Connected: true, MasterVersion: "1.12.0", Tasks: []gotask.TaskStatus{{Name: "car-0"}, {Name: "car-1", Silent: true}}}
	})
	cluster.MesosCall("ACCEPT", time.Millisecond, nil)
	cluster.MesosCall("ACCEPT", time.Millisecond, errors.New("503"))
	cluster.MesosEvent("HEARTBEAT")
	cluster.Offers(2, 1)
	cluster.Launched(12)
	cluster.TaskEnded(gotask.TaskFailed, "REASON_EXECUTOR_TERMINATED", true)
	cluster.TaskEnded(gotask.TaskFinished, "", false)

	dispatch := NewDispatch(reg, []string{"eta", "lookahead"})
	dispatch.Decided("lookahead", time.Millisecond)
	dispatch.Decided("eta", time.Millisecond)

	sync := NewJournal(reg)
	sync.Synced(2 * time.Millisecond)
	sync.Count(func() journal.Counts { return journal.Counts{Events: 3, Bytes: 300, Errors: 1} })

	RegisterClock(reg, func() ClockState { return ClockState{Steps: 2, Offset: -90 * time.Second} })
	RegisterLinks(reg, func() gotask.LinkStats {
		return gotask.LinkStats{
			Sent: 5, Received: 7, Resent: 1, EnvelopesSent: 2, EnvelopesReceived: 3, BytesSent: 100, BytesReceived: 200,
			Unconfirmed: 4, OldestUnconfirmed: 1500 * time.Millisecond, WindowUse: 0.25,
		}
	})
	executor := prometheus.NewPedanticRegistry()
	RegisterExecutor(executor, func() gotask.ExecutorState { return gotask.ExecutorState{Tasks: 6, UnacknowledgedUpdates: 2} })

	page := text(t, reg) + text(t, executor)
	for _, line := range []string{
		`elevator_mesos_calls_total{result="ok",type="ACCEPT"} 1`, `elevator_mesos_calls_total{result="error",type="ACCEPT"} 1`,
		`elevator_mesos_events_total{type="HEARTBEAT"} 1`, "elevator_mesos_subscribed 1", `elevator_mesos_master_info{version="1.12.0"} 1`, "elevator_mesos_tasks_launched_total 12", "elevator_tasks_silent 1",
		`elevator_mesos_offers_total{result="used"} 2`, `elevator_mesos_offers_total{result="declined"} 1`,
		`elevator_task_ends_total{reason="REASON_EXECUTOR_TERMINATED",state="failed"} 1`,
		`elevator_task_ends_total{reason="none",state="finished"} 1`, "elevator_task_restarts_total 1",
		`elevator_dispatcher_info{dispatcher="eta"} 1`, `elevator_dispatcher_info{dispatcher="lookahead"} 0`,
		"elevator_dispatch_duration_seconds_count 2", "elevator_journal_sync_duration_seconds_sum 0.002",
		"elevator_journal_events_total 3", "elevator_journal_bytes_total 300", "elevator_journal_errors_total 1",
		`elevator_link_messages_total{way="sent"} 5`, `elevator_link_messages_total{way="received"} 7`,
		`elevator_link_envelopes_total{way="sent"} 2`, `elevator_link_bytes_total{way="received"} 200`,
		"elevator_link_resends_total 1", "elevator_link_unconfirmed_messages 4",
		"elevator_link_oldest_unconfirmed_seconds 1.5", "elevator_link_window_used_ratio 0.25",
		"elevator_clock_steps_total 2", "elevator_clock_offset_seconds -90", "elevator_executor_tasks 6", "elevator_executor_unacknowledged_updates 2",
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	for _, r := range []*prometheus.Registry{reg, executor} {
		problems, err := testutil.GatherAndLint(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func text(t *testing.T, reg prometheus.Gatherer) string {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&page, f); err != nil {
			t.Fatal(err)
		}
	}
	return page.String()
}
