package ui

import (
	"slices"
	"strings"
	"time"
)

// binding is one line of the key table, from which the keys, the hints and the
// help are made.
type binding struct {
	keys  []string  // names as in keyMessage; the first is shown in the hints
	hint  string    // one word for the bottom line; "" leaves it out
	help  string    // "" for what another line of the help says as well
	pages []page    // where it works; empty: everywhere
	when  situation // in which it works; 0: always
	press func(*model) []effect
}

// situation is a set of what may be on show.
type situation uint8

const (
	present   situation = 1 << iota // a running group as it is
	past                            // a running group as it was
	recording                       // a journal
)

// situation is what is on show now.
func (m *model) situation() situation {
	switch {
	case m.player == nil:
		return present
	case m.player.overRecording():
		return recording
	}
	return past
}

// bindings is the key table.
func bindings() []binding {
	lists := []page{groupPage, carsPage, alarmsPage, eventsPage, tasksPage, carPage, whyPage}
	return []binding{
		{keys: []string{"1", "2", "3", "4", "5", "6"}, hint: "pages", help: "go to a page", press: nil},
		{keys: []string{"tab"}, help: "next page (shift: before)", press: func(m *model) []effect { return m.turn(1) }},
		{keys: []string{"shift-tab"}, help: "", press: func(m *model) []effect { return m.turn(-1) }},
		{keys: []string{"down", "j"}, help: "select the next line", pages: lists, press: func(m *model) []effect { return m.move(1) }},
		{keys: []string{"up", "k"}, help: "select the line before", pages: lists, press: func(m *model) []effect { return m.move(-1) }},
		{keys: []string{"v"}, hint: "view", help: "shafts, or an overview", pages: []page{groupPage}, press: (*model).nextView},
		{keys: []string{"m"}, help: "to scale, or to index", pages: []page{groupPage}, press: (*model).toggleScale},
		{keys: []string{"f"}, help: "floors follow the car", pages: []page{groupPage}, press: (*model).followCar},
		{keys: []string{"pgup"}, help: "ten floors or lines up", pages: []page{groupPage}, press: func(m *model) []effect { return m.scroll(10) }},
		{keys: []string{"pgdn"}, help: "ten floors or lines down", pages: []page{groupPage}, press: func(m *model) []effect { return m.scroll(-10) }},
		{keys: []string{"pgdn"}, help: "", pages: lists[1:], press: func(m *model) []effect { return m.move(10) }},
		{keys: []string{"pgup"}, help: "", pages: lists[1:], press: func(m *model) []effect { return m.move(-10) }},
		{keys: []string{"enter"}, hint: "car", help: "show the selected car", pages: []page{groupPage, carsPage, eventsPage}, press: (*model).enter},
		{keys: []string{"w"}, hint: "why", help: "why calls have their cars", pages: []page{groupPage, carsPage, carPage}, when: present, press: (*model).askWhy},
		{keys: []string{"esc"}, help: "back, drop the filter", press: (*model).back},
		{keys: []string{"space"}, hint: "pause", help: "hold the picture, or go on", when: present, press: (*model).pause},
		{keys: []string{"space"}, hint: "play", help: "play, or stop", when: past | recording, press: (*model).pause},
		{keys: []string{"n", "end"}, hint: "now", help: "return to now", when: past, press: (*model).returnToNow},
		{keys: []string{":"}, hint: "command", help: "give a command", when: present | past, press: (*model).askCommand},
		{keys: []string{"left"}, hint: "back", help: "10 seconds back", press: func(m *model) []effect { return m.skip(-10 * time.Second) }},
		{keys: []string{"right"}, hint: "10 s on", help: "10 seconds on", when: past | recording, press: func(m *model) []effect { return m.skip(10 * time.Second) }},
		{keys: []string{"["}, help: "5 minutes back", press: func(m *model) []effect { return m.skip(-5 * time.Minute) }},
		{keys: []string{"]"}, help: "5 minutes on", when: past | recording, press: func(m *model) []effect { return m.skip(5 * time.Minute) }},
		{keys: []string{","}, help: "back by one event", press: func(m *model) []effect { return m.stepEvents(-1) }},
		{keys: []string{"."}, hint: "step", help: "on by one event", when: past | recording, press: func(m *model) []effect { return m.stepEvents(1) }},
		{keys: []string{"home"}, help: "to the beginning", press: (*model).toBegin},
		{keys: []string{"end"}, help: "to the end", when: recording, press: (*model).toEnd},
		{keys: []string{"+", "="}, hint: "faster", help: "play twice as fast", when: past | recording, press: func(m *model) []effect { return m.player.gear(2) }},
		{keys: []string{"-"}, help: "play half as fast", when: past | recording, press: func(m *model) []effect { return m.player.gear(0.5) }},
		{keys: []string{"a"}, hint: "ack", help: "acknowledge this alarm", pages: []page{alarmsPage}, when: present | past, press: (*model).acknowledge},
		{keys: []string{"A"}, help: "acknowledge all alarms", when: present | past, press: (*model).acknowledgeAll},
		{keys: []string{"/"}, hint: "filter", help: "filter: word !word car:A", pages: []page{alarmsPage, eventsPage, tasksPage}, press: (*model).askFilter},
		{keys: []string{"e"}, hint: "kinds", help: "choose the kinds of events", pages: []page{eventsPage}, press: (*model).nextKinds},
		{keys: []string{"f"}, hint: "follow", help: "keep to the newest event", pages: []page{eventsPage}, press: (*model).toggleFollow},
		{keys: []string{"s"}, hint: "sort", help: "sort by the next column", pages: []page{carsPage}, press: (*model).nextSort},
		{keys: []string{"b"}, help: "next building", when: present | past, press: (*model).nextSite},
		{keys: []string{"t"}, help: "next theme", press: (*model).nextTheme},
		{keys: []string{"S"}, help: "write the screen to a file", press: func(*model) []effect { return []effect{exportEffect{}} }},
		{keys: []string{"ctrl-l"}, help: "draw everything again", press: func(*model) []effect { return []effect{redrawEffect{}} }},
		{keys: []string{"ctrl-z"}, help: "suspend the dashboard", press: func(*model) []effect { return []effect{suspendEffect{}} }},
		{keys: []string{"?"}, hint: "help", help: "this help", press: (*model).toggleHelp},
		{keys: []string{"q", "ctrl-c"}, hint: "quit", help: "quit", press: func(*model) []effect { return []effect{quitEffect{}} }},
	}
}

// works reports whether the binding means something now.
func (b *binding) works(m *model) bool {
	if b.when != 0 && b.when&m.situation() == 0 {
		return false
	}
	return len(b.pages) == 0 || slices.Contains(b.pages, m.page)
}

// keyNames says the binding's keys in one word.
func (b *binding) keyNames(g *glyphs) string {
	if len(b.keys) > 2 {
		return b.keys[0] + "-" + b.keys[len(b.keys)-1]
	}
	names := make([]string, len(b.keys))
	for i, key := range b.keys {
		names[i] = g.key(key)
	}
	return strings.Join(names, " ")
}

// helpSteps are the keys that move the help, and by how many rows.
var helpSteps = map[string]int{"down": 1, "j": 1, "up": -1, "k": -1, "pgdn": 5, "pgup": -5}

// press acts on a key.
func (m *model) press(key string) []effect {
	if m.prompt.open() {
		return m.edit(key)
	}
	if by, scrolls := helpSteps[key]; m.help && scrolls {
		m.helpAt = min(max(m.helpAt+by, 0), len(m.helpLines())-1)
		return nil
	}
	if m.help && key != "?" && key != "q" && key != "ctrl-c" {
		m.help = false
		if key == "esc" {
			return nil
		}
	}
	if len(key) == 1 && key[0] >= '1' && key[0] <= '0'+byte(numbered) {
		m.page = page(key[0] - '1')
		return nil
	}
	for _, b := range bindings() {
		if b.press != nil && slices.Contains(b.keys, key) && b.works(m) {
			return b.press(m)
		}
	}
	return nil
}
