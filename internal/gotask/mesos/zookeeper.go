package mesos

import (
	"context"
	"errors"
	"strings"
)

type zooKeeperAddress struct {
	servers        []string
	path           string
	user, password string
}

func isZooKeeperAddress(text string) bool { return strings.HasPrefix(text, "zk://") }

func parseZooKeeperAddress(text string) (zooKeeperAddress, error) {
	return zooKeeperAddress{}, errors.New("unsupported")
}

type zooKeeperDetector struct{}

func newZooKeeperDetector(zooKeeperAddress, bool) *zooKeeperDetector { return &zooKeeperDetector{} }

func (d *zooKeeperDetector) Detect(ctx context.Context) (Leader, error) {
	return Leader{}, errors.New("unsupported")
}
func (d *zooKeeperDetector) Close() error { return nil }
