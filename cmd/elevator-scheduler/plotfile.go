package main

import (
	"errors"
	"io/fs"
	"os"

	"elevator/internal/elevator/sim/plot"
)

// plotFile is the file that a picture will be written to. It is opened before
// the work begins, so that a path nobody can write to costs no waiting.
type plotFile struct {
	file   *os.File
	format plot.Format
	made   bool // the file did not exist before
	done   bool
}

// openPlot opens the file of a --plot flag; it returns nil where the flag was
// not given. What the file held stays until write.
func openPlot(path string) (*plotFile, error) {
	if path == "" {
		return nil, nil
	}
	format, err := plot.FormatOf(path)
	if err != nil {
		return nil, badInputf("--plot %w", err)
	}
	_, err = os.Stat(path)
	made := errors.Is(err, fs.ErrNotExist)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return nil, badInputf("--plot: %w", err)
	}
	return &plotFile{file: file, format: format, made: made}, nil
}

// write replaces what the file holds by the picture.
func (p *plotFile) write(picture *plot.Picture) error {
	if err := p.file.Truncate(0); err != nil {
		return err
	}
	if err := picture.Write(p.file, p.format); err != nil {
		return err
	}
	p.done = true
	return nil
}

// close closes the file, and takes it away again where it holds no picture and
// did not exist before.
func (p *plotFile) close() error {
	err := p.file.Close()
	if !p.done && p.made {
		err = errors.Join(err, os.Remove(p.file.Name()))
	}
	return err
}
