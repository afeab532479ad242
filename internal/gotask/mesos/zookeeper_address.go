package mesos

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

const (
	zooKeeperScheme = "zk://"
	zooKeeperPort   = "2181"
	leaderPrefix    = "json.info_"
)

// zooKeeperAddress says where masters register themselves.
type zooKeeperAddress struct {
	servers        []string // servers are host:port
	path           string   // path is absolute, not "/"
	user, password string   // user is empty without digest authentication
}

func isZooKeeperAddress(text string) bool {
	return strings.HasPrefix(strings.TrimSpace(text), zooKeeperScheme)
}

// parseZooKeeperAddress reads "zk://[user:password@]host[:port][,…]/path". Its errors do not show the password.
func parseZooKeeperAddress(text string) (zooKeeperAddress, error) {
	const want = "want zk://host:port[,host:port…]/path, for instance zk://zk.example:2181/mesos"
	rest, found := strings.CutPrefix(strings.TrimSpace(text), zooKeeperScheme)
	if !found {
		return zooKeeperAddress{}, fmt.Errorf("ZooKeeper address does not begin with zk://: %s", want)
	}
	var address zooKeeperAddress
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		address.user, address.password, found = strings.Cut(rest[:at], ":")
		if !found || address.user == "" {
			return zooKeeperAddress{}, errors.New("ZooKeeper address: want user:password before the @")
		}
		rest = rest[at+1:]
	}
	hosts, path, _ := strings.Cut(rest, "/")
	path = strings.TrimSuffix(path, "/")
	if path == "" {
		return zooKeeperAddress{}, fmt.Errorf("ZooKeeper address %q has no path: %s", zooKeeperScheme+rest, want)
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsFunc(part, notInPath) {
			return zooKeeperAddress{}, fmt.Errorf("ZooKeeper address %q: %q is not a path: %s", zooKeeperScheme+rest, "/"+path, want)
		}
	}
	address.path = "/" + path
	for host := range strings.SplitSeq(hosts, ",") {
		server, err := zooKeeperServer(strings.TrimSpace(host))
		if err != nil {
			return zooKeeperAddress{}, fmt.Errorf("ZooKeeper address %q: server %q: %w: %s", zooKeeperScheme+rest, host, err, want)
		}
		address.servers = append(address.servers, server)
	}
	return address, nil
}

func notInPath(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r == unicode.ReplacementChar
}

func zooKeeperServer(text string) (string, error) {
	if text != "" && !strings.Contains(text, ":") {
		text = net.JoinHostPort(text, zooKeeperPort)
	}
	host, port, err := splitHostPort(text)
	if err != nil {
		return "", err
	}
	return net.JoinHostPort(host, port), nil
}

// leadingNode picks the leader's node among the children of the masters' path: of those named json.info_NNNNNNNNNN the one
// with the lowest sequence number. Other children (log_replicas) are none of ours.
func leadingNode(children []string) (string, bool) {
	leader, lowest := "", int64(0)
	for _, child := range children {
		number, found := strings.CutPrefix(child, leaderPrefix)
		if !found {
			continue
		}
		sequence, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		if leader == "" || sequence < lowest {
			leader, lowest = child, sequence
		}
	}
	return leader, leader != ""
}

// parseMasterInfo reads the address out of a MasterInfo in JSON. Other fields are not looked at, so that newer masters can
// add what they like. Over https the host name is used, for the certificate; else the IP address, as Mesos' own library does.
func parseMasterInfo(data []byte, secure bool) (*url.URL, error) {
	var info struct {
		PID     string `json:"pid"`
		Address struct {
			Hostname string `json:"hostname"`
			IP       string `json:"ip"`
			Port     int    `json:"port"`
		} `json:"address"`
	}
	if err := json.Unmarshal(data, &info); err != nil {
		return nil, fmt.Errorf("decode MasterInfo: %w", err)
	}
	host := info.Address.IP
	if host == "" || secure && info.Address.Hostname != "" {
		host = info.Address.Hostname
	}
	hostPort := net.JoinHostPort(host, strconv.Itoa(info.Address.Port))
	if host == "" {
		_, hostPort, _ = strings.Cut(info.PID, "@") // masters before 0.25 have no address
	}
	if _, _, err := splitHostPort(hostPort); err != nil {
		return nil, fmt.Errorf("MasterInfo names no usable address (%q): %w", hostPort, err)
	}
	return &url.URL{Scheme: schemeFor(secure), Host: hostPort, Path: schedulerPath}, nil
}
