package ui

import "time"

// player is the control of a recording.
type player struct {
	playing bool
	speed   float64       // the building's time to the wall's
	at      time.Duration // the building's time on show
	end     time.Duration // of the last event
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

func (m *model) play() []effect {
	m.player.playing = !m.player.playing && m.player.at < m.player.end
	return nil
}

// step stops and goes on, or back, by some events.
func (p *player) step(events int) []effect {
	p.playing = false
	return []effect{seekEffect{tapePosition{events: events}}}
}

// skip goes on, or back, by some seconds of the building's time.
func (p *player) skip(seconds int) []effect {
	to := p.at + time.Duration(seconds)*time.Second
	return []effect{seekEffect{tapePosition{at: min(max(to, 0), p.end)}}}
}

// ends goes to the recording's beginning or end.
func (p *player) ends(last bool) []effect {
	if last {
		return []effect{seekEffect{tapePosition{at: p.end}}}
	}
	return []effect{seekEffect{tapePosition{}}}
}

// gear multiplies the speed.
func (p *player) gear(by float64) []effect {
	p.speed = min(max(p.speed*by, slowest), fastest)
	return nil
}

// advance moves a recording that plays on by some of the wall's time.
func (p *player) advance(wall time.Duration) []effect {
	if !p.playing {
		return nil
	}
	p.at = min(p.at+time.Duration(float64(wall)*p.speed), p.end)
	p.playing = p.at < p.end
	return []effect{playEffect{p.at}}
}
