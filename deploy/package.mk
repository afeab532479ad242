# What is handed out: images, an installation, a Debian package, a tarball. The
# Makefile includes it; VERSION and the target build are the Makefile's. The
# same binaries give the same packages, byte for byte.

ARCH    ?= amd64
DESTDIR ?=
PREFIX  ?= /usr
IMAGE   ?= localhost/elevator
BUILDAH ?= buildah
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
# All files in packages have this time: the commit's.
SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
# The bill of materials; its tool is fetched once, like the tests'.
SBOM ?= $(GO) run -C deploy/tools ./sbom elevator $(VERSION) $(CURDIR)/bin/elevator-scheduler $(CURDIR)/bin/elevator-executor
MANUALS := run dashboard command simulate bench building teardown healthcheck man completion version
DEB_VERSION := $(shell echo '$(VERSION)' | sed -E 's/^v//; s/^([^0-9])/0~\1/; s/-/+/g')

.PHONY: images install deb tarball manuals sbom

# Manual pages and completions, as the program itself describes its flags.
manuals: build
	mkdir -p dist/man dist/completions
	cp deploy/man/elevator-executor.1 dist/man/
	bin/elevator-scheduler man > dist/man/elevator-scheduler.1
	for name in $(MANUALS); do bin/elevator-scheduler man $$name > dist/man/elevator-scheduler-$$name.1 || exit 1; done
	for shell in bash zsh fish; do bin/elevator-scheduler completion $$shell > dist/completions/$$shell || exit 1; done

sbom: build
	mkdir -p dist
	$(SBOM) > dist/elevator-$(VERSION).cdx.json

# The image, as dist/elevator-VERSION-image.tar for 'docker load' and in buildah's
# own storage. Only Docker's format knows HEALTHCHECK; buildah writes the names of
# its container and machine into that, which anonymize takes out again. docker build
# takes the same arguments, but for --timestamp, --iidfile and --ignorefile.
IMAGE_FILE := dist/elevator-$(VERSION)-image.tar

images: build
	mkdir -p dist
	$(BUILDAH) bud --isolation chroot --format docker --timestamp 0 \
		--build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
		--ignorefile deploy/docker/Dockerfile.dockerignore --file deploy/docker/Dockerfile --iidfile dist/image.id .
	rm -f dist/image.tar
	$(BUILDAH) push --quiet $$(cat dist/image.id) docker-archive:dist/image.tar:$(IMAGE):$(VERSION)
	$(BUILDAH) rmi $$(cat dist/image.id)
	$(GO) run -C deploy/tools ./anonymize < dist/image.tar > $(IMAGE_FILE)
	rm -f dist/image.tar dist/image.id
	$(BUILDAH) pull --quiet docker-archive:$(IMAGE_FILE)
	$(BUILDAH) tag $(IMAGE):$(VERSION) $(IMAGE):latest
	sha256sum $(IMAGE_FILE)

install: manuals sbom
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system \
		$(DESTDIR)$(PREFIX)/share/doc/elevator $(DESTDIR)/etc/default $(DESTDIR)/etc/elevator $(DESTDIR)/etc/logrotate.d
	install -d -m 0700 $(DESTDIR)/etc/elevator/credentials
	install -m 0755 bin/elevator-scheduler bin/elevator-executor $(DESTDIR)$(PREFIX)/bin/
	install -m 0644 deploy/systemd/elevator-scheduler@.service $(DESTDIR)$(PREFIX)/lib/systemd/system/
	install -m 0644 deploy/systemd/elevator-scheduler.default $(DESTDIR)/etc/default/elevator-scheduler
	install -m 0644 deploy/systemd/elevator.logrotate $(DESTDIR)/etc/logrotate.d/elevator
	install -m 0644 deploy/README.md LICENSE deploy/systemd/open-cluster.conf deploy/systemd/elevator.sysusers \
		$(DESTDIR)$(PREFIX)/share/doc/elevator/
	install -m 0644 dist/elevator-$(VERSION).cdx.json $(DESTDIR)$(PREFIX)/share/doc/elevator/sbom.cdx.json
	install -d $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/vendor-completions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	for page in dist/man/*.1; do gzip --no-name --best < $$page > $(DESTDIR)$(PREFIX)/share/man/man1/$${page##*/}.gz || exit 1; done
	install -m 0644 dist/completions/bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/elevator-scheduler
	install -m 0644 dist/completions/zsh $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions/_elevator-scheduler
	install -m 0644 dist/completions/fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/elevator-scheduler.fish
	cp -r deploy/prometheus deploy/alertmanager deploy/grafana deploy/marathon deploy/runbooks $(DESTDIR)$(PREFIX)/share/doc/elevator/

deb: manuals sbom
	rm -rf dist/deb && mkdir -p dist/deb/DEBIAN
	$(MAKE) --no-print-directory install DESTDIR=dist/deb
	sed 's/@VERSION@/$(DEB_VERSION)/; s/@ARCH@/$(ARCH)/' deploy/debian/control.in > dist/deb/DEBIAN/control
	install -m 0644 deploy/debian/conffiles dist/deb/DEBIAN/
	install -m 0644 deploy/debian/copyright dist/deb$(PREFIX)/share/doc/elevator/
	sed "s/@VERSION@/$(DEB_VERSION)/; s/@DATE@/$$(date -R -u --date=@$(SOURCE_DATE_EPOCH))/" deploy/debian/changelog.in | \
		gzip --no-name --best > dist/deb$(PREFIX)/share/doc/elevator/changelog.gz
	install -D -m 0644 deploy/debian/lintian-overrides dist/deb$(PREFIX)/share/lintian/overrides/elevator
	find dist/deb -exec touch --no-dereference --date=@$(SOURCE_DATE_EPOCH) {} +
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) dpkg-deb $(DEB_FLAGS) --root-owner-group --build dist/deb dist/elevator_$(DEB_VERSION)_$(ARCH).deb
	rm -rf dist/deb

tarball: manuals sbom
	rm -rf dist/tarball && mkdir -p dist/tarball/elevator/bin
	cp -r dist/man dist/completions dist/tarball/elevator/
	cp dist/elevator-$(VERSION).cdx.json dist/tarball/elevator/sbom.cdx.json
	cp bin/elevator-scheduler bin/elevator-executor dist/tarball/elevator/bin/
	cp -r README.md LICENSE deploy dist/tarball/elevator/
	rm -rf dist/tarball/elevator/deploy/tools dist/tarball/elevator/deploy/*.go
	tar --directory dist/tarball --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s \
		--mtime=@$(SOURCE_DATE_EPOCH) --create elevator | gzip --no-name > dist/elevator-$(VERSION)-linux-$(ARCH).tar.gz
	rm -rf dist/tarball
	cd dist && sha256sum elevator-$(VERSION)-linux-$(ARCH).tar.gz > elevator-$(VERSION)-linux-$(ARCH).tar.gz.sha256 && \
		sha256sum elevator-$(VERSION).cdx.json > elevator-$(VERSION).cdx.json.sha256
