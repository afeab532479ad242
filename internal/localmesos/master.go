package localmesos

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	mesos "github.com/mesos/mesos-go/api/v1/lib"
	"github.com/mesos/mesos-go/api/v1/lib/scheduler"
)

// master is one life of a leading master: it starts with empty memory when it
// is elected and ends when it is deposed or crashes.
type master struct {
	cfg          *Config
	log          *slog.Logger
	port         *port
	id           string
	faults       *faults
	timers       *timers
	mailers      sync.WaitGroup // the links' goroutines
	links        []*link        // that are not known to be severed, also of agents that have not registered yet
	lateMessages *delayLine

	*stoppable    // guards all below
	ended         bool
	frameworks    map[string]*framework
	completed     map[string]bool
	agents        map[string]*agentRecord
	order         []*agentRecord             // by registration
	recovered     map[string]bool            // agents of the registry that are not back yet
	lost          map[string]*mesos.TimeInfo // unreachable agents, since when
	nextFramework int
	nextAgent     int
	nextOffer     int
}

// offer is an outstanding offer.
type offer struct {
	id        string
	framework *framework
	agent     *agentRecord
	role      string
	resources bundle
}

// newMaster makes a master that knows only the ids of the agents that were
// registered with its predecessor.
func newMaster(cfg *Config, port *port, f *faults, recovered []string) *master {
	m := &master{
		cfg:        cfg,
		log:        cfg.Logger,
		port:       port,
		id:         uuid.NewString(),
		faults:     f,
		timers:     newTimers(),
		stoppable:  newStoppable(),
		frameworks: make(map[string]*framework),
		completed:  make(map[string]bool),
		agents:     make(map[string]*agentRecord),
		recovered:  make(map[string]bool),
		lost:       make(map[string]*mesos.TimeInfo),
	}
	m.lateMessages = &delayLine{timers: m.timers}
	for _, id := range recovered {
		m.recovered[id] = true
	}
	if !cfg.roundsByHand {
		m.timers.every(cfg.AllocationInterval, m.allocationRound)
	}
	return m
}

// freeze stops the master where it stands, or lets it go on.
func (m *master) freeze(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.setFrozen(on && !m.ended)
}

// end stops the master as a crash would: streams break without a final chunk,
// links to agents are severed. It waits for all goroutines of the master but
// the HTTP handlers, which end with their streams.
func (m *master) end() {
	m.mu.Lock()
	m.ended = true
	m.setFrozen(false)
	for _, f := range m.frameworks {
		if f.stream != nil {
			f.stream.abort()
		}
	}
	agents := slices.Clone(m.order)
	for _, l := range m.links {
		l.sever()
	}
	m.mu.Unlock()
	for _, a := range agents {
		a.process.wake()
	}
	m.timers.stop()
	m.mailers.Wait()
}

// newLink connects an agent on the same host, unless the master has ended.
func (m *master) newLink() *link {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return nil
	}
	return m.addLink(newLink(&m.mailers))
}

// newWiredLink connects an agent on another host, unless the master has ended:
// then the wire is closed. broken is called once the link or the wire is.
func (m *master) newWiredLink(w *wire, broken func(*link)) *link {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		w.close()
		return nil
	}
	l := newWiredLink(&m.mailers, w)
	m.mailers.Go(func() {
		w.carry(l)
		broken(l)
	})
	return m.addLink(l)
}

func (m *master) addLink(l *link) *link {
	m.links = append(slices.DeleteFunc(m.links, (*link).severed), l)
	return l
}

// registry lists the agents a successor will wait for.
func (m *master) registry() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id := range m.agents {
		ids = append(ids, id)
	}
	for id := range m.recovered {
		ids = append(ids, id)
	}
	return ids
}

// subscribe makes a framework's session and returns its stream, or a refusal.
// A refusal by meaning is not an httpError but an ERROR event on the stream.
func (m *master) subscribe(call *scheduler.Call, media string) (f *framework, s *stream, streamID string) {
	m.lock()
	defer m.mu.Unlock()
	s, streamID = newStream(media), uuid.NewString()
	info := call.Subscribe.FrameworkInfo
	refuse := func(err error) (*framework, *stream, string) {
		s.send(errorEvent(err.Error()))
		s.close()
		return nil, s, streamID
	}
	if m.ended {
		s.abort()
		return nil, s, streamID
	}
	if err := validateFramework(info, call.Subscribe.SuppressedRoles, m.cfg.RefuseRoot); err != nil {
		return refuse(err)
	}
	id := info.GetID().GetValue()
	if m.completed[id] {
		return refuse(fmt.Errorf("Framework has been removed"))
	}
	f = m.frameworks[id]
	switch {
	case f == nil:
		if id == "" {
			id = fmt.Sprintf("%s-%04d", m.id, m.nextFramework)
			m.nextFramework++
		}
		f = newFramework(id, info, call.Subscribe.SuppressedRoles)
		m.frameworks[id] = f
		m.attach(f, s, streamID)
		m.timers.after(0, m.allocationRound)
	case f.info.GetPrincipal() != info.GetPrincipal():
		return refuse(fmt.Errorf("Changing framework's principal is not allowed."))
	default:
		m.failOver(f, info, call.Subscribe.SuppressedRoles)
		m.attach(f, s, streamID)
		for _, a := range m.order {
			if a.hosts(f) {
				info := f.info
				a.tell(func(a *agent) { a.updateFramework(info) })
			}
		}
	}
	return f, s, streamID
}

// failOver prepares a known framework for its new session: an old stream hears
// of it, outstanding offers are void without a word, but for those of roles the
// framework gives up.
func (m *master) failOver(f *framework, info *mesos.FrameworkInfo, suppressed []string) {
	for _, o := range f.offers {
		if !slices.Contains(rolesOf(info), o.role) {
			m.rescind(o)
		}
	}
	if f.stream != nil {
		f.stream.send(errorEvent("Framework failed over"))
		f.stream.close()
		f.stream = nil
	}
	for _, o := range f.offers {
		m.releaseOffer(o)
	}
	f.filters = nil
	f.update(info, suppressed)
}

func (m *master) attach(f *framework, s *stream, streamID string) {
	f.session++
	f.stream, f.streamID = s, streamID
	if m.faults.stalled.Load() {
		defer s.stall(true)
	}
	s.send(&scheduler.Event{Type: scheduler.Event_SUBSCRIBED, Subscribed: &scheduler.Event_Subscribed{
		FrameworkID:              &mesos.FrameworkID{Value: f.id},
		HeartbeatIntervalSeconds: new(m.cfg.HeartbeatInterval.Seconds()),
		MasterInfo:               m.info(),
	}})
	m.heartbeat(f, f.session)
}

// heartbeat sends one at once and one each interval, as long as the session
// lasts. The lock is held for the first, and taken for the others.
func (m *master) heartbeat(f *framework, session int) {
	f.stream.send(&scheduler.Event{Type: scheduler.Event_HEARTBEAT})
	m.timers.after(m.cfg.HeartbeatInterval, func() {
		m.lock()
		defer m.mu.Unlock()
		if f.session == session && f.stream != nil {
			m.heartbeat(f, session)
		}
	})
}

func (m *master) info() *mesos.MasterInfo {
	ip := m.port.host.Addr.As4()
	return &mesos.MasterInfo{
		ID:       m.id,
		IP:       binary.LittleEndian.Uint32(ip[:]),
		Port:     new(uint32(m.port.number)),
		PID:      new("master@" + m.port.addr()),
		Hostname: new(m.port.ip()),
		Version:  new("1.12.0"),
		Address:  &mesos.Address{Hostname: new(m.port.ip()), IP: new(m.port.ip()), Port: int32(m.port.number)},
		Capabilities: []mesos.MasterInfo_Capability{
			{Type: mesos.MasterInfo_Capability_AGENT_UPDATE},
			{Type: mesos.MasterInfo_Capability_AGENT_DRAINING},
		},
	}
}

// disconnected is called when a framework's stream has ended, whoever ended it.
func (m *master) disconnected(f *framework, s *stream) {
	m.lock()
	defer m.mu.Unlock()
	if m.ended || f.stream != s {
		return
	}
	f.stream = nil
	for _, o := range f.offers {
		m.releaseOffer(o)
	}
	f.filters = nil
	session := f.session
	m.timers.after(max(f.failoverTimeout(), 0), func() {
		m.lock()
		defer m.mu.Unlock()
		if f.session == session && f.stream == nil {
			m.removeFramework(f)
		}
	})
}

// removeFramework ends a framework for ever. Nobody hears of its tasks.
func (m *master) removeFramework(f *framework) {
	if m.frameworks[f.id] != f {
		return
	}
	delete(m.frameworks, f.id)
	m.completed[f.id] = true
	for _, o := range f.offers {
		m.releaseOffer(o)
	}
	for _, t := range f.tasks {
		m.releaseTask(f, t)
	}
	for _, a := range m.order {
		if !a.hosts(f) && a.link == nil {
			continue
		}
		for _, e := range slices.Clone(a.executors) {
			if e.frameworkID == f.id {
				m.removeExecutor(a, e)
			}
		}
		a.tell(func(a *agent) { a.shutdownFramework(f.id) })
	}
	if f.stream != nil {
		f.stream.close()
		f.stream = nil
	}
}

// authorize checks what every call but SUBSCRIBE must fulfil.
func (m *master) authorize(call *scheduler.Call, streamIDs []string, principal string) (*framework, *httpError) {
	f := m.frameworks[call.GetFrameworkID().GetValue()]
	switch {
	case f == nil:
		return nil, badRequest("Framework cannot be found")
	case principal != "" && f.info.Principal != nil && *f.info.Principal != principal:
		return nil, badRequest("Authenticated principal '%s' does not match principal '%s' set in `FrameworkInfo`",
			principal, *f.info.Principal)
	case !f.connected():
		return nil, &httpError{http.StatusForbidden, "Framework is not subscribed"}
	case len(streamIDs) == 0:
		return nil, badRequest("All non-subscribe calls should include the 'Mesos-Stream-Id' header")
	case streamIDs[0] != f.streamID:
		return nil, badRequest("The stream ID '%s' included in this request didn't match the stream ID currently"+
			" associated with framework ID %s", streamIDs[0], f.id)
	}
	return f, nil
}

func errorEvent(message string) *scheduler.Event {
	return &scheduler.Event{Type: scheduler.Event_ERROR, Error: &scheduler.Event_Error{Message: message}}
}

// timestamp is the time as status updates carry it: seconds since 1970.
func timestamp(t time.Time) *float64 { return new(float64(t.UnixMicro()) / 1e6) }
