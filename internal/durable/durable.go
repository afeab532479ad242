// Package durable replaces small files so that they survive the machine: whenever
// it dies, a file holds its old content or the new one, and once ReplaceFile has
// returned, the new one. Nothing is kept between calls, and calls may be concurrent:
// of two for the same file one is the last.
package durable

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
)

// ReplaceFile puts data where the file at path is; perm is the mode, before the
// umask, of the file that is renamed over it. A failure leaves the old file, and
// nothing else.
func ReplaceFile(path string, data []byte, perm os.FileMode) error {
	beside := path + "." + rand.Text() + ".new"
	file, err := os.OpenFile(beside, os.O_CREATE|os.O_EXCL|os.O_WRONLY, perm)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(beside, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return SyncDirectory(filepath.Dir(path))
}

// SyncDirectory makes new and renamed files of a directory durable.
func SyncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
