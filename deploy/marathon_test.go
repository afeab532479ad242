package deploy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drainSeconds is more than a scheduler needs to end after SIGTERM: five for
// tasks and scheduler function, two for the readers of its API.
const drainSeconds = 10

func marathonChecks() []check {
	const production = "marathon/scheduler.json"
	return []check{{
		name: "marathon", tool: "strict decoding as Marathon's AppDefinition, the flags of elevator-scheduler run",
		files: []string{"marathon/*.json"},
		run:   checkMarathon,
		mutants: []mutant{
			{production, `"taskKillGracePeriodSeconds": 30`, `"taskKillGracePeriodSeconds": 3`, "taskKillGracePeriodSeconds"},
			{production, `"maximumOverCapacity": 0`, `"maximumOverCapacity": 1`, "evict each other"},
			{production, `"networks"`, `"network"`, `unknown field "network"`},
			{production, `"instances": 1`, `"instances": "1"`, "AppDefinition.instances"},
			{production, `"labels": {"metrics": "/metrics"}`, `"labels": {}`, "label metrics"},
			{production, `--principal-file=`, `--principal=`, "no flag --principal"},
			{production, `"GOMEMLIMIT": "400MiB"`, `"ELEVATOR_SECRET": "sesame"`, "ELEVATOR_SECRET"},
			{production, `"secret": {"source": "elevators/secret"}`, `"password": {"source": "elevators/secret"}`, "undeclared"},
			{production, `"portName": "api"`, `"portName": "http"`, "readiness"},
			{production, `exec \"`, `\"`, "exec"},
			{"marathon/scheduler-demo.json", `"portIndex": 0`, `"portIndex": 2`, "health check"},
			{"marathon/scheduler-demo.json", `"id": "/elevators/demo"`, `"id": "/Elevators/demo"`, "id"},
		},
	}}
}

// appDefinition is the part of Marathon's AppDefinition (1.5 and later) that
// the manifests use.
type appDefinition struct {
	ID           string            `json:"id"`
	Instances    int               `json:"instances"`
	CPUs         float64           `json:"cpus"`
	Mem          float64           `json:"mem"`
	Disk         float64           `json:"disk"`
	User         string            `json:"user"`
	Cmd          string            `json:"cmd"`
	Env          map[string]string `json:"env"`
	Labels       map[string]string `json:"labels"`
	RequirePorts bool              `json:"requirePorts"`
	Fetch        []struct {
		URI     string `json:"uri"`
		Extract bool   `json:"extract"`
		Cache   bool   `json:"cache"`
	} `json:"fetch"`
	Secrets map[string]struct {
		Source string `json:"source"`
	} `json:"secrets"`
	Container *struct {
		Type    string `json:"type"`
		Volumes []struct {
			ContainerPath string `json:"containerPath"`
			HostPath      string `json:"hostPath"`
			Mode          string `json:"mode"`
			Secret        string `json:"secret"`
		} `json:"volumes"`
	} `json:"container"`
	Networks []struct {
		Mode string `json:"mode"`
	} `json:"networks"`
	PortDefinitions []struct {
		Port     int               `json:"port"`
		Name     string            `json:"name"`
		Protocol string            `json:"protocol"`
		Labels   map[string]string `json:"labels"`
	} `json:"portDefinitions"`
	HealthChecks []struct {
		Protocol               string `json:"protocol"`
		Path                   string `json:"path"`
		PortIndex              int    `json:"portIndex"`
		DelaySeconds           int    `json:"delaySeconds"`
		GracePeriodSeconds     int    `json:"gracePeriodSeconds"`
		IntervalSeconds        int    `json:"intervalSeconds"`
		TimeoutSeconds         int    `json:"timeoutSeconds"`
		MaxConsecutiveFailures int    `json:"maxConsecutiveFailures"`
	} `json:"healthChecks"`
	ReadinessChecks []struct {
		Name                    string `json:"name"`
		Protocol                string `json:"protocol"`
		Path                    string `json:"path"`
		PortName                string `json:"portName"`
		IntervalSeconds         int    `json:"intervalSeconds"`
		TimeoutSeconds          int    `json:"timeoutSeconds"`
		HTTPStatusCodesForReady []int  `json:"httpStatusCodesForReady"`
	} `json:"readinessChecks"`
	UpgradeStrategy *struct {
		MinimumHealthCapacity *float64 `json:"minimumHealthCapacity"`
		MaximumOverCapacity   *float64 `json:"maximumOverCapacity"`
	} `json:"upgradeStrategy"`
	UnreachableStrategy *struct {
		InactiveAfterSeconds int `json:"inactiveAfterSeconds"`
		ExpungeAfterSeconds  int `json:"expungeAfterSeconds"`
	} `json:"unreachableStrategy"`
	BackoffSeconds             float64  `json:"backoffSeconds"`
	BackoffFactor              float64  `json:"backoffFactor"`
	MaxLaunchDelaySeconds      float64  `json:"maxLaunchDelaySeconds"`
	TaskKillGracePeriodSeconds int      `json:"taskKillGracePeriodSeconds"`
	KillSelection              string   `json:"killSelection"`
	AcceptedResourceRoles      []string `json:"acceptedResourceRoles"`
}

func checkMarathon(_ *testing.T, root string) error {
	names, err := filepath.Glob(filepath.Join(root, "marathon/*.json"))
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		var app appDefinition
		if err := decoder.Decode(&app); err != nil {
			return fmt.Errorf("%s: AppDefinition: %w", name, appError(err))
		}
		for _, check := range []func(*appDefinition) error{checkSingle, checkPorts, checkSecrets, checkCommand} {
			if err := check(&app); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

// appError gives an error of the decoder the name of the API.
func appError(err error) error {
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("AppDefinition.%s is a %s: %w", mistyped.Field, mistyped.Value, err)
	}
	return err
}

// checkSingle wants that there is never a second scheduler of the framework.
func checkSingle(app *appDefinition) error {
	u := app.UpgradeStrategy
	switch {
	case strings.ToLower(app.ID) != app.ID || !strings.HasPrefix(app.ID, "/"):
		return fmt.Errorf("id %s: want lower case and a slash", app.ID)
	case app.Instances != 1:
		return fmt.Errorf("%d instances: want 1, two schedulers of one framework evict each other", app.Instances)
	case u == nil || u.MinimumHealthCapacity == nil || u.MaximumOverCapacity == nil ||
		*u.MinimumHealthCapacity != 0 || *u.MaximumOverCapacity != 0:
		return errors.New("upgradeStrategy: want 0 and 0, since old and new scheduler would evict each other")
	case app.TaskKillGracePeriodSeconds <= drainSeconds:
		return fmt.Errorf("taskKillGracePeriodSeconds %d: want more than the %d s in which a scheduler ends", app.TaskKillGracePeriodSeconds, drainSeconds)
	case app.BackoffSeconds <= 0 || app.BackoffFactor <= 1 || app.MaxLaunchDelaySeconds <= 0:
		return errors.New("want a back-off")
	}
	return nil
}

func checkPorts(app *appDefinition) error {
	if len(app.Networks) != 1 || app.Networks[0].Mode != "host" {
		return errors.New("want the host's network: agents fetch the executor from the scheduler")
	}
	ports := make(map[string]int)
	for i, p := range app.PortDefinitions {
		ports[p.Name] = i
		if p.Port != 0 {
			return fmt.Errorf("port %s: want 0, Marathon chooses", p.Name)
		}
		if !strings.Contains(app.Cmd, "$PORT_"+strings.ToUpper(p.Name)) {
			return fmt.Errorf("port %s: the command does not use it", p.Name)
		}
	}
	api, ok := ports["api"]
	if !ok || app.PortDefinitions[api].Labels["metrics"] != "/metrics" {
		return errors.New("port api: want the label metrics, by which Prometheus finds it")
	}
	if app.Labels["metrics"] != "elevator" || app.Labels["building"] == "" {
		return errors.New("want the labels metrics and building, by which Prometheus knows the app")
	}
	for _, h := range app.HealthChecks {
		if h.Protocol != "MESOS_HTTP" || h.Path != "/healthz" || h.PortIndex != api {
			return errors.New("health check: want MESOS_HTTP at /healthz of port api")
		}
	}
	for _, r := range app.ReadinessChecks {
		if _, ok := ports[r.PortName]; !ok || r.Path != "/readyz" {
			return errors.New("readiness check: want /readyz of port api")
		}
	}
	if len(app.HealthChecks) != 1 {
		return errors.New("want one health check")
	}
	return nil
}

// checkSecrets wants secrets in files: commands and environments show in
// Marathon's API and in the master's state.
func checkSecrets(app *appDefinition) error {
	for name := range app.Env {
		if upper := strings.ToUpper(name); strings.Contains(upper, "SECRET") || strings.Contains(upper, "PASSWORD") || strings.Contains(upper, "TOKEN") {
			return fmt.Errorf("environment %s: want secrets in files", name)
		}
	}
	if app.Container == nil {
		return nil
	}
	state := false
	for _, v := range app.Container.Volumes {
		if v.Secret == "" {
			state = state || v.HostPath != "" && v.Mode == "RW" && strings.Contains(app.Cmd, "--state-dir=\"$MESOS_SANDBOX/"+v.ContainerPath+"\"")
			continue
		}
		if _, ok := app.Secrets[v.Secret]; !ok {
			return fmt.Errorf("volume %s: secret %s is undeclared", v.ContainerPath, v.Secret)
		}
		if !strings.Contains(app.Cmd, "$MESOS_SANDBOX/"+v.ContainerPath) {
			return fmt.Errorf("volume %s: the command does not use it", v.ContainerPath)
		}
	}
	if !state {
		return errors.New("want a volume of the host for --state-dir")
	}
	return nil
}

func checkCommand(app *appDefinition) error {
	if !strings.HasPrefix(app.Cmd, "exec ") {
		return errors.New("cmd: want exec, so that the scheduler and not a shell gets SIGTERM")
	}
	return checkFlags(app.ID, app.Cmd)
}
