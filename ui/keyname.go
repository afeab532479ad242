package ui

import (
	"unicode"

	"github.com/gdamore/tcell/v2"
)

// specialKeys are the names of the keys that are no characters, as the key table
// has them.
var specialKeys = map[tcell.Key]string{
	tcell.KeyUp: "up", tcell.KeyDown: "down", tcell.KeyLeft: "left", tcell.KeyRight: "right",
	tcell.KeyPgUp: "pgup", tcell.KeyPgDn: "pgdn", tcell.KeyHome: "home", tcell.KeyEnd: "end",
	tcell.KeyEnter: "enter", tcell.KeyTab: "tab", tcell.KeyBacktab: "shift-tab", tcell.KeyEscape: "esc",
	tcell.KeyBackspace: "backspace", tcell.KeyBackspace2: "backspace", tcell.KeyDelete: "delete",
	tcell.KeyCtrlA: "ctrl-a", tcell.KeyCtrlC: "ctrl-c", tcell.KeyCtrlE: "ctrl-e", tcell.KeyCtrlL: "ctrl-l",
	tcell.KeyCtrlU: "ctrl-u", tcell.KeyCtrlW: "ctrl-w", tcell.KeyCtrlZ: "ctrl-z",
}

// keyName returns the key table's name of a key, or "" for one it does not
// know.
func keyName(e *tcell.EventKey) string {
	if e.Key() != tcell.KeyRune {
		return specialKeys[e.Key()]
	}
	switch r := e.Rune(); {
	case e.Modifiers()&(tcell.ModAlt|tcell.ModMeta) != 0, !unicode.IsPrint(r):
		return ""
	case r == ' ':
		return "space"
	default:
		return string(r)
	}
}
