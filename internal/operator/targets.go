package operator

import "net/http"

// Target is a program of the group that serves /metrics over plain HTTP.
type Target struct {
	Address   string // host:port
	Component string // such as "executor"
	Agent     string // name of the host it runs on
}

// targetGroup is one entry of Prometheus' HTTP service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels"`
}

// serveTargets is GET /sd/targets, for Prometheus' http_sd_configs: this
// server, under the name by which it was asked, and what belongs to it.
func (s *Server) serveTargets(w http.ResponseWriter, r *http.Request, _ Principal) {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	groups := []targetGroup{{
		Targets: []string{r.Host},
		Labels:  map[string]string{"building": s.hub.building.Name, "component": "scheduler", "__scheme__": scheme, "__metrics_path__": "/metrics"},
	}}
	for _, target := range s.cfg.Targets() {
		groups = append(groups, targetGroup{
			Targets: []string{target.Address},
			Labels: map[string]string{
				"building": s.hub.building.Name, "component": target.Component, "agent": target.Agent,
				"__scheme__": "http", "__metrics_path__": "/metrics",
			},
		})
	}
	writeJSON(w, http.StatusOK, groups)
}
