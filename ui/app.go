package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gdamore/tcell/v2"
)

const (
	drawEvery  = 100 * time.Millisecond // at most so often
	finiWithin = time.Second            // how long the terminal may take to be restored
)

// Run shows the dashboard on the process's terminal until the operator quits
// or ctx is done; both are no errors. It connects to schedulers that are not up
// yet, and again to those that went away, for as long as it runs.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.validate(); err != nil {
		return err
	}
	a := newApp(cfg, newModel(cfg.URLs))
	for i, address := range cfg.URLs {
		client, err := cfg.client(address)
		if err != nil {
			return err
		}
		defer client.Close()
		f := &feed{site: i, client: client, box: a.box}
		a.schedulers = append(a.schedulers, client)
		a.feeds = append(a.feeds, f.follow, f.poll)
	}
	return a.run(ctx)
}

// app is the shell around the model: it owns the screen and the goroutines.
type app struct {
	cfg        Config
	m          *model
	box        *mailbox
	feeds      []func(context.Context)
	schedulers []scheduler // of the sites
	screen     tcell.Screen
	painter    painter
	input      chan tcell.Event
	failure    chan error // why the dashboard ends: the first of any goroutine
	routines   sync.WaitGroup
	pasting    bool
	stop       func() // stops the process until a shell continues it
	drawn      time.Time
}

func newApp(cfg Config, m *model) *app {
	m.readOnly = cfg.ReadOnly
	return &app{cfg: cfg, m: m, box: newMailbox(), input: make(chan tcell.Event), failure: make(chan error, 1), stop: stopProcess}
}

func (a *app) run(ctx context.Context) (err error) {
	if err := a.open(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	polled := make(chan struct{})
	go func() {
		defer close(polled)
		a.guarded(func() { a.poll(ctx) })
	}()
	defer func() {
		cancel()
		a.fini(polled)
		a.routines.Wait()
		select {
		case failed := <-a.failure:
			err = failed
		default:
		}
	}()
	for _, f := range a.feeds {
		a.start(func() { f(ctx) })
	}
	a.guarded(func() { a.loop(ctx) })
	return nil
}

// open takes the terminal.
func (a *app) open() error {
	newScreen := a.cfg.screen
	if newScreen == nil {
		newScreen = openScreen
	}
	screen, err := newScreen()
	if err == nil {
		err = screen.Init()
	}
	if err != nil {
		return fmt.Errorf("open the terminal for the dashboard: %w", err)
	}
	a.screen, a.painter = screen, painter{screen: screen}
	screen.HideCursor()
	screen.EnablePaste()
	if a.cfg.Mouse {
		screen.EnableMouse(tcell.MouseButtonEvents)
	}
	if a.cfg.ASCII || screen.CharacterSet() != "UTF-8" {
		a.m.glyphs = asciiGlyphs
	}
	if a.m.theme, err = themeIndex(a.cfg.Theme); err == nil && a.cfg.Theme == "" && screen.Colors() == 0 {
		a.m.theme = monoTheme
	}
	return err
}

// fini gives the terminal back and ends the reading of its events. The
// library's own way to do so can wait for ever for a reader of its events, so
// it has only so long.
func (a *app) fini(polled <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.guarded(func() {
			a.screen.Fini()
			<-polled
		})
	}()
	select {
	case <-done:
	case <-time.After(finiWithin):
	}
}

// start runs f in a goroutine of the app's.
func (a *app) start(f func()) { a.routines.Go(func() { a.guarded(f) }) }

// guarded runs f; a panic ends the dashboard, which restores the terminal
// before anybody reads about it.
func (a *app) guarded(f func()) {
	defer func() {
		if r := recover(); r != nil {
			a.fail(fmt.Errorf("dashboard: panic: %v\n%s", r, debug.Stack()))
		}
	}()
	f()
}

// fail ends the dashboard with the error, unless it ends with another already.
func (a *app) fail(err error) {
	select {
	case a.failure <- err:
	default:
	}
	signal(a.box.nudge)
}

// poll hands on what the terminal says until the screen is closed; what comes
// after the app's end is dropped.
func (a *app) poll(ctx context.Context) {
	for {
		e := a.screen.PollEvent()
		if e == nil {
			return
		}
		select {
		case a.input <- e:
		case <-ctx.Done():
		}
	}
}

// loop is the app's one goroutine that touches model and screen.
func (a *app) loop(ctx context.Context) {
	a.m.update(tickMessage{time.Now()})
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		data, quit := false, false
		select {
		case <-ctx.Done():
			return
		case e := <-a.input:
			quit = a.handle(ctx, e)
			a.drawn = time.Time{}
		case <-a.box.nudge:
			if len(a.failure) > 0 {
				return
			}
			for _, msg := range a.box.take() {
				quit = a.apply(ctx, msg) || quit
			}
			data = true
		case <-timer.C:
		}
		if quit {
			return
		}
		wait := time.Until(a.drawn.Add(drawEvery))
		if wait <= 0 {
			if a.draw(ctx) {
				return
			}
			wait = a.untilNext()
		} else if !data {
			wait = min(wait, a.untilNext())
		}
		timer.Reset(wait)
	}
}

// untilNext is how long the picture stays as it is if nothing happens.
func (a *app) untilNext() time.Duration {
	if a.m.moving() {
		return drawEvery
	}
	now := time.Now()
	return now.Truncate(time.Second).Add(time.Second).Sub(now)
}

// draw shows the model as it is now, and reports whether that is the end.
func (a *app) draw(ctx context.Context) bool {
	a.drawn = time.Now()
	if a.apply(ctx, tickMessage{a.drawn}) {
		return true
	}
	w, h := a.screen.Size()
	if w > 0 && h > 0 {
		a.painter.paint(view(a.m, w, h), a.m.theme)
	}
	return false
}

// apply updates the model and carries out what that asks for. It reports
// whether the operator quits.
func (a *app) apply(ctx context.Context, msg message) (quit bool) {
	for _, e := range a.m.update(msg) {
		switch e := e.(type) {
		case quitEffect:
			return true
		case redrawEffect:
			a.painter.redraw()
		case suspendEffect:
			if err := a.suspend(); err != nil {
				a.fail(err)
				return true
			}
		case bellEffect:
			if a.cfg.Bell {
				_ = a.screen.Beep()
			}
		case exportEffect:
			path, err := a.export()
			a.m.update(exportedMessage{path, err})
		case commandEffect:
			a.command(ctx, e)
		case reasonsEffect:
			a.askReasons(ctx, e)
		case seekEffect:
			if err := a.seek(e.to); err != nil {
				a.m.say(err.Error())
			}
		case playEffect:
			if err := a.play(e); err != nil {
				a.m.say(err.Error())
			}
		}
	}
	return false
}

// handle translates what the terminal says.
func (a *app) handle(ctx context.Context, e tcell.Event) (quit bool) {
	switch e := e.(type) {
	case *tcell.EventResize:
		if w, h := e.Size(); !a.painter.shows(w, h) {
			a.painter.redraw()
		}
	case *tcell.EventPaste:
		a.pasting = e.Start()
	case *tcell.EventKey:
		key := keyName(e)
		if key == "" || a.pasting && (!a.m.prompt.open() || key == "enter") {
			return false
		}
		return a.apply(ctx, keyMessage{key})
	case *tcell.EventMouse:
		x, y := e.Position()
		w, h := a.screen.Size()
		msg := mouseMessage{x: x, y: y, width: w, height: h}
		switch e.Buttons() {
		case tcell.WheelUp:
			msg.wheel = -1
		case tcell.WheelDown:
			msg.wheel = 1
		case tcell.Button1:
		default:
			return false
		}
		return a.apply(ctx, msg)
	}
	return false
}

// command gives a command in a goroutine of its own.
func (a *app) command(ctx context.Context, e commandEffect) {
	a.start(func() {
		result, err := giveTwice(ctx, a.schedulers[e.site], e.command)
		_ = a.box.put(ctx, answerMessage{e.command.Name, result.Result, err})
	})
}

// askReasons asks a dispatcher in a goroutine of its own.
func (a *app) askReasons(ctx context.Context, e reasonsEffect) {
	a.start(func() {
		ctx, cancel := context.WithTimeout(ctx, commandPatience)
		defer cancel()
		assignments, err := a.schedulers[e.site].Assignments(ctx)
		_ = a.box.put(ctx, reasonsMessage{e.site, assignments, err})
	})
}

// export writes the screen to a new file.
func (a *app) export() (path string, err error) {
	path = filepath.Join(a.cfg.ExportDir, "elevator-"+time.Now().Format("20060102-150405.000")+".txt")
	w, h := a.screen.Size()
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	if _, err := file.WriteString(view(a.m, w, h).text()); err != nil {
		file.Close()
		return "", err
	}
	return path, file.Close()
}

// suspend gives the terminal to the shell and takes it back when the process
// is continued. It fails when there is no terminal any more.
func (a *app) suspend() error {
	if !a.cfg.AllowSuspend {
		a.m.say("ctrl-z is off: this process runs the group, not only its dashboard")
		return nil
	}
	if err := a.screen.Suspend(); err != nil {
		a.m.say("not suspended: " + err.Error())
		return nil
	}
	a.stop()
	if err := a.screen.Resume(); err != nil {
		return fmt.Errorf("take the terminal back: %w", err)
	}
	// A screen that learned no size has no cells, and would draw for ever.
	if _, _, width := a.screen.Get(0, 0); width == 0 {
		return errors.New("take the terminal back: it does not tell its size")
	}
	a.painter.redraw()
	return nil
}
