package localmesos

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gogo/protobuf/proto"
)

// The JSON of a Mesos master: compact, keys in the order of the .proto files,
// fields with an explicit default always present, unknown fields and unknown
// enum values ignored when read. The generated JSON of mesos-go differs in all
// of these, so messages are walked by their protobuf struct tags instead.

// protoField is one field of a generated message type.
type protoField struct {
	index    int
	name     string // as in the .proto file, which is the JSON key
	required bool
	bytes    bool
	enum     map[string]int32 // nil unless an enum
	fallback string           // explicit default as JSON, "" when there is none
}

// protoFields caches the fields of each message type.
var protoFields sync.Map // reflect.Type -> []protoField

// fieldsOf lists the fields in the order of the .proto file, which is that of
// the generated struct.
func fieldsOf(t reflect.Type) []protoField {
	if cached, ok := protoFields.Load(t); ok {
		return cached.([]protoField)
	}
	var fields []protoField
	for i := range t.NumField() {
		tag, ok := t.Field(i).Tag.Lookup("protobuf")
		if !ok {
			continue
		}
		fields = append(fields, parseField(i, t.Field(i).Type, tag))
	}
	protoFields.Store(t, fields)
	return fields
}

func parseField(index int, t reflect.Type, tag string) protoField {
	parts := strings.Split(tag, ",")
	f := protoField{index: index, required: parts[2] == "req"}
	f.bytes = t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
	for i, part := range parts[3:] {
		key, value, _ := strings.Cut(part, "=")
		switch key {
		case "name":
			f.name = value
		case "enum":
			f.enum = proto.EnumValueMap(value)
		case "def":
			f.fallback = defaultJSON(t, f.enum, strings.TrimPrefix(strings.Join(parts[3+i:], ","), "def="))
		}
	}
	if f.name == "role" { // deprecated fields do not show their default
		f.fallback = ""
	}
	return f
}

func defaultJSON(t reflect.Type, enum map[string]int32, def string) string {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case enum != nil:
		for name, number := range enum {
			if strconv.Itoa(int(number)) == def {
				return strconv.Quote(name)
			}
		}
		return strconv.Quote(def)
	case t.Kind() == reflect.Bool:
		return strconv.FormatBool(def == "1")
	case t.Kind() == reflect.String:
		return strconv.Quote(def)
	case t.Kind() == reflect.Float64:
		value, _ := strconv.ParseFloat(def, 64)
		return string(appendJSONFloat(nil, value))
	}
	return def
}

// marshalJSON returns the JSON of a message as a Mesos master writes it.
func marshalJSON(m proto.Message) []byte {
	return appendJSONMessage(make([]byte, 0, 256), reflect.ValueOf(m).Elem())
}

func appendJSONMessage(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	empty := true
	for _, f := range fieldsOf(v.Type()) {
		field := v.Field(f.index)
		absent := isAbsent(field, f)
		if absent && f.fallback == "" {
			continue
		}
		if !empty {
			b = append(b, ',')
		}
		empty = false
		b = append(b, '"')
		b = append(b, f.name...)
		b = append(b, '"', ':')
		if absent {
			b = append(b, f.fallback...)
			continue
		}
		b = appendJSONValue(b, field)
	}
	return append(b, '}')
}

func isAbsent(v reflect.Value, f protoField) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Map:
		return v.IsNil()
	case reflect.Slice:
		if f.bytes {
			return v.IsNil() && !f.required
		}
		return v.Len() == 0
	case reflect.Struct:
		return !f.required && v.IsZero()
	}
	return !f.required && v.IsZero()
}

func appendJSONValue(b []byte, v reflect.Value) []byte {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		return appendJSONMessage(b, v)
	case reflect.String:
		return appendJSONString(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Float64:
		return appendJSONFloat(b, v.Float())
	case reflect.Int32, reflect.Int64:
		if name, ok := reflect.TypeAssert[fmt.Stringer](v); ok {
			return strconv.AppendQuote(b, name.String())
		}
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint32, reflect.Uint64:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b = append(b, '"')
			b = base64.StdEncoding.AppendEncode(b, v.Bytes())
			return append(b, '"')
		}
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSONValue(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(x.String(), y.String()) })
		b = append(b, '{')
		for i, key := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSONString(b, key.String()), ':')
			value := reflect.New(v.Type().Elem()).Elem() // addressable, so that methods are found
			value.Set(v.MapIndex(key))
			b = appendJSONValue(b, value)
		}
		return append(b, '}')
	}
	return append(b, "null"...)
}

func appendJSONString(b []byte, s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError }) < 0 {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, quoted...)
}

func appendJSONFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, '0')
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	if !slices.Contains(b[start:], '.') {
		b = append(b, ".0"...)
	}
	return b
}
