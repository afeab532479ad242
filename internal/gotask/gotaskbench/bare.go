package gotaskbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"elevator/internal/gotask/mesos"
)

const (
	protobufType   = "application/x-protobuf"
	streamIDHeader = "Mesos-Stream-Id"

	// maxConnections bounds the calls in flight of one bare client.
	maxConnections = 64
)

// bareStream is one subscription of a bare client, and the connections for its calls.
type bareStream struct {
	url     string
	header  http.Header
	client  *http.Client
	body    io.Closer
	records *mesos.RecordReader
}

// subscribeBare posts an encoded SUBSCRIBE call. The stream ends with ctx or close.
func subscribeBare(ctx context.Context, url string, call []byte) (*bareStream, error) {
	s := &bareStream{
		url:    url,
		header: http.Header{"Content-Type": {protobufType}, "Accept": {protobufType}},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: maxConnections, DisableCompression: true}},
	}
	response, err := s.post(ctx, call)
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		response.Body.Close()
		return nil, fmt.Errorf("subscribe at %s: %s: %s", url, response.Status, text)
	}
	if id := response.Header.Get(streamIDHeader); id != "" {
		s.header.Set(streamIDHeader, id)
	}
	s.body, s.records = response.Body, mesos.NewRecordReader(response.Body, 0)
	return s, nil
}

func (s *bareStream) close() {
	s.body.Close()
	s.client.CloseIdleConnections()
}

func (s *bareStream) post(ctx context.Context, call []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(call))
	if err != nil {
		return nil, err
	}
	request.Header = s.header
	return s.client.Do(request)
}

// call posts an encoded call and waits for its answer.
func (s *bareStream) call(ctx context.Context, call []byte) error {
	response, err := s.post(ctx, call)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("call to %s: %s: %s", s.url, response.Status, text)
	}
	return err
}

// read handles the records until the stream ends or handle fails.
func (s *bareStream) read(handle func(record []byte) error) error {
	for {
		record, err := s.records.Next()
		if err != nil {
			return err
		}
		if err := handle(record); err != nil {
			return err
		}
	}
}

// lanes posts encoded calls with so many in flight, until the channel is closed. It keeps taking after a failure, which it
// returns, so that nobody is left waiting.
func (s *bareStream) lanes(ctx context.Context, inFlight int, calls <-chan []byte) error {
	var lanes sync.WaitGroup
	errs := make([]error, inFlight)
	for i := range inFlight {
		lanes.Go(func() {
			for call := range calls {
				if err := s.call(ctx, call); err != nil {
					errs[i] = err
				}
			}
		})
	}
	lanes.Wait()
	return errors.Join(errs...)
}

// message is what can be encoded as protobuf.
type message interface{ Marshal() ([]byte, error) }

// encode panics when m lacks a required field, which is a mistake of this package.
func encode(m message) []byte {
	data, err := m.Marshal()
	if err != nil {
		panic(fmt.Sprintf("call without a required field: %v", err))
	}
	return data
}
