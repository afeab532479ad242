package ui

import (
	"slices"
	"strings"
)

// binding is one line of the key table, from which the keys, the hints and the
// help are made.
type binding struct {
	keys  []string // names as in keyMessage; the first is shown in the hints
	hint  string   // one word for the bottom line; "" leaves it out
	help  string
	pages []page // where it works; empty: everywhere
	tape  bool   // only over a recording
	live  bool   // only over a live group
	press func(*model) []effect
}

// bindings is the key table.
func bindings() []binding {
	lists := []page{groupPage, carsPage, alarmsPage, eventsPage, tasksPage, carPage}
	return []binding{
		{keys: []string{"1", "2", "3", "4", "5", "6"}, hint: "pages", help: "go to a page", press: nil},
		{keys: []string{"tab"}, help: "next page", press: func(m *model) []effect { return m.turn(1) }},
		{keys: []string{"shift-tab"}, help: "page before", press: func(m *model) []effect { return m.turn(-1) }},
		{keys: []string{"down", "j"}, help: "select the next line", pages: lists, press: func(m *model) []effect { return m.move(1) }},
		{keys: []string{"up", "k"}, help: "select the line before", pages: lists, press: func(m *model) []effect { return m.move(-1) }},
		{keys: []string{"pgdn"}, help: "ten lines down", pages: lists, press: func(m *model) []effect { return m.move(10) }},
		{keys: []string{"pgup"}, help: "ten lines up", pages: lists, press: func(m *model) []effect { return m.move(-10) }},
		{keys: []string{"enter"}, hint: "car", help: "show the selected car", pages: []page{groupPage, carsPage, eventsPage}, press: (*model).enter},
		{keys: []string{"esc"}, help: "back; drop the filter", press: (*model).back},
		{keys: []string{"space"}, hint: "pause", help: "freeze, or go on", live: true, press: (*model).pause},
		{keys: []string{"space"}, hint: "play", help: "play, or stop", tape: true, press: (*model).play},
		{keys: []string{"."}, hint: "step", help: "go on by one event", tape: true, press: func(m *model) []effect { return m.player.step(1) }},
		{keys: []string{","}, help: "go back by one event", tape: true, press: func(m *model) []effect { return m.player.step(-1) }},
		{keys: []string{"right"}, hint: "10 s on", help: "10 seconds on", tape: true, press: func(m *model) []effect { return m.player.skip(10) }},
		{keys: []string{"left"}, help: "10 seconds back", tape: true, press: func(m *model) []effect { return m.player.skip(-10) }},
		{keys: []string{"]"}, help: "5 minutes on", tape: true, press: func(m *model) []effect { return m.player.skip(300) }},
		{keys: []string{"["}, help: "5 minutes back", tape: true, press: func(m *model) []effect { return m.player.skip(-300) }},
		{keys: []string{"home"}, help: "to the beginning", tape: true, press: func(m *model) []effect { return m.player.ends(false) }},
		{keys: []string{"end"}, help: "to the end", tape: true, press: func(m *model) []effect { return m.player.ends(true) }},
		{keys: []string{"+", "="}, hint: "faster", help: "play twice as fast", tape: true, press: func(m *model) []effect { return m.player.gear(2) }},
		{keys: []string{"-"}, help: "play half as fast", tape: true, press: func(m *model) []effect { return m.player.gear(0.5) }},
		{keys: []string{"/"}, hint: "filter", help: "filter: word !word car:A", pages: []page{alarmsPage, eventsPage, tasksPage}, press: (*model).askFilter},
		{keys: []string{"e"}, hint: "kinds", help: "choose the kinds of events", pages: []page{eventsPage}, press: (*model).nextKinds},
		{keys: []string{"f"}, hint: "follow", help: "keep to the newest event", pages: []page{eventsPage}, press: (*model).toggleFollow},
		{keys: []string{"s"}, hint: "sort", help: "sort by the next column", pages: []page{carsPage}, press: (*model).nextSort},
		{keys: []string{"a"}, hint: "ack", help: "acknowledge this alarm", pages: []page{alarmsPage}, press: (*model).acknowledge},
		{keys: []string{"A"}, help: "acknowledge all alarms", press: (*model).acknowledgeAll},
		{keys: []string{":"}, hint: "command", help: "give a command", live: true, press: (*model).askCommand},
		{keys: []string{"b"}, help: "next building", live: true, press: (*model).nextSite},
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
	if b.tape && m.player == nil || b.live && m.player != nil {
		return false
	}
	return len(b.pages) == 0 || slices.Contains(b.pages, m.page)
}

// keyNames says the binding's keys in one word.
func (b *binding) keyNames() string {
	if len(b.keys) > 2 {
		return b.keys[0] + "-" + b.keys[len(b.keys)-1]
	}
	return strings.Join(b.keys, " ")
}

// press acts on a key.
func (m *model) press(key string) []effect {
	if m.prompt.open() {
		return m.edit(key)
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
