package operator

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// ServerTLS returns the configuration for HTTPS with the certificate (chain)
// and key of two PEM files. Both are read again when they change, so that a
// renewed certificate needs no restart; log, which may be nil, hears when that
// fails, and the certificate read last stays in use.
func ServerTLS(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

// certificate is a certificate on disk.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu     sync.Mutex // guards all below
	pair   tls.Certificate
	seen   [2]fileStamp
	looked time.Time
}

func (c *certificate) load() error {
	stamps, err := c.stamps()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("certificate %s with key %s: %w", c.certFile, c.keyFile, err)
	}
	c.pair, c.seen, c.looked = pair, stamps, time.Now()
	return nil
}

func (c *certificate) stamps() (stamps [2]fileStamp, err error) {
	for i, path := range []string{c.certFile, c.keyFile} {
		if stamps[i], err = stampOf(path); err != nil {
			return stamps, fmt.Errorf("certificate: %w", err)
		}
	}
	return stamps, nil
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) >= lookAgain {
		c.looked = now
		stamps, err := c.stamps()
		if err == nil && stamps != c.seen {
			err = c.load()
		}
		if err != nil {
			c.log.Error("the certificate changed and cannot be read; the one read before stays in use", "error", err)
		}
	}
	pair := c.pair
	return &pair, nil
}

// clientTLS returns the configuration of a client that trusts the authority in
// a PEM file instead of the system's; nil for no file.
func clientTLS(caFile string) (*tls.Config, error) {
	if caFile == "" {
		return nil, nil
	}
	data, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("certificate authority %s: no certificate in PEM form is in it", caFile)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}, nil
}
