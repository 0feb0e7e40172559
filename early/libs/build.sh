#!/bin/sh
# Build one pinned library as a static archive.
#
# usage: build.sh NAME SOURCES OUTPUT        (CC, LIB_CFLAGS and LIBC from the environment)
#
# It is built for musl, which was built as "musl" beside OUTPUT before, or, with LIBC=host, for the C library of this machine.
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
[ "$name" = musl ] || LIB_CFLAGS="$LIB_CFLAGS -D_GNU_SOURCE"
[ "$name" = musl ] || [ "${LIBC-}" = host ] || LIB_CFLAGS="@$libs/musl/compile $LIB_CFLAGS"
LIB_CFLAGS="$LIB_CFLAGS -fPIE -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables"

if [ -d "$sources" ]; then
	cp -R --preserve=mode,timestamps "$sources/." "$out/tree/src"
else
	tar -xf "$sources" -C "$out/tree/src" --strip-components=1
fi

# archive NAME FLAGS FILE...: compiles these sources, without their own configure, into the archive lib/NAME.a. Each function is a section of its
# own: what nobody calls is not in the binary.
archive() {
	archive=$1 flags=$2
	shift 2
	mkdir -p "objects-$archive"
	# shellcheck disable=SC2016 # the inner shell's
	printf '%s\n' "$@" | CC=$CC FLAGS="$LIB_CFLAGS $flags" OBJECTS="objects-$archive" xargs -P "$(nproc)" -I FILE sh -exc \
		'object=${1##*/}; $CC $FLAGS -c "$1" -o "$OBJECTS/${object%.c}.o"' sh FILE
	ar rcs "$out/lib/$archive.a" "objects-$archive"/*.o
}

# The C library of the binary, as far as musl.files names it, with the kernel's headers of this machine. Its printf() takes no %n. Its
# allocator keeps memory that it will soon need again: unmapping and mapping pages is a millisecond of the early stage. It is what most time
# is spent in, and built for speed.
# What is compiled for it finds its flags in the file "compile", which has the place where the library will be.
build_musl() {
	sources=$(awk '!/^#/ { for (i = 2; i <= NF; i++) printf "./src/%s/%s.c ", $1, $i }' "$here/musl.files")
	sed -i "/^\t*case 'n':$/,/^\t*continue;$/c\\\t\tcase 'n': goto inval;" src/src/stdio/vfprintf.c
	sed -i 's/ && ctx.bounces\[sc-7\] >= 100//' src/src/malloc/mallocng/meta.h
	(cd src && ./configure CC="$CC" --disable-shared --disable-wrapper \
		--enable-optimize='malloc/mallocng/*.c,string,stdio/vfprintf.c' CFLAGS="$LIB_CFLAGS")
	# shellcheck disable=SC2016 # make's variable: the objects for a static-pie are not those for a shared library
	make -C src -j"$(nproc)" BASE_SRCS="./crt/rcrt1.c $sources" AOBJS='$(LIBC_OBJS)' lib/libc.a lib/rcrt1.o lib/crti.o lib/crtn.o
	mv src/lib/*.[ao] "$out/lib/"
	cp -R src/include/* src/arch/generic/bits src/arch/x86_64/bits src/obj/include/bits "$out/include/"
	rm "$out"/include/bits/*.in
	for part in linux asm asm-generic; do
		header=$(echo "#include <$part/errno.h>" | $CC -M -x c - | grep -o "/[^ ]*/$part/errno.h" | head -n 1)
		ln -s "${header%/errno.h}" "$out/include/$part"
	done
	echo "-nostdinc -D_GNU_SOURCE -isystem $libs/musl/include -isystem $($CC -print-file-name=include) -include $here/fortify.h" >"$out/compile"
}

# All of libkmod. /etc is compiled in: modprobe.d of the host is found there. No zlib: Debian and Proxmox compress modules with xz or zstd.
build_kmod() {
	archive libkmod "-Isrc -I$libs/libzstd/include -I$libs/xz-utils/include -DSYSCONFDIR=\"/etc\" -DENABLE_LOGGING -DENABLE_XZ
		-DENABLE_ZSTD -DHAVE_DECL_BE32TOH -DHAVE_LINUX_MODULE_H -DHAVE_NORETURN -DHAVE_SECURE_GETENV
		-DHAVE_STATIC_ASSERT -DHAVE_STRUCT_STAT_ST_MTIM -DHAVE___BUILTIN_CLZ -DHAVE___BUILTIN_TYPES_COMPATIBLE_P
		-DHAVE___BUILTIN_UADDLL_OVERFLOW -DHAVE___BUILTIN_UADDL_OVERFLOW -DHAVE___XSTAT
		-DKMOD_FEATURES=\"+ZSTD_+XZ_-ZLIB_-LIBCRYPTO\" -DPACKAGE=\"kmod\" -DVERSION=\"30\" -include libgen.h" src/libkmod/*.c src/shared/*.c
	cp src/libkmod/libkmod.h "$out/include/"
}

# Only the library, only its sysfs back end is used: no name database, no DNS, no udev. The other back ends are for kernels without sysfs.
build_pciutils() {
	# shellcheck disable=SC2016 # configure's own variable
	sed -i 's/echo >>$c .#define PCI_HAVE_PM_\(INTEL_CONF\|MMIO_CONF\|LINUX_PROC\|DUMP\).*/:/' src/lib/configure
	make -C src CC="$CC" OPT="$LIB_CFLAGS -include libgen.h" ZLIB=no DNS=no HWDB=no LIBKMOD=no SHARED=no lib/libpci.a
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
	archive libzstd "$small -O3" src/lib/decompress/huf_decompress.c src/lib/decompress/zstd_decompress_block.c
	archive libzstd "$small -O2" src/lib/common/xxhash.c
	archive libzstd "$small" src/lib/common/entropy_common.c src/lib/common/error_private.c src/lib/common/fse_decompress.c \
		src/lib/common/zstd_common.c src/lib/decompress/zstd_ddict.c src/lib/decompress/zstd_decompress.c
	cp src/lib/zstd.h src/lib/zstd_errors.h "$out/include/"
}

# Only what decompresses, with the one filter for the code of this processor, and without threads. What each byte passes through is built
# for speed, the checksum that Debian's modules have, too; the two others are built small.
build_xz_utils() {
	xz=src/src/liblzma
	flags="-DHAVE_STDBOOL_H -DHAVE__BOOL -DHAVE_STDINT_H -DHAVE_INTTYPES_H -DHAVE_DECODERS -DHAVE_DECODER_LZMA1 -DHAVE_DECODER_LZMA2
		-DHAVE_DECODER_X86 -DHAVE_CHECK_CRC32 -DHAVE_CHECK_CRC64 -DHAVE_CHECK_SHA256
		-DTUKLIB_FAST_UNALIGNED_ACCESS -DTUKLIB_SYMBOL_PREFIX=lzma_ -DSIZEOF_SIZE_T=8 -DNDEBUG
		-I$xz/api -I$xz/common -I$xz/check -I$xz/lz -I$xz/rangecoder -I$xz/lzma -I$xz/delta -I$xz/simple -Isrc/src/common"
	archive liblzma "$flags -O2" $xz/lz/lz_decoder.c $xz/lzma/lzma_decoder.c $xz/check/crc32_fast.c
	archive liblzma "$flags" $xz/check/crc32_table.c $xz/check/check.c $xz/check/sha256.c $xz/common/alone_decoder.c \
		$xz/common/block_decoder.c $xz/common/block_header_decoder.c $xz/common/block_util.c $xz/common/common.c \
		$xz/common/filter_common.c $xz/common/filter_decoder.c $xz/common/filter_flags_decoder.c $xz/common/index_hash.c \
		$xz/common/stream_decoder.c $xz/common/stream_flags_common.c $xz/common/stream_flags_decoder.c $xz/common/vli_decoder.c \
		$xz/common/vli_size.c $xz/lzma/lzma2_decoder.c $xz/simple/simple_coder.c $xz/simple/simple_decoder.c $xz/simple/x86.c
	archive liblzma "$flags -DHAVE_SMALL" $xz/check/crc64_small.c
	cp -R $xz/api/lzma.h $xz/api/lzma "$out/include/"
}

# Only what decompresses.
build_zlib() {
	archive libz '-DHAVE_HIDDEN -D_LARGEFILE64_SOURCE=1 -DDYNAMIC_CRC_TABLE' src/adler32.c src/crc32.c src/inflate.c src/inffast.c \
		src/inftrees.c src/zutil.c
	cp src/zlib.h src/zconf.h "$out/include/"
}

# LZ4's blocks only; no frames, no high compression.
build_lz4() {
	archive liblz4 '' src/lib/lz4.c
	cp src/lib/lz4.h "$out/include/"
}

# What configure and cmake write for a Linux of today.
build_jansson() {
	sed 's/@json_inline@/inline/; s/@json_have_[a-z_]*@/1/' src/src/jansson_config.h.in >src/src/jansson_config.h
	: >src/src/jansson_private_config.h # what would be in it is in the flags
	archive libjansson '-Isrc/src -DHAVE_ENDIAN_H -DHAVE_FCNTL_H -DHAVE_SCHED_H -DHAVE_UNISTD_H -DHAVE_SYS_PARAM_H -DHAVE_SYS_STAT_H
		-DHAVE_SYS_TIME_H -DHAVE_SYS_TYPES_H -DHAVE_STDINT_H -DHAVE_CLOSE -DHAVE_GETPID -DHAVE_GETTIMEOFDAY -DHAVE_OPEN -DHAVE_READ
		-DHAVE_SCHED_YIELD -DHAVE_SYNC_BUILTINS -DHAVE_ATOMIC_BUILTINS -DHAVE_LOCALE_H -DHAVE_INT32_T -DHAVE_UINT32_T -DHAVE_UINT16_T
		-DHAVE_UINT8_T -DHAVE_SSIZE_T -DUSE_URANDOM -DINITIAL_HASHTABLE_ORDER=3' src/src/*.c
	cp src/src/jansson.h src/src/jansson_config.h "$out/include/"
}

# As Debian's.
build_libinih() {
	archive libinih '-DINI_USE_STACK=0 -DINI_ALLOW_REALLOC=1' src/ini.c
	cp src/ini.h "$out/include/"
}

# libblkid knows swap areas and images of hibernation, no other superblock, no partition table, no topology. libuuid as it is.
build_util_linux() {
	flags='-DHAVE_ERR_H -DHAVE_GETDTABLESIZE -DHAVE_GETRANDOM -DHAVE_LINUX_BLKZONED_H -DHAVE_LINUX_FD_H -DHAVE_LOFF_T
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
jansson | kmod | libinih | libzstd | lz4 | musl | pciutils | util-linux | xz-utils | zlib) ;;
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
