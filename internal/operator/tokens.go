package operator

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Role is what somebody may do.
type Role uint8

// The roles; each may do what those before it may.
const (
	Anybody  Role = iota // ask whether the scheduler is up
	Viewer               // read everything
	Operator             // give commands
)

var roleNames = [...]string{"anybody", "viewer", "operator"}

// String returns the role's word in the token file.
func (r Role) String() string { return roleNames[min(int(r), len(roleNames)-1)] }

// Principal is somebody who asks.
type Principal struct {
	Name string // appears in the journal as the one who gave a command
	Role Role
}

const (
	leastToken  = 16          // characters; a shorter one could be guessed
	lookAgain   = time.Second // how often the token file is looked at for a change
	mostTokens  = 10_000
	tokenFormat = "want 'viewer NAME TOKEN' or 'operator NAME TOKEN' with a token of 16 characters or more"
)

// Tokens are the bearer tokens of a token file, which is read again when it
// changes. Tokens appear in no error, log or answer.
type Tokens struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex // guards all below
	holders []holder
	seen    fileStamp
	looked  time.Time
}

// holder is one line of the token file. Only the token's hash is kept, which
// also makes all comparisons equally long.
type holder struct {
	Principal
	hash [sha256.Size]byte
}

// LoadTokens reads a token file: lines of a role, a name and a token, separated
// by blanks; empty lines and those that begin with # are left out. log, which
// may be nil, hears when a changed file cannot be read; until it can be again,
// the tokens that were read last stay good.
func LoadTokens(path string, log *slog.Logger) (*Tokens, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Tokens{path: path, log: log, looked: time.Now()}
	var err error
	if t.seen, err = stampOf(path); err != nil {
		return nil, fmt.Errorf("token file: %w", err)
	}
	if t.holders, err = readTokens(path); err != nil {
		return nil, err
	}
	return t, nil
}

func readTokens(path string) ([]holder, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("token file: %w", err)
	}
	holders, err := parseTokens(string(data))
	if err != nil {
		return nil, fmt.Errorf("token file %s: %w", path, err)
	}
	return holders, nil
}

func parseTokens(text string) ([]holder, error) {
	var list []holder
	number := 0
	for line := range strings.Lines(text) {
		number++
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		role := slices.Index(roleNames[:], words[0])
		if len(words) != 3 || role < int(Viewer) || len(words[2]) < leastToken {
			return nil, fmt.Errorf("line %d: %s", number, tokenFormat)
		}
		h := holder{Principal{words[1], Role(role)}, sha256.Sum256([]byte(words[2]))}
		if slices.ContainsFunc(list, func(other holder) bool { return other.hash == h.hash || other.Name == h.Name }) {
			return nil, fmt.Errorf("line %d: the name or the token is that of a line before; want each once", number)
		}
		list = append(list, h)
		if len(list) > mostTokens {
			return nil, fmt.Errorf("line %d: more than %d tokens", number, mostTokens)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("no token is in it; " + tokenFormat)
	}
	return list, nil
}

// Lookup returns whose token it is.
func (t *Tokens) Lookup(token string) (Principal, bool) {
	hash := sha256.Sum256([]byte(token))
	var found Principal
	ok := false
	for _, h := range t.current() {
		if subtle.ConstantTimeCompare(hash[:], h.hash[:]) == 1 {
			found, ok = h.Principal, true
		}
	}
	return found, ok
}

// current returns the holders, read anew if the file changed.
func (t *Tokens) current() []holder {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Sub(t.looked) < lookAgain {
		return t.holders
	}
	t.looked = now
	stamp, err := stampOf(t.path)
	if err == nil && stamp == t.seen {
		return t.holders
	}
	var holders []holder
	if err == nil {
		holders, err = readTokens(t.path)
	}
	if err != nil {
		t.log.Error("the token file changed and cannot be read; the tokens read before stay good", "error", err)
		return t.holders
	}
	t.holders, t.seen = holders, stamp
	t.log.Info("the token file changed and was read again", "tokens", len(holders))
	return t.holders
}

// admit decides about a request with these Authorization headers.
func (t *Tokens) admit(headers []string, least Role) (Principal, *StatusError) {
	const want = "; want the header 'Authorization: Bearer TOKEN'"
	if len(headers) != 1 {
		return Principal{}, &StatusError{Status: http.StatusUnauthorized, Sentence: "a token is needed" + want}
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Principal{}, &StatusError{Status: http.StatusUnauthorized, Sentence: "this is no bearer token" + want}
	}
	by, ok := t.Lookup(strings.TrimSpace(token))
	switch {
	case !ok:
		return Principal{}, &StatusError{Status: http.StatusUnauthorized, Sentence: "the token is not known here" + want}
	case by.Role < least:
		return Principal{}, &StatusError{
			Status: http.StatusForbidden, Sentence: by.Name + " is a " + by.Role.String() + "; this takes a token of the role " + least.String(),
		}
	}
	return by, nil
}

// fileStamp tells one version of a file from another.
type fileStamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) (fileStamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileStamp{}, err
	}
	return fileStamp{info.ModTime(), info.Size()}, nil
}
