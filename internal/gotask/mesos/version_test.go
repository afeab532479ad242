package mesos

import (
	"errors"
	"strings"
	"testing"
)

func TestVersionOfMaster(t *testing.T) {
	for _, test := range []struct {
		version string
		refused bool
		doubt   string
	}{
		{"1.3.0", false, ""},
		{"1.4.1-rc2", false, ""},
		{"1.12.0", false, ""},
		{"1.13.0", false, "1.13.0: 1.3 to 1.12 were tried"},
		{"2.0.0", false, "2.0.0: 1.3 to 1.12 were tried"},
		{"", false, "does not tell its version"},
		{"dev", false, "version dev"},
		{"1", false, "version 1:"},
		{"1.2.3", true, ""},
		{"0.28.2", true, ""},
	} {
		err := checkVersion("http://m:5050", test.version)
		if old, ok := errors.AsType[*VersionError](err); ok != test.refused || ok && old.Version != test.version {
			t.Errorf("version %q: got %v", test.version, err)
		}
		if test.refused {
			if want := "Mesos " + test.version + ": want 1.3 or later"; !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want %q", err, want)
			}
			continue
		}
		switch doubt := VersionDoubt(test.version); {
		case doubt == nil && test.doubt == "":
		case doubt == nil || test.doubt == "" || !strings.Contains(doubt.Error(), test.doubt):
			t.Errorf("version %q: doubt %v, want %q", test.version, doubt, test.doubt)
		}
	}
}
