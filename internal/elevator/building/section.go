package building

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// document is one building file on its way through the parser. The first
// error stays; after it everything reads as its default.
type document struct {
	name  string
	lines map[string]int // where each key stands: "cars[0].serves" → 12
	err   error
}

// fail keeps the first error: file:line: path: what is wrong.
func (d *document) fail(line int, path, format string, args ...any) {
	if d.err != nil {
		return
	}
	if path != "" {
		path += ": "
	}
	d.err = fmt.Errorf("%s:%d: %s%s", d.name, line, path, fmt.Sprintf(format, args...))
}

// section is one mapping of the file.
type section struct {
	doc    *document
	path   string
	line   int
	values map[string]*yaml.Node
}

// section reads a mapping whose keys are all among the given ones.
func (d *document) section(node *yaml.Node, path string, keys ...string) section {
	s := section{doc: d, path: path, line: node.Line, values: make(map[string]*yaml.Node)}
	if path != "" {
		d.lines[path] = node.Line
	}
	if node.Kind != yaml.MappingNode {
		d.fail(node.Line, path, "expected keys and values (%s), found %s", strings.Join(keys, ", "), describe(node))
		return s
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case key.Kind != yaml.ScalarNode || key.Anchor != "" || !slices.Contains(keys, key.Value):
			d.fail(key.Line, path, "unknown key %s; expected one of %s", describe(key), strings.Join(keys, ", "))
		case s.values[key.Value] != nil:
			d.fail(key.Line, s.key(key.Value), "given twice, first on line %d", s.values[key.Value].Line)
		case value.Kind == yaml.AliasNode || value.Anchor != "":
			d.fail(value.Line, s.key(key.Value), "anchors and aliases are not supported; write the value out")
		default:
			s.values[key.Value] = value
			d.lines[s.key(key.Value)] = value.Line
		}
	}
	return s
}

func (s section) key(key string) string {
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

func (s section) has(key string) bool { return s.values[key] != nil }

func (s section) fail(key string, format string, args ...any) {
	s.doc.fail(s.values[key].Line, s.key(key), format, args...)
}

// list returns the items of a sequence.
func (s section) list(key string) []*yaml.Node {
	node := s.values[key]
	if node == nil {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		s.fail(key, "expected a list, found %s", describe(node))
		return nil
	}
	for _, item := range node.Content {
		if item.Kind == yaml.AliasNode || item.Anchor != "" {
			s.doc.fail(item.Line, s.key(key), "anchors and aliases are not supported; write the value out")
			return nil
		}
	}
	return node.Content
}

// text returns a name, quoted or not: 1 and "1" are the same floor.
func (s section) text(key, otherwise string) string {
	node := s.values[key]
	if node == nil {
		return otherwise
	}
	return s.doc.textOf(node, s.key(key))
}

func (d *document) textOf(node *yaml.Node, path string) string {
	if node.Kind != yaml.ScalarNode || node.ShortTag() == "!!null" {
		d.fail(node.Line, path, "expected a name, found %s", describe(node))
		return ""
	}
	return node.Value
}

// number returns a finite number without a unit.
func (s section) number(key string, otherwise float64) float64 {
	node := s.values[key]
	if node == nil {
		return otherwise
	}
	var f float64
	if tag := node.ShortTag(); node.Kind != yaml.ScalarNode || tag != "!!int" && tag != "!!float" || node.Decode(&f) != nil {
		s.fail(key, "expected a number without a unit, such as 1.5, found %s", describe(node))
		return otherwise
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		s.fail(key, "expected a finite number, found %s", describe(node))
		return otherwise
	}
	return f
}

// seconds returns a time, rounded to the nanosecond.
func (s section) seconds(key string, otherwise time.Duration) time.Duration {
	const limit = 1e6
	f := s.number(key, otherwise.Seconds())
	if f < -limit || f > limit {
		s.fail(key, "expected a number of seconds, found %v", f)
		return otherwise
	}
	return time.Duration(math.Round(f * 1e9))
}

// count returns a whole number.
func (s section) count(key string, otherwise int) int {
	node := s.values[key]
	if node == nil {
		return otherwise
	}
	var n int
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!int" || node.Decode(&n) != nil {
		s.fail(key, "expected a whole number, found %s", describe(node))
		return otherwise
	}
	return n
}

// flag returns true or false.
func (s section) flag(key string) bool {
	node := s.values[key]
	if node == nil {
		return false
	}
	if node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool" {
		s.fail(key, "expected true or false, found %s", describe(node))
		return false
	}
	return strings.EqualFold(node.Value, "true")
}

// named returns one of a closed list of words.
func named[T any](s section, key string, otherwise T, parse func(string) (T, bool), words string) T {
	if !s.has(key) {
		return otherwise
	}
	text := s.text(key, "")
	v, ok := parse(text)
	if !ok {
		s.fail(key, "expected %s, found %.40q", words, text)
		return otherwise
	}
	return v
}

func describe(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.MappingNode:
		return "a mapping"
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Kind == yaml.AliasNode:
		return "an alias"
	case node.ShortTag() == "!!null":
		return "nothing"
	}
	return fmt.Sprintf("%.40q", node.Value)
}
