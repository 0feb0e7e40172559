# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What root.sh, system.sh and boot.sh share: where things are, hashes, locks, and commands inside a root.

vm_dir=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
repo=$(cd "$vm_dir/../.." && pwd)
build=${BUILD:-$repo/build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
[[ -z ${BUILD:-} ]] || export BUILD=$build # for make
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "$*"; exit 125; }

# need COMMAND:PACKAGE...: stop with one line naming every package that is missing.
need() {
	local item missing=
	for item; do
		command -v "${item%%:*}" >/dev/null || missing+=" ${item#*:}"
	done
	[[ -z $missing ]] || die "please install:$missing"
}

# hash_tree PATH...: one hash of all names, modes, contents and link targets.
hash_tree() {
	local path
	for path; do
		if [[ -d $path ]]; then
			(cd "$path" && find . -printf '%P %M %l\n' | LC_ALL=C sort &&
				find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
		else
			sha256sum <"$path"
		fi
	done | sha256sum | cut -c1-16
}

# lock FILE: hold it until this process ends (not handed on to QEMU or anything else that outlives it).
lock() {
	mkdir -p "${1%/*}"
	exec {lock_fd}>"$1"
	flock "$lock_fd"
}

# in_root ROOT COMMAND...: run it chrooted, with /proc, /sys, /dev and /run there. BIND="FROM:TO ..." adds directories.
# SYS=DIR puts a tree in place of this machine's /sys. PROC=DIR does so for /proc, which is then mounted on DIR/proc.
# The mounts live in a mount namespace of their own and vanish with it.
in_root() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	BIND=${BIND:-} PROC=${PROC:-} SYS=${SYS:-} unshare -m --propagation private sh -euc '
		root=$1
		shift
		mount --rbind /dev "$root/dev"
		mount --bind "${PROC:-/proc}" "$root/proc"
		[ -z "$PROC" ] || mount --bind /proc "$root/proc/proc"
		mount --bind "${SYS:-/sys}" "$root/sys"
		mount -t tmpfs -o mode=0755 tmpfs "$root/run"
		for pair in $BIND; do
			mkdir -p "$root${pair#*:}"
			mount --bind "${pair%%:*}" "$root${pair#*:}"
		done
		unset BIND PROC SYS BUILD MAKEFLAGS MAKELEVEL TMPDIR
		export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		exec chroot "$root" "$@"
	' in_root "$@"
}

# kernel_of ROOT: the newest kernel version installed there.
kernel_of() {
	local names
	names=$(ls "$1/lib/modules")
	printf '%s\n' "$names" | sort -V | tail -n 1
}
