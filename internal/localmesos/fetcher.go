package localmesos

import (
	"archive/tar"
	"archive/zip"
	"compress/bzip2"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	mesos "github.com/mesos/mesos-go/api/v1/lib"
)

// fetcher brings the URIs of commands into sandboxes, one after the other, as
// the Mesos fetcher does. What is marked for the cache is downloaded once for
// each user and never refreshed.
type fetcher struct {
	client *http.Client
	dir    string // of the cache

	mu    sync.Mutex
	cache map[string]*cached
}

// cached is one download that several sandboxes may wait for.
type cached struct {
	once sync.Once
	path string
	err  error
}

func newFetcher(dir string, host Host) *fetcher {
	return &fetcher{
		client: &http.Client{Transport: &http.Transport{DialContext: host.dial}}, // no proxy
		dir:    dir,
		cache:  make(map[string]*cached),
	}
}

func (f *fetcher) close() { f.client.CloseIdleConnections() }

// fetch brings all URIs; the first failure ends it. It says on log what it did.
func (f *fetcher) fetch(ctx context.Context, uris []mesos.CommandInfo_URI, sandbox, user string, owner *syscall.Credential, log io.Writer) error {
	for _, uri := range uris {
		if err := f.fetchOne(ctx, uri, sandbox, user); err != nil {
			return fmt.Errorf("failed to fetch '%s': %w", uri.Value, err)
		}
		fmt.Fprintf(log, "Fetched '%s' to '%s'\n", uri.Value, sandbox)
	}
	if owner == nil || len(uris) == 0 {
		return nil
	}
	return filepath.WalkDir(sandbox, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
}

func (f *fetcher) fetchOne(ctx context.Context, uri mesos.CommandInfo_URI, sandbox, user string) error {
	value := strings.TrimLeft(uri.Value, " \t")
	if value == "" || strings.ContainsAny(value, "\\'\x00") {
		return errors.New("illegal characters in the URI")
	}
	name := path.Base(value)
	if uri.GetOutputFile() != "" {
		name = uri.GetOutputFile()
	}
	if !filepath.IsLocal(name) {
		return fmt.Errorf("output file '%s' is not below the sandbox", name)
	}
	target := filepath.Join(sandbox, name)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := f.bring(ctx, value, target, user, uri.GetCache()); err != nil {
		return err
	}
	if uri.GetExecutable() {
		return os.Chmod(target, 0o755)
	}
	if uri.GetExtract() {
		return extract(target, sandbox)
	}
	return nil
}

func (f *fetcher) bring(ctx context.Context, value, target, user string, useCache bool) error {
	if !useCache {
		return f.download(ctx, value, target)
	}
	f.mu.Lock()
	entry := f.cache[user+" "+value]
	if entry == nil {
		entry = &cached{path: filepath.Join(f.dir, user, fmt.Sprintf("c%d-%s", len(f.cache)+1, path.Base(value)))}
		f.cache[user+" "+value] = entry
	}
	f.mu.Unlock()
	entry.once.Do(func() {
		if entry.err = os.MkdirAll(filepath.Dir(entry.path), 0o755); entry.err == nil {
			entry.err = f.download(ctx, value, entry.path)
		}
	})
	if entry.err != nil {
		f.mu.Lock()
		delete(f.cache, user+" "+value) // the next one tries anew
		f.mu.Unlock()
		return entry.err
	}
	return copyFile(entry.path, target)
}

// download gets a http, https or file URI, or a plain absolute path.
func (f *fetcher) download(ctx context.Context, value, target string) error {
	if local, ok := strings.CutPrefix(value, "file://"); ok || filepath.IsAbs(value) {
		if !ok {
			local = value
		}
		if !filepath.IsAbs(local) {
			return errors.New("only absolute paths are supported with file://")
		}
		return copyFile(local, target)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, value, nil)
	if err != nil {
		return err
	}
	response, err := f.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answered %s, not 200", response.Status)
	}
	return writeFile(target, response.Body, 0o644)
}

func copyFile(source, target string) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	return writeFile(target, in, 0o644)
}

func writeFile(target string, content io.Reader, mode fs.FileMode) (err error) {
	out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, content)
	return err
}

// extract unpacks an archive into the sandbox, by its name; anything else stays
// as it is.
func extract(archive, sandbox string) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	switch name := archive; {
	case hasSuffix(name, ".tar.gz", ".tgz"):
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			return err
		}
		return untar(unzipped, sandbox)
	case hasSuffix(name, ".tar.bz2", ".tbz2"):
		return untar(bzip2.NewReader(file), sandbox)
	case hasSuffix(name, ".tar"):
		return untar(file, sandbox)
	case hasSuffix(name, ".tar.xz", ".txz"):
		return errors.New("xz archives are not supported by this local cluster")
	case hasSuffix(name, ".zip"):
		return unzip(archive, sandbox)
	case hasSuffix(name, ".gz"):
		unzipped, err := gzip.NewReader(file)
		if err != nil {
			return err
		}
		return writeFile(strings.TrimSuffix(archive, ".gz"), unzipped, 0o644)
	}
	return nil
}

func hasSuffix(name string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

func untar(r io.Reader, sandbox string) error {
	root, err := os.OpenRoot(sandbox) // keeps what the archive names below the sandbox
	if err != nil {
		return err
	}
	defer root.Close()
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.Clean(header.Name)
		switch header.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o755)
		case tar.TypeSymlink:
			err = root.Symlink(header.Linkname, name)
		case tar.TypeReg:
			err = writeIn(root, name, archive, header.FileInfo().Mode().Perm())
		}
		if err != nil {
			return err
		}
	}
}

func unzip(archive, sandbox string) error {
	reader, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer reader.Close()
	root, err := os.OpenRoot(sandbox)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, entry := range reader.File {
		name := filepath.Clean(entry.Name)
		if entry.FileInfo().IsDir() {
			if err := root.MkdirAll(name, 0o755); err != nil {
				return err
			}
			continue
		}
		content, err := entry.Open()
		if err != nil {
			return err
		}
		err = writeIn(root, name, content, entry.Mode().Perm())
		if err := errors.Join(err, content.Close()); err != nil {
			return err
		}
	}
	return nil
}

func writeIn(root *os.Root, name string, content io.Reader, mode fs.FileMode) (err error) {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	out, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	_, err = io.Copy(out, content)
	return err
}
