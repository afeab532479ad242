package main

import (
	"context"
	"flag"
	"os"
	"strings"

	"elevator/ui"
)

// dashboardCommand watches running buildings from anywhere, or plays a journal.
func dashboardCommand(ctx context.Context, args []string, std streams) error {
	flags := newFlags("dashboard", std)
	var cfg ui.Config
	connect := flags.String("connect", "http://127.0.0.1:8080", "`URL[,URL…]` of the operators' APIs of one or more groups")
	replay := flags.String("replay", "", "play this journal `file` instead")
	once := flags.Bool("once", false, "print the state once and leave")
	var format string
	chooseVar(flags.FlagSet, &format, "format", "text", "with --once: `"+strings.Join(ui.OnceFormats, " or ")+"`; text is lines for a screen reader, picture the page of a terminal", ui.OnceFormats...)
	deskFlags(flags.FlagSet, &cfg)
	if err := flags.parse(args); err != nil {
		return err
	}
	cfg.URLs, cfg.AllowSuspend = strings.Split(*connect, ","), true
	if err := cfg.Check(); err != nil {
		return badInput{err}
	}
	terminal := isTerminal(std.out)
	switch {
	case *replay != "":
		file, err := os.Open(*replay)
		if err != nil {
			return badInputf("--replay: %w", err)
		}
		defer file.Close()
		if !terminal {
			return badInputf("--replay: stdout is no terminal; 'elevator-scheduler simulate --traffic %s' computes from a journal", *replay)
		}
		return ui.Replay(ctx, cfg, file)
	case *once:
		width, height := terminalSize(std.out)
		return ui.Once(ctx, cfg, format, std.out, width, height)
	case !terminal:
		return ui.Lines(ctx, cfg, std.out)
	}
	return ui.Run(ctx, cfg)
}

// lookFlags registers how a dashboard looks, wherever it is drawn.
func lookFlags(f *flag.FlagSet, cfg *ui.Config) {
	chooseVar(f, &cfg.Theme, "theme", "", "`NAME` of the colours: "+strings.Join(ui.Themes(), ", ")+"; default the terminal's own", ui.Themes()...)
	f.BoolVar(&cfg.ASCII, "ascii", false, "keep to ASCII characters")
	f.BoolVar(&cfg.Mouse, "mouse", false, "clicks select, the wheel moves the selection")
	f.BoolVar(&cfg.Bell, "bell", false, "ring the terminal's bell for a new critical alarm")
}

// deskFlags registers how a dashboard looks and who it is.
func deskFlags(f *flag.FlagSet, cfg *ui.Config) {
	lookFlags(f, cfg)
	f.BoolVar(&cfg.ReadOnly, "read-only", false, "take no commands")
	f.StringVar(&cfg.TokenFile, "token-file", "", "`file` with the token to show the schedulers")
	f.StringVar(&cfg.CAFile, "tls-ca", "", "`file` with the certificate authority that signed the schedulers' certificates")
	f.StringVar(&cfg.ExportDir, "export-dir", "", "`directory` where the key S writes the screen; default the working directory")
}
