package gotask

import (
	"fmt"
	"net/url"
)

// Introduction is what an executor tells the scheduler of itself, each time they get to know each other.
type Introduction struct {
	Version string // of the program
	Metrics string // host:port that serves its /metrics; empty without
}

// maxIntroduction is what a link carries.
const maxIntroduction = 255

// encode returns the text that the link carries. Unknown words in it are for later versions.
func (i Introduction) encode() string {
	words := url.Values{}
	for name, value := range map[string]string{"version": i.Version, "metrics": i.Metrics} {
		if value != "" {
			words.Set(name, value)
		}
	}
	return words.Encode()
}

func (i Introduction) validate() error {
	if n := len(i.encode()); n > maxIntroduction {
		return fmt.Errorf("executor: its introduction has %d bytes, at most %d are carried", n, maxIntroduction)
	}
	return nil
}

// decodeIntroduction reads what an executor of any version said; what cannot be read is as good as not said.
func decodeIntroduction(text string) Introduction {
	words, err := url.ParseQuery(text)
	if err != nil {
		return Introduction{}
	}
	return Introduction{Version: words.Get("version"), Metrics: words.Get("metrics")}
}
