package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"os"
	"strings"
)

// registerCredentials registers the files that say who we are to the master.
func (o *runOptions) registerCredentials(f *flag.FlagSet) {
	f.StringVar(&o.principalFile, "principal-file", "", "`file` with the Mesos principal")
	f.StringVar(&o.secretFile, "secret-file", "", "`file` with the principal's secret")
	f.StringVar(&o.tlsCA, "tls-ca", "", "`file` with the certificate authority that signed the master's certificate")
	f.StringVar(&o.tlsCert, "tls-cert", "", "`file` with the client certificate for the master")
	f.StringVar(&o.tlsKey, "tls-key", "", "`file` with the key of --tls-cert")
}

func (p *runPlan) readCredentials() error {
	var err error
	if p.principal, err = readSecret("principal-file", p.options.principalFile); err != nil {
		return err
	}
	if p.secret, err = readSecret("secret-file", p.options.secretFile); err != nil {
		return err
	}
	if p.secret != "" && p.principal == "" {
		return badInputf("--secret-file without --principal-file: a secret belongs to a principal")
	}
	p.tls, err = readTLS(p.options.tlsCA, p.options.tlsCert, p.options.tlsKey)
	return err
}

// readSecret reads a file of one line. What is in it never appears in an
// error.
func readSecret(flagName, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", badInputf("--%s: %w", flagName, err)
	}
	line := strings.TrimRight(string(data), "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", badInputf("--%s %s: want one line that is not empty", flagName, path)
	}
	return line, nil
}

// readTLS builds the configuration for https:// masters; nil where no file is
// named.
func readTLS(ca, cert, key string) (*tls.Config, error) {
	if ca == "" && cert == "" && key == "" {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		data, err := os.ReadFile(ca)
		if err != nil {
			return nil, badInputf("--tls-ca: %w", err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(data) {
			return nil, badInputf("--tls-ca %s: no certificate in PEM form is in it", ca)
		}
	}
	if (cert == "") != (key == "") {
		return nil, badInputf("--tls-cert and --tls-key belong together")
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, badInputf("--tls-cert, --tls-key: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}
