package mesos

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// protobufType is sent without parameters: masters compare it as a string.
	protobufType   = "application/x-protobuf"
	streamIDHeader = "Mesos-Stream-Id"

	maxRedirects     = 5
	maxErrorBodySize = 4 << 10

	handshakeTimeout = 10 * time.Second
)

// client holds what all requests of one driver share.
type client struct {
	authorization string
	tls           *tls.Config
	dial          DialFunc
	maxRecord     int64
}

func (c Credentials) header() string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Principal+":"+c.Secret))
}

// transport makes the transport of one connection. It never uses a proxy, whatever the environment says, because agents
// hand proxy variables of their own to executors, and it has no time-outs of its own beyond those of connecting.
func (c *client) transport() *http.Transport {
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	return &http.Transport{
		DialContext:         c.dialler(),
		TLSClientConfig:     c.tls.Clone(),
		TLSHandshakeTimeout: handshakeTimeout,
		DisableCompression:  true,
		MaxConnsPerHost:     1,
		MaxIdleConnsPerHost: 1,
		ReadBufferSize:      32 << 10,
		WriteBufferSize:     32 << 10,
		Protocols:           http1,
	}
}

func (c *client) dialler() DialFunc {
	if c.dial != nil {
		return c.dial
	}
	return (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}).DialContext
}

// connector returns a function that makes a connection to the endpoint.
func (c *client) connector(endpoint *url.URL) func(ctx context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		port := endpoint.Port()
		if port == "" {
			port = endpoint.Scheme // net knows the ports of http and https
		}
		conn, err := c.dialler()(ctx, "tcp", net.JoinHostPort(endpoint.Hostname(), port))
		if err != nil || endpoint.Scheme != "https" {
			return conn, err
		}
		config := c.tls.Clone()
		if config == nil {
			config = &tls.Config{}
		}
		if config.ServerName == "" {
			config.ServerName = endpoint.Hostname()
		}
		ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
		defer cancel()
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, err
		}
		return secured, nil
	}
}

func (c *client) header(streamID string) http.Header {
	header := http.Header{
		"Content-Type": {protobufType},
		"Accept":       {protobufType},
	}
	if c.authorization != "" {
		header.Set("Authorization", c.authorization)
	}
	if streamID != "" {
		header.Set(streamIDHeader, streamID)
	}
	return header
}

// subscription is an accepted SUBSCRIBE: an endless answer made of records.
type subscription struct {
	endpoint *url.URL
	streamID string
	records  *RecordReader
	body     io.Closer
	conn     *http.Transport
}

// subscribe posts an encoded SUBSCRIBE and follows redirects. Every byte that arrives touches the watchdog. The
// subscription lives until close or the end of ctx.
func (c *client) subscribe(ctx context.Context, endpoint *url.URL, call []byte, watch *watchdog) (*subscription, error) {
	conn := c.transport()
	for range maxRedirects {
		response, err := post(ctx, conn, endpoint, c.header(""), call)
		if err != nil {
			conn.CloseIdleConnections()
			return nil, fmt.Errorf("subscribe at %s: %w", endpoint, err)
		}
		if response.StatusCode == http.StatusOK {
			if err := checkMediaType(response.Header.Get("Content-Type")); err != nil {
				response.Body.Close()
				return nil, fmt.Errorf("subscribe at %s: %w", endpoint, err)
			}
			return &subscription{
				endpoint: endpoint,
				streamID: response.Header.Get(streamIDHeader),
				records:  NewRecordReader(watchedReader{response.Body, watch}, c.maxRecord),
				body:     response.Body,
				conn:     conn,
			}, nil
		}
		text := errorText(response.Body)
		conn.CloseIdleConnections()
		if response.StatusCode != http.StatusTemporaryRedirect {
			return nil, &SubscribeError{Endpoint: endpoint.String(), Status: response.StatusCode, Body: text}
		}
		leader, err := parseLocation(response.Header.Get("Location"), endpoint)
		if err != nil {
			return nil, fmt.Errorf("subscribe at %s: %w", endpoint, err)
		}
		endpoint = leader
	}
	return nil, fmt.Errorf("subscribe: more than %d redirects, the last to %s", maxRedirects, endpoint)
}

// close ends the connection: its answer never ends by itself.
func (s *subscription) close() {
	s.body.Close()
	s.conn.CloseIdleConnections()
}

func post(ctx context.Context, conn *http.Transport, to *url.URL, header http.Header, call []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), inMemory(call))
	if err != nil {
		return nil, err
	}
	request.Header = header
	request.ContentLength = int64(len(call))
	response, err := conn.RoundTrip(request)
	if err != nil {
		return nil, withCause(ctx, err)
	}
	return response, nil
}

// permanent reports whether trying again cannot heal the refusal.
func (e *SubscribeError) permanent() bool {
	switch e.Status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
		return true
	}
	return false
}

// starting reports whether the refusal comes from a master or agent that is still starting: 503 before it has
// recovered or knows a leader, 404 before its routes are installed.
func (e *SubscribeError) starting() bool {
	return e.Status == http.StatusServiceUnavailable || e.Status == http.StatusNotFound
}

func checkMediaType(contentType string) error {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != protobufType {
		return fmt.Errorf("the answer is of type %q, want %s: is this the API of a Mesos master or agent?", contentType, protobufType)
	}
	return nil
}

// errorText reads the text of an answer and closes it.
func errorText(body io.ReadCloser) string {
	text, _ := io.ReadAll(io.LimitReader(body, maxErrorBodySize)) // a broken text is better than none
	body.Close()
	return string(text)
}

// withCause puts the reason for which this package has cancelled ctx in place of the broken read or write that followed
// from it. What Mesos said in its last words counts more.
func withCause(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !isFatal(err) {
		return cause
	}
	return err
}

// watchedReader tells a watchdog of all that arrives.
type watchedReader struct {
	in    io.Reader
	watch *watchdog
}

func (r watchedReader) Read(p []byte) (int, error) {
	n, err := r.in.Read(p)
	if n > 0 {
		r.watch.touch()
	}
	return n, err
}

// inMemory is a body that the transport recognises as quick to read, so that it writes headers and body at once.
func inMemory(data []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(data)) }
