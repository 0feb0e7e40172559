#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The figures of the bench that take seconds, against the stored ones: the program's size, "plan" with 10,000 wanted entries, and, where the
# emulated machine can be booted, how long "boot" and "wait" hold up an initrd.
# takes 30 s
here=$(dirname "$0") out=${BUILD:-build}/bench/short.json
mkdir -p "${out%/*}"
rm -f "$out"
{
	"$here/bench" --size --json "$out" && {
		"$here/scale" --json "$out" entries=10000 || [ $? = 75 ]
	} && {
		[ "$(id -u)" != 0 ] || ! command -v qemu-system-x86_64 || "$here/bench" --runs 1 --only create --json "$out"
	}
} >"$out.log" 2>&1 || { cat "$out.log" >&2; exit 1; }
exec "$here/compare" "$out"
