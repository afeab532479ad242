package mesos

import (
	"maps"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	for _, test := range []struct {
		text string
		want time.Duration
	}{
		{"5secs", 5 * time.Second},
		{"15mins", 15 * time.Minute},
		{"2secs", 2 * time.Second},
		{"1.5days", 36 * time.Hour},
		{"0ns", 0},
		{"100ms", 100 * time.Millisecond},
		{"7us", 7 * time.Microsecond},
		{"1hrs", time.Hour},
		{"2weeks", 14 * 24 * time.Hour},
		{".5secs", 500 * time.Millisecond},
		{"", -1},
		{"5", -1},
		{"secs", -1},
		{"5s", -1},
		{"5 secs", -1},
		{"-5secs", -1},
		{"1e3secs", -1},
		{"1.2.3secs", -1},
		{"Infsecs", -1},
		{"0x10secs", -1},
		{"1_0secs", -1},
		{"99999999weeks", -1},
	} {
		got, err := ParseDuration(test.text)
		if (err != nil) != (test.want < 0) || err == nil && got != test.want {
			t.Errorf("%q: %v, %v, want %v", test.text, got, err, test.want)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, seed := range []string{"5secs", "1.5days", "15mins", "9223372036854775807ns", ".secs", "106751days"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseDuration(text)
		if err != nil {
			return
		}
		if got < 0 {
			t.Errorf("%q is %v", text, got)
		}
		if again, err := ParseDuration(text + " "); err == nil {
			t.Errorf("%q with a blank is %v", text, again)
		}
		if unit := strings.TrimLeft(text, "0123456789."); float64(got) > math.MaxInt64 || unit == text {
			t.Errorf("%q is %v", text, got)
		}
	})
}

func fullEnv() map[string]string {
	return map[string]string{ // as an agent of Mesos 1.12 sets it
		"LIBPROCESS_IP":                        "127.0.0.1",
		"LIBPROCESS_PORT":                      "0",
		"MESOS_AGENT_ENDPOINT":                 "127.0.0.1:5051",
		"MESOS_CHECKPOINT":                     "1",
		"MESOS_DIRECTORY":                      "/var/sandbox",
		"MESOS_EXECUTOR_ID":                    "ex1",
		"MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD": "7secs",
		"MESOS_FRAMEWORK_ID":                   "f-0000",
		"MESOS_HTTP_COMMAND_EXECUTOR":          "0",
		"MESOS_RECOVERY_TIMEOUT":               "20mins",
		"MESOS_SANDBOX":                        "/mnt/sandbox",
		"MESOS_SLAVE_ID":                       "a-S0",
		"MESOS_SLAVE_PID":                      "slave(1)@127.0.0.1:5051",
		"MESOS_SUBSCRIPTION_BACKOFF_MAX":       "3secs",
	}
}

func TestParseExecutorEnv(t *testing.T) {
	full := ExecutorEnv{
		FrameworkID: "f-0000", ExecutorID: "ex1", AgentID: "a-S0", Endpoint: "127.0.0.1:5051", Sandbox: "/mnt/sandbox",
		Checkpoint: true, RecoveryTimeout: 20 * time.Minute, SubscriptionBackoffMax: 3 * time.Second,
		ShutdownGracePeriod: 7 * time.Second,
	}
	for name, test := range map[string]struct {
		set     map[string]string // "" deletes
		change  func(*ExecutorEnv)
		wantErr []string
	}{
		"as an agent sets it": {},
		"without checkpoint": {
			set: map[string]string{"MESOS_CHECKPOINT": "0", "MESOS_RECOVERY_TIMEOUT": "", "MESOS_SUBSCRIPTION_BACKOFF_MAX": ""},
			change: func(e *ExecutorEnv) {
				e.Checkpoint, e.RecoveryTimeout, e.SubscriptionBackoffMax = false, 15*time.Minute, 2*time.Second
			},
		},
		"old checkpoint": {set: map[string]string{"MESOS_CHECKPOINT": "true"}},
		"no sandbox": {
			set:    map[string]string{"MESOS_SANDBOX": ""},
			change: func(e *ExecutorEnv) { e.Sandbox = "/var/sandbox" },
		},
		"secured": {
			set:    map[string]string{tokenVariable: "t0ken", "LIBPROCESS_SSL_ENABLED": "1"},
			change: func(e *ExecutorEnv) { e.Token, e.Secure = "t0ken", true },
		},
		"domain socket": {
			set:    map[string]string{"MESOS_DOMAIN_SOCKET": "/run/agent.sock", "MESOS_AGENT_ENDPOINT": ""},
			change: func(e *ExecutorEnv) { e.DomainSocket, e.Endpoint = "/run/agent.sock", "" },
		},
		"nothing": {
			set:     map[string]string{"MESOS_FRAMEWORK_ID": "", "MESOS_EXECUTOR_ID": "", "MESOS_AGENT_ENDPOINT": ""},
			wantErr: []string{"MESOS_FRAMEWORK_ID is not set", "MESOS_EXECUTOR_ID is not set", "MESOS_AGENT_ENDPOINT is not set"},
		},
		"malformed": {
			set: map[string]string{
				"MESOS_CHECKPOINT": "yes", "MESOS_RECOVERY_TIMEOUT": "1h", "MESOS_AGENT_ENDPOINT": "agent",
				tokenVariable: "a\nb",
			},
			wantErr: []string{`MESOS_CHECKPOINT: "yes"`, "MESOS_RECOVERY_TIMEOUT: duration", `MESOS_AGENT_ENDPOINT "agent"`, "line break"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			vars := fullEnv()
			maps.Copy(vars, test.set)
			got, err := ParseExecutorEnv(func(name string) string { return vars[name] })
			if len(test.wantErr) > 0 {
				for _, text := range test.wantErr {
					if err == nil || !strings.Contains(err.Error(), text) {
						t.Errorf("error %v does not say %q", err, text)
					}
				}
				return
			}
			want := full
			if test.change != nil {
				test.change(&want)
			}
			if err != nil || got != want {
				t.Errorf("%+v, %v\nwant %+v", got, err, want)
			}
		})
	}
}

func TestReadExecutorEnvErasesTheToken(t *testing.T) {
	for name, value := range fullEnv() {
		t.Setenv(name, value)
	}
	t.Setenv(tokenVariable, "t0ken")
	env, err := ReadExecutorEnv()
	if err != nil || env.Token != "t0ken" {
		t.Fatal(env, err)
	}
	if _, set := os.LookupEnv(tokenVariable); set {
		t.Error("the token is still in the environment")
	}
}
