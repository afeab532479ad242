package localmesos

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/gogo/protobuf/proto"
)

// errJSONSyntax is a body that is not JSON at all, told apart from JSON that
// does not fit the message.
var errJSONSyntax = errors.New("syntax error at line 1 near: ")

// unmarshalJSON reads a message from the JSON of a v1 API call. Unknown fields
// and unknown enum values are ignored; the errors are those of a Mesos master.
func unmarshalJSON(data []byte, m proto.Message) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return errJSONSyntax
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errJSONSyntax
	}
	object, ok := tree.(map[string]any)
	if !ok {
		return errors.New("Expecting a JSON object")
	}
	v := reflect.ValueOf(m).Elem()
	if err := readJSONMessage(object, v); err != nil {
		return err
	}
	if missing := missingFields(nil, "", object, v.Type()); len(missing) > 0 {
		return fmt.Errorf("Missing required fields: %s", strings.Join(missing, ", "))
	}
	return nil
}

func readJSONMessage(object map[string]any, v reflect.Value) error {
	for _, f := range fieldsOf(v.Type()) {
		value, ok := object[f.name]
		if !ok || value == nil {
			continue
		}
		if err := readJSONField(value, v.Field(f.index), f); err != nil {
			return err
		}
	}
	return nil
}

func readJSONField(value any, v reflect.Value, f protoField) error {
	switch {
	case v.Kind() == reflect.Slice && !f.bytes:
		list, ok := value.([]any)
		if !ok {
			return unexpected(value, f)
		}
		for _, item := range list {
			element := reflect.New(v.Type().Elem()).Elem()
			if err := readJSONField(item, element, f); err != nil {
				return err
			}
			v.Set(reflect.Append(v, element))
		}
		return nil
	case v.Kind() == reflect.Map:
		object, ok := value.(map[string]any)
		if !ok {
			return unexpected(value, f)
		}
		v.Set(reflect.MakeMap(v.Type()))
		for key, item := range object {
			element := reflect.New(v.Type().Elem()).Elem()
			if err := readJSONField(item, element, f); err != nil {
				return err
			}
			v.SetMapIndex(reflect.ValueOf(key), element)
		}
		return nil
	case v.Kind() == reflect.Pointer:
		target := reflect.New(v.Type().Elem())
		known, err := readJSONScalar(value, target.Elem(), f)
		if err == nil && known {
			v.Set(target)
		}
		return err
	}
	_, err := readJSONScalar(value, v, f)
	return err
}

// readJSONScalar sets v and says whether the value was one it knows: an enum
// value of a newer peer counts as not given.
func readJSONScalar(value any, v reflect.Value, f protoField) (known bool, err error) {
	switch value := value.(type) {
	case map[string]any:
		if v.Kind() == reflect.Struct {
			return true, readJSONMessage(value, v)
		}
	case string:
		return readJSONString(value, v, f)
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(value)
			return true, nil
		}
	case json.Number:
		if f.enum == nil {
			if ok := setNumber(v, value); ok {
				return true, nil
			}
		}
	}
	return false, unexpected(value, f)
}

func readJSONString(value string, v reflect.Value, f protoField) (known bool, err error) {
	switch {
	case f.enum != nil:
		number, ok := f.enum[value]
		if ok {
			v.SetInt(int64(number))
		}
		return ok, nil
	case f.bytes:
		data, err := decodeBase64(value)
		if err != nil {
			return false, fmt.Errorf("Failed to base64 decode bytes field '%s': %w", f.name, err)
		}
		v.SetBytes(data)
		return true, nil
	case v.Kind() == reflect.String:
		v.SetString(value)
		return true, nil
	}
	return false, unexpected(value, f)
}

func setNumber(v reflect.Value, n json.Number) bool {
	switch v.Kind() {
	case reflect.Float64:
		value, err := n.Float64()
		v.SetFloat(value)
		return err == nil
	case reflect.Int32, reflect.Int64:
		value, err := strconv.ParseInt(n.String(), 10, 64)
		if err != nil {
			float, _ := n.Float64()
			value = int64(float)
		}
		v.SetInt(value)
		return true
	case reflect.Uint32, reflect.Uint64:
		value, err := strconv.ParseUint(n.String(), 10, 64)
		if err != nil {
			float, _ := n.Float64()
			value = uint64(float)
		}
		v.SetUint(value)
		return true
	}
	return false
}

// decodeBase64 takes what Mesos takes: the standard alphabet, padding or not,
// line breaks anywhere.
func decodeBase64(s string) ([]byte, error) {
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "=\r\n")) // it skips line breaks itself
	if err == nil {
		return data, nil
	}
	for _, r := range s {
		if !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n", r) {
			return nil, fmt.Errorf("Invalid character '%c'", r)
		}
	}
	return nil, err
}

func unexpected(value any, f protoField) error {
	kind := "null"
	switch value.(type) {
	case map[string]any:
		kind = "object"
	case []any:
		kind = "array"
	case string:
		kind = "string"
	case bool:
		kind = "boolean"
	case json.Number:
		kind = "number"
	}
	return fmt.Errorf("Not expecting a JSON %s for field '%s'", kind, f.name)
}

// missingFields lists the required fields that are not there, as paths, a
// message's own before those of the messages in it.
func missingFields(missing []string, path string, object map[string]any, t reflect.Type) []string {
	for _, f := range fieldsOf(t) {
		if f.required && object[f.name] == nil {
			missing = append(missing, path+f.name)
		}
	}
	for _, f := range fieldsOf(t) {
		element := t.Field(f.index).Type
		switch value := object[f.name].(type) {
		case map[string]any:
			if element.Kind() == reflect.Pointer {
				element = element.Elem()
			}
			if element.Kind() == reflect.Struct {
				missing = missingFields(missing, path+f.name+".", value, element)
			}
		case []any:
			if element = element.Elem(); element.Kind() == reflect.Pointer {
				element = element.Elem()
			}
			if element.Kind() != reflect.Struct {
				continue
			}
			for i, item := range value {
				if inner, ok := item.(map[string]any); ok {
					missing = missingFields(missing, fmt.Sprintf("%s%s[%d].", path, f.name, i), inner, element)
				}
			}
		}
	}
	return missing
}
