#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the machine's modules, or its start-up program, outside the source tree:
#
#   build.sh KERNEL_BUILD_DIR OUTDIR    gvtplant.ko and the stand-ins in OUTDIR
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

mkdir -p "$2/src"
out=$(cd "$2" && pwd)
cp "$here/Kbuild" "$out/"
cp "$here"/*.[ch] "$out/src/"
make -C "$1" M="$out" modules
"${STRIP:-strip}" --strip-debug "$out"/*.ko
