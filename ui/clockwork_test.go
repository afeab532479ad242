package ui

import (
	"testing"
	"time"
)

func TestClockwork(t *testing.T) {
	var c clockwork
	wall := func(s float64) time.Time { return sceneStart.Add(time.Duration(s * float64(time.Second))) }
	expect := func(what string, seconds float64) {
		t.Helper()
		if want := time.Duration(seconds * float64(time.Second)); c.now != want {
			t.Errorf("%s: %v, want %v", what, c.now, want)
		}
	}
	c.tick(wall(0), 30*time.Second)
	expect("before anybody said what time it is, that of the newest event", 30)
	c.resume(30*time.Second, wall(0), 10)
	c.tick(wall(1), 30*time.Second)
	expect("ten times as fast as the wall", 40)
	c.tick(wall(1.5), 47*time.Second)
	expect("not before the newest event", 47)
	c.set(44*time.Second, wall(1.5), 10)
	c.tick(wall(1.6), 0)
	expect("a little ahead, so it waits", 47)
	c.tick(wall(2), 0)
	expect("and goes on", 49)
	c.stop()
	c.tick(wall(5), 0)
	expect("stands", 49)
	c.resume(0, wall(6), 10)
	c.tick(wall(6), 0)
	expect("goes on where it would be", 89)
	c.set(3600*time.Second, wall(7), 10)
	c.tick(wall(7), 0)
	expect("far ahead is taken over", 3600)
	c.set(100*time.Second, wall(8), 10)
	c.tick(wall(8), 0)
	expect("far behind as well: it was wrong", 100)
}
