package elevator

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
)

// The checksum of a line is its last field, "crc": the CRC-32C, in eight
// hexadecimal digits, of everything that stands before it. Lines that nobody
// can lose, such as those of a simulation, do without.
const (
	checksumField  = `,"crc":"`
	checksumDigits = 2 * crc32.Size
	checksumEnd    = `"}`
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// AppendChecksum gives the last of lines, which begins at from and was written
// by AppendEvent, its checksum.
func AppendChecksum(lines []byte, from int) []byte {
	end := len(lines) - len("}\n")
	var sum [crc32.Size]byte
	binary.BigEndian.PutUint32(sum[:], crc32.Checksum(lines[from:end], castagnoli))
	lines = append(lines[:end], checksumField...)
	lines = hex.AppendEncode(lines, sum[:])
	return append(lines, checksumEnd+"\n"...)
}

// VerifyChecksum reports whether a line, with or without its newline, ends with
// a checksum, and returns an error where that is not the line's.
func VerifyChecksum(line []byte) (has bool, err error) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	end := len(line) - len(checksumField) - checksumDigits - len(checksumEnd)
	if end < 0 || !bytes.HasSuffix(line, []byte(checksumEnd)) || string(line[end:end+len(checksumField)]) != checksumField {
		return false, nil
	}
	var sum [crc32.Size]byte
	if _, err := hex.Decode(sum[:], line[end+len(checksumField):len(line)-len(checksumEnd)]); err != nil {
		return true, fmt.Errorf("field crc: %w", err)
	}
	if binary.BigEndian.Uint32(sum[:]) != crc32.Checksum(line[:end], castagnoli) {
		return true, errors.New("field crc: the line is not as it was written")
	}
	return true, nil
}
