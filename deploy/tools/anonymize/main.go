// Command anonymize takes out of an image, as docker save writes it, the names
// that its builder drew for the container and the machine it was built in. So
// the same files give the same image with the same id.
//
//	anonymize < built.tar > image.tar
package main

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "anonymize:", err)
		os.Exit(1)
	}
}

// run copies the archive, layers first as they come, and then what names them.
func run(in io.Reader, out io.Writer) error {
	from, to := tar.NewReader(in), tar.NewWriter(out)
	texts := make(map[string][]byte) // manifest and configurations, by name
	for {
		h, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		switch {
		case strings.HasSuffix(h.Name, ".json") && path.Dir(h.Name) == ".":
			if texts[h.Name], err = io.ReadAll(from); err != nil {
				return fmt.Errorf("read %s: %w", h.Name, err)
			}
		case h.Typeflag == tar.TypeReg && path.Dir(h.Name) == "." && strings.HasSuffix(h.Name, ".tar"):
			if err := to.WriteHeader(&tar.Header{Name: h.Name, Mode: 0o444, Size: h.Size, Format: tar.FormatPAX}); err != nil {
				return err
			}
			if _, err := io.Copy(to, from); err != nil {
				return fmt.Errorf("copy %s: %w", h.Name, err)
			}
		} // the rest is for Docker before 1.10
	}
	if err := writeManifest(to, texts); err != nil {
		return err
	}
	return to.Close()
}

// writeManifest writes each image's configuration without names, under the name
// that its content gives it, and the list of images.
func writeManifest(to *tar.Writer, texts map[string][]byte) error {
	var images []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := json.Unmarshal(texts["manifest.json"], &images); err != nil {
		return fmt.Errorf("manifest.json: %w", err)
	}
	for i := range images {
		config, err := withoutNames(texts[images[i].Config])
		if err != nil {
			return fmt.Errorf("%s: %w", images[i].Config, err)
		}
		sum := sha256.Sum256(config)
		images[i].Config = hex.EncodeToString(sum[:]) + ".json"
		if err := writeText(to, images[i].Config, config); err != nil {
			return err
		}
	}
	manifest, err := json.Marshal(images)
	if err != nil {
		return err
	}
	return writeText(to, "manifest.json", manifest)
}

// withoutNames returns an image's configuration with its fields in the order of
// their names, as package json writes a map.
func withoutNames(config []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(config, &fields); err != nil {
		return nil, err
	}
	delete(fields, "container")
	delete(fields, "container_config")
	var settings map[string]json.RawMessage
	if err := json.Unmarshal(fields["config"], &settings); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	delete(settings, "Hostname")
	var err error
	if fields["config"], err = json.Marshal(settings); err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

func writeText(to *tar.Writer, name string, text []byte) error {
	if err := to.WriteHeader(&tar.Header{Name: name, Mode: 0o444, Size: int64(len(text)), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err := to.Write(text)
	return err
}
