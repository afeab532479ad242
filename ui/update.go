package ui

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"
)

// update changes the model by one message and returns what is to be done in
// the world.
func (m *model) update(msg message) []effect {
	switch msg := msg.(type) {
	case eventsMessage:
		s := m.sites[msg.site]
		for i := range msg.events {
			s.fold(&msg.events[i])
			s.record(&msg.events[i])
		}
		if p := m.player; m.situation() == past && msg.site == m.current && p.tape != s.recorder.tape {
			m.player = nil // that run is over
		}
		s.alive(m.wall)
	case heardMessage:
		m.sites[msg.site].alive(m.wall)
	case lostMessage:
		m.sites[msg.site].lost(msg)
	case tasksMessage:
		m.sites[msg.site].told(msg.report)
	case runMessage:
		s := m.sites[msg.site]
		s.figures.run, s.figures.runKnown = msg.stats, true
		s.dispatchers = msg.dispatchers
		if s.link == linkLive {
			s.clock.set(msg.now, msg.at, s.header.Speed)
		}
	case tapeMessage:
		m.playTape(msg)
	case tickMessage:
		return m.tick(msg.wall)
	case keyMessage:
		return m.press(msg.key)
	case mouseMessage:
		return m.mouse(msg)
	case answerMessage:
		m.say(msg.sentence())
	case reasonsMessage:
		m.sites[msg.site].reasons.learn(msg)
	case exportedMessage:
		if msg.err != nil {
			m.say("not written: " + msg.err.Error())
		} else {
			m.say("screen written to " + msg.path)
		}
	}
	return nil
}

// alive notes that something was heard at the wall time given.
func (s *site) alive(wall time.Time) {
	s.heard, s.attempt, s.problem = wall, 0, ""
	if s.group == nil || s.link == linkLive {
		return
	}
	s.link = linkLive
	s.clock.resume(s.group.T, wall, s.header.Speed)
}

// lost notes that the connection failed.
func (s *site) lost(msg lostMessage) {
	s.attempt = msg.attempt
	s.problem = problemOf(msg.err, s.problem)
	switch {
	case msg.ended:
		s.link = linkEnded
	case s.link == linkConnecting:
		return
	default:
		s.link = linkStale
	}
	s.clock.stop()
}

// problemOf says in words why a connection failed; without an error it is still
// the old problem.
func problemOf(err error, old string) string {
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err // the address is on the screen already
	}
	switch {
	case err == nil:
		return old
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the scheduler closed it"
	}
	return err.Error()
}

// tick moves the clocks on. What is shown of ages and clocks changes once a
// second of the wall, positions as often as they are drawn.
func (m *model) tick(wall time.Time) []effect {
	full := wall.Truncate(time.Second).After(m.wall.Truncate(time.Second))
	passed := min(wall.Sub(m.wall), time.Second) // less after a suspension, and at first
	m.wall = wall
	if m.notice != "" && !wall.Before(m.noticeUntil) {
		m.notice = ""
	}
	var effects []effect
	alert := false
	for _, s := range m.sites {
		if s.link == linkLive && wall.Sub(s.heard) > silence {
			s.link, s.problem = linkStale, fmt.Sprintf("nothing heard for %d s", int(silence.Seconds()))
			s.clock.stop()
		}
		if s.group == nil {
			continue
		}
		s.clock.tick(wall, s.group.T)
		if full || s.figures.minutes == nil {
			alert = s.refresh() || alert
		}
	}
	if alert {
		effects = append(effects, bellEffect{})
	}
	effects = append(effects, m.askReasons()...)
	if m.player != nil {
		effects = append(effects, m.advance(passed)...)
	}
	return effects
}

// refresh brings up to date what is shown of clocks, ages, figures and alarms.
// It reports whether a critical alarm is new.
func (s *site) refresh() (alert bool) {
	s.clock.shown = s.clock.now
	s.figures.compute(s.stats, s.clock.now)
	s.forget()
	return s.refreshAlarms()
}
