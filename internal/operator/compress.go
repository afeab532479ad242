package operator

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// mostPending is how many bytes wait to be compressed together.
const mostPending = 64 << 10

// compressed serves what handle writes compressed to those who take that, which
// makes a quarter of most answers and of a stream's opening, for desks at the
// end of a slow line. Nothing of what was written before is kept to compress
// what follows: a stream costs no more memory than one in the clear.
func compressed(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead || !takesGzip(r.Header.Values("Accept-Encoding")) {
			handle(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Set("Vary", "Accept-Encoding")
		zip, err := gzip.NewWriterLevel(w, gzip.StatelessCompression)
		if err != nil {
			panic(err) // the level is one of the package's own
		}
		out := &compressedWriter{ResponseWriter: w, zip: zip}
		handle(out, r)
		_ = out.close()
	}
}

// takesGzip reports whether the header names gzip without forbidding it.
func takesGzip(accepted []string) bool {
	for coding := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		name, quality, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight, _ := strings.CutPrefix(strings.ReplaceAll(quality, " ", ""), "q=")
			return weight == "" || strings.Trim(weight, "0.") != ""
		}
	}
	return false
}

// compressedWriter compresses what is written between two flushes.
type compressedWriter struct {
	http.ResponseWriter
	zip     *gzip.Writer
	pending []byte
}

// Write implements io.Writer.
func (w *compressedWriter) Write(p []byte) (int, error) {
	w.pending = append(w.pending, p...)
	if len(w.pending) < mostPending {
		return len(p), nil
	}
	return len(p), w.send()
}

func (w *compressedWriter) send() error {
	if len(w.pending) == 0 {
		return nil
	}
	_, err := w.zip.Write(w.pending)
	w.pending = w.pending[:0]
	return err
}

// FlushError sends what was written, for http.ResponseController.
func (w *compressedWriter) FlushError() error {
	if err := w.send(); err != nil {
		return err
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

// Unwrap lets http.ResponseController set deadlines.
func (w *compressedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *compressedWriter) close() error {
	if err := w.send(); err != nil {
		return err
	}
	return w.zip.Close()
}
