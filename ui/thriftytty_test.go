package ui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hinshun/vt10x"
	"pgregory.net/rapid"
)

// Whatever styles a program goes through, the terminal shows the same as if it
// had been sent everything.
func TestThriftyTtyShowsTheSame(t *testing.T) {
	style := rapid.SampledFrom([]string{
		"\x1b(B\x1b[m", "\x1b(B\x1b[m\x1b[1m", "\x1b(B\x1b[m\x1b[38;5;252;48;5;233m", "\x1b(B\x1b[m\x1b[38;5;252;48;5;233m\x1b[1m\x1b[7m",
		"\x1b[m\x1b[31m\x1b[4m", "\x1b[97;40m", "\x1b[38;2;1;2;3m", "\x1b[39;49m", "\x1b[5m", "\x1b[0;3m", "\x1b[48;5;17m", "\x1b[1;2m",
	})
	text := rapid.SampledFrom([]string{"a", "[ 3]", "│", "ロ", "\x1b[2;3H", "\x1b[5;1H", "\x1b[H\x1b[J", "\x1b[?25l", "\x1b[?25h", "\r", "\x1b[?2026h"})
	rapid.Check(t, func(t *rapid.T) {
		plain, thrifty := newTty(20, 6), newTty(20, 6)
		filter := newThriftyTty(thrifty)
		for range rapid.IntRange(1, 30).Draw(t, "frames") {
			var frame strings.Builder
			for range rapid.IntRange(1, 6).Draw(t, "parts") {
				frame.WriteString(style.Draw(t, "style"))
				frame.WriteString(text.Draw(t, "text"))
			}
			_, _ = plain.Write([]byte(frame.String()))
			if n, err := filter.Write([]byte(frame.String())); n != frame.Len() || err != nil {
				t.Fatalf("wrote %d of %d bytes: %v", n, frame.Len(), err)
			}
		}
		if got, want := cells(thrifty), cells(plain); got != want {
			t.Errorf("shows\n%s\nwant\n%s\nfor %q, sent %q", got, want, plain.all.String(), thrifty.all.String())
		}
	})
}

// cells lists what a terminal shows, with its colours and attributes.
func cells(f *fakeTty) string {
	term := vt10x.New(vt10x.WithSize(f.width, f.height))
	_, _ = term.Write(f.all.Bytes())
	var b strings.Builder
	for y := range f.height {
		for x := range f.width {
			g := term.Cell(x, y)
			fmt.Fprintf(&b, "%c %d %d %d|", g.Char, g.Mode, g.FG, g.BG)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestThriftyTtySendsDifferences(t *testing.T) {
	tty := newTty(20, 6)
	filter := newThriftyTty(tty)
	for _, test := range []struct{ write, want string }{
		{"\x1b(B\x1b[m\x1b[38;5;2;48;5;3mx", "\x1b(B\x1b[0;38;5;2;48;5;3mx"},
		{"\x1b(B\x1b[m\x1b[38;5;2;48;5;3m\x1b[1mx", "\x1b[1mx"},
		{"\x1b(B\x1b[m\x1b[38;5;9;48;5;3mx", "\x1b[22;38;5;9mx"},
		{"\x1b(B\x1b[mx", "\x1b[0mx"},
		{"\x1b[1m\x1b[2;2H\x1b[m", "\x1b[2;2H"},
		{"\x1b[4:3mx", "\x1b[4:3m\x1b[0mx"},
		{"\x1b[?25l", "\x1b[?25l"},
		{"\x1b[?25l", ""},
		{"\x1b]0;title\ax", "\x1b]0;title\a\x1b[0mx"},
	} {
		tty.written.Reset()
		_, _ = filter.Write([]byte(test.write))
		if got := tty.written.String(); got != test.want {
			t.Errorf("%q became %q, want %q", test.write, got, test.want)
		}
	}
}
