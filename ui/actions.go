package ui

import (
	"cmp"
	"slices"

	"elevator/internal/elevator"
	"elevator/internal/operator"
)

func (m *model) turn(by int) []effect {
	m.page = page((int(min(m.page, numbered-1)) + by + int(numbered)) % int(numbered))
	return nil
}

// move moves the selection of the page on show by some lines.
func (m *model) move(by int) []effect {
	switch m.page {
	case groupPage, carsPage, carPage:
		order := m.carOrder()
		m.car = step(order, m.selectedCar(), by, func(c elevator.CarIndex) elevator.CarIndex { return c })
	case alarmsPage:
		m.alarm = step(m.shownAlarms(), m.alarm, by, func(a elevator.Alarm) string { return alarmKey(&a) })
	case whyPage:
		m.call = step(m.shown().reasons.Calls, m.call, by, func(a operator.Assignment) string { return assignmentKey(&a) })
	case tasksPage:
		m.task = step(m.shownTasks(), m.task, by, func(t task) string { return t.Name })
	case eventsPage:
		events := m.shownEvents()
		if m.event == 0 && len(events) > 0 {
			m.event = events[len(events)-1].Seq
		}
		m.event = step(events, m.event, by, func(e *elevator.Event) uint64 { return e.Seq })
		m.follow = len(events) > 0 && m.event == events[len(events)-1].Seq
		if m.follow {
			m.event = 0
		}
	}
	return nil
}

// step returns the identity of the item that is some places after the selected
// one; where none is selected, the first counts as selected, as it is shown.
func step[T any, ID comparable](list []T, selected ID, by int, id func(T) ID) ID {
	if len(list) == 0 {
		return selected
	}
	i := max(slices.IndexFunc(list, func(t T) bool { return id(t) == selected }), 0)
	return id(list[min(max(i+by, 0), len(list)-1)])
}

func (m *model) enter() []effect {
	if m.page == eventsPage {
		for _, e := range m.shownEvents() {
			if e.Seq == m.event && e.Car != elevator.NoCar {
				m.car = e.Car
			}
		}
	}
	m.page = carPage
	return nil
}

func (m *model) back() []effect {
	switch {
	case m.filter != "":
		m.filter = ""
	case m.page == carPage || m.page == whyPage:
		m.page = groupPage
	case m.situation() == past:
		m.player = nil
	}
	return nil
}

func (m *model) askFilter() []effect {
	m.prompt = prompt{kind: promptFilter, text: []rune(m.filter), cursor: len([]rune(m.filter))}
	return nil
}

func (m *model) askCommand() []effect {
	if m.mayCommand() {
		m.prompt = prompt{kind: promptCommand, place: len(m.past)}
	}
	return nil
}

// mayCommand reports whether this desk can give a command now, and says why
// not.
func (m *model) mayCommand() bool {
	switch {
	case m.readOnly:
		m.say("read-only: this dashboard gives no commands")
	case m.player != nil:
		m.say("commands are for the present: n returns to it")
	case m.live().link != linkLive:
		m.say("no commands while the connection is lost")
	default:
		return true
	}
	return false
}

func (m *model) nextKinds() []effect {
	m.groups = (m.groups + 1) % eventGroups
	return nil
}

func (m *model) toggleFollow() []effect {
	m.follow = !m.follow
	if events := m.shownEvents(); !m.follow && len(events) > 0 {
		m.event = events[len(events)-1].Seq
		return nil
	}
	m.event = 0
	return nil
}

func (m *model) nextSort() []effect {
	m.sortBy = (m.sortBy + 1) % carColumns
	return nil
}

// acknowledge tells the scheduler that the selected alarm was seen, and so
// every desk and the journal.
func (m *model) acknowledge() []effect {
	alarms := m.shownAlarms()
	i := slices.IndexFunc(alarms, func(a elevator.Alarm) bool { return alarmKey(&a) == m.alarm })
	if i = max(i, 0); i >= len(alarms) {
		m.say("there is no alarm to acknowledge")
		return nil
	}
	a := &alarms[i]
	m.alarm = alarmKey(a)
	switch {
	case a.Acknowledged:
		m.say("acknowledged already by " + alarmSeen(a))
	case !m.mayCommand():
	case m.live().isOwn(a):
		m.live().acknowledgeOwn(a.Name)
	default:
		return m.send(acknowledgement(a.Name))
	}
	return nil
}

// acknowledgeAll is acknowledge for all alarms at once.
func (m *model) acknowledgeAll() []effect {
	if !m.mayCommand() {
		return nil
	}
	s := m.live()
	s.acknowledgeOwn(elevator.AllAlarms)
	if _, _, unseen := s.alarmCounts(); unseen == 0 {
		m.say("there is no alarm to acknowledge")
		return nil
	}
	return m.send(acknowledgement(elevator.AllAlarms))
}

func acknowledgement(name string) operator.Command {
	return operator.Command{Name: elevator.AcknowledgeAlarm, Alarm: name}
}

func (m *model) nextSite() []effect {
	if len(m.sites) == 1 {
		m.say("this dashboard shows one building only")
		return nil
	}
	m.current, m.player = (m.current+1)%len(m.sites), nil
	m.car, m.alarm, m.event, m.task, m.keepFloors = 0, "", 0, "", false
	return nil
}

func (m *model) nextTheme() []effect {
	m.theme = (m.theme + 1) % len(themes)
	m.say("theme: " + themes[m.theme].name)
	return nil
}

func (m *model) nextView() []effect {
	m.view = (m.view + 1) % groupViews
	m.say("view: " + m.view.String())
	return nil
}

func (m *model) toggleScale() []effect {
	m.toScale = !m.toScale
	m.say(map[bool]string{true: "shafts to scale", false: "shafts to index"}[m.toScale])
	return nil
}

// followCar shows the floors around the selected car again.
func (m *model) followCar() []effect {
	m.keepFloors = false
	m.say("the shafts follow the selected car")
	return nil
}

// scroll shows the floors some way up or down.
func (m *model) scroll(by elevator.FloorIndex) []effect {
	s := m.shown()
	if s.group == nil {
		return nil
	}
	if !m.keepFloors {
		m.keepFloors, m.lowest = true, max(s.floorOf(m.selectedCar())-10, 0)
	}
	m.lowest = min(max(m.lowest+by, 0), elevator.FloorIndex(len(s.group.Waiting)-1))
	return nil
}

func (m *model) toggleHelp() []effect {
	m.help, m.helpAt = !m.help, 0
	return nil
}

// carColumn is a column of the car table that it can be sorted by.
type carColumn uint8

const (
	byCar carColumn = iota
	byFloor
	byLoad
	byCalls
	byStarts
	carColumns
)

// String names the column.
func (c carColumn) String() string { return [...]string{"car", "floor", "load", "calls", "starts"}[c] }

// carOrder returns the cars in the order of the table: by the chosen column,
// the highest first, and by their place in the building file.
func (m *model) carOrder() []elevator.CarIndex {
	s := m.shown()
	if s.group == nil {
		return nil
	}
	order := make([]elevator.CarIndex, len(s.group.Cars))
	for i := range order {
		order[i] = elevator.CarIndex(i)
	}
	if m.page != carsPage || m.sortBy == byCar {
		return order
	}
	value := func(c elevator.CarIndex) float64 {
		car := &s.group.Cars[c]
		switch m.sortBy {
		case byFloor:
			return s.position(c)
		case byLoad:
			return s.loadRatio(c)
		case byCalls:
			return float64(car.CarCalls.Len() + len(s.assigned(c)))
		}
		return float64(car.Starts)
	}
	slices.SortStableFunc(order, func(a, b elevator.CarIndex) int { return cmp.Compare(value(b), value(a)) })
	return order
}

// mouse selects what was clicked, and moves the selection with the wheel.
func (m *model) mouse(msg mouseMessage) []effect {
	if msg.wheel != 0 {
		return m.move(msg.wheel)
	}
	if hit, ok := m.hit(msg); ok {
		if m.car == hit && m.page != carPage {
			m.page = carPage
		}
		m.car = hit
	}
	return nil
}
