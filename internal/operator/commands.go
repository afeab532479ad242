package operator

import (
	"context"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"strconv"
	"time"
)

const (
	longestCommand  = 4 << 10          // bytes of a body
	commandPatience = 10 * time.Second // how long the group may take to answer
	unknownCommand  = "unknown"        // the metrics' name of what is no command
)

// serveCommand is POST /api/v1/commands: 200 with what was done, or an error
// with why not.
func (s *Server) serveCommand(w http.ResponseWriter, r *http.Request, by Principal) {
	name, got := s.takeCommand(w, r, by)
	s.metrics.commands.WithLabelValues(name, strconv.Itoa(got.status)).Inc()
	if got.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(got.retryAfter.Seconds()))))
	}
	writeJSON(w, got.status, got.body)
}

// takeCommand reads and checks a command, has it carried out, and returns its
// name as far as it has one.
func (s *Server) takeCommand(w http.ResponseWriter, r *http.Request, by Principal) (name string, got answer) {
	name = unknownCommand
	if ok, wait := s.limiter.take(by.Name, time.Now()); !ok {
		got = refusal(http.StatusTooManyRequests, "more than %d commands a second; wait and send it again", commandsPerSecond)
		got.retryAfter = wait
		return name, got
	}
	// A web page cannot send this type to another origin without being asked.
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return name, refusal(http.StatusUnsupportedMediaType, "want the header 'Content-Type: application/json'")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestCommand))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return name, refusal(http.StatusRequestEntityTooLarge, "the body is larger than %d bytes, which no command is", longestCommand)
	}
	if err != nil {
		return name, refusal(http.StatusBadRequest, "the body could not be read: %v", err)
	}
	cmd, err := parseCommand(body)
	if err != nil {
		return name, refusal(http.StatusBadRequest, "%v", err)
	}
	if form, err := formOf(cmd.Name); err == nil {
		name = form.Name
	}
	if refused := cmd.check(s.hub.building); refused != nil {
		return name, refusal(refused.Status, "%s", refused.Sentence)
	}
	if cmd.Task != "" && !s.hub.mayHaveTask(cmd.Task) {
		return name, refusal(http.StatusNotFound, "task %.40q: the group has none of that name", cmd.Task)
	}
	if cmd.Alarm != "" {
		switch seen, known := s.hub.alarmSeen(cmd.Alarm, time.Now()); {
		case !known:
			return name, refusal(http.StatusNotFound, "alarm %.60q: there is none of that name; GET /api/v1/group names them", cmd.Alarm)
		case seen != "":
			return name, answer{status: http.StatusOK, body: Result{RequestID: cmd.RequestID, Result: seen}}
		}
	}
	return name, s.answer(r.Context(), by.Name, &cmd)
}

// answer returns what became of the command: it is carried out, or somebody is
// at it, or it was answered before.
func (s *Server) answer(ctx context.Context, by string, cmd *Command) answer {
	record, first, refused := s.answers.begin(by, cmd)
	if record == nil {
		return refused
	}
	if first {
		s.answerFirst(record)
	}
	select {
	case <-record.done:
		return record.answer
	case <-ctx.Done():
		return refusal(http.StatusServiceUnavailable, "the one who asked went away")
	}
}

// answerFirst carries the command out and answers all who gave it, also if that
// panics.
func (s *Server) answerFirst(record *remembered) {
	got, final := refusal(http.StatusInternalServerError, "the command failed; the scheduler's log says why"), false
	defer func() { s.answers.end(record, got, final) }()
	by, cmd := record.by, &record.command
	got, final = s.carryOut(by, cmd)
	s.cfg.Logger.Info("command", "by", by, "command", cmd.Name, "request_id", cmd.RequestID, "status", got.status)
}

// carryOut hands the command to the group, also when its giver goes away
// meanwhile, and reports whether the answer is final.
func (s *Server) carryOut(by string, cmd *Command) (got answer, final bool) {
	if s.cfg.Command == nil {
		return refusal(http.StatusServiceUnavailable, "this scheduler takes no commands"), false
	}
	ctx, cancel := context.WithTimeout(s.life, commandPatience)
	defer cancel()
	result, err := s.cfg.Command(ctx, by, *cmd)
	refused, isRefused := errors.AsType[*RefusedError](err)
	switch {
	case err == nil:
		result.RequestID = cmd.RequestID
		if result.Result == "" {
			result.Result = "ok"
		}
		return answer{status: http.StatusOK, body: result}, true
	case isRefused:
		return refusal(http.StatusConflict, "%s", refused.Reason), true
	case errors.Is(err, ErrNotReady):
		got = refusal(http.StatusServiceUnavailable, "%v", err)
		got.retryAfter = time.Second
		return got, false
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		// Whether it was carried out is not known here, but the group knows the
		// request id if it was.
		return refusal(http.StatusGatewayTimeout, "the group did not answer in time; send the command again with the same request_id"), false
	}
	s.cfg.Logger.Error("a command failed", "by", by, "command", cmd.Name, "request_id", cmd.RequestID, "error", err)
	return refusal(http.StatusInternalServerError, "the command failed; the scheduler's log says why"), false
}
