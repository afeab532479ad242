package elevator_test

import (
	"fmt"
	"strings"
	"testing"

	"elevator/internal/elevator"
	"elevator/internal/elevator/building"
)

// crc32c is the checksum by its definition, a bit at a time.
func crc32c(text string) uint32 {
	sum := ^uint32(0)
	for _, c := range []byte(text) {
		sum ^= uint32(c)
		for range 8 {
			sum = sum>>1 ^ 0x82f63b78*(sum&1)
		}
	}
	return ^sum
}

func TestChecksum(t *testing.T) {
	if got := crc32c("123456789"); got != 0xe3069283 {
		t.Fatalf("the oracle says %08x of the standard's check text", got)
	}
	b := building.Builtin()
	e := elevator.NewEvent(12_500_000_000, elevator.CarArrived)
	e.Seq, e.Car, e.Floor = 7, 0, 2
	before := []byte("what stands before it\n")
	line := string(elevator.AppendChecksum(elevator.AppendEvent(before, b, &e), len(before))[len(before):])
	const plain = `{"t":12.5,"seq":7,"event":"car_arrived","car":"A","floor":"3"`
	if want := fmt.Sprintf("%s,\"crc\":\"%08x\"}\n", plain, crc32c(plain)); line != want {
		t.Fatalf("got %s, want %s", line, want)
	}
	if got, err := elevator.ParseEvent(b, []byte(line)); err != nil || got != e {
		t.Errorf("read as %+v, %v", got, err)
	}
	for _, c := range []struct{ line, want string }{
		{strings.Replace(line, "12.5", "12.4", 1), "event: field crc: the line is not as it was written"},
		{strings.Replace(line, `"crc":"`, `"crc":"x`, 1), "event: field crc: is not the last, or not one of eight hexadecimal digits"},
		{strings.Replace(line, `"}`, `","by":"me"}`, 1), "event: field crc: is not the last"},
		{plain + `,"crc":"0123456g"}`, "event: field crc: encoding/hex: invalid byte"},
	} {
		if _, err := elevator.ParseEvent(b, []byte(c.line)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.line, err, c.want)
		}
	}
	inside := elevator.AppendChecksum([]byte(strings.TrimSuffix(line, "\n")+"\n"), 0) // a second one over the first
	if _, err := elevator.ParseEvent(b, inside); err == nil || !strings.Contains(err.Error(), "field crc: is not the last") {
		t.Errorf("two checksums: %v", err)
	}
}
