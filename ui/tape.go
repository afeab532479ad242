package ui

// tape is a recording that is read like a live group.
type tape struct{}

func (t *tape) seek(m *model, to tapePosition) {}
func (t *tape) play(m *model, to any)          {}
