package main

import (
	"bytes"
	"errors"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// performed runs a subcommand in this process.
func performed(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = perform(t.Context(), args, streams{out: &stdout, err: &stderr})
	return code, stdout.String(), stderr.String()
}

// A plot is written beside everything else that simulate does, and the same run
// gives the same bytes; so does a run over the journal of the first.
func TestSimulatePlots(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("2.svg"), bytes.Repeat([]byte("older and longer "), 100_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"1.svg", "2.svg", "3.png"} {
		code, out, errs := performed(t, "simulate", "--duration", "2m", "--plot", path(name), "--journal", path(name+".ndjson"))
		if code != 0 || errs != "" || !strings.Contains(out, "time to destination") {
			t.Fatalf("%s: exit code %d: %s%s", name, code, out, errs)
		}
	}
	code, _, errs := performed(t, "simulate", "--traffic", path("1.svg.ndjson"), "--plot", path("again.svg"))
	if code != 0 {
		t.Fatalf("a journal's traffic: exit code %d: %s", code, errs)
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	first := read("1.svg")
	if !bytes.HasPrefix(first, []byte("<svg ")) || !bytes.HasSuffix(first, []byte("</svg>\n")) {
		t.Errorf("the SVG begins with %.40q", first)
	}
	if !bytes.Equal(first, read("2.svg")) {
		t.Error("the same run over an older file gave another picture")
	}
	lines := func(svg []byte) []byte { return svg[bytes.Index(svg, []byte("<path")):] }
	if !bytes.Equal(lines(first), lines(read("again.svg"))) {
		t.Error("the journal's traffic gave another picture, titles aside")
	}
	picture, err := png.Decode(bytes.NewReader(read("3.png")))
	if err != nil || picture.Bounds().Dx() < 1000 {
		t.Errorf("the PNG is %v wide: %v", picture.Bounds().Dx(), err)
	}
}

// A plot that cannot be written is bad input before anything is simulated, and
// leaves nothing behind.
func TestPlotBadInput(t *testing.T) {
	dir := t.TempDir()
	cases := []struct {
		args []string
		says []string
	}{
		{[]string{"simulate", "--plot", filepath.Join(dir, "a.gif")}, []string{"a.gif", ".svg or .png"}},
		{[]string{"simulate", "--plot", filepath.Join(dir, "a")}, []string{".svg or .png"}},
		{[]string{"simulate", "--plot", filepath.Join(dir, "none", "a.svg")}, []string{"none", "no such file"}},
		{[]string{"simulate", "--plot", dir + "/.svg/"}, []string{".svg or .png"}},
		{[]string{"bench", "crites-barto", "--plot", filepath.Join(dir, "a.gif")}, []string{"a.gif", ".svg or .png"}},
		{[]string{"bench", "office14", "--plot", filepath.Join(dir, "none", "a.png")}, []string{"no such file"}},
		{[]string{"bench", "engine", "--plot", filepath.Join(dir, "a.svg")}, []string{"engine", "no arrival rates"}},
		// The journal fails after the plot was opened.
		{[]string{"simulate", "--plot", filepath.Join(dir, "b.svg"), "--journal", filepath.Join(dir, "none", "j")}, []string{"--journal"}},
	}
	for _, c := range cases {
		code, out, errs := performed(t, c.args...)
		if code != exitBadInput || out != "" || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: exit code %d: %s%s", c.args, code, out, errs)
		}
		for _, want := range c.says {
			if !strings.Contains(errs, want) {
				t.Errorf("%v: stderr does not say %q: %s", c.args, want, errs)
			}
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// bench draws what it swept, beside its tables.
func TestBenchPlots(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rates.svg")
	code, out, errs := performed(t, "bench", "crites-barto", "--replications", "2", "--dispatcher", "uncoordinated,destination", "--plot", path)
	if code != 0 || errs != "" || !strings.Contains(out, "published SECTOR") {
		t.Fatalf("exit code %d: %s%s", code, out, errs)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">uncoordinated</text>", ">SECTOR</text>", ">mean time to destination, s</text>"} {
		if !bytes.Contains(data, []byte(want)) {
			t.Errorf("the picture has no %s", want)
		}
	}
	if bytes.Contains(data, []byte("destination</text>")) {
		t.Error("the picture shows a dispatcher that the suite's signalling does not allow")
	}
}

// A run that ends early takes its empty plot away, and keeps an older one.
func TestPlotFileOfAFailedRun(t *testing.T) {
	dir := t.TempDir()
	older := filepath.Join(dir, "older.svg")
	if err := os.WriteFile(older, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{older, filepath.Join(dir, "new.svg")} {
		p, err := openPlot(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.close(); err != nil {
			t.Error(err)
		}
	}
	if data, err := os.ReadFile(older); err != nil || string(data) != "older" {
		t.Errorf("the older plot holds %q, %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "new.svg")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the new plot: %v, want that there is none", err)
	}
}

// Long work shows on a terminal how far it is; short work, and work whose errors
// go to a file, shows nothing.
func TestProgress(t *testing.T) {
	t.Setenv("TERM", "xterm")
	shown := func(work func(tty *os.File)) string {
		terminal, tty, err := pty.Open()
		if err != nil {
			t.Skipf("no pseudo terminal: %v", err)
		}
		var out bytes.Buffer
		var reader sync.WaitGroup
		reader.Go(func() { _, _ = out.ReadFrom(terminal) })
		work(tty)
		tty.Close()
		reader.Wait()
		terminal.Close()
		return out.String()
	}
	steps := func(p *progress) {
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for range 25 {
					p.step()
				}
			})
		}
		workers.Wait()
		p.end()
		p.end()
	}
	long := shown(func(tty *os.File) {
		p := newProgress(tty, "passengers", 200)
		p.from = time.Time{}
		steps(p)
	})
	if !strings.Contains(long, "passengers") || !strings.Contains(long, "/200") {
		t.Errorf("long work shows %q", long)
	}
	if short := shown(func(tty *os.File) { steps(newProgress(tty, "passengers", 200)) }); short != "" {
		t.Errorf("short work shows %q", short)
	}
	var file bytes.Buffer
	p := newProgress(&file, "passengers", 200)
	p.from = time.Time{}
	steps(p)
	if file.Len() > 0 {
		t.Errorf("what is no terminal gets %q", file.String())
	}
}
