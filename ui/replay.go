package ui

import (
	"context"
	"io"
)

// Replay shows a journal on the process's terminal, with the same screens as a
// live group, until the operator quits or ctx is done. It plays at the speed
// at which it happened; the keys change the speed, stop, step and seek. The
// journal must begin with a building, as every file of one does.
func Replay(ctx context.Context, cfg Config, journal io.ReadSeeker) error {
	t, err := openTape(journal)
	if err != nil {
		return err
	}
	cfg.URLs = []string{"recording"}
	if err := cfg.validate(); err != nil {
		return err
	}
	a := newApp(cfg, newModel(cfg.URLs))
	a.m.player = &player{tape: t, playing: true, speed: 1, end: t.end}
	if err := a.seek(tapePosition{}); err != nil {
		return err
	}
	if t.torn != nil {
		a.m.say("the recording ends early: " + t.torn.Error())
	}
	return a.run(ctx)
}

// seek brings the model to a place of the tape that is on show.
func (a *app) seek(to tapePosition) error {
	msg, err := a.m.player.tape.seek(to)
	if err != nil {
		return err
	}
	a.m.update(msg)
	return nil
}

// play reads the tape that is on show on to a time.
func (a *app) play(e playEffect) error {
	msg, err := a.m.player.tape.play(e.to)
	if err != nil {
		return err
	}
	a.m.update(msg)
	return nil
}
