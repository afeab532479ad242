package operator

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// localName is who gives commands where nobody has to show a token.
const localName = "local"

// admit decides whether a request may be served, and who asks.
//
// Without tokens the API trusts the machine it runs on and nobody else. Then
// the danger is a web page in a browser on that machine: one that sends
// requests from another origin, and one whose own name was made to point here
// (DNS rebinding), which is why the name by which the API was reached matters.
// With tokens neither can do harm, since a browser does not know the token.
func (s *Server) admit(r *http.Request, least Role) (Principal, *StatusError) {
	if err := s.origins.Check(r); err != nil {
		return Principal{}, &StatusError{Status: http.StatusForbidden, Sentence: "a web page of another origin may not ask this: " + err.Error()}
	}
	if least == Anybody {
		return Principal{}, nil
	}
	if s.cfg.Tokens != nil {
		return s.cfg.Tokens.admit(r.Header.Values("Authorization"), least)
	}
	local := arrivedLocally(r)
	if (local || len(s.cfg.Hosts) > 0) && !s.knownHost(r.Host) {
		return Principal{}, &StatusError{
			Status: http.StatusForbidden, Sentence: "the API does not answer to the name by which it was asked; ask for it by its address, or let it know its name",
		}
	}
	if least == Operator && !local {
		return Principal{}, &StatusError{
			Status: http.StatusForbidden, Sentence: "commands from another machine need a token; the scheduler was started without --token-file",
		}
	}
	return Principal{Name: localName, Role: Operator}, nil
}

// arrivedLocally reports whether the request's connection was made to a
// loopback address.
func arrivedLocally(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(addr.String())
	return err == nil && at.Addr().Unmap().IsLoopback()
}

// knownHost reports whether host ("name" or "name:port") cannot be a name that
// somebody else made to point here: an address, a loopback name, or a name
// that was configured.
func (s *Server) knownHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	for _, known := range s.cfg.Hosts {
		if strings.EqualFold(known, host) || strings.EqualFold(known, name) {
			return true
		}
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	_, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil
}
