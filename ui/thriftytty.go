package ui

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"
)

// openScreen opens the process's terminal.
func openScreen() (tcell.Screen, error) {
	tty, err := tcell.NewDevTty()
	if err != nil {
		return nil, err
	}
	return tcell.NewTerminfoScreenFromTty(newThriftyTty(tty))
}

// thriftyTty is a terminal to which only differences of style are sent. The
// library resets the style and names both colours wherever one changes, which
// doubles the bytes of a small change on a theme with a ground of its own.
type thriftyTty struct {
	tcell.Tty
	wanted, sent pen
	known        bool // sent is what the terminal has
	ascii        bool // the terminal was told to use its usual characters
	hidden       bool // the cursor is known to be hidden
	output       []byte
}

// pen is the style in which a terminal writes: SGR parameters.
type pen struct {
	colours    [2]string // foreground and ground; "" is the terminal's own
	attributes [len(attributeCodes)]bool
}

// attributeCodes switch the attributes of a pen on; those of offCodes switch
// them off, bold and dim together.
var (
	attributeCodes = [...]string{"1", "2", "3", "4", "5", "7", "9"}
	offCodes       = [...]string{"22", "22", "23", "24", "25", "27", "29"}
	ownCodes       = [...]string{"39", "49"}
)

func newThriftyTty(tty tcell.Tty) *thriftyTty { return &thriftyTty{Tty: tty} }

// Start takes the terminal, of whose state nothing is known then.
func (t *thriftyTty) Start() error {
	t.forget()
	return t.Tty.Start()
}

func (t *thriftyTty) forget() { t.known, t.ascii, t.hidden = false, false, false }

// Write sends what a frame needs. Control sequences come whole, as the library
// writes them.
func (t *thriftyTty) Write(p []byte) (int, error) {
	t.output = t.output[:0]
	for rest := p; len(rest) > 0; {
		n := sequenceLength(rest)
		t.pass(rest[:n])
		rest = rest[n:]
	}
	if len(t.output) == 0 {
		return len(p), nil
	}
	if _, err := t.Tty.Write(t.output); err != nil {
		return 0, err
	}
	return len(p), nil
}

// sequenceLength returns the length of the control sequence, the control
// character or the run of text that p begins with.
func sequenceLength(p []byte) int {
	switch {
	case p[0] != 0x1b && p[0] < ' ':
		return 1
	case p[0] != 0x1b:
		if n := bytes.IndexFunc(p, func(r rune) bool { return r < ' ' }); n > 0 {
			return n
		}
		return len(p)
	case len(p) > 1 && p[1] == '[':
		if n := bytes.IndexFunc(p[2:], func(r rune) bool { return r >= '@' && r <= '~' }); n >= 0 {
			return 2 + n + 1
		}
		return len(p)
	case len(p) > 1 && p[1] == ']':
		if n := bytes.IndexAny(p, "\a\\"); n > 0 {
			return n + 1
		}
		return len(p)
	case len(p) > 1 && p[1] == '(':
		return min(3, len(p))
	}
	return min(2, len(p))
}

// pass sends a sequence, or notes it where nothing has to be sent yet.
func (t *thriftyTty) pass(sequence []byte) {
	switch text := string(sequence); {
	case text == "\x1b(B":
		if t.ascii {
			return
		}
		t.ascii = true
	case text == "\x1b[?25l":
		if t.hidden {
			return
		}
		t.hidden = true
	case text == "\x1b[?25h":
		t.hidden = false
	case strings.HasPrefix(text, "\x1b("):
		t.ascii = false
	case strings.HasPrefix(text, "\x1b[") && text[len(text)-1] == 'm':
		if t.wanted.apply(text[2 : len(text)-1]) {
			return
		}
		t.known = false // a style that is not understood
	case strings.HasPrefix(text, "\x1b[") && text[len(text)-1] == 'H', text[0] < ' ' && text[0] != 0x1b, strings.HasPrefix(text, "\x1b[?"):
	case strings.HasPrefix(text, "\x1b"):
		t.sendStyle() // a screen is cleared in its ground
		defer t.forget()
	default:
		t.sendStyle()
	}
	t.output = append(t.output, sequence...)
}

// sendStyle brings the terminal's pen to what is wanted.
func (t *thriftyTty) sendStyle() {
	if t.known && t.sent == t.wanted {
		return
	}
	codes := append([]string{"0"}, pen{}.to(&t.wanted)...)
	if change := t.sent.to(&t.wanted); t.known && len(strings.Join(change, ";")) < len(strings.Join(codes, ";")) {
		codes = change
	}
	t.output = append(t.output, "\x1b["+strings.Join(codes, ";")+"m"...)
	t.sent, t.known = t.wanted, true
}

// to returns the codes that lead from one pen to another.
func (p pen) to(other *pen) []string {
	var codes []string
	for i, on := range p.attributes {
		if on && !other.attributes[i] && !slices.Contains(codes, offCodes[i]) {
			codes = append(codes, offCodes[i])
		}
	}
	dropped := slices.Contains(codes, offCodes[0])
	for i, on := range other.attributes {
		if on && (!p.attributes[i] || dropped && offCodes[i] == offCodes[0]) {
			codes = append(codes, attributeCodes[i])
		}
	}
	for i, colour := range other.colours {
		switch colour {
		case p.colours[i]:
		case "":
			codes = append(codes, ownCodes[i])
		default:
			codes = append(codes, colour)
		}
	}
	return codes
}

// apply changes the pen by the parameters of a control sequence, and reports
// whether all of them were understood.
func (p *pen) apply(parameters string) bool {
	codes := strings.Split(parameters, ";")
	for len(codes) > 0 {
		code, taken := codes[0], 1
		number, err := strconv.Atoi(code)
		switch {
		case code == "" || code == "0":
			*p = pen{}
		case err != nil:
			return false
		case slices.Contains(attributeCodes[:], code):
			p.attributes[slices.Index(attributeCodes[:], code)] = true
		case number == 38 || number == 48:
			if taken = colourCodes(codes); taken == 0 {
				return false
			}
			p.colours[(number-38)/10] = strings.Join(codes[:taken], ";")
		case number >= 30 && number < 38 || number >= 90 && number < 98:
			p.colours[0] = code
		case number >= 40 && number < 48 || number >= 100 && number < 108:
			p.colours[1] = code
		case number == 39 || number == 49:
			p.colours[(number-39)/10] = ""
		default:
			return false
		}
		codes = codes[taken:]
	}
	return true
}

// colourCodes returns how many codes name the colour that they begin with.
func colourCodes(codes []string) int {
	switch {
	case len(codes) >= 3 && codes[1] == "5":
		return 3
	case len(codes) >= 5 && codes[1] == "2":
		return 5
	}
	return 0
}
