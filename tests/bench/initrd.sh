#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# initrd.sh [VARIANT]: a minimal initrd for boot.sh, with init.c, the contestants other than gvt-early, and what these need: the modules of
# Debian 12's kernel and the stand-ins, the indexes of all its modules, kmod, a shell. All of it is the system's, VARIANT of system.sh.
# Prints the file's path. It is kept until something that went in changes.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/../vm/common.sh"

bench_dir=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
need cpio:cpio debugfs:e2fsprogs
system=$("$vm_dir/system.sh" bookworm "${1:-with}")
kver=$(<"$system/kver")
place=$build/bench
new=$place/tree
modules=usr/lib/modules/$kver

# out_of_disk PATH...: these files of the system, with the same paths in the tree; links are followed.
out_of_disk() {
	local path
	for path; do
		mkdir -p "$new/${path%/*}"
		echo "dump -p $(resolved "$path") $new/$path"
	done | debugfs -f - "$system/root.img" >/dev/null 2>&1
	for path; do
		[[ -s $new/$path ]] || die "the system has no /$path"
	done
}

# resolved PATH: debugfs follows no link at the end. The base has the same.
resolved() { in_base realpath -m "/$1"; }
in_base() { in_root "$build/vm/bookworm/base" "$@"; }

libraries() { in_base ldd "/$1" | awk '/=> \// { print "usr" $3 } /^\t\// { print "usr" $1 }'; }

fill_tree() {
	local file
	remove_root "$new"
	mkdir -p "$new/usr" "$new/bench" "$new/etc"
	for file in bin sbin lib lib64; do
		mkdir -p "$new/usr/$file"
		ln -s "usr/$file" "$new/$file"
	done
	out_of_disk "$modules"/modules.{dep,alias,symbols,builtin,builtin.alias}.bin "$modules"/modules.{dep,builtin,softdep} \
		usr/lib/modprobe.d/aliases.conf usr/bin/{dash,kmod}
	# shellcheck disable=SC2046 # a path each
	out_of_disk $({ libraries bin/dash; libraries bin/kmod; } | sort -u)
	# What a module needs is listed behind it, what comes first last.
	awk -v wanted="vfio vfio_iommu_type1 vfio_pci i915 kvmgt" '
		{ file = $1; sub(/:$/, "", file); name = file; gsub(/.*\/|\.ko$/, "", name); gsub(/-/, "_", name)
		  path[name] = file; needs[name] = ""; for (i = NF; i > 1; i--) needs[name] = needs[name] " " $i }
		END { count = split(wanted, names, " ")
		      for (i = 1; i <= count; i++) {
			n = split(needs[names[i]] " " path[names[i]], files, " ")
			for (j = 1; j <= n; j++) if (!seen[files[j]]++) print files[j] } }
	' "$new/$modules/modules.dep" >"$place/modules"
	rm "$new/$modules/modules.dep"
	# shellcheck disable=SC2046 # a path each
	out_of_disk $(sed "s|^|$modules/|" "$place/modules")
	sed "s|.*|\t\"/lib/modules/$kver/&\",|" "$place/modules" >"$place/modules.inc"
	ln -s dash "$new/usr/bin/sh"
	ln -s ../bin/kmod "$new/usr/sbin/modprobe"
	"${CC:-cc}" -O2 -s -static -I "$place" -o "$new/bench/floor" "$bench_dir/floor.c"
	"${CC:-cc}" -O2 -s -static -o "$new/init" "$bench_dir/init.c"
	cp "$bench_dir/shell" "$new/bench/"
}

mkdir -p "$place"
lock "$place/.lock"
out=$place/initrd.cpio
stamp=$(<"$system/stamp")-$(hash_tree "$bench_dir"/{initrd.sh,init.c,floor.c,shell})
if [[ $(cat "$place/stamp" 2>/dev/null) != "$stamp" ]]; then
	fill_tree
	(cd "$new" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$out.new"
	mv "$out.new" "$out"
	echo "$stamp" >"$place/stamp"
fi
echo "$out"
