package ui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// theme is how the classes look.
//
// Invariant: nothing is said by colour alone; every class that matters differs
// by an attribute or by its text as well, so that mono loses no information.
type theme struct {
	name   string
	styles [classes]tcell.Style
}

// flat reports whether a blank of this class looks like any other: no bar, no
// line under it.
func (t *theme) flat(class role) bool {
	_, ground, attributes := t.styles[class].Decompose()
	_, plainGround, _ := t.styles[plain].Decompose()
	return ground == plainGround && attributes&(tcell.AttrReverse|tcell.AttrUnderline) == 0
}

// themes in the order in which the key t goes through them. The first takes
// the terminal's own colours.
var themes = []theme{
	{"default", ownColours()},
	{"dark", onGround(0xd0d0d0, 0x121212, 0x767676, 0x303030)},
	{"light", onGround(0x262626, 0xfafafa, 0x808080, 0xd7d7d7)},
	{"high-contrast", highContrast()},
	{"mono", mono()},
}

// ownColours uses the terminal's palette, whatever the user made of it.
func ownColours() [classes]tcell.Style {
	d := tcell.StyleDefault
	return [classes]tcell.Style{
		plain: d, faint: d.Dim(true), strong: d.Bold(true), banner: d.Bold(true).Reverse(true),
		keyHint: d.Bold(true), selected: d.Reverse(true), lamp: d.Bold(true),
		warning:  d.Foreground(tcell.ColorOlive).Bold(true),
		alarming: d.Foreground(tcell.ColorMaroon).Bold(true),
		urgent:   d.Foreground(tcell.ColorMaroon).Bold(true).Reverse(true),
		away:     d.Foreground(tcell.ColorOlive).Bold(true).Reverse(true),
	}
}

func onGround(text, ground, quiet, bar int32) [classes]tcell.Style {
	d := tcell.StyleDefault.Foreground(tcell.NewHexColor(text)).Background(tcell.NewHexColor(ground))
	amber, red := tcell.NewHexColor(0xffaf00), tcell.NewHexColor(0xff5f5f)
	if ground > 0x808080 {
		amber, red = tcell.NewHexColor(0x875f00), tcell.NewHexColor(0xaf0000)
	}
	return [classes]tcell.Style{
		plain: d, faint: d.Foreground(tcell.NewHexColor(quiet)), strong: d.Bold(true),
		banner:  d.Background(tcell.NewHexColor(bar)).Bold(true),
		keyHint: d.Bold(true), selected: d.Reverse(true), lamp: d.Bold(true),
		warning: d.Foreground(amber).Bold(true), alarming: d.Foreground(red).Bold(true),
		urgent: d.Foreground(red).Bold(true).Reverse(true), away: d.Foreground(amber).Bold(true).Reverse(true),
	}
}

func highContrast() [classes]tcell.Style {
	d := tcell.StyleDefault.Foreground(tcell.ColorWhite).Background(tcell.ColorBlack)
	return [classes]tcell.Style{
		plain: d, faint: d, strong: d.Bold(true), banner: d.Bold(true).Reverse(true),
		keyHint: d.Bold(true).Underline(true), selected: d.Reverse(true), lamp: d.Bold(true),
		warning: d.Foreground(tcell.ColorYellow).Bold(true), alarming: d.Foreground(tcell.ColorYellow).Bold(true).Underline(true),
		urgent: d.Foreground(tcell.ColorBlack).Background(tcell.ColorYellow).Bold(true), away: d.Bold(true).Underline(true),
	}
}

func mono() [classes]tcell.Style {
	d := tcell.StyleDefault
	return [classes]tcell.Style{
		plain: d, faint: d.Dim(true), strong: d.Bold(true), banner: d.Reverse(true),
		keyHint: d.Bold(true), selected: d.Reverse(true), lamp: d.Bold(true),
		warning: d.Underline(true), alarming: d.Bold(true).Underline(true), urgent: d.Bold(true).Reverse(true),
		away: d.Bold(true).Underline(true),
	}
}

// Themes returns the names of all themes; the first takes the terminal's own
// colours.
func Themes() []string {
	names := make([]string, len(themes))
	for i := range themes {
		names[i] = themes[i].name
	}
	return names
}

// themeIndex returns the place of the theme of that name; "" is the default.
func themeIndex(name string) (int, error) {
	names := Themes()
	if i := slices.Index(names, cmp.Or(name, names[0])); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("theme %q: want one of %s", name, strings.Join(names, ", "))
}

// monoTheme is the place of the theme for terminals without colours.
var monoTheme = len(themes) - 1
