#!/bin/sh
# Build one pinned library as a static archive.
#
# usage: build.sh NAME SOURCES OUTPUT        (CC and LIB_CFLAGS from the environment)
#
# Copies SOURCES, a tarball or a directory, below OUTPUT and leaves OUTPUT/lib/libNAME.a, OUTPUT/include/ and OUTPUT/version. Everything else that
# the build made stays in OUTPUT/tree with its log in OUTPUT/log. All of it is made in OUTPUT.new: what is in OUTPUT is complete.
set -eu
unset CPPFLAGS LDFLAGS # the caller's are for its own sources

die() { echo "build.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: build.sh NAME SOURCES OUTPUT"
name=$1 sources=$2
rm -rf "$3.new"
mkdir -p "$3.new/tree/src" "$3.new/lib" "$3.new/include"
out=$(cd "$3.new" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
CC=${CC:-cc}
LIB_CFLAGS=${LIB_CFLAGS:--Os -fstack-protector-strong -D_FORTIFY_SOURCE=2}
LIB_CFLAGS="$LIB_CFLAGS -fPIE -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

if [ -d "$sources" ]; then
	cp -R --preserve=mode,timestamps "$sources/." "$out/tree/src"
else
	tar -xf "$sources" -C "$out/tree/src" --strip-components=1
fi

# kmod refuses --enable-static, but its convenience archive holds all of libkmod. /etc is compiled in: modprobe.d of the
# host is found there. No zlib: Debian and Proxmox compress modules with xz or zstd.
build_kmod() {
	touch src/libkmod/docs/gtk-doc.make # the documentation's rules come with gtk-doc, which is not needed
	(cd src && autoreconf --install --force)
	mkdir build
	(cd build && CFLAGS="$LIB_CFLAGS" ../src/configure CC="$CC" --sysconfdir=/etc --with-xz --with-zstd \
		--without-zlib --without-openssl --disable-tools --disable-manpages --disable-test-modules)
	make -C build -j"$(nproc)" libkmod/libkmod-internal.la
	cp build/libkmod/.libs/libkmod-internal.a "$out/lib/libkmod.a"
	cp src/libkmod/libkmod.h "$out/include/"
}

# Only the library, only its sysfs back end is used: no name database, no DNS, no udev. The other back ends are for kernels without sysfs.
build_pciutils() {
	# shellcheck disable=SC2016 # configure's own variable
	sed -i 's/echo >>$c .#define PCI_HAVE_PM_\(INTEL_CONF\|MMIO_CONF\|LINUX_PROC\|DUMP\).*/:/' src/lib/configure
	make -C src CC="$CC" OPT="$LIB_CFLAGS" ZLIB=no DNS=no HWDB=no LIBKMOD=no SHARED=no lib/libpci.a
	cp src/lib/libpci.a "$out/lib/"
	mkdir -p "$out/include/pci"
	cp src/lib/pci.h src/lib/header.h src/lib/config.h src/lib/types.h "$out/include/pci/"
}

case $name in
kmod | pciutils) ;;
*) die "no recipe for '$name'" ;;
esac

# Not "( ... ) || die": a shell ignores errexit in every command whose status is looked at.
set +e
(
	set -ex
	cd "$out/tree"
	"build_$name"
) >"$out/log" 2>&1
status=$?
set -e
if [ $status -ne 0 ]; then
	tail -n 20 "$out/log" >&2
	die "$name could not be built; the whole log is $out/log"
fi
awk -v name="$name" '$1 == name { print $3 }' "$here/pins" >"$out/version"
rm -rf "$3"
mv "$out" "$3"
