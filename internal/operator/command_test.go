package operator

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseCommandIsStrict(t *testing.T) {
	for _, test := range []struct{ body, says string }{
		{``, "unexpected EOF"},
		{`null`, "no JSON object"},
		{`[]`, "no JSON object"},
		{`"park"`, "no JSON object"},
		{`{`, "unexpected EOF"},
		{`{"request_id":"1"`, "unexpected EOF"},
		{`{"request_id":"1"}}`, "something follows"},
		{`{"request_id":"1"} {}`, "something follows"},
		{`{"request_id":1}`, `field "request_id" is no text`},
		{`{"request_id":null}`, `field "request_id" is no text`},
		{`{"request_id":""}`, `field "request_id" is no text with something in it`},
		{`{"request_id":{"a":1}}`, `field "request_id" is no text`},
		{`{"colour":"red"}`, `field "colour" is unknown; want request_id, command, car`},
		{`{"Car":"A"}`, `field "Car" is unknown`},
		{`{"car":"A","car":"B"}`, `field "car" is given twice`},
		{`{"car":"A","c\u0061r":"B"}`, `field "car" is given twice`},
		{`{"on":"on"}`, `field "on" is neither true nor false`},
		{`{"on":1}`, `field "on" is neither`},
		{"{\"car\":\"\xff\"}", "no UTF-8"},
	} {
		_, err := parseCommand([]byte(test.body))
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v; want %q", test.body, err, test.says)
		}
	}
}

func TestCommandsAreCheckedAgainstTheirForm(t *testing.T) {
	b := small(t)
	for _, test := range []struct {
		fields string // beside the request id
		status int
		says   string
	}{
		{`"command":"park","car":"A"`, 0, ""},
		{`"command":"park","car":"A","floor":"2"`, 0, ""},
		{`"command":"clear-car-calls"`, 0, ""},
		{`"command":"landing-call","floor":"2","direction":"up"`, 0, ""},
		{`"command":"fault","car":"A","fault":"door-closing","on":false`, 0, ""},
		{`"command":"group-mode","group_mode":"up-peak"`, 0, ""},
		{`"car":"A"`, 400, "field command is missing"},
		{`"command":"explode"`, 400, `command "explode" is unknown; want acknowledge, all-cars-mode`},
		{`"command":"car-call","car":"A"`, 400, "command car-call needs floor; want car-call CAR FLOOR"},
		{`"command":"car-call","floor":"2"`, 400, "needs car"},
		{`"command":"park","car":"A","mode":"vip"`, 400, "command park takes no mode; want park CAR [FLOOR]"},
		{`"command":"restart-task","task":"car-0"`, 0, ""},
		{`"command":"restart-task"`, 400, "needs task; want restart-task TASK"},
		{`"command":"park","car":"A","task":"car-0"`, 400, "takes no task"},
		{`"command":"park","car":"A","on":true`, 400, "takes no on"},
		{`"command":"lock-floor","floor":"2"`, 400, "needs on; want lock-floor FLOOR on|off"},
		{`"command":"landing-call","floor":"2"`, 400, "needs direction or to; want landing-call FLOOR up|down|TO"},
		{`"command":"landing-call","floor":"2","direction":"up","to":"3"`, 400, "needs direction or to"},
		{`"command":"landing-call","floor":"2","direction":"sideways"`, 400, `direction "sideways": want up or down`},
		{`"command":"car-mode","car":"A","mode":"unknown"`, 400, "no BACnet car mode"},
		{`"command":"group-mode","group_mode":"vip"`, 400, "no BACnet group mode"},
		{`"command":"fault","car":"A","fault":"none","on":true`, 400, "no BACnet fault signal"},
		{`"command":"park","car":"Z"`, 404, `car "Z": the building has none of that name`},
		{`"command":"park","car":"A","floor":"13"`, 404, `floor "13"`},
		{`"command":"landing-call","floor":"2","to":"13"`, 404, `floor "13"`},
		{`"command":"landing-call","floor":"2","to":"2"`, 409, "no destination from itself"},
		{`"command":"landing-call","floor":"2","to":"3"`, 409, "has up and down buttons"},
		{`"command":"landing-call","floor":"3","direction":"up"`, 409, "highest and has no up button"},
		{`"command":"landing-call","floor":"G","direction":"down"`, 409, "lowest and has no down button"},
	} {
		c, err := parseCommand([]byte(`{"request_id":"1",` + test.fields + `}`))
		if err != nil {
			t.Errorf("%s: %v", test.fields, err)
			continue
		}
		switch refused := c.check(b); {
		case refused == nil && test.status == 0:
		case refused == nil || refused.Status != test.status || !strings.Contains(refused.Sentence, test.says):
			t.Errorf("%s: %v; want %d and %q", test.fields, refused, test.status, test.says)
		}
	}
}

func TestALandingWithAPanelTakesDestinations(t *testing.T) {
	b := *small(t)
	b.Signalling = 1
	up := Command{RequestID: "1", Name: "landing-call", Floor: "1", Direction: "up"}
	if refused := up.check(&b); refused == nil || refused.Status != 409 || !strings.Contains(refused.Sentence, "destination panel") {
		t.Errorf("a direction: %v", refused)
	}
	to := Command{RequestID: "1", Name: "landing-call", Floor: "1", To: "3"}
	if refused := to.check(&b); refused != nil {
		t.Errorf("a destination: %v", refused)
	}
}

func TestRequestIDs(t *testing.T) {
	for id, good := range map[string]bool{
		"1": true, NewRequestID(): true, strings.Repeat("x", longestID): true,
		"": false, strings.Repeat("x", longestID+1): false, "two words": false, "é": false, "a\n": false,
	} {
		if err := checkRequestID(id); (err == nil) != good {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestCommandFromWords(t *testing.T) {
	for _, test := range []struct{ words, want string }{
		{"park A", `{"command":"park","car":"A"}`},
		{"park A 2", `{"command":"park","car":"A","floor":"2"}`},
		{"landing-call 2 up", `{"command":"landing-call","floor":"2","direction":"up"}`},
		{"landing-call G 3", `{"command":"landing-call","floor":"G","to":"3"}`},
		{"lock-floor 2 off", `{"command":"lock-floor","floor":"2","on":false}`},
		{"fault A overload on", `{"command":"fault","car":"A","fault":"overload","on":true}`},
		{"car-mode A homing 1", `{"command":"car-mode","car":"A","floor":"1","mode":"homing"}`},
		{"clear-landing-calls", `{"command":"clear-landing-calls"}`},
		{"park", "want park CAR [FLOOR]"},
		{"park A 2 3", "want park CAR [FLOOR]"},
		{"lock-floor 2 perhaps", `"perhaps": want lock-floor FLOOR on|off`},
		{"jump", `command "jump" is unknown`},
		{"", "a command is needed"},
	} {
		c, err := CommandFromWords(strings.Fields(test.words))
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			data, _ := json.Marshal(&c)
			got = strings.Replace(string(data), `"request_id":"",`, "", 1)
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: %s; want %s", test.words, got, test.want)
		}
	}
}

// Every command can be given by words and says the same words again, is taken by
// its own check where cars and floors are the building's, and comes back from JSON
// as it was.
func TestEveryFormIsTaken(t *testing.T) {
	b := small(t)
	words := map[string]string{
		"car": "B", "floor": "1", "mode": "vip", "group_mode": "up-peak", "fault": "overload", "doors": "close", "on": "on", "dispatcher": "eta", "task": "car-0", "alarm": "fire", directionOrTo: "down",
	}
	rapid.Check(t, func(rt *rapid.T) {
		form := rapid.SampledFrom(CommandForms()).Draw(rt, "form")
		line := []string{form.Name}
		for _, field := range form.Required {
			line = append(line, words[field])
		}
		if rapid.Bool().Draw(rt, "optional") {
			for _, field := range form.Optional {
				line = append(line, words[field])
			}
		}
		c, err := CommandFromWords(line)
		if err != nil {
			rt.Fatal(err)
		}
		if again := c.Words(); !slices.Equal(again, line) {
			rt.Fatalf("%q comes back as %q", line, again)
		}
		c.RequestID = "x"
		if refused := c.check(b); refused != nil {
			rt.Fatalf("%v: %v", line, refused)
		}
		data, err := json.Marshal(&c)
		if err != nil {
			rt.Fatal(err)
		}
		if back, err := parseCommand(data); err != nil || !back.same(&c) {
			rt.Fatalf("%s comes back as %+v, %v", data, back, err)
		}
	})
}
