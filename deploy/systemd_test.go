package deploy

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// maxExposure is how exposed a unit may be, in tenths: systemd-analyze's scale
// goes from 0 to 10.
const maxExposure = 15

const (
	unitFile   = "systemd/elevator-scheduler@.service"
	dropInFile = "systemd/open-cluster.conf"
)

func systemdChecks() []check {
	const defaults = "systemd/elevator-scheduler.default"
	return []check{
		{
			name: "systemd unit", tool: "systemd-analyze verify, systemd-analyze security",
			files: []string{unitFile, dropInFile, defaults},
			run:   checkUnit,
			mutants: []mutant{
				{unitFile, "ProtectSystem=strict", "ProtectSystems=strict", "ProtectSystems"},
				{unitFile, "RestartSec=5s", "RestartSec=five", "RestartSec"},
				{unitFile, "NoNewPrivileges=yes\n", "User=root\nDynamicUser=no\nPrivateDevices=no\nPrivateUsers=no\n", "exposure"},
				{unitFile, "--state-dir=", "--state=", "no flag --state"},
				{unitFile, "AF_INET6 AF_UNIX", "AF_INET6", "AF_UNIX"},
				{unitFile, "Environment=GOTRACEBACK=crash\n", "", "GOTRACEBACK"},
				{unitFile, "TimeoutStopSec=30s", "TimeoutStopSec=3s", "TimeoutStopSec"},
				{unitFile, "--principal-file=%d/principal", "--principal-file=%d/user", "credential user"},
				{unitFile, "=2 CREDENTIALS", "=2", "CREDENTIALS"},
				{dropInFile, "ExecStart=\nExecStart", "ExecStart", "more than one ExecStart"},
				{defaults, "--advertise=", "--announce=", "no flag --announce"},
				{defaults, "ELEVATOR_MASTER=", "MASTER=", "ELEVATOR_MASTER"},
			},
		},
		{
			name: "sysusers", tool: "systemd-sysusers --dry-run",
			files: []string{"systemd/elevator.sysusers"},
			run: func(t *testing.T, root string) error {
				out, err := tool(t, root, "systemd-sysusers", "--dry-run", "--root="+t.TempDir(), filepath.Join(mustAbs(root), "systemd/elevator.sysusers"))
				if err == nil && !strings.Contains(out, "Creating user 'elevator'") {
					err = fmt.Errorf("it would not make the user elevator:\n%s", out)
				}
				return err
			},
			mutants: []mutant{
				{"systemd/elevator.sysusers", "u elevator", "x elevator", "Unknown command type"},
				{"systemd/elevator.sysusers", "u elevator", "u lift", "would not make"},
			},
		},
		{
			name: "logrotate", tool: "logrotate --debug",
			files: []string{"systemd/elevator.logrotate"},
			run:   checkLogrotate,
			mutants: []mutant{
				{"systemd/elevator.logrotate", "delaycompress\n", "delaycompression\n", "delaycompression"},
				{"systemd/elevator.logrotate", "systemctl reload", "systemctl restart", "reload"},
				{"systemd/elevator.logrotate", "/var/log/elevator/*.log", "/var/log/lift/*.log", "LogsDirectory"},
			},
		},
	}
}

func mustAbs(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

// checkUnit verifies an instance of the unit, alone and with the drop-in, with
// the program's path set to where it was built.
func checkUnit(t *testing.T, root string) error {
	p, err := built()
	if err != nil {
		return err
	}
	unit, err := os.ReadFile(filepath.Join(root, unitFile))
	if err != nil {
		return err
	}
	dropIn, err := os.ReadFile(filepath.Join(root, dropInFile))
	if err != nil {
		return err
	}
	defaults, err := os.ReadFile(filepath.Join(root, "systemd/elevator-scheduler.default"))
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{"unit": unit, "drop-in": dropIn, "defaults": defaults} {
		if err := checkFlags(name, uncommented(text)); err != nil {
			return err
		}
	}
	for _, withDropIn := range []bool{false, true} {
		dir := t.TempDir()
		local := strings.NewReplacer("/usr/bin/elevator-scheduler", p.scheduler())
		files := map[string]string{"elevator-scheduler@tower-a.service": local.Replace(string(unit))}
		if withDropIn {
			files["elevator-scheduler@.service.d/open-cluster.conf"] = local.Replace(string(dropIn))
		}
		if err := verifyUnit(t, dir, files); err != nil {
			return err
		}
	}
	return errors.Join(checkUnitText(string(unit)), checkDefaults(string(unit), string(defaults)))
}

// uncommented returns the text without its lines of comment.
func uncommented(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func verifyUnit(t *testing.T, dir string, files map[string]string) error {
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	unit := filepath.Join(dir, "elevator-scheduler@tower-a.service")
	// What is wrong but not fatal is only printed.
	out, err := tool(t, dir, "systemd-analyze", "verify", "--man=no", unit)
	if err == nil && strings.Contains(out, "elevator-scheduler@") {
		err = errors.New(out)
	}
	if err != nil {
		return err
	}
	_, err = tool(t, dir, "systemd-analyze", "security", "--no-pager", "--offline=true", fmt.Sprintf("--threshold=%d", maxExposure), unit)
	if err != nil {
		return fmt.Errorf("exposure: %w", err)
	}
	return nil
}

// checkUnitText wants what systemd-analyze does not know.
func checkUnitText(unit string) error {
	for _, credential := range []string{"principal", "secret", "user"} {
		if strings.Contains(unit, "%d/"+credential) && !strings.Contains(unit, "LoadCredential="+credential+":") {
			return fmt.Errorf("credential %s is used and not loaded", credential)
		}
	}
	// Without it sd_notify(3) reaches nobody.
	if !strings.Contains(unit, "\nRestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX\n") {
		return errors.New("RestrictAddressFamilies: want AF_UNIX, too, for Type=notify")
	}
	// A scheduler that the watchdog ends would exit with code 2.
	if !strings.Contains(unit, "\nEnvironment=GOTRACEBACK=crash\n") {
		return errors.New("want GOTRACEBACK=crash, with RestartPreventExitStatus=2")
	}
	for _, line := range []string{"Type=notify", "TimeoutStopSec=30s", "RestartPreventExitStatus=2 CREDENTIALS", "DynamicUser=yes"} {
		if !strings.Contains(unit, "\n"+line+"\n") {
			return fmt.Errorf("want %s", line)
		}
	}
	return nil
}

// checkDefaults wants a default for every variable of the unit.
func checkDefaults(unit, defaults string) error {
	for _, name := range []string{"ELEVATOR_MASTER", "ELEVATOR_ARGS"} {
		if !strings.Contains(unit, name) || !strings.Contains(defaults, "\n"+name+"=") {
			return fmt.Errorf("want %s in the unit and in its defaults", name)
		}
	}
	return nil
}

func checkLogrotate(t *testing.T, root string) error {
	// logrotate refuses files that others may write.
	config := filepath.Join(t.TempDir(), "elevator")
	data, err := os.ReadFile(filepath.Join(root, "systemd/elevator.logrotate"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(config, data, 0o644); err != nil {
		return err
	}
	out, err := tool(t, root, "logrotate", "--debug", "--state", config+".state", config)
	if err != nil {
		return err
	}
	if strings.Contains(out, "error:") {
		return errors.New(out)
	}
	unit, err := os.ReadFile(filepath.Join(root, unitFile))
	if err != nil {
		return err
	}
	if !strings.Contains(string(data), "systemctl reload 'elevator-scheduler@*.service'") || !strings.Contains(string(unit), "\nExecReload=") {
		return errors.New("want a reload of the unit, which opens the log anew")
	}
	if !strings.Contains(string(unit), "LogsDirectory=elevator\n") || !strings.Contains(out, "/var/log/elevator/*.log") {
		return errors.New("want the logs of the unit's LogsDirectory=elevator")
	}
	return nil
}
