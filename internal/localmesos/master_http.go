package localmesos

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// masterServer answers on one master's address, whether it leads or not.
type masterServer struct {
	cluster *Cluster
	index   int
}

func (s *masterServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimSuffix(r.URL.Path, "/"); path {
	case "/api/v1/scheduler", "/master/api/v1/scheduler":
		s.serveScheduler(w, r)
	case "/redirect", "/master/redirect":
		s.redirect(w, "")
	default:
		if strings.HasPrefix(path, "/api/v1") { // the operator API takes what nobody else does
			writeError(w, badRequest("Failed to validate master::Call: Expecting 'type' to be present"))
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *masterServer) serveScheduler(w http.ResponseWriter, r *http.Request) {
	faults := s.cluster.faults
	if failure := faults.nextFailure(); failure != nil {
		writeError(w, failure)
		return
	}
	principal, ok := s.authenticate(r)
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="mesos-master-scheduler"`)
		writeError(w, &httpError{http.StatusUnauthorized, "401 Unauthorized."})
		return
	}
	m := s.cluster.masterAt(s.index)
	switch {
	case m == nil:
		s.redirect(w, "/master/api/v1/scheduler")
		return
	case faults.recovering.Load():
		writeError(w, &httpError{http.StatusServiceUnavailable, "Master has not finished recovery"})
		return
	}
	if !checkMethod(w, r) {
		return
	}
	call := &scheduler.Call{Type: typeAbsent}
	if err := readCall(r, call); err != nil {
		writeError(w, err)
		return
	}
	if err := validateSchedulerCall(call, principal); err != nil {
		writeError(w, badRequest("Failed to validate scheduler::Call: %v", err))
		return
	}
	if call.Type == scheduler.Call_SUBSCRIBE {
		serveSubscription(w, r, m, call)
		return
	}
	if code, err := m.handle(call, r.Header["Mesos-Stream-Id"], principal); err != nil {
		writeError(w, err)
	} else {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(code)
	}
}

func serveSubscription(w http.ResponseWriter, r *http.Request, m *master, call *scheduler.Call) {
	media, err := responseMedia(r)
	if err == nil && len(r.Header["Mesos-Stream-Id"]) > 0 {
		err = badRequest("Subscribe calls should not include the 'Mesos-Stream-Id' header")
	}
	if err != nil {
		writeError(w, err)
		return
	}
	f, stream, streamID := m.subscribe(call, media)
	if f != nil {
		defer m.disconnected(f, stream)
	}
	w.Header().Set("Mesos-Stream-Id", streamID)
	stream.serve(w, r)
}

func (s *masterServer) authenticate(r *http.Request) (principal string, ok bool) {
	credentials := s.cluster.cfg.Credentials
	if len(credentials) == 0 {
		return "", true
	}
	principal, given, _ := r.BasicAuth()
	secret, known := credentials[principal]
	return principal, known && subtle.ConstantTimeCompare([]byte(given), []byte(secret)) == 1
}

// redirect points to the leader, scheme-less and with the full path as Mesos
// does.
func (s *masterServer) redirect(w http.ResponseWriter, path string) {
	leader := s.cluster.leaderAddr()
	if leader == "" {
		writeError(w, &httpError{http.StatusServiceUnavailable, "No leader elected"})
		return
	}
	w.Header().Set("Location", fmt.Sprintf("//%s%s", leader, path))
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusTemporaryRedirect)
}
