package operator

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// StatusError is an answer of the API that is not the one hoped for.
type StatusError struct {
	Status     int           // HTTP's
	Sentence   string        // what the server said
	RetryAfter time.Duration // when to ask again; 0 where the server did not say
}

// Error gives the server's sentence.
func (e *StatusError) Error() string { return fmt.Sprintf("%s (HTTP %d)", e.Sentence, e.Status) }

// mostAnswer is how many bytes of an answer are read: more than the largest
// group's state has.
const mostAnswer = 64 << 20

// ClientConfig says which API to ask, and as whom.
type ClientConfig struct {
	// Address is "http://host:port", "https://host:port" or "host:port".
	Address string
	// TokenFile holds the token of who asks: one line with the token alone, or as
	// in the server's token file, 'ROLE NAME TOKEN'. Empty: nobody in particular.
	TokenFile string
	// CAFile holds the certificate authority (PEM) that signed the server's
	// certificate; empty: one of the system's did.
	CAFile string
	// Dial opens connections to the server; nil: as net.Dialer does.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client asks one scheduler's API. It may be used from several goroutines.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// NewClient returns a client of the API at address, "http://host:port" or
// "host:port", that shows no token.
func NewClient(address string) (*Client, error) { return NewClientWith(ClientConfig{Address: address}) }

// NewClientWith returns a client as cfg describes it.
func NewClientWith(cfg ClientConfig) (*Client, error) {
	base, err := baseURL(cfg.Address)
	if err != nil {
		return nil, err
	}
	token, err := readToken(cfg.TokenFile)
	if err != nil {
		return nil, err
	}
	trust, err := clientTLS(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	return &Client{base: base, token: token, http: &http.Client{
		Transport: &http.Transport{
			TLSClientConfig:       trust,
			DialContext:           cfg.Dial,
			ForceAttemptHTTP2:     true,
			ResponseHeaderTimeout: 15 * time.Second,
			TLSHandshakeTimeout:   10 * time.Second,
			IdleConnTimeout:       time.Minute,
		},
		// The API redirects nobody; whoever does shall not see the token.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func baseURL(address string) (string, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("address of the operators' API: %w", err)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("address of the operators' API %q: want http(s)://host:port", u.Redacted())
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// readToken reads the token of a client. What is in the file appears in no
// error.
func readToken(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("token file: %w", err)
	}
	words := strings.Fields(string(data))
	if len(words) != 1 && len(words) != 3 || strings.ContainsAny(strings.TrimSpace(string(data)), "\r\n") {
		return "", fmt.Errorf("token file %s: want one line with the token, or with role, name and token", path)
	}
	return words[len(words)-1], nil
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

// Assignments returns why the lit landing calls have the cars that they have.
func (c *Client) Assignments(ctx context.Context) (Assignments, error) {
	var a Assignments
	return a, c.get(ctx, "/api/v1/assignments", &a)
}

// Healthy returns nil when the scheduler serves.
func (c *Client) Healthy(ctx context.Context) error { return c.get(ctx, "/healthz", nil) }

// Ready returns no error when the group carries passengers, and what somebody
// should look at all the same.
func (c *Client) Ready(ctx context.Context) (warnings []string, err error) {
	var body statusBody
	err = c.get(ctx, "/readyz", &body)
	return body.Warnings, err
}

// NewRequestID returns a request id that no other command has.
func NewRequestID() string { return rand.Text() }

// Command gives a command and returns what was done. An empty RequestID is
// replaced by a new one; who wants to send the command again after an error
// gives it one, and the same again. A command that the group refused is a
// *StatusError with status 409.
func (c *Client) Command(ctx context.Context, cmd Command) (Result, error) {
	if cmd.RequestID == "" {
		cmd.RequestID = NewRequestID()
	}
	body, err := json.Marshal(&cmd)
	if err != nil {
		return Result{}, fmt.Errorf("command %s: %w", cmd.Name, err)
	}
	resp, err := c.do(ctx, http.MethodPost, commandsPath, body, cmd.RequestID)
	if err != nil {
		return Result{}, err
	}
	defer resp.Body.Close()
	var result Result
	return result, decode(resp, &result)
}

func (c *Client) get(ctx context.Context, path string, v any) error {
	resp, err := c.do(ctx, http.MethodGet, path, nil, "")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return decode(resp, v)
}

// decode reads an answer's body to its end, so that the connection can be used
// again.
func decode(resp *http.Response, v any) error {
	data, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	if err == nil && v != nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", resp.Request.URL.Path, err)
	}
	return nil
}

// do sends a request; body nil for none. An answer other than 200 is a
// *StatusError. With a request id the transport may send it again when a
// connection breaks.
func (c *Client) do(ctx context.Context, method, path string, body []byte, requestID string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the operators' API: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", requestID)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
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
	e := &StatusError{Status: resp.StatusCode}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		e.RetryAfter = time.Duration(seconds) * time.Second
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	var body errorBody
	if err = errors.Join(err, json.Unmarshal(data, &body)); err != nil || body.Error == "" {
		body.Error = http.StatusText(resp.StatusCode)
	}
	e.Sentence = body.Error
	return e
}
