package mesos

import (
	"net/url"
	"strings"
	"testing"
)

func mustMaster(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := parseMaster(text, false)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestParseMasters(t *testing.T) {
	for _, test := range []struct {
		text   string
		secure bool
		want   string // "error: " + a part of it
	}{
		{"m1:5050", false, "http://m1:5050/api/v1/scheduler"},
		{"m1:5050", true, "https://m1:5050/api/v1/scheduler"},
		{"m1:5050, m2:5051", false, "http://m1:5050/api/v1/scheduler http://m2:5051/api/v1/scheduler"},
		{"[::1]:5050", false, "http://[::1]:5050/api/v1/scheduler"},
		{"https://m1", false, "https://m1/api/v1/scheduler"},
		{"http://m1:5050/", true, "http://m1:5050/api/v1/scheduler"},
		{"http://gateway/mesos", false, "http://gateway/mesos/api/v1/scheduler"},
		{"http://m1:5050/master/api/v1/scheduler", false, "http://m1:5050/master/api/v1/scheduler"},
		{"", false, "error: no master named"},
		{"m1", false, "error: missing port in address: want host:port"},
		{":5050", false, "error: no host name"},
		{"m1:5050,", false, "error: empty address"},
		{"m1:port", false, `error: port "port"`},
		{"m1:0", false, `error: port "0"`},
		{"m1:65536", false, `error: port "65536"`},
		{"m1:5050/path", false, `error: port "5050/path"`},
		{"ftp://m1:5050", false, `error: scheme "ftp"`},
		{"m1:5050,zk://m2:2181/mesos", false, `error: scheme "zk"`},
		{"http://u:p@m1:5050", false, "error: credentials do not belong"},
		{"http://m1:5050?x=1", false, "error: neither query"},
		{"http://", false, "error: no host name"},
		{"a b:5050", false, "error: is not one"},
	} {
		masters, err := parseMasters(test.text, test.secure)
		if part, wantErr := strings.CutPrefix(test.want, "error: "); wantErr {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %v, want %q", test.text, err, part)
			}
			continue
		}
		var texts []string
		for _, master := range masters {
			texts = append(texts, master.String())
			if !strings.HasPrefix(master.Path, "/") {
				t.Errorf("%q: path %q is relative", test.text, master.Path)
			}
		}
		if got := strings.Join(texts, " "); err != nil || got != test.want {
			t.Errorf("%q: %q, %v, want %q", test.text, got, err, test.want)
		}
	}
}

func TestParseLocation(t *testing.T) {
	for _, test := range []struct{ from, location, want string }{
		{"http://m1:5050/api/v1/scheduler", "//m2:5050/master/api/v1/scheduler", "http://m2:5050/master/api/v1/scheduler"},
		{"https://m1:5050/api/v1/scheduler", "//m2:5050/master/api/v1/scheduler", "https://m2:5050/master/api/v1/scheduler"},
		{"http://m1:5050/api/v1/scheduler", "masterhost2:5050", "http://masterhost2:5050/api/v1/scheduler"},
		{"http://m1:5050/api/v1/scheduler", "10.0.0.2:5050", "http://10.0.0.2:5050/api/v1/scheduler"},
		{"http://m1:5050/api/v1/scheduler", "[::1]:5050", "http://[::1]:5050/api/v1/scheduler"},
		{"http://m1:5050/api/v1/scheduler", "//m2:5050", "http://m2:5050/api/v1/scheduler"},
		{"http://m1:5050/api/v1/scheduler", "https://m2:5050/x", "https://m2:5050/x"},
		{"http://m1:5050/api/v1/scheduler", "/elsewhere", "http://m1:5050/elsewhere"},
		{"http://m1:5050/api/v1/scheduler", "", "error: without a Location"},
		{"https://m1:5050/api/v1/scheduler", "http://m2:5050/x", "error: from https to http"},
		{"http://m1:5050/api/v1/scheduler", "ftp://m2/x", "error: neither http nor https"},
		{"http://m1:5050/api/v1/scheduler", "//", "error: no host name"},
		{"http://m1:5050/api/v1/scheduler", "//u:p@m2:5050", "error: credentials"},
		{"http://m1:5050/api/v1/scheduler", "//m2:99999/", "error: port"},
		{"http://m1:5050/api/v1/scheduler", "//%zz/", "error: invalid"},
	} {
		from, err := url.Parse(test.from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := parseLocation(test.location, from)
		if part, wantErr := strings.CutPrefix(test.want, "error: "); wantErr {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %v, want %q", test.location, err, part)
			}
			continue
		}
		if err != nil || to.String() != test.want {
			t.Errorf("%q: %v, %v, want %q", test.location, to, err, test.want)
		}
	}
}

func FuzzParseLocation(f *testing.F) {
	for _, seed := range []string{"//m2:5050/master/api/v1/scheduler", "masterhost2:5050", "http://m2:5050/x", "/x", "//", "[::1]:5050"} {
		f.Add(seed)
	}
	from := &url.URL{Scheme: "https", Host: "m1:5050", Path: schedulerPath}
	f.Fuzz(func(t *testing.T, location string) {
		to, err := parseLocation(location, from)
		if err != nil {
			return
		}
		if to.Scheme != "https" || to.Hostname() == "" || to.Path == "" {
			t.Errorf("%q led to %v", location, to)
		}
		again, err := parseLocation(to.String(), from)
		if err != nil || again.String() != to.String() {
			t.Errorf("%q led to %v, and that to %v, %v", location, to, again, err)
		}
	})
}

func TestParseZooKeeperAddress(t *testing.T) {
	for _, test := range []struct{ text, servers, path, user, wantErr string }{
		{text: "zk://z1:2181/mesos", servers: "z1:2181", path: "/mesos"},
		{text: "zk://z1,z2:2182,[::1]:2183/a/b/", servers: "z1:2181 z2:2182 [::1]:2183", path: "/a/b"},
		{text: "zk://me:s3cret@z1:2181/mesos", servers: "z1:2181", path: "/mesos", user: "me"},
		{text: "zk://me:s3c@ret@z1:2181/mesos", servers: "z1:2181", path: "/mesos", user: "me"},
		{text: "zk://z1:2181", wantErr: "has no path"},
		{text: "zk://z1:2181/", wantErr: "has no path"},
		{text: "zk:///mesos", wantErr: "missing port"},
		{text: "zk://z1:2181,/mesos", wantErr: "missing port"},
		{text: "zk://z1:x/mesos", wantErr: "port"},
		{text: "zk://z1:2181/a//b", wantErr: "is not a path"},
		{text: "zk://s3cret@z1:2181/mesos", wantErr: "user:password"},
		{text: "zk://me:s3cret@z1/", wantErr: "has no path"},
		{text: "z1:2181/mesos", wantErr: "zk://"},
	} {
		address, err := parseZooKeeperAddress(test.text)
		if test.wantErr != "" {
			if err == nil || !strings.Contains(err.Error(), test.wantErr) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%q: error %v, want %q", test.text, err, test.wantErr)
			}
			continue
		}
		if err != nil || strings.Join(address.servers, " ") != test.servers || address.path != test.path || address.user != test.user {
			t.Errorf("%q: %+v, %v", test.text, address, err)
		}
	}
}

func FuzzParseZooKeeperAddress(f *testing.F) {
	for _, seed := range []string{"zk://z1:2181/mesos", "zk://u:p@z1,z2:2182,[::1]:1/a/b/", "zk:///", "zk://z1:2181"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := parseZooKeeperAddress(text)
		if err != nil {
			return
		}
		if len(address.servers) == 0 || !strings.HasPrefix(address.path, "/") || strings.HasSuffix(address.path, "/") {
			t.Fatalf("%q: %+v", text, address)
		}
		again, err := parseZooKeeperAddress("zk://" + strings.Join(address.servers, ",") + address.path)
		if err != nil || strings.Join(again.servers, " ") != strings.Join(address.servers, " ") || again.path != address.path {
			t.Errorf("%q: %+v, and again %+v, %v", text, address, again, err)
		}
	})
}

func TestLeadingNode(t *testing.T) {
	for _, test := range []struct{ children, want string }{
		{"json.info_0000000001 log_replicas", "json.info_0000000001"},
		{"json.info_0000000012 json.info_0000000002 info_0000000001", "json.info_0000000002"},
		{"json.info_10000000000 json.info_9999999999", "json.info_9999999999"},
		{"log_replicas json.info_x", ""},
		{"", ""},
	} {
		got, found := leadingNode(strings.Fields(test.children))
		if got != test.want || found != (test.want != "") {
			t.Errorf("%q: %q", test.children, got)
		}
	}
}

func TestParseMasterInfo(t *testing.T) {
	const recorded = `{"address":{"hostname":"master.example","ip":"127.0.0.1","port":8050},"capabilities":[{"type":"AGENT_UPDATE"},{"type":"QUOTA_V2"}],"hostname":"127.0.0.1","id":"ef0ca122","ip":16777343,"pid":"master@127.0.0.1:8050","port":8050,"version":"1.12.0"}`
	for _, test := range []struct {
		data   string
		secure bool
		want   string
	}{
		{recorded, false, "http://127.0.0.1:8050/api/v1/scheduler"},
		{recorded, true, "https://master.example:8050/api/v1/scheduler"},
		{`{"address":{"ip":"fe80::1","port":1}}`, false, "http://[fe80::1]:1/api/v1/scheduler"},
		{`{"pid":"master@10.0.0.1:5050"}`, false, "http://10.0.0.1:5050/api/v1/scheduler"},
		{`{}`, false, ""},
		{`{"address":{"ip":"1.2.3.4","port":0}}`, false, ""},
		{`nonsense`, false, ""},
	} {
		got, err := parseMasterInfo([]byte(test.data), test.secure)
		if (err != nil) != (test.want == "") || err == nil && got.String() != test.want {
			t.Errorf("%s: %v, %v, want %q", test.data, got, err, test.want)
		}
	}
}
