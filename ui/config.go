package ui

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/gdamore/tcell/v2"

	"elevator/internal/operator"
)

// Config says what a dashboard shows and how.
type Config struct {
	// URLs are the operators' APIs of the schedulers to watch, one a group:
	// "http://host:port" or "host:port". The key b goes from one to the next.
	URLs []string
	// Theme is "default" (the terminal's own colours), "dark", "light",
	// "high-contrast" or "mono"; empty: the default, or mono where the terminal
	// has no colours or NO_COLOR is set.
	Theme string
	// ASCII keeps to ASCII characters, as happens anyhow where the locale is not
	// UTF-8.
	ASCII bool
	// Mouse lets clicks select cars and the wheel move the selection.
	Mouse bool
	// Bell rings the terminal's bell for a new critical alarm.
	Bell bool
	// AllowSuspend lets ctrl-z stop the whole process. It is for processes that
	// do nothing but show the dashboard.
	AllowSuspend bool
	// ReadOnly takes no commands.
	ReadOnly bool
	// TokenFile holds the token to show the schedulers, and CAFile the authority
	// that signed their certificates; see operator.ClientConfig.
	TokenFile string
	CAFile    string
	// ExportDir is where the key S writes the screen to; empty: the working
	// directory.
	ExportDir string

	// Of a test, instead of the process's terminal and network.
	screen func() (tcell.Screen, error)
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

// client returns a client of one of the schedulers.
func (c *Config) client(address string) (*operator.Client, error) {
	return operator.NewClientWith(operator.ClientConfig{Address: address, TokenFile: c.TokenFile, CAFile: c.CAFile, Dial: c.dial})
}

// Check returns what is wrong with the config: an address that is none, an
// unknown theme, an unreadable token or certificate file.
func (c *Config) Check() error {
	for _, address := range c.URLs {
		client, err := c.client(address)
		if err != nil {
			return fmt.Errorf("connect to %q: %w", address, err)
		}
		client.Close()
	}
	return c.validate()
}

// CheckLook returns what is wrong with how the dashboard shall look.
func (c *Config) CheckLook() error {
	_, err := themeIndex(c.Theme)
	return err
}

func (c *Config) validate() error {
	if len(c.URLs) == 0 {
		return errors.New("dashboard: want at least one scheduler to connect to")
	}
	return c.CheckLook()
}
