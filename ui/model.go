package ui

import (
	"time"

	"elevator/internal/elevator"
)

// page is one of the dashboard's screens.
type page uint8

const (
	groupPage page = iota
	carsPage
	trafficPage
	alarmsPage
	eventsPage
	tasksPage
	carPage // one car; reached from the others with enter
	whyPage // why landing calls have their cars; reached with w
	pages
)

var pageNames = [...]string{"Group", "Cars", "Traffic", "Alarms", "Events", "Tasks", "Car", "Why"}

// String names the page as the title line does.
func (p page) String() string { return pageNames[p] }

// numbered counts the pages that a digit leads to.
const numbered = carPage

// model is everything the dashboard knows and shows. It is changed by update
// alone, and belongs to the app's goroutine.
//
// Invariant: what is selected is named by identity (the car's index, the
// event's sequence number, the alarm's key, the task's name), never by a row.
type model struct {
	sites   []*site
	current int
	player  *player // what is shown instead, while it is not the present
	wall    time.Time

	page   page
	help   bool
	helpAt int // the first row of the help on show
	car    elevator.CarIndex
	alarm  string
	event  uint64 // 0: the newest
	task   string
	call   string // of the why page
	follow bool   // the event page keeps to the newest

	view       groupView
	toScale    bool                // the shafts are drawn to scale, not to index
	keepFloors bool                // the shafts show the floors from lowest on, not those around the selected car
	lowest     elevator.FloorIndex // of the shafts
	sortBy     carColumn
	groups     eventGroup
	filter     filter
	prompt     prompt
	theme      int
	glyphs     *glyphs

	notice      string // answers the operator's last key
	noticeUntil time.Time
	readOnly    bool     // commands are refused
	past        []string // commands given, the oldest first
}

func newModel(addresses []string) *model {
	m := &model{glyphs: unicodeGlyphs, follow: true}
	for _, a := range addresses {
		m.sites = append(m.sites, &site{address: a})
	}
	return m
}

// live returns the site on show as it is now.
func (m *model) live() *site { return m.sites[m.current] }

// shown returns the site on show: as it is, or as it was at the time that the
// operator went to.
func (m *model) shown() *site {
	if m.player != nil && m.player.site != nil {
		return m.player.site
	}
	return m.live()
}

// selectedCar returns the selected car, or the first where the building on show
// has no such car.
func (m *model) selectedCar() elevator.CarIndex {
	if s := m.shown(); s.group == nil || int(m.car) >= len(s.group.Cars) {
		return 0
	}
	return m.car
}

// elsewhere says whether what is not on show has alarms: the other buildings
// and, while the operator looks into the past, the present.
func (m *model) elsewhere() string {
	alarms, in := 0, ""
	for i, s := range m.sites {
		if _, open, _ := s.alarmCounts(); (i != m.current || m.situation() == past) && open > 0 {
			alarms += open
			switch {
			case in == "" && i == m.current:
				in = " now"
			case in == "" && s.building != nil:
				in = " in " + s.building.Name
			default:
				in = " in other buildings"
			}
		}
	}
	if alarms == 0 {
		return ""
	}
	return count(alarms, "alarm") + in
}

// moving reports whether time alone changes what is on show.
func (m *model) moving() bool {
	if m.player != nil {
		return m.player.playing
	}
	return m.live().moving()
}

// shownEvents returns the events that the filters let through, the newest last.
func (m *model) shownEvents() []*elevator.Event {
	s := m.shown()
	if s.building == nil {
		return nil
	}
	var list []*elevator.Event
	for i := range s.log.events {
		e := &s.log.events[i]
		if m.groups.has(e.Kind) && m.filter.match(s, e) {
			list = append(list, e)
		}
	}
	return list
}

// shownAlarms returns the alarms that the filter lets through, in the order of
// the alarms page.
func (m *model) shownAlarms() []elevator.Alarm {
	var list []elevator.Alarm
	for _, a := range m.shown().sortedAlarms() {
		if m.filter.matchText(a.Text + " " + a.Name) {
			list = append(list, a)
		}
	}
	return list
}

// shownTasks returns the tasks that the filter lets through.
func (m *model) shownTasks() []task {
	var list []task
	for _, t := range m.shown().tasks() {
		if m.filter.matchText(t.Name + " " + t.State + " " + t.host() + " " + t.why()) {
			list = append(list, t)
		}
	}
	return list
}

// say shows a notice for a few seconds.
func (m *model) say(text string) {
	m.notice, m.noticeUntil = text, m.wall.Add(5*time.Second)
}
