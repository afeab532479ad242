package mesos

import (
	"context"
	"fmt"
	"net/url"
	"sync"
)

// Leader is a master that a [Detector] believes to lead.
type Leader struct {
	// URL is the scheduler API's address, such as http://host:5050/api/v1/scheduler.
	URL *url.URL

	// Lost, if not nil, is closed when the detector learns that another master leads, or none.
	Lost <-chan struct{}
}

// Detector finds the leading master. It is used by one goroutine at a time.
type Detector interface {
	// Detect returns the next master to try. It blocks until there is one or ctx ends.
	Detect(ctx context.Context) (Leader, error)

	// Close ends what Detect started and waits for it.
	Close() error
}

// NewDetector makes the detector for masters as SchedulerConfig.Masters describes them. Addresses without a scheme get
// https when secure is set, and http otherwise.
func NewDetector(masters string, secure bool) (Detector, error) {
	if isZooKeeperAddress(masters) {
		address, err := parseZooKeeperAddress(masters)
		if err != nil {
			return nil, fmt.Errorf("parse masters: %w", err)
		}
		return newZooKeeperDetector(address, secure), nil
	}
	urls, err := parseMasters(masters, secure)
	if err != nil {
		return nil, fmt.Errorf("parse masters: %w", err)
	}
	return &listDetector{masters: urls}, nil
}

// listDetector names the masters of a list in turn; redirects lead from any of them to the leader.
type listDetector struct {
	masters []*url.URL

	mu   sync.Mutex
	next int
}

// Detect returns the next master of the list.
func (d *listDetector) Detect(ctx context.Context) (Leader, error) {
	if err := ctx.Err(); err != nil {
		return Leader{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	master := d.masters[d.next%len(d.masters)]
	d.next++
	return Leader{URL: master}, nil
}

// Close has nothing to end.
func (d *listDetector) Close() error { return nil }
