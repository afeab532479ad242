package operator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"elevator/internal/elevator"
)

// StatusError is an answer of the API that is not the one hoped for.
type StatusError struct {
	Status   int
	Sentence string // what the server said
}

// Error gives the server's sentence.
func (e *StatusError) Error() string { return fmt.Sprintf("%s (HTTP %d)", e.Sentence, e.Status) }

// Client asks one scheduler's API. It may be used from several goroutines.
type Client struct {
	base *url.URL
	http *http.Client
}

// NewClient returns a client of the API at address, "http://host:port" or
// "host:port".
func NewClient(address string) (*Client, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	base, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("address of the operators' API: %w", err)
	}
	if base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("address of the operators' API %q: want http(s)://host:port", address)
	}
	return &Client{base: base, http: &http.Client{Transport: &http.Transport{
		ResponseHeaderTimeout: 10 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		IdleConnTimeout:       time.Minute,
	}}}, nil
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Group returns the group's state.
func (c *Client) Group(ctx context.Context) (GroupState, error) {
	var s GroupState
	return s, c.get(ctx, "/api/v1/group", &s)
}

// Tasks decodes the tasks of the group into v.
func (c *Client) Tasks(ctx context.Context, v any) error { return c.get(ctx, "/api/v1/tasks", v) }

// Healthy returns nil when the scheduler serves.
func (c *Client) Healthy(ctx context.Context) error { return c.get(ctx, "/healthz", nil) }

// Ready returns nil when the group carries passengers.
func (c *Client) Ready(ctx context.Context) error { return c.get(ctx, "/readyz", nil) }

func (c *Client) get(ctx context.Context, path string, v any) error {
	resp, err := c.do(ctx, path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if v == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 64<<20)).Decode(v); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return nil
}

func (c *Client) do(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.String()+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, readError(resp)
	}
	return resp, nil
}

func readError(resp *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil || body.Error == "" {
		body.Error = http.StatusText(resp.StatusCode)
	}
	return &StatusError{Status: resp.StatusCode, Sentence: body.Error}
}

// ErrCutOff says that the server ended a stream because its reader was too
// slow.
var ErrCutOff = errors.New("the scheduler cut this stream off because it was read too slowly")

// Stream reads the event stream and calls handle with each event until handle
// returns an error, the stream ends (io.EOF) or ctx is done. With from 0 it
// opens with BuildingLoaded and SnapshotTaken; otherwise b is needed to
// understand the names, and it begins with the event of that sequence number. heard is called for every line, heartbeats
// included.
func (c *Client) Stream(
	ctx context.Context, b *elevator.Building, from uint64,
	handle func(*elevator.Event) error, heard func(),
) error {
	path := "/api/v1/events"
	if from > 0 {
		path = fmt.Sprintf("%s?from=%d", path, from)
	}
	resp, err := c.do(ctx, path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	lines := bufio.NewReaderSize(resp.Body, 64<<10)
	decoder := elevator.NewEventDecoder(b)
	var long []byte
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long, line...)
			continue
		}
		if err != nil {
			return err
		}
		if len(long) > 0 {
			long = append(long, line...)
			line = long
		}
		heard()
		switch {
		case bytes.Contains(line, []byte(`"event":"heartbeat"`)):
		case bytes.Contains(line, []byte(`"event":"cut_off"`)):
			return ErrCutOff
		default:
			e, err := decoder.Decode(line)
			if err != nil {
				return fmt.Errorf("event stream: %w", err)
			}
			if err := handle(&e); err != nil {
				return err
			}
		}
		long = long[:0]
	}
}
