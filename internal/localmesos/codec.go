package localmesos

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/gogo/protobuf/proto"
)

const (
	mediaJSON     = "application/json"
	mediaProtobuf = "application/x-protobuf"
)

// typeAbsent is the type of a call before it is read: mesos-go's types do not
// tell a type that was not given from UNKNOWN.
const typeAbsent = -1

// httpError is an answer other than 200 and 202: a status code and its text.
type httpError struct {
	code int
	text string
}

func (e *httpError) Error() string { return fmt.Sprintf("%d: %s", e.code, e.text) }

func badRequest(format string, args ...any) *httpError {
	return &httpError{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

// writeError answers with the text, as Mesos does: plain, without a final
// newline, the connection staying open.
func writeError(w http.ResponseWriter, e *httpError) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(e.code)
	_, _ = io.WriteString(w, e.text) // the client may be gone
}

// checkMethod answers for everything but POST and says whether it was one.
func checkMethod(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodPost {
		return true
	}
	w.Header().Set("Allow", http.MethodPost)
	writeError(w, &httpError{
		http.StatusMethodNotAllowed,
		fmt.Sprintf("405 Method Not Allowed. Expecting one of { 'POST' }, but received '%s'.", r.Method),
	})
	return false
}

// validatable is a Call of either API.
type validatable interface {
	proto.Message
	Unmarshal([]byte) error
}

// readCall decodes the body by its Content-Type, which is compared exactly.
func readCall(r *http.Request, call validatable) *httpError {
	if len(r.Header["Content-Type"]) == 0 {
		return badRequest("Expecting 'Content-Type' to be present")
	}
	media := r.Header.Get("Content-Type")
	if media != mediaJSON && media != mediaProtobuf {
		return &httpError{
			http.StatusUnsupportedMediaType,
			"Expecting 'Content-Type' of application/json or application/x-protobuf",
		}
	}
	body, err := readBody(r)
	if err != nil {
		return badRequest("Failed to read body: %v", err)
	}
	if media == mediaProtobuf {
		if err := call.Unmarshal(body); err != nil {
			return badRequest("Failed to parse body into Call protobuf")
		}
		return nil
	}
	switch err := unmarshalJSON(body, call); {
	case errors.Is(err, errJSONSyntax):
		return badRequest("Failed to parse body into JSON: %v", err)
	case err != nil:
		return badRequest("Failed to convert JSON into Call protobuf: %v", err)
	}
	return nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(unzipped)
	}
	if r.ContentLength > 0 && r.ContentLength < 1<<20 {
		body := make([]byte, r.ContentLength)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(r.Body)
}

// responseMedia picks the type of an event stream from Accept; JSON is tried
// first, so no Accept and */* mean JSON.
func responseMedia(r *http.Request) (string, *httpError) {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if accept == "" {
		return mediaJSON, nil
	}
	allowed := func(media string) bool {
		for item := range strings.SplitSeq(accept, ",") {
			name, _, _ := strings.Cut(item, ";")
			switch name = strings.TrimSpace(name); name {
			case media, "*/*", "application/*":
				return true
			}
		}
		return false
	}
	switch {
	case allowed(mediaJSON):
		return mediaJSON, nil
	case allowed(mediaProtobuf):
		return mediaProtobuf, nil
	}
	return "", &httpError{
		http.StatusNotAcceptable,
		"Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
	}
}
