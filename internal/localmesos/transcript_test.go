package localmesos

import (
	"bufio"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// entry is one line of a recorded exchange: who, on which connection, what.
type entry struct {
	line    int
	who     string // "scheduler", "master", "executor ex1", "driver" …
	conn    string // unique with who's side: c1, x3
	kind    string // REQUEST, RESPONSE, EVENT, CLOSED, NOTE, RAW
	note    string // what follows the kind
	headers map[string]string
	start   string // request or status line
	body    string
}

var entryHead = regexp.MustCompile(`^=== \+[0-9.]+ (.+?) \[([^\]]*)\] ([A-Z]+)(.*)$`)

// readTranscript parses a transcript of transcripts/ as it was recorded.
func readTranscript(t *testing.T, path string) []entry {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var entries []entry
	var lines []string
	flush := func() {
		if len(entries) > 0 {
			entries[len(entries)-1].parse(lines)
		}
		lines = nil
	}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 16<<20)
	for number := 1; scanner.Scan(); number++ {
		head := entryHead.FindStringSubmatch(scanner.Text())
		if head == nil {
			lines = append(lines, scanner.Text())
			continue
		}
		flush()
		who, _, _ := strings.Cut(head[1], " pid ")
		conn := head[2]
		if strings.HasPrefix(conn, "x") {
			conn = head[1] + " " + conn
		}
		entries = append(entries, entry{line: number, who: who, conn: conn, kind: head[3], note: head[4]})
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	flush()
	return entries
}

func (e *entry) parse(lines []string) {
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if e.kind != "REQUEST" && e.kind != "RESPONSE" {
		e.body = strings.Join(lines, "\n")
		return
	}
	e.headers = make(map[string]string)
	for i, line := range lines {
		switch name, value, ok := strings.Cut(line, ": "); {
		case i == 0:
			e.start = line
		case line == "":
			e.body = strings.Join(lines[i+1:], "\n")
			return
		case ok:
			e.headers[name] = value
		}
	}
}

// tree decodes JSON for comparison; nil if it is none.
func tree(text string) map[string]any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if decoder.Decode(&object) != nil {
		return nil
	}
	return object
}
