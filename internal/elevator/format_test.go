package elevator

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the journal's format anew")

// TestFormatIsRaised holds what the journal can contain against what it could when
// its format got its number: who adds to it raises JournalFormat and runs this
// with -update.
func TestFormatIsRaised(t *testing.T) {
	var text strings.Builder
	fmt.Fprintf(&text, "format %d\n", JournalFormat)
	for kind := BuildingLoaded; int(kind) < len(eventForms); kind++ {
		form := &eventForms[kind]
		fmt.Fprintf(&text, "%s: %s", form.name, form.required)
		if form.optional != 0 {
			fmt.Fprintf(&text, "; optional %s", form.optional)
		}
		if form.choice != 0 {
			fmt.Fprintf(&text, "; one of %s", form.choice)
		}
		text.WriteByte('\n')
	}
	writeKeys(&text, "snapshot", reflect.TypeFor[Snapshot](), make(map[reflect.Type]bool))
	path := filepath.Join("testdata", "journal_format")
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Errorf("the journal is not what it was in format %d; raise JournalFormat, then run with -update (-was +is):\n%s", JournalFormat, diff)
	}
}

// writeKeys writes the JSON keys of a struct and of all structs in it.
func writeKeys(text *strings.Builder, name string, of reflect.Type, seen map[reflect.Type]bool) {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || seen[of] {
		return
	}
	seen[of] = true
	var keys []string
	for field := range of.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		keys = append(keys, key)
	}
	fmt.Fprintf(text, "%s: %s\n", name, strings.Join(strings.Fields(strings.Join(keys, " ")), " "))
	for i, key := range keys {
		writeKeys(text, name+"."+key, of.Field(i).Type, seen)
	}
}

// A journal of a later format is read as far as this version knows what it says;
// one of this format, or an older one, says nothing unknown.
func TestALaterFormatIsReadAsFarAsItIsKnown(t *testing.T) {
	b := testBuilding()
	header := NewEvent(0, BuildingLoaded)
	header.Seq = 1
	header.Detail = &Detail{Header: &Header{Building: b, Speed: 1, Dispatcher: "eta", Version: "v2"}}
	today := string(AppendEvent(nil, b, &header))
	header.Detail.Header.Format = JournalFormat + 1
	later := string(AppendEvent(nil, b, &header))
	group := NewEvent(0, SnapshotTaken)
	group.Detail = &Detail{Snapshot: NewGroup(b)}
	snapshot := string(AppendEvent(nil, b, &group))
	weather := strings.Replace(snapshot, `"mode":"normal"`, `"mode":"normal","weather":"fair"`, 1)
	for _, test := range []struct {
		line string
		kind EventKind // in a later format
		says string    // today
	}{
		{`{"t":1,"seq":2,"event":"car_arrived","car":"A","floor":"1"}`, CarArrived, ""},
		{`{"t":1,"seq":2,"event":"car_arrived","car":"A","floor":"1","smoothly":{"very":true}}`, CarArrived, `unknown field "smoothly"`},
		{`{"t":1,"seq":2,"event":"car_arrived","car":"A","floor":"1","load_kg":[1]}`, CarArrived, `unknown field "load_kg"`},
		{`{"t":1,"seq":2,"event":"car_arrived","car":"A","floor":"1","mode":"vip"}`, CarArrived, "field mode does not belong"},
		{`{"t":1,"seq":2,"event":"car_levitated","car":"A"}`, EventNone, `"car_levitated" is no kind of event`},
		{`{"t":1,"seq":2,"event":"mode_changed","car":"A","mode":"hovering"}`, EventNone, `"hovering" is no car mode`},
		{`{"t":1,"seq":2,"event":"car_arrived","car":"A"}`, EventNone, "field floor is missing"},
		{weather, SnapshotTaken, "weather"},
		{strings.Replace(weather, `"event"`, `"sky":"blue","event"`, 1), SnapshotTaken, "weather"},
	} {
		strict, lenient := NewEventDecoder(nil), NewEventDecoder(nil)
		for decoder, line := range map[*EventDecoder]string{strict: today, lenient: later} {
			if _, err := decoder.Decode([]byte(line)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := strict.Decode([]byte(test.line))
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", test.line, err, test.says)
		}
		e, err := lenient.Decode([]byte(test.line))
		if err != nil || e.Kind != test.kind || test.kind == EventNone && (e.Seq != 2 || e.T.Seconds() != 1) {
			t.Errorf("in a later format %s is %v, %v; want %v", test.line, e, err, test.kind)
		}
		if passed := lenient.Passed(); passed != 0 && test.says == "" || passed != 1 && test.says != "" {
			t.Errorf("%s: %d lines were passed over", test.line, passed)
		}
		if _, err := lenient.Decode([]byte(today)); err != nil {
			t.Fatal(err)
		}
		if _, err := lenient.Decode([]byte(test.line)); (err == nil) != (test.says == "") {
			t.Errorf("after a building line of this format: %s: %v", test.line, err)
		}
	}
	for _, broken := range []string{
		strings.Replace(later, `"speed":1`, `"speed":"fast"`, 1),
		`{"t":1,"seq":2,"event":"car_arrived","car":"A","floor":"1"`,
		`{"t":-1,"seq":2,"event":"car_levitated"}`,
	} {
		decoder := NewEventDecoder(nil)
		if _, err := decoder.Decode([]byte(later)); err != nil {
			t.Fatal(err)
		}
		if _, err := decoder.Decode([]byte(broken)); err == nil {
			t.Errorf("%s is taken", broken)
		}
	}
}
