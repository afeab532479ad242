package link

import (
	"cmp"
	"fmt"
	"time"
)

// Side says which end of the pair a Session is. The ends differ in one point: tasks live in the executor's process, so
// the executor's side owns the sequence numbers of both directions and outlives a scheduler, while a new executor
// process means that the tasks of the old one are gone.
type Side uint8

// The two ends of a pair.
const (
	Scheduler Side = 1 + iota // one Session for each executor
	Executor                  // one Session in the executor's process
)

// String names the side.
func (s Side) String() string {
	switch s {
	case Scheduler:
		return "scheduler"
	case Executor:
		return "executor"
	}
	return fmt.Sprintf("side %d", uint8(s))
}

// Limits that hold for every peer, so that a decoder can refuse what exceeds them without knowing any configuration.
const (
	MaxTaskIDBytes = 255 // as in Mesos
	maxBuildBytes  = 255
)

// DefaultAckDelay is long enough for most acknowledgements to ride on another message, since an envelope costs a master
// milliseconds, and leaves most of the least retransmission time-out to the carrier.
const DefaultAckDelay = 60 * time.Millisecond

// Config describes one end of a pair. A zero duration or size means its default; Side and Epoch have none.
type Config struct {
	// Side is which end this is.
	Side Side
	// Epoch numbers this life of the process: greater than that of every earlier life of the same end, never 0. For
	// the scheduler a persisted counter (with some random low bits, if two of them could start from one state
	// directory); for an executor its start in nanoseconds of Unix time does, with Outlive for a clock that was set back.
	Epoch uint64
	// Build is the version of the program, told to the peer and reported in its Events; at most 255 bytes count.
	Build string
	// Seed of the jitter on retransmission times.
	Seed uint64

	// WindowMessages and WindowBytes bound what one task may have unconfirmed in one direction; the smaller values of
	// both ends hold. A message bigger than WindowBytes is let through when the window is empty. Defaults 256, 1 MiB.
	WindowMessages int
	WindowBytes    int
	// MaxEnvelopeBytes is the size up to which messages are put together; a bigger message goes alone. Default 256 KiB.
	MaxEnvelopeBytes int
	// MaxMessageBytes is the size of the biggest message sent or accepted. Default 16 MiB.
	MaxMessageBytes int
	// MaxInFlightBytes bounds what all tasks together have sent and not seen received, so that a hundred full windows
	// do not burst into the carrier after a break. Default 4 MiB.
	MaxInFlightBytes int

	// RetransmitMin and RetransmitMax bound the retransmission time-out. Defaults 200 ms, 10 s.
	RetransmitMin time.Duration
	RetransmitMax time.Duration
	// FlushDelay is the least time between two envelopes with messages while earlier ones are on their way. Default
	// 10 ms, hence at most 100 envelopes a second and direction under load.
	FlushDelay time.Duration
	// AckDelay is how long an acknowledgement waits for a message going the same way, or for the application to
	// confirm, unless the peer is in need of it. Default DefaultAckDelay.
	AckDelay time.Duration
	// HelloInterval is the time between two HELLOs, which heal whatever else was lost. Default 5 s.
	HelloInterval time.Duration
}

// withDefaults returns cfg with its zero fields filled in.
func (cfg Config) withDefaults() Config {
	cfg.WindowMessages = cmp.Or(cfg.WindowMessages, 256)
	cfg.WindowBytes = cmp.Or(cfg.WindowBytes, 1<<20)
	cfg.MaxEnvelopeBytes = cmp.Or(cfg.MaxEnvelopeBytes, 256<<10)
	cfg.MaxMessageBytes = cmp.Or(cfg.MaxMessageBytes, 16<<20)
	cfg.MaxInFlightBytes = cmp.Or(cfg.MaxInFlightBytes, 4<<20)
	cfg.RetransmitMin = cmp.Or(cfg.RetransmitMin, 200*time.Millisecond)
	cfg.RetransmitMax = cmp.Or(cfg.RetransmitMax, 10*time.Second)
	cfg.FlushDelay = cmp.Or(cfg.FlushDelay, 10*time.Millisecond)
	cfg.AckDelay = cmp.Or(cfg.AckDelay, DefaultAckDelay)
	cfg.HelloInterval = cmp.Or(cfg.HelloInterval, 5*time.Second)
	cfg.Build = cfg.Build[:min(len(cfg.Build), maxBuildBytes)]
	return cfg
}

// validate says what is wrong with a configuration whose defaults are filled in.
func (cfg Config) validate() error {
	if cfg.Side != Scheduler && cfg.Side != Executor {
		return fmt.Errorf("link: side must be Scheduler or Executor, not %v", cfg.Side)
	}
	if cfg.Epoch == 0 || cfg.Epoch >= maxNumber {
		return fmt.Errorf("link: epoch must be from 1 to 2^62-1, not %d", cfg.Epoch)
	}
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"WindowMessages", int64(cfg.WindowMessages)},
		{"WindowBytes", int64(cfg.WindowBytes)},
		{"MaxEnvelopeBytes", int64(cfg.MaxEnvelopeBytes)},
		{"MaxMessageBytes", int64(cfg.MaxMessageBytes)},
		{"MaxInFlightBytes", int64(cfg.MaxInFlightBytes)},
		{"RetransmitMin", int64(cfg.RetransmitMin)},
		{"FlushDelay", int64(cfg.FlushDelay)},
		{"AckDelay", int64(cfg.AckDelay)},
		{"HelloInterval", int64(cfg.HelloInterval)},
	} {
		if field.value < 0 {
			return fmt.Errorf("link: %s must not be negative, is %d", field.name, field.value)
		}
	}
	if cfg.RetransmitMax < cfg.RetransmitMin {
		return fmt.Errorf("link: RetransmitMax %v is less than RetransmitMin %v", cfg.RetransmitMax, cfg.RetransmitMin)
	}
	return nil
}
