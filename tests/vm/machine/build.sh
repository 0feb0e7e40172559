#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the machine's modules, or its start-up program, outside the source tree:
#
#   build.sh KERNEL_BUILD_DIR OUTDIR    gvtplant.ko and the stand-ins in OUTDIR, those of a DKMS package in OUTDIR/dkms
#   build.sh plant FILE                 the static program FILE
#
# KERNEL_BUILD_DIR is a kernel's headers, such as /lib/modules/VERSION/build. Debian's
# refer to each other by absolute paths: for those of a chroot, run this in the chroot.
set -eu

if [ $# -ne 2 ]; then
	echo "usage: build.sh KERNEL_BUILD_DIR OUTDIR | build.sh plant FILE" >&2
	exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)

if [ "$1" = plant ]; then
	exec "${CC:-cc}" -std=gnu11 -Wall -Wextra -O2 -static -o "$2" "$here/plant.c"
fi

# modules KBUILD DIR
modules() {
	mkdir -p "$2/src"
	cp "$here/$1" "$2/Kbuild"
	cp "$here"/*.[ch] "$2/src/"
	make -C "$kernel" M="$2" modules
	find "$2" -maxdepth 1 -name '*.ko' -exec "${STRIP:-strip}" --strip-debug {} +
}

mkdir -p "$2"
kernel=$1
out=$(cd "$2" && pwd)
modules Kbuild "$out"
modules Kbuild.dkms "$out/dkms"
