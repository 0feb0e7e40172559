# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What root.sh, system.sh, boot.sh and tests share: where things are, hashes, locks, commands inside a root, a /sys.

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

# mounts_in DIR: where something is mounted in it or on it, what was mounted last first.
mounts_in() {
	local dir at
	dir=$(cd "$1" 2>/dev/null && pwd -P) || return 0
	awk '{ print $5 }' /proc/self/mountinfo | tac | while read -r at; do
		printf -v at %b "$at" # blanks are \040
		[[ $at/ != "$dir"/* ]] || printf '%s\n' "$at"
	done
}

# A tree that is to be a root has mounts while commands run in it: /proc, /dev. in_root's vanish with the command; but whatever else left some
# there, nothing of this machine is copied or removed with a tree.

# remove_root DIR...: and what is mounted in it is unmounted before. If that is not possible, nothing is removed.
remove_root() {
	local dir at
	for dir; do
		[[ -d $dir ]] || continue
		while read -r at; do
			umount "$at" || die "$at is mounted and cannot be unmounted; $dir is not removed"
		done < <(mounts_in "$dir")
		rm -rf --one-file-system "$dir"
	done
}

# copy_root FROM TO: FROM must have no mounts.
copy_root() {
	local at
	at=$(mounts_in "$1")
	[[ -z $at ]] || die "$1 is not copied: ${at%%$'\n'*} is mounted in it; please unmount it"
	cp -a --one-file-system --reflink=auto --no-target-directory "$1" "$2"
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

# fake_sys DIR [ID VFS]: just enough of /sys to show the machine's GPU to the generator, which runs on the machine that builds.
# ID is its device ID (3e92), in lower case, and VFS how many virtual functions it offers.
fake_sys() {
	local dev=$1/devices/pci0000:00/0000:00:02.0 id=${2:-3e92}
	mkdir -p "$dev" "$1/bus/pci/devices" "$1/module/firmware_class/parameters"
	echo >"$1/module/firmware_class/parameters/path"
	ln -s ../../../devices/pci0000:00/0000:00:02.0 "$1/bus/pci/devices/0000:00:02.0"
	echo 0x8086 >"$dev/vendor"
	echo "0x$id" >"$dev/device"
	echo 0x030000 >"$dev/class"
	echo 0x8086 >"$dev/subsystem_vendor"
	echo 0x0000 >"$dev/subsystem_device"
	echo 0x00 >"$dev/revision"
	echo "pci:v00008086d0000${id^^}sv00008086sd00000000bc03sc00i00" >"$dev/modalias"
	[[ -z ${3:-} ]] || echo "$3" >"$dev/sriov_totalvfs"
	printf '0x0000000000000000 0x0000000000000000 0x0000000000000000\n%.0s' {1..13} >"$dev/resource"
	head -c 256 /dev/zero >"$dev/config"
}
