# gvt-early
#
#   make                build/gvt-early, a static binary
#   make boot           show the main job on the emulated machine
#   make check          build and run all tests
#   make check-matrix   boot all kernels and initrd generators that README.md lists
#   make check-all      both, and what takes too long for every change
#   make bench          what gvt-early costs, against the least possible and against a shell script (root, 10 minutes)
#   make bench-initrd   what each kind of initrd grows by, how long it is held up, what compressed modules cost (root, 20 minutes)
#   make bench-boot     when the guests start, with gvt-early and without (root, 30 minutes)
#   make bench-check    whether that is no more than a tenth above tests/bench/stored.json
#   make install        into DESTDIR
#   make deb            build/deb/gvt-early_VERSION_amd64.deb
#   make dist           the same and its source package, in build/dist
#   make repo KEY=...   an apt repository of these, signed with this key of GnuPG (ID or file), in build/repo
#   make unit cli lint  some of the tests: see CONTRIBUTING.md
#   make bench-size     what is in the binary, by library and by file
#   make format         write the C sources as .clang-format has them
#   make clean          remove what was built; "make distclean" what was fetched, too
#   make help           this list
#
# All results are below build/, including what is fetched from Debian's mirrors: after the first run, everything works without
# network. "make clean" keeps what was fetched, "make distclean" removes it.

# The version is the first line of debian/changelog, and nowhere else. What follows the last "-" is the package's only.
RELEASE := $(shell sed -n '1s/.*(\(.*\)-[^-]*).*/\1/p' debian/changelog)

BUILD  ?= build
CC     ?= cc
CFLAGS ?= -Os -g

PREFIX  ?= /usr
SBINDIR ?= $(PREFIX)/sbin
MANDIR  ?= $(PREFIX)/share/man
COMPLETION_DIR ?= $(PREFIX)/share/bash-completion/completions
INITRAMFS_TOOLS_DIR ?= $(PREFIX)/share/initramfs-tools
DRACUT_DIR ?= $(PREFIX)/lib/dracut
UNIT_DIR ?= $(PREFIX)/lib/systemd/system

# All packages that building and testing need, on Debian 12 and 13.
BUILD_PACKAGES := gcc libc6-dev make binutils \
	xz-utils dpkg-dev scdoc
DEB_PACKAGES := debhelper
# What the tests need that run while the package is built, what the emulated machine needs, and all the others.
UNIT_CLI_PACKAGES := cpio dosfstools e2fsprogs file jq kmod libcmocka-dev liblzma-dev libzstd-dev lz4 perl python3-jsonschema valgrind zstd
BOOT_PACKAGES := cpio e2fsprogs jq mmdebstrap qemu-system-x86 util-linux zstd
TEST_PACKAGES := clang clang-format libclang-rt-dev cppcheck groff-base shellcheck faketime gnupg lintian

#
# The binary
#

# All libraries are built from pinned sources, with what is used of them; so is the C library, musl.
LIBS_DIR  := $(BUILD)/libs
LIBRARIES := kmod pciutils libzstd lz4 util-linux jansson libinih xz-utils zlib
PINNED    := musl $(LIBRARIES)
ARCHIVE_NAMES := kmod/lib/libkmod.a pciutils/lib/libpci.a libzstd/lib/libzstd.a lz4/lib/liblz4.a util-linux/lib/libblkid.a \
	util-linux/lib/libuuid.a jansson/lib/libjansson.a libinih/lib/libinih.a xz-utils/lib/liblzma.a zlib/lib/libz.a
ARCHIVES := $(addprefix $(LIBS_DIR)/,musl/lib/libc.a $(ARCHIVE_NAMES))

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes -Wvla -Wundef \
	-Wwrite-strings -Wpointer-arith -Wcast-qual -Wswitch-enum -Wnull-dereference -Wunused -Wno-format-nonliteral

# The same for every C library; then what the binary's own adds.
COMMON_CPPFLAGS = -D_GNU_SOURCE -DBUILD_RELEASE='"$(RELEASE)"' -include $(BUILD)/libraries.h -Iearly -I$(BUILD)
EARLY_CPPFLAGS = @$(LIBS_DIR)/musl/compile $(COMMON_CPPFLAGS) $(LIBRARIES:%=-isystem $(LIBS_DIR)/%/include)
EARLY_CFLAGS = -std=gnu11 $(WARNINGS) -fno-common -ffunction-sections -fdata-sections -fstack-protector-strong \
	-fno-asynchronous-unwind-tables -fPIE -ffile-prefix-map=$(CURDIR)=. $(CFLAGS) $(FORTIFY) $(SANITIZE)
# Without optimization there is no _FORTIFY_SOURCE; debian/rules brings its own.
FORTIFY = $(if $(filter -O0,$(CFLAGS))$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
EARLY_LDFLAGS = -nostdlib -static-pie -Wl,--gc-sections -Wl,--build-id=sha1 -Wl,-z,relro -Wl,-z,now -Wl,-z,pack-relative-relocs \
	-Wl,--no-eh-frame-hdr -Wl,-T,early/libs/no-unwind.ld $(LDFLAGS)
# How a program of the binary's kind is linked: $(call link,OBJECTS)
define link
@$(CC) $(EARLY_CFLAGS) $(EARLY_LDFLAGS) -Wl,-Map=$@.map -o $@.new $(MUSL)/rcrt1.o $(MUSL)/crti.o $(1) $(FORTIFIES) \
	-Wl,--start-group $(ARCHIVES) -lgcc -Wl,--end-group $(MUSL)/crtn.o
@mv $@.new $@
endef
MUSL = $(LIBS_DIR)/musl/lib

SOURCES := $(sort $(shell find early -path early/libs -prune -o -name '*.c' -print))
OBJECTS := $(SOURCES:early/%.c=$(BUILD)/obj/%.o)
# What musl lacks of the hardening. Nothing checks these functions themselves.
FORTIFIES := $(BUILD)/obj/libs/fortify.o
$(FORTIFIES): FORTIFY = -U_FORTIFY_SOURCE
GENERATED := $(addprefix $(BUILD)/,libraries.h igpu-ids.inc errno-names.inc)

.PHONY: format
format:
	find early tests -name '*.[ch]' -exec clang-format -i {} +

.PHONY: help
help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.PHONY: all
all: $(BUILD)/gvt-early man
	@:

# make takes a file that is there for a whole one, and .DELETE_ON_ERROR does not help when make itself is killed: what is half written has
# another name.
$(BUILD)/gvt-early: $(OBJECTS) $(FORTIFIES) $(ARCHIVES) early/libs/no-unwind.ld
	@echo "LINK $@"
	$(call link,$(OBJECTS))

# How an object is compiled: $(call compile,COMPILER AND FLAGS)
define compile
@mkdir -p $(@D)
@$(1) -MMD -MP -MF $(@:.o=.d).new -MT $@ -c -o $@.new $<
@mv $(@:.o=.d).new $(@:.o=.d) && mv $@.new $@
endef

$(BUILD)/obj/%.o: early/%.c Makefile $(ARCHIVES) $(GENERATED)
	@echo "CC   $<"
	$(call compile,$(CC) $(EARLY_CPPFLAGS) $(CPPFLAGS) $(EARLY_CFLAGS))

-include $(OBJECTS:.o=.d) $(FORTIFIES:.o=.d)

$(BUILD)/obj/base/build.o: debian/changelog

$(BUILD)/igpu-ids.inc: early/igpu-ids.tsv
	@mkdir -p $(@D)
	@LC_ALL=C sort $< | awk -F '\t' '/^0x/ { printf "{ %s, GPU_%s, \"%s\", \"%s\" },\n", $$1, toupper($$2), $$3, $$4 }' >$@.new
	@mv $@.new $@

$(BUILD)/errno-names.inc: $(LIBS_DIR)/musl/lib/libc.a
	@echo '#include <errno.h>' | $(CC) @$(LIBS_DIR)/musl/compile -E -dM - | \
		awk '$$2 ~ /^E[A-Z0-9]+$$/ && $$3 ~ /^[0-9]+$$/ { printf "[%s] = \"%s\",\n", $$3, $$2 }' | LC_ALL=C sort >$@.new
	@mv $@.new $@

# What "gvt-early -V" prints, one library a line.
$(BUILD)/libraries.h: early/libs/pins Makefile
	@mkdir -p $(@D)
	@{ printf '#define BUILD_LIBRARIES ""'; \
	   for lib in $(PINNED); do awk -v name=$$lib '$$1 == name { printf " \"%s %s\\n\"", name, $$3 }' early/libs/pins; done; echo; } >$@.new
	@mv $@.new $@

# Before anything is fetched or compiled.
.PHONY: architecture
architecture:
	@for='$(shell $(CC) -dumpmachine)'; case $$for in x86_64-* | '') ;; *) \
		echo "gvt-early is for amd64 alone, whose processors have the GPUs that it splits; $(CC) compiles for $$for" >&2; exit 1 ;; esac

.SECONDARY:
$(BUILD)/sources/%.fetched: early/libs/pins early/libs/fetch.sh
	@mkdir -p $(@D)
	@echo "GET  $*"
	@early/libs/fetch.sh $* $(BUILD)/sources
	@touch $@

# In the source package each library's sources lie unpacked in a directory of its name, and nothing is fetched.
# $(call pinned_library,NAME,ARCHIVE,DIRECTORY,LIBC)
define pinned_library
$(3)/$(2): early/libs/build.sh early/libs/pins $(if $(wildcard $(1)/.),,$(BUILD)/sources/$(1).fetched) | architecture
	@echo "LIB  $(1)$(if $(4), for the $(4)'s C library)"
	@CC="$(CC)" LIBC=$(4) early/libs/build.sh $(1) $(if $(wildcard $(1)/.),$(1),$(BUILD)/sources/$(call tarball,$(1))) $(3)/$(1)
endef
tarball = $$$$(awk '$$$$1 == "$(1)" { print $$$$4 }' early/libs/pins)
# The first archive of each: what stands for the whole library.
first_archive = $(firstword $(filter $(1)/%,musl/lib/libc.a $(ARCHIVE_NAMES)))
$(foreach name,$(PINNED),$(eval $(call pinned_library,$(name),$(call first_archive,$(name)),$(LIBS_DIR))))
$(LIBS_DIR)/util-linux/lib/libuuid.a: $(LIBS_DIR)/util-linux/lib/libblkid.a ;
$(addprefix $(LIBS_DIR)/,$(foreach name,$(LIBRARIES),$(call first_archive,$(name)))): $(LIBS_DIR)/musl/lib/libc.a
$(LIBS_DIR)/musl/lib/libc.a: early/libs/musl.files
$(LIBS_DIR)/kmod/lib/libkmod.a: $(LIBS_DIR)/libzstd/lib/libzstd.a $(LIBS_DIR)/xz-utils/lib/liblzma.a

.PHONY: libs
libs: $(ARCHIVES)

#
# Packages: root installs them; other users get the command that installs them
#

MISSING = $(shell for p in $(PACKAGES); do \
	dpkg-query -W -f='$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; done)

# Never removes a package: Debian's QEMU and Proxmox VE's exclude each other.
.PHONY: packages build-packages deb-packages dist-packages boot-packages
packages: PACKAGES = $(ALL_PACKAGES)
boot-packages: PACKAGES = $(BUILD_PACKAGES) $(DEB_PACKAGES) $(BOOT_PACKAGES)
build-packages: PACKAGES = $(BUILD_PACKAGES)
deb-packages: PACKAGES = $(BUILD_PACKAGES) $(DEB_PACKAGES)
dist-packages: PACKAGES = $(BUILD_PACKAGES) $(DEB_PACKAGES) $(if $(filter nocheck,$(DEB_BUILD_OPTIONS)),,$(UNIT_CLI_PACKAGES))
ALL_PACKAGES = $(sort $(BUILD_PACKAGES) $(DEB_PACKAGES) $(UNIT_CLI_PACKAGES) $(BOOT_PACKAGES) $(TEST_PACKAGES))
packages build-packages deb-packages dist-packages boot-packages:
	@missing="$(strip $(MISSING))"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "Missing packages; please run:" >&2; \
		echo "  sudo apt-get install --no-install-recommends --no-remove $$missing" >&2; exit 1; fi; \
	echo "installing: $$missing"; \
	$(if $(APT_UPDATED),,apt-get -qq update &&) \
	status=$$({ { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 install \
		--no-install-recommends --no-remove $$missing 2>&1 >/dev/null; echo $$? >&3; } | \
		grep -v '^debconf: delaying package configuration' >&2; } 3>&1); \
	exit $$status

#
# Demonstration and tests. The packages are installed first; a second make then sees them.
#

.PHONY: boot check check-all check-matrix
boot: PACKAGES = $(BUILD_PACKAGES) $(DEB_PACKAGES) $(BOOT_PACKAGES)
check check-all check-matrix: PACKAGES = $(ALL_PACKAGES)
boot check check-all check-matrix:
	@exec env MAKE="$(MAKE)" BUILD="$(BUILD)" JOBS=$(JOBS) MISSING="$(strip $(MISSING))" tests/run $@

include tests/tests.mk

#
# Manual pages and installation
#

MAN_PAGES := $(BUILD)/man/gvt-early.8 $(BUILD)/man/gvt-early-check.8 $(BUILD)/man/gvt-early.conf.5

.PHONY: man
man: $(MAN_PAGES)

$(BUILD)/man/%: early/%.scd
	@mkdir -p $(@D)
	@echo "MAN  $*"
	@scdoc <$< >$@.scdoc
	@{ ! grep -q '^\.TS' $@.scdoc || printf '%s\n' "'\\\" t"; cat $@.scdoc; } >$@.new # tells man of the tables
	@rm $@.scdoc
	@mv $@.new $@

.PHONY: install install-units install-rest
install: install-rest install-units

install-units:
	install -D -m 0644 early/gvt-early.service $(DESTDIR)$(UNIT_DIR)/gvt-early.service
	install -m 0644 metrics/gvt-early-metrics.service metrics/gvt-early-metrics.timer $(DESTDIR)$(UNIT_DIR)/

# The package gets its units by debhelper.
install-rest: all
	install -D -m 0755 $(BUILD)/gvt-early $(DESTDIR)$(SBINDIR)/gvt-early
	install -D -m 0755 initramfs-tools/hook $(DESTDIR)$(INITRAMFS_TOOLS_DIR)/hooks/gvt-early
	install -D -m 0755 initramfs-tools/init-top $(DESTDIR)$(INITRAMFS_TOOLS_DIR)/scripts/init-top/gvt-early
	install -D -m 0755 initramfs-tools/init-bottom $(DESTDIR)$(INITRAMFS_TOOLS_DIR)/scripts/init-bottom/gvt-early
	install -D -m 0755 dracut/50gvt-early/module-setup.sh $(DESTDIR)$(DRACUT_DIR)/modules.d/50gvt-early/module-setup.sh
	install -m 0755 dracut/50gvt-early/pre-udev.sh dracut/50gvt-early/cleanup.sh $(DESTDIR)$(DRACUT_DIR)/modules.d/50gvt-early/
	install -m 0644 dracut/50gvt-early/gvt-early-wait.service $(DESTDIR)$(DRACUT_DIR)/modules.d/50gvt-early/
	install -D -m 0755 early/hookscript $(DESTDIR)$(PREFIX)/share/gvt-early/hookscript
	install -D -m 0755 metrics/publish $(DESTDIR)$(PREFIX)/share/gvt-early/publish-metrics
	install -D -m 0755 early/kernel-postinst $(DESTDIR)/etc/kernel/postinst.d/zzz-gvt-early
	install -D -m 0644 $(BUILD)/man/gvt-early.8 $(DESTDIR)$(MANDIR)/man8/gvt-early.8
	install -D -m 0644 $(BUILD)/man/gvt-early-check.8 $(DESTDIR)$(MANDIR)/man8/gvt-early-check.8
	install -D -m 0644 $(BUILD)/man/gvt-early.conf.5 $(DESTDIR)$(MANDIR)/man5/gvt-early.conf.5
	install -D -m 0644 completion/gvt-early $(DESTDIR)$(COMPLETION_DIR)/gvt-early
	install -d -m 0755 $(DESTDIR)/etc/gvt-early/conf.d
	[ -e $(DESTDIR)/etc/gvt-early/gvt-early.conf ] || install -m 0644 early/gvt-early.conf $(DESTDIR)/etc/gvt-early/

# If two runs build packages at the same time, one waits here for the other.
.PHONY: deb run-deb dist run-dist repo
deb: deb-packages
	@mkdir -p $(BUILD)
	@flock $(BUILD)/.deb.lock $(MAKE) --no-print-directory run-deb

dist: dist-packages
	@mkdir -p $(BUILD)
	@flock $(BUILD)/.deb.lock $(MAKE) --no-print-directory run-dist

run-deb: $(PINNED:%=$(BUILD)/sources/%.fetched)
	@debian/make-deb.sh $(BUILD)

run-dist: $(PINNED:%=$(BUILD)/sources/%.fetched)
	@debian/make-dist.sh $(BUILD)

repo:
	@debian/make-repo.sh $(BUILD)/dist $(BUILD)/repo "$(KEY)"

# "clean" keeps build/repo: what was published before cannot be built again.
.PHONY: clean distclean
clean:
	rm -rf --one-file-system $(BUILD)/obj $(BUILD)/unit $(BUILD)/fuzz $(BUILD)/clang $(BUILD)/man $(BUILD)/package $(BUILD)/deb $(BUILD)/dist $(BUILD)/dist-source \
		$(BUILD)/gvt-early $(BUILD)/gvt-early.map $(GENERATED)

# There are roots in it: what is mounted in one is unmounted before.
distclean:
	bash -c '. tests/vm/common.sh && remove_root "$$1"' distclean "$(BUILD)"
