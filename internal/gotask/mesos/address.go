package mesos

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

const (
	schedulerPath = "/api/v1/scheduler"
	executorPath  = "/api/v1/executor"
)

// parseMasters reads a comma-separated list of "host:port" and "http(s)://host[:port][/prefix]".
func parseMasters(list string, secure bool) ([]*url.URL, error) {
	if strings.TrimSpace(list) == "" {
		return nil, errors.New("no master named: want host:port, http(s)://host:port or zk://host:port/path")
	}
	var masters []*url.URL
	for item := range strings.SplitSeq(list, ",") {
		master, err := parseMaster(strings.TrimSpace(item), secure)
		if err != nil {
			return nil, err
		}
		masters = append(masters, master)
	}
	return masters, nil
}

func parseMaster(text string, secure bool) (*url.URL, error) {
	if text == "" {
		return nil, errors.New("empty address in the list of masters: want host:port between the commas")
	}
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = schemeFor(secure), text
		if _, _, err := splitHostPort(rest); err != nil {
			return nil, fmt.Errorf("master %q: %w: want host:port, for instance master.example:5050", text, err)
		}
	}
	if scheme != "http" && scheme != "https" {
		return nil, fmt.Errorf("master %q: scheme %q: want http, https or zk (zk:// stands alone, before its whole list)", text, scheme)
	}
	parsed, err := url.Parse(scheme + "://" + rest)
	if err != nil {
		return nil, fmt.Errorf("master %q: %w", text, err)
	}
	if err := checkHTTPURL(parsed); err != nil {
		return nil, fmt.Errorf("master %q: %w", text, err)
	}
	if !strings.HasSuffix(parsed.Path, schedulerPath) {
		if parsed.Path == "" {
			parsed.Path = "/" // without it, JoinPath makes a relative path
		}
		parsed = parsed.JoinPath(schedulerPath)
	}
	return parsed, nil
}

// parseLocation reads the Location header of a redirect that answered a request to from. Masters send
// "//host:port/path"; documentation shows "host:port"; proxies may send absolute URLs or paths. A redirect from https to
// http is refused, because it would send credentials in the clear.
func parseLocation(location string, from *url.URL) (*url.URL, error) {
	text := strings.TrimSpace(location)
	switch {
	case text == "":
		return nil, errors.New("redirect without a Location")
	case strings.HasPrefix(text, "//"):
		text = from.Scheme + ":" + text
	case strings.HasPrefix(text, "/"):
		text = from.Scheme + "://" + from.Host + text
	case !strings.Contains(text, "://"):
		text = from.Scheme + "://" + text
	}
	to, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("redirect to %q: %w", location, err)
	}
	if to.Scheme != "http" && to.Scheme != "https" {
		return nil, fmt.Errorf("redirect to %q: scheme %q is neither http nor https", location, to.Scheme)
	}
	if err := checkHTTPURL(to); err != nil {
		return nil, fmt.Errorf("redirect to %q: %w", location, err)
	}
	if from.Scheme == "https" && to.Scheme == "http" {
		return nil, fmt.Errorf("redirect to %q leads from https to http: refused", location)
	}
	if to.Path == "" || to.Path == "/" {
		to.Path, to.RawPath = from.Path, from.RawPath
	}
	return to, nil
}

func checkHTTPURL(u *url.URL) error {
	if u.Hostname() == "" {
		return errors.New("no host name: want http(s)://host:port")
	}
	if u.User != nil {
		return errors.New("credentials do not belong into the address: give them as principal and secret")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return errors.New("an address has neither query nor fragment")
	}
	if port := u.Port(); port != "" {
		return checkPort(port)
	}
	return nil
}

func splitHostPort(text string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(text)
	if err != nil {
		if addrErr, ok := errors.AsType[*net.AddrError](err); ok {
			err = errors.New(addrErr.Err)
		}
		return "", "", err
	}
	if host == "" {
		return "", "", errors.New("no host name")
	}
	if strings.ContainsAny(host, "/@?# ") {
		return "", "", fmt.Errorf("host name %q is not one", host)
	}
	return host, port, checkPort(port)
}

func checkPort(port string) error {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return nil
}

func schemeFor(secure bool) string {
	if secure {
		return "https"
	}
	return "http"
}
