#!/bin/sh
# Build one pinned library as a static archive.
#
# usage: build.sh NAME SOURCES OUTPUT        (CC and LIB_CFLAGS from the environment)
#
# Copies SOURCES, a tarball or a directory, below OUTPUT and leaves OUTPUT/lib/lib*.a, OUTPUT/include/ and OUTPUT/version. Everything else that
# the build made stays in OUTPUT/tree with its log in OUTPUT/log. All of it is made in OUTPUT.new: what is in OUTPUT is complete.
set -eu
unset CPPFLAGS LDFLAGS # the caller's are for its own sources

die() { echo "build.sh: $*" >&2; exit 1; }

[ $# -eq 3 ] || die "usage: build.sh NAME SOURCES OUTPUT"
name=$1 sources=$2
rm -rf "$3.new"
mkdir -p "$3.new/tree/src" "$3.new/lib" "$3.new/include"
out=$(cd "$3.new" && pwd)
libs=$(dirname "$out")
here=$(cd "$(dirname "$0")" && pwd)
CC=${CC:-cc}
LIB_CFLAGS=${LIB_CFLAGS:--Os -fstack-protector-strong -D_FORTIFY_SOURCE=2}
LIB_CFLAGS="$LIB_CFLAGS -fPIE -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

if [ -d "$sources" ]; then
	cp -R --preserve=mode,timestamps "$sources/." "$out/tree/src"
else
	tar -xf "$sources" -C "$out/tree/src" --strip-components=1
fi

# archive NAME FLAGS FILE...: compiles these sources, without their own configure, into the archive lib/NAME.a. Each function is a section of its
# own: what nobody calls is not in the binary.
archive() {
	name=$1 flags=$2
	shift 2
	mkdir "objects-$name"
	# shellcheck disable=SC2016 # the inner shell's
	printf '%s\n' "$@" | CC=$CC FLAGS="$LIB_CFLAGS $flags" OBJECTS="objects-$name" xargs -P "$(nproc)" -I FILE sh -exc \
		'object=${1##*/}; $CC $FLAGS -c "$1" -o "$OBJECTS/${object%.c}.o"' sh FILE
	ar rcs "$out/lib/$name.a" "objects-$name"/*.o
}

# kmod refuses --enable-static, but its convenience archive holds all of libkmod. /etc is compiled in: modprobe.d of the
# host is found there. No zlib: Debian and Proxmox compress modules with xz or zstd. libzstd is the one that is built here.
build_kmod() {
	touch src/libkmod/docs/gtk-doc.make # the documentation's rules come with gtk-doc, which is not needed
	(cd src && autoreconf --install --force)
	mkdir build
	(cd build && CFLAGS="$LIB_CFLAGS" libzstd_CFLAGS="-I$libs/libzstd/include" libzstd_LIBS=' ' ../src/configure CC="$CC" --sysconfdir=/etc \
		--with-xz --with-zstd --without-zlib --without-openssl --disable-tools --disable-manpages --disable-test-modules)
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

# Only what decompresses, of the format of today, each algorithm once, by upstream's macros for a small library (lib/README.md,
# ZSTD_LIB_MINIFY). Inlining, -O3 and a fast checksum are 16 kB; without them it takes three times as long as Debian's, with them
# a quarter longer.
build_libzstd() {
	small='-DNDEBUG -DXXH_NAMESPACE=ZSTD_ -DZSTD_LEGACY_SUPPORT=0 -DZSTD_DISABLE_ASM=1 -DDYNAMIC_BMI2=0 -DHUF_FORCE_DECOMPRESS_X1
		-DZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT -DZSTD_STRIP_ERROR_STRINGS'
	archive libzstd-fast "$small -O3" src/lib/decompress/huf_decompress.c src/lib/decompress/zstd_decompress_block.c
	archive libzstd-sum "$small -O2" src/lib/common/xxhash.c
	archive libzstd "$small" src/lib/common/entropy_common.c src/lib/common/error_private.c src/lib/common/fse_decompress.c \
		src/lib/common/zstd_common.c src/lib/decompress/zstd_ddict.c src/lib/decompress/zstd_decompress.c
	ar rs "$out/lib/libzstd.a" objects-libzstd-fast/*.o objects-libzstd-sum/*.o
	rm "$out/lib/libzstd-fast.a" "$out/lib/libzstd-sum.a"
	cp src/lib/zstd.h src/lib/zstd_errors.h "$out/include/"
}

# LZ4's blocks only; no frames, no high compression.
build_lz4() {
	archive liblz4 '' src/lib/lz4.c
	cp src/lib/lz4.h "$out/include/"
}

# libblkid knows swap areas and images of hibernation, no other superblock, no partition table, no topology. libuuid as it is.
build_util_linux() {
	flags='-D_GNU_SOURCE -DHAVE_ERR_H -DHAVE_GETDTABLESIZE -DHAVE_GETRANDOM -DHAVE_LINUX_BLKZONED_H -DHAVE_LINUX_FD_H -DHAVE_LOFF_T
		-DHAVE_NANOSLEEP -DHAVE_NETINET_IN_H -DHAVE_PROGRAM_INVOCATION_SHORT_NAME -DHAVE_SECURE_GETENV -DHAVE_STDLIB_H -DHAVE_SYS_FILE_H
		-DHAVE_SYS_IOCTL_H -DHAVE_SYS_SYSMACROS_H -DHAVE_SYS_TIME_H -DHAVE_TLS -DHAVE_UNISTD_H
		-Isrc/include -Isrc/libblkid/src -Isrc/libuuid/src'
	blkid=src/libblkid/src version=$(cat src/.version)
	sed "s/@LIBBLKID_VERSION@/$version/; s/@LIBBLKID_DATE@//" $blkid/blkid.h.in >$blkid/blkid.h
	sed -i '/idinfos\[\]/,/};/{/&/{/&swap_idinfo\|&swsuspend_idinfo/!d}}' \
		$blkid/superblocks/superblocks.c $blkid/partitions/partitions.c $blkid/topology/topology.c
	archive libblkid "$flags -DLIBBLKID_VERSION=\"$version\" -DLIBBLKID_DATE=\"\"" $blkid/probe.c $blkid/superblocks/superblocks.c \
		$blkid/superblocks/swap.c $blkid/partitions/partitions.c $blkid/topology/topology.c $blkid/devno.c $blkid/encode.c $blkid/init.c \
		$blkid/version.c src/lib/blkdev.c src/lib/fileutils.c src/lib/path.c src/lib/sysfs.c
	archive libuuid "$flags" src/libuuid/src/gen_uuid.c src/libuuid/src/pack.c src/libuuid/src/parse.c src/libuuid/src/predefined.c \
		src/libuuid/src/unpack.c src/libuuid/src/unparse.c src/lib/md5.c src/lib/randutils.c src/lib/sha1.c
	mkdir "$out/include/blkid" "$out/include/uuid"
	cp $blkid/blkid.h "$out/include/blkid/"
	cp src/libuuid/src/uuid.h "$out/include/uuid/"
}

case $name in
kmod | libzstd | lz4 | pciutils | util-linux) ;;
*) die "no recipe for '$name'" ;;
esac

# Not "( ... ) || die": a shell ignores errexit in every command whose status is looked at.
set +e
(
	set -ex
	cd "$out/tree"
	"build_$(echo "$name" | tr - _)"
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
