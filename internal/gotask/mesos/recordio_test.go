package mesos

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestRecordReader(t *testing.T) {
	for _, test := range []struct {
		in   string
		want []string // the last is the error
	}{
		{"", []string{"EOF"}},
		{"5\nhello3\nfoo", []string{"hello", "foo", "EOF"}},
		{"\n\n5\nhello\n\n3\nfoo\n", []string{"hello", "foo", "EOF"}},
		{"0005\nhello", []string{"hello", "EOF"}},
		{"5\nhel", []string{"3 of 5 bytes: unexpected EOF"}},
		{"5\n", []string{"0 of 5 bytes: unexpected EOF"}},
		{"5", []string{"unexpected EOF"}},
		{"0\n", []string{"0 bytes is not valid"}},
		{"-5\nhello", []string{"is not a digit"}},
		{" 5\nhello", []string{"is not a digit"}},
		{"5\r\nhello", []string{"is not a digit"}},
		{"101\n" + strings.Repeat("x", 101), []string{"exceeds the limit of 100 bytes"}},
		{"18446744073709551615\n", []string{"exceeds the limit"}},
		{strings.Repeat("0", 30) + "1\nx", []string{"exceeds the limit"}},
	} {
		for name, in := range map[string]io.Reader{
			"whole":    strings.NewReader(test.in),
			"one byte": iotest.OneByteReader(strings.NewReader(test.in)),
			"data err": iotest.DataErrReader(strings.NewReader(test.in)),
		} {
			r := NewRecordReader(in, 100)
			for _, want := range test.want {
				data, err := r.Next()
				if err == nil && string(data) != want || err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("%q, %s: %q, %v, want %q", test.in, name, data, err, want)
				}
			}
		}
	}
}

func TestRecordReaderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 1, 300_000)).Draw(t, "records")
		var stream bytes.Buffer
		for _, data := range records {
			stream.WriteString(strings.Repeat("\n", rapid.IntRange(0, 2).Draw(t, "blank")))
			stream.WriteString(strconv.Itoa(len(data)) + "\n")
			stream.Write(data)
		}
		r := NewRecordReader(&stream, 0)
		for i, want := range records {
			if got, err := r.Next(); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("record %d: %d bytes, %v, want %d bytes", i, len(got), err, len(want))
			}
		}
		if _, err := r.Next(); !errors.Is(err, io.EOF) {
			t.Fatalf("at the end: %v", err)
		}
	})
}

func TestRecordReaderDoesNotBelieveAHostileLength(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := NewRecordReader(strings.NewReader("200000000\nabc"), 0)
	if _, err := r.Next(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
		t.Errorf("allocated %d bytes for 3 that arrived", grown)
	}
}

func FuzzRecordReader(f *testing.F) {
	for _, seed := range []string{"5\nhello3\nfoo", "\n\n1\nx", "99999999999999999999\n", "0\n", "3\nab", "20\n{\"type\":\"HEARTBEAT\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		read := func(in io.Reader) (records []string, end string) {
			r := NewRecordReader(in, 1<<20)
			for {
				data, err := r.Next()
				if err != nil {
					return records, err.Error()
				}
				if len(data) == 0 || len(data) > len(stream) {
					t.Fatalf("record of %d bytes out of %d", len(data), len(stream))
				}
				records = append(records, string(data))
			}
		}
		whole, wholeEnd := read(bytes.NewReader(stream))
		split, splitEnd := read(iotest.OneByteReader(bytes.NewReader(stream)))
		if strings.Join(whole, "|") != strings.Join(split, "|") || wholeEnd != splitEnd {
			t.Errorf("%q gives %q %s, and byte by byte %q %s", stream, whole, wholeEnd, split, splitEnd)
		}
	})
}
