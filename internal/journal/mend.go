package journal

import (
	"bytes"

	"elevator/internal/elevator"
)

// maxMendBytes bounds the text in which a flipped bit is looked for: every bit
// is tried, which takes a second or two then.
const maxMendBytes = 32 << 10

// mend finds the bit that was flipped in text, one line or two of a journal with
// checksums, and flips it back; it reports whether there is such a bit, and
// otherwise leaves text as it is. CRC-32C tells any two lines apart that differ
// in three bits or less, so what it finds is what was written.
func mend(text []byte) bool {
	if len(text) > maxMendBytes {
		return false
	}
	first := 0
	if has, _ := elevator.VerifyChecksum(text); !has { // only at its end can a flipped bit have spoilt that
		first = max(0, len(text)-len(`,"crc":"01234567"}`+"\n"))
	}
	for i := first; i < len(text); i++ {
		for bit := range 8 {
			text[i] ^= 1 << bit
			if verified(text) {
				return true
			}
			text[i] ^= 1 << bit
		}
	}
	return false
}

// verified reports whether text is lines that all have their checksum.
func verified(text []byte) bool {
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 {
			return false
		}
		if has, err := elevator.VerifyChecksum(text[:end]); !has || err != nil {
			return false
		}
		text = text[end:]
	}
	return true
}
