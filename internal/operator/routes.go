package operator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The paths that are named in more than one place.
const (
	eventsPath   = "/api/v1/events"
	commandsPath = "/api/v1/commands"
)

// route is one path of the API.
type route struct {
	path   string
	method string
	least  Role // who may ask
	large  bool // worth compressing
	serve  func(http.ResponseWriter, *http.Request, Principal)
}

// routes is the whole API, as openapi.json describes it.
func (s *Server) routes() []route {
	metrics := promhttp.HandlerFor(s.cfg.Registry, promhttp.HandlerOpts{
		Registry: s.cfg.Registry, EnableOpenMetrics: true, MaxRequestsInFlight: 8, Timeout: 10 * time.Second,
	})
	return []route{
		{"/api/v1/group", http.MethodGet, Viewer, true, s.serveGroup},
		{eventsPath, http.MethodGet, Viewer, true, s.serveEvents},
		{"/api/v1/tasks", http.MethodGet, Viewer, true, s.serveTasks},
		{"/api/v1/assignments", http.MethodGet, Viewer, true, s.serveAssignments},
		{commandsPath, http.MethodPost, Operator, false, s.serveCommand},
		{"/api/v1/openapi.json", http.MethodGet, Anybody, true, serveOpenAPI},
		{"/sd/targets", http.MethodGet, Viewer, false, s.serveTargets},
		{"/metrics", http.MethodGet, Viewer, false, func(w http.ResponseWriter, r *http.Request, _ Principal) { metrics.ServeHTTP(w, r) }},
		{"/healthz", http.MethodGet, Anybody, false, s.serveHealth},
		{"/readyz", http.MethodGet, Anybody, false, s.serveReady},
	}
}

// handler serves the routes, and answers everything else in the same form.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	var paths []string
	for _, route := range s.routes() {
		paths = append(paths, route.path)
		handle := s.guarded(route)
		if route.large {
			handle = compressed(handle)
		}
		mux.Handle(route.path, s.metrics.observe(route.path, handle))
	}
	mux.Handle("/", s.metrics.observe(otherPath, func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, http.StatusNotFound, "there is nothing here; want one of "+strings.Join(paths, ", "))
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			writeError(w, http.StatusServiceUnavailable, "the scheduler is going down")
			return
		}
		defer s.handlers.Done()
		mux.ServeHTTP(w, r)
	})
}

// guarded serves the route to those who may ask for it.
func (s *Server) guarded(route route) http.HandlerFunc {
	methods := []string{route.method}
	if route.method == http.MethodGet {
		methods = append(methods, http.MethodHead)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(methods, r.Method) {
			w.Header().Set("Allow", strings.Join(methods, ", "))
			writeError(w, http.StatusMethodNotAllowed, fmt.Sprintf("%.20q is not served here; want %s", r.Method, strings.Join(methods, " or ")))
			return
		}
		by, refused := s.admit(r, route.least)
		if refused != nil {
			if refused.Status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", `Bearer realm="elevator"`)
			}
			writeError(w, refused.Status, refused.Sentence)
			return
		}
		route.serve(w, r, by)
	}
}

// serveGroup is GET /api/v1/group.
func (s *Server) serveGroup(w http.ResponseWriter, _ *http.Request, _ Principal) {
	state := s.hub.State(time.Now())
	state.Dispatchers = s.cfg.Dispatchers
	writeJSON(w, http.StatusOK, state)
}

// serveTasks is GET /api/v1/tasks.
func (s *Server) serveTasks(w http.ResponseWriter, _ *http.Request, _ Principal) {
	writeJSON(w, http.StatusOK, s.cfg.Tasks())
}

// statusBody is the answer of /healthz and /readyz.
type statusBody struct {
	Status   string   `json:"status"`
	Warnings []string `json:"warnings,omitempty"`
}

// serveHealth is GET /healthz: 200 while the process does its work, else 503
// with the reason to start it anew.
func (s *Server) serveHealth(w http.ResponseWriter, _ *http.Request, _ Principal) {
	serveStatus(w, s.cfg.Healthy(), statusBody{Status: "ok"})
}

// serveReady is GET /readyz: 200 once the group carries passengers, else 503
// with the reason.
func (s *Server) serveReady(w http.ResponseWriter, _ *http.Request, _ Principal) {
	serveStatus(w, s.cfg.Ready(), statusBody{Status: "ready", Warnings: s.cfg.Warnings()})
}

func serveStatus(w http.ResponseWriter, err error, well statusBody) {
	if err != nil {
		writeError(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	writeJSON(w, http.StatusOK, well)
}
