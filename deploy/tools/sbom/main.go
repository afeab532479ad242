// Command sbom writes the bill of materials of Go programs as CycloneDX JSON:
// what was linked into them, as they say themselves. The same programs give
// the same bytes.
//
//	sbom NAME VERSION PROGRAM… > sbom.cdx.json
package main

import (
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) < 3 {
		return errors.New("want a name, a version and at least one program")
	}
	components := make(map[string]cyclonedx.Component)
	for _, path := range args[2:] {
		info, err := buildinfo.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the modules of %s: %w", path, err)
		}
		add := func(name, version string) {
			url := "pkg:golang/" + name + "@" + version
			components[url] = cyclonedx.Component{
				Type: cyclonedx.ComponentTypeLibrary, BOMRef: url, Name: name, Version: version, PackageURL: url,
			}
		}
		add("std", strings.TrimPrefix(info.GoVersion, "go"))
		for _, module := range info.Deps {
			if module.Replace != nil {
				module = module.Replace
			}
			add(module.Path, module.Version)
		}
	}
	list := make([]cyclonedx.Component, 0, len(components))
	for _, c := range components {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b cyclonedx.Component) int { return strings.Compare(a.BOMRef, b.BOMRef) })
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Component: &cyclonedx.Component{
		Type: cyclonedx.ComponentTypeApplication, BOMRef: args[0], Name: args[0], Version: args[1],
		Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
	}}
	bom.Components = &list
	return cyclonedx.NewBOMEncoder(out, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}
