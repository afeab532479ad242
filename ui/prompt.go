package ui

import (
	"cmp"
	"slices"
	"strings"

	"elevator/internal/operator"
)

// promptKind is what a line of input is for.
type promptKind uint8

const (
	promptNone promptKind = iota
	promptFilter
	promptCommand
	promptConfirm
)

// prompt is a line that the operator types.
type prompt struct {
	kind    promptKind
	text    []rune
	cursor  int      // before this rune
	place   int      // in the past commands; their number: the line being typed
	choices []string // completions to go through with tab
	choice  int
	stem    string           // what stays before the completed word
	command operator.Command // promptConfirm: what waits for the word
	word    string           // promptConfirm: to be typed
	warning string           // promptConfirm: what the command does
}

func (p *prompt) open() bool { return p.kind != promptNone }

func (p *prompt) string() string { return string(p.text) }

func (p *prompt) set(text string) { p.text, p.cursor = []rune(text), len([]rune(text)) }

// edit acts on a key while a line is typed.
func (m *model) edit(key string) []effect {
	p := &m.prompt
	if key != "tab" {
		p.choices = nil
	}
	switch key {
	case "esc", "ctrl-c":
		*p = prompt{}
		return nil
	case "enter":
		return m.enterLine()
	case "backspace":
		if p.cursor > 0 {
			p.text = slices.Delete(p.text, p.cursor-1, p.cursor)
			p.cursor--
		} else if len(p.text) == 0 {
			*p = prompt{}
		}
	case "delete":
		if p.cursor < len(p.text) {
			p.text = slices.Delete(p.text, p.cursor, p.cursor+1)
		}
	case "left":
		p.cursor = max(p.cursor-1, 0)
	case "right":
		p.cursor = min(p.cursor+1, len(p.text))
	case "home", "ctrl-a":
		p.cursor = 0
	case "end", "ctrl-e":
		p.cursor = len(p.text)
	case "ctrl-u":
		p.text, p.cursor = p.text[p.cursor:], 0
	case "ctrl-w":
		start := p.cursor
		for start > 0 && p.text[start-1] == ' ' {
			start--
		}
		for start > 0 && p.text[start-1] != ' ' {
			start--
		}
		p.text, p.cursor = slices.Delete(p.text, start, p.cursor), start
	case "up", "down":
		m.recall(key)
	case "tab":
		m.complete()
	case "space":
		p.insert(' ')
	default:
		if r := []rune(key); len(r) == 1 {
			p.insert(r[0])
		}
	}
	if p.kind == promptFilter {
		m.filter = filter(p.string())
	}
	return nil
}

func (p *prompt) insert(r rune) {
	if len(p.text) < 200 {
		p.text = slices.Insert(p.text, p.cursor, r)
		p.cursor++
	}
}

// recall goes through the commands given before.
func (m *model) recall(key string) {
	p := &m.prompt
	if p.kind != promptCommand {
		return
	}
	if key == "up" {
		p.place = max(p.place-1, 0)
	} else {
		p.place = min(p.place+1, len(m.past))
	}
	if p.place == len(m.past) {
		p.set("")
	} else {
		p.set(m.past[p.place])
	}
}

// complete replaces the last word by what it may become; pressed again, by the
// next possibility.
func (m *model) complete() {
	p := &m.prompt
	if p.kind != promptCommand || m.shown().building == nil {
		return
	}
	if p.choices == nil {
		line := p.string()
		cut := strings.LastIndexByte(line, ' ') + 1
		if quote := strings.LastIndexByte(line, '"'); strings.Count(line, `"`)%2 == 1 {
			cut = quote // an open quotation mark
		}
		p.stem = line[:cut]
		for _, word := range completions(m.shown(), splitLine(p.stem)) {
			if strings.HasPrefix(word, line[cut:]) {
				p.choices = append(p.choices, word)
			}
		}
		p.choice = -1
	}
	if len(p.choices) == 0 {
		return
	}
	p.choice = (p.choice + 1) % len(p.choices)
	text := p.stem + p.choices[p.choice]
	if len(p.choices) == 1 {
		text += " "
	}
	p.set(text)
	if len(p.choices) == 1 {
		p.choices = nil
	}
}

// enterLine acts on a finished line.
func (m *model) enterLine() []effect {
	p := m.prompt
	m.prompt = prompt{}
	switch p.kind {
	case promptConfirm:
		if p.string() != p.word {
			m.say("not confirmed: nothing was done")
			return nil
		}
		return m.send(p.command)
	case promptCommand:
		line := strings.TrimSpace(p.string())
		if line == "" {
			return nil
		}
		if len(m.past) == 0 || m.past[len(m.past)-1] != line {
			m.past = append(m.past, line)
		}
		return m.giveCommand(line)
	}
	return nil
}

// giveCommand reads a command line, and asks for confirmation where the
// command may strand people.
func (m *model) giveCommand(line string) []effect {
	if line == "q" || line == "quit" {
		return []effect{quitEffect{}}
	}
	command, danger, err := readCommand(m.live(), line)
	if err != nil {
		m.say(err.Error())
		return nil
	}
	if danger != "" {
		word := cmp.Or(command.Car, command.Task, m.live().building.Name)
		m.prompt = prompt{kind: promptConfirm, command: command, word: word, warning: danger}
		return nil
	}
	return m.send(command)
}

// send gives a command, unless the connection was lost meanwhile.
func (m *model) send(c operator.Command) []effect {
	if m.live().link != linkLive {
		m.say("no commands while the connection is lost")
		return nil
	}
	m.say("sent: " + c.Name)
	return []effect{commandEffect{m.current, c}}
}
