package gotaskbench

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"elevator/internal/gotask"
)

const (
	scaleTasks = 2000
	scaleRate  = 10 // messages a second to each task
	kneeFor    = 3 * time.Second
	pace       = 5 * time.Millisecond // between two bursts of the sender

	// lateEchoes is how long after the last message its echo may come.
	lateEchoes = 20 * time.Second
)

// measureScale lets many tasks exchange messages at a steady rate, and with Config.Knee at others until it is known how
// many keep the 99th percentile within the goal.
func measureScale(ctx context.Context, cfg Config, master string, r *Result) error {
	app, err := startApp(ctx, cfg, master, scaleTasks, nil)
	if err != nil {
		return err
	}
	try := func(rate int, lasts time.Duration) error {
		before, err := readProcessorTime(cfg.Child)
		if err != nil {
			return err
		}
		s, err := app.exchange(ctx, rate, lasts)
		if err != nil {
			return err
		}
		after, err := readProcessorTime(cfg.Child)
		s.Cores = coresBusy(before, after)
		r.Scale = append(r.Scale, s)
		return err
	}
	err = try(scaleRate, cfg.ScaleFor)
	for err == nil && cfg.Knee {
		rate, found := nextRate(r.Scale)
		if found {
			break
		}
		err = try(rate, kneeFor)
	}
	if err != nil {
		_ = app.stop() // what is wrong is known
		return err
	}
	return app.stop()
}

// nextRate chooses the rate to try next: twice or half the last one until one is within the goal and one is beyond, and
// then between these until they are a fifth apart.
func nextRate(tried []Scale) (rate int, found bool) {
	within, beyond := bounds(tried)
	switch {
	case beyond == 0:
		return 2 * within, false
	case within == 0:
		return beyond / 2, beyond < 2
	}
	return (within + beyond) / 2, 5*(beyond-within) <= within || beyond-within < 2
}

// bounds returns the greatest rate within the goal and the least beyond it, 0 where there is none.
func bounds(tried []Scale) (within, beyond int) {
	for _, s := range tried {
		switch {
		case s.P99 < maxScaleP99:
			within = max(within, s.PerSecond)
		case beyond == 0 || s.PerSecond < beyond:
			beyond = s.PerSecond
		}
	}
	return within, beyond
}

// exchange sends each task rate messages a second and takes their echoes. Delays count from when a message was due, so
// that a sender that is held up makes nothing look faster.
func (a *app) exchange(ctx context.Context, rate int, lasts time.Duration) (Scale, error) {
	s := Scale{Tasks: len(a.names), PerSecond: rate, Lasted: lasts}
	total := int(float64(len(a.names)*rate) * lasts.Seconds())
	interval := lasts / time.Duration(total)
	out, in := a.traffic.out.Load(), a.traffic.in.Load()
	var delays []time.Duration
	err := a.do(func(io gotask.SchedIO) error {
		begin := time.Now()
		limit := time.NewTimer(lasts + lateEchoes)
		defer limit.Stop()
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for len(delays) < total {
			select {
			case m, ok := <-io.In:
				if !ok {
					return errEnded
				}
				due, err := parseDue(m.MessageData)
				if err != nil {
					return err
				}
				delays = append(delays, time.Since(begin)-due)
			case <-ticker.C:
				for now := time.Since(begin); s.Sent < total && time.Duration(s.Sent)*interval <= now; s.Sent++ {
					m := gotask.TaskMsg{TaskName: a.names[s.Sent%len(a.names)], MessageData: dueMessage(time.Duration(s.Sent) * interval)}
					if err := io.Send(ctx, m); err != nil {
						return err
					}
				}
			case <-limit.C:
				return fmt.Errorf("%d of %d echoes came within %v", len(delays), total, lasts+lateEchoes)
			}
		}
		return nil
	})
	s.P50, s.P99, s.Max = percentile(delays, 50), percentile(delays, 99), percentile(delays, 100)
	s.EnvelopesOut, s.EnvelopesIn = a.traffic.out.Load()-out, a.traffic.in.Load()-in
	return s, err
}

const dueDigits = 16

// dueMessage is a message of 64 bytes that begins with when it was due.
func dueMessage(due time.Duration) string {
	return fmt.Sprintf("%0*d", dueDigits, due) + payload[dueDigits:]
}

func parseDue(data string) (time.Duration, error) {
	if len(data) < dueDigits {
		return 0, fmt.Errorf("echo of %d bytes: want %d", len(data), len(payload))
	}
	n, err := strconv.ParseInt(data[:dueDigits], 10, 64)
	return time.Duration(n), err
}
