# What is handed out: images, an installation, a Debian package, a tarball. The
# Makefile includes it; VERSION and the target build are the Makefile's. The
# same binaries give the same packages, byte for byte.

ARCH    ?= amd64
DESTDIR ?=
PREFIX  ?= /usr
IMAGE   ?= localhost/elevator
REVISION := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
# All files in packages have this time.
SOURCE_DATE_EPOCH ?= 0
DEB_VERSION := $(shell echo '$(VERSION)' | sed -E 's/^v//; s/^([^0-9])/0~\1/; s/-/+/g')

.PHONY: images install deb tarball

# docker build takes the same arguments, but for --timestamp and --ignorefile.
images: build
	buildah bud --isolation chroot --format docker --timestamp 0 \
		--build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
		--ignorefile deploy/docker/Dockerfile.dockerignore --file deploy/docker/Dockerfile \
		--tag $(IMAGE):$(VERSION) --tag $(IMAGE):latest .

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/systemd/system \
		$(DESTDIR)$(PREFIX)/share/doc/elevator $(DESTDIR)/etc/default $(DESTDIR)/etc/elevator $(DESTDIR)/etc/logrotate.d
	install -d -m 0700 $(DESTDIR)/etc/elevator/credentials
	install -m 0755 bin/elevator-scheduler bin/elevator-executor $(DESTDIR)$(PREFIX)/bin/
	install -m 0644 deploy/systemd/elevator-scheduler@.service $(DESTDIR)$(PREFIX)/lib/systemd/system/
	install -m 0644 deploy/systemd/elevator-scheduler.default $(DESTDIR)/etc/default/elevator-scheduler
	install -m 0644 deploy/systemd/elevator.logrotate $(DESTDIR)/etc/logrotate.d/elevator
	install -m 0644 deploy/README.md LICENSE deploy/systemd/open-cluster.conf deploy/systemd/elevator.sysusers \
		$(DESTDIR)$(PREFIX)/share/doc/elevator/
	cp -r deploy/prometheus deploy/alertmanager deploy/grafana deploy/marathon deploy/runbooks $(DESTDIR)$(PREFIX)/share/doc/elevator/

deb: build
	rm -rf dist/deb && mkdir -p dist/deb/DEBIAN
	$(MAKE) --no-print-directory install DESTDIR=dist/deb
	sed 's/@VERSION@/$(DEB_VERSION)/; s/@ARCH@/$(ARCH)/' deploy/debian/control.in > dist/deb/DEBIAN/control
	install -m 0644 deploy/debian/conffiles dist/deb/DEBIAN/
	find dist/deb -exec touch --no-dereference --date=@$(SOURCE_DATE_EPOCH) {} +
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) dpkg-deb --root-owner-group --build dist/deb dist/elevator_$(DEB_VERSION)_$(ARCH).deb
	rm -rf dist/deb

tarball: build
	rm -rf dist/tarball && mkdir -p dist/tarball/elevator/bin
	cp bin/elevator-scheduler bin/elevator-executor dist/tarball/elevator/bin/
	cp -r README.md LICENSE deploy dist/tarball/elevator/
	find dist/tarball/elevator/deploy \( -name '*.go' -o -name go.mod -o -name go.sum \) -delete
	tar --directory dist/tarball --sort=name --owner=0 --group=0 --numeric-owner --mode=go=rX,u+rw,a-s \
		--mtime=@$(SOURCE_DATE_EPOCH) --create elevator | gzip --no-name > dist/elevator-$(VERSION)-linux-$(ARCH).tar.gz
	rm -rf dist/tarball
	cd dist && sha256sum elevator-$(VERSION)-linux-$(ARCH).tar.gz > elevator-$(VERSION)-linux-$(ARCH).tar.gz.sha256
