package ui

import (
	"fmt"
	"strconv"
	"time"
)

// player shows a time that is not now: of a recording, or of the past of a
// running group, which goes on behind it.
type player struct {
	tape    *tape
	site    *site     // as it was at the time on show; nil before the tape is read
	left    time.Time // wall time at which the operator left the present; zero over a recording
	moved   bool      // away from where the present was left
	playing bool
	speed   float64       // the building's time to the wall's
	at      time.Duration // the building's time on show
	end     time.Duration // of the last event or, over a running group, now
}

// tapePosition names a place of a recording: some events from here, or a time.
type tapePosition struct {
	events int // from here on; 0: by time
	at     time.Duration
}

// The slowest and the fastest a recording can be played.
const (
	slowest = 1.0 / 16
	fastest = 1024
)

// overRecording reports whether there is no present to return to.
func (p *player) overRecording() bool { return p.left.IsZero() }

// status says what is on show, for the title line.
func (p *player) status(wall time.Time) string {
	speed := "x" + strconv.FormatFloat(p.speed, 'g', 4, 64)
	switch {
	case p.overRecording() && p.playing:
		return fmt.Sprintf("PLAYING %s of %s", speed, hms(p.end))
	case p.overRecording():
		return fmt.Sprintf("STOPPED %s of %s", speed, hms(p.end))
	case !p.moved:
		return "PAUSED " + short(wall.Sub(p.left))
	case p.playing:
		return fmt.Sprintf("PAST %s ago, %s", short(p.end-p.at), speed)
	}
	return fmt.Sprintf("PAST %s ago, stopped", short(p.end-p.at))
}

// travel leaves the present, unless it was left before. It reports whether
// there is a past to go to.
func (m *model) travel() bool {
	if m.player != nil {
		return true
	}
	s := m.live()
	if s.recorder == nil || len(s.recorder.tape.marks) == 0 {
		m.say("nothing is recorded yet")
		return false
	}
	s.recorder.toEnd()
	m.player = &player{
		tape: s.recorder.tape, site: s.clone(), left: m.wall, speed: max(s.header.Speed, slowest),
		at: s.clock.now, end: s.clock.now,
	}
	return true
}

// returnToNow shows the present again.
func (m *model) returnToNow() []effect {
	m.player = nil
	return nil
}

// pause holds the picture, or lets it go on: from here in the past and over a
// recording, from now where it was only held.
func (m *model) pause() []effect {
	p := m.player
	switch {
	case p == nil:
		m.travel()
	case !p.overRecording() && !p.moved:
		return m.returnToNow()
	default:
		p.playing = !p.playing && p.at < p.end
	}
	return nil
}

// stepEvents stops and goes on, or back, by some events.
func (m *model) stepEvents(n int) []effect {
	if !m.travel() {
		return nil
	}
	m.player.playing, m.player.moved = false, true
	return []effect{seekEffect{tapePosition{events: n}}}
}

// skip goes on, or back, by some of the building's time.
func (m *model) skip(by time.Duration) []effect {
	if !m.travel() {
		return nil
	}
	p := m.player
	to := max(p.at+by, p.tape.begin(), 0)
	switch {
	case to >= p.end && !p.overRecording():
		return m.returnToNow()
	case to == p.tape.begin() && by < 0 && !p.overRecording():
		m.say("what this dashboard has seen begins here")
	}
	p.moved = true
	return []effect{seekEffect{tapePosition{at: min(to, p.end)}}}
}

// toBegin goes to the earliest place of the tape.
func (m *model) toBegin() []effect {
	if !m.travel() {
		return nil
	}
	m.player.moved = true
	return []effect{seekEffect{tapePosition{at: m.player.tape.begin()}}}
}

// toEnd goes to the recording's end.
func (m *model) toEnd() []effect { return []effect{seekEffect{tapePosition{at: m.player.end}}} }

// gear multiplies the speed.
func (p *player) gear(by float64) []effect {
	p.speed = min(max(p.speed*by, slowest), fastest)
	return nil
}

// advance moves what plays on by some of the wall's time. Whoever catches up
// with a running group is at now again.
func (m *model) advance(wall time.Duration) []effect {
	p := m.player
	if !p.overRecording() {
		p.end = max(p.end, m.live().clock.now)
	}
	if !p.playing {
		return nil
	}
	p.at = min(p.at+time.Duration(float64(wall)*p.speed), p.end)
	if p.at < p.end {
		return []effect{playEffect{p.at}}
	}
	p.playing = false
	if !p.overRecording() {
		return m.returnToNow()
	}
	return []effect{playEffect{p.at}}
}

// playTape takes over what was read from a tape.
func (m *model) playTape(msg tapeMessage) {
	p := m.player
	if p == nil {
		return
	}
	if msg.anew {
		p.site = &site{address: m.live().address}
	}
	s := p.site
	for i := range msg.events {
		s.fold(&msg.events[i])
	}
	s.link = linkEnded
	p.at = max(msg.at, s.group.T)
	s.clock.now = p.at
	s.refresh()
}
