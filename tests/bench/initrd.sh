#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# initrd.sh [ROOT [FORM]]: a minimal initrd for boot.sh, with init.c, the contestants other than gvt-early and mdevctl, and what these need: some
# modules of Debian's kernel and the stand-ins, kmod, a shell. All of it is the system's, ROOT of system.sh (bookworm). FORM says how the
# modules are:
#   whole        not compressed; the indexes are those of all modules of the kernel (the default)
#   own          not compressed; the indexes are those of the modules in the initrd, as mkinitramfs makes them
#   own-xz       the same, and the modules are compressed
#   own-zst
# Prints the directory: initrd.cpio, modules (the order in which they are loaded) and modules.dep (the kernel's). It is kept until something that went in changes.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/../vm/common.sh"

bench_dir=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
need cpio:cpio debugfs:e2fsprogs xz:xz-utils zstd:zstd
root=${1:-bookworm} form=${2:-whole}
base=$build/vm/$root/base
system=$("$vm_dir/system.sh" "$root" with)
kver=$(<"$system/kver")
place=$build/bench/$root-$form
new=$place/tree
modules=usr/lib/modules/$kver
how=$(<"$system/modules") # .ko, .ko.xz: how the system's modules end
suffix=.ko
[[ $form != *-* ]] || suffix+=.${form#*-}

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
resolved() { in_root "$base" realpath -m "/$1"; }

libraries() { in_root "$base" ldd "/$1" | awk '/=> \// { print "usr" $3 } /^\t\// { print "usr" $1 }'; }

# load_order: what a module needs is listed behind it, what comes first last.
load_order() {
	awk -v wanted="vfio vfio_iommu_type1 vfio_pci i915 kvmgt" '
		{ file = $1; sub(/:$/, "", file); name = file; gsub(/.*\/|\.ko.*$/, "", name); gsub(/-/, "_", name)
		  path[name] = file; needs[name] = ""; for (i = NF; i > 1; i--) needs[name] = needs[name] " " $i }
		END { count = split(wanted, names, " ")
		      for (i = 1; i <= count; i++) {
			n = split(needs[names[i]] " " path[names[i]], files, " ")
			for (j = 1; j <= n; j++) if (!seen[files[j]]++) print files[j] } }
	' "$1"
}

# set_form: as FORM says; they come as the system has them.
set_form() {
	local file decompress=()
	case $how in
	*.xz) decompress=(xz -d) ;;
	*.zst) decompress=(zstd -q -d --rm) ;;
	esac
	[[ ${#decompress[@]} = 0 ]] || find "$new/$modules" -name '*.ko.*' -exec "${decompress[@]}" {} +
	# As system.sh compresses them; a file's size is in the head of its .zst.
	case $form in
	*-xz) find "$new/$modules" -name '*.ko' -exec xz --check=crc32 --lzma2=dict=1MiB {} + ;;
	*-zst) find "$new/$modules" -name '*.ko' -exec zstd -q --rm {} + ;;
	esac
	sed -i -E "s/\.ko(\..*)?$/$suffix/" "$place/modules"
	if [[ $form = whole ]]; then
		[[ $how = .ko ]] || die "the indexes of all modules name compressed ones"
		return
	fi
	rm "$new/$modules"/modules.*.bin "$new/$modules/modules.softdep"
	BIND="$new:/mnt" in_root "$base" depmod -a -b /mnt "$kver"
}

# kernel_decompresses: whether the kernel can do so itself with modules of this form; it knows one kind.
kernel_decompresses() {
	local config=$base/boot/config-$kver
	grep -qx CONFIG_MODULE_DECOMPRESS=y "$config" || return
	case $form in
	*-xz) grep -qx CONFIG_MODULE_COMPRESS_XZ=y "$config" ;;
	*-zst) grep -qx CONFIG_MODULE_COMPRESS_ZSTD=y "$config" ;;
	esac
}

fill_tree() {
	local file
	remove_root "$new"
	mkdir -p "$new/usr" "$new/bench" "$new"/etc/mdevctl.d/scripts.d/{callouts,notifiers} # mdevctl insists on them
	for file in bin sbin lib lib64; do
		mkdir -p "$new/usr/$file"
		ln -s "usr/$file" "$new/$file"
	done
	out_of_disk "$modules"/modules.{dep,alias,symbols,builtin,builtin.alias}.bin "$modules"/modules.{dep,softdep} \
		"$modules"/modules.{order,builtin,builtin.modinfo} usr/lib/modprobe.d/aliases.conf usr/bin/{dash,kmod} \
		usr/lib/x86_64-linux-gnu/libgcc_s.so.1 # the last one for mdevctl
	# shellcheck disable=SC2046 # a path each
	out_of_disk $({ libraries bin/dash; libraries bin/kmod; } | sort -u)
	mv "$new/$modules/modules.dep" "$place/"
	load_order "$place/modules.dep" >"$place/modules"
	# shellcheck disable=SC2046 # a path each
	out_of_disk $(sed "s|^|$modules/|" "$place/modules")
	set_form
	ln -s dash "$new/usr/bin/sh"
	ln -s ../bin/kmod "$new/usr/sbin/modprobe"
	"${CC:-cc}" -O2 -s -static -o "$new/init" "$bench_dir/init.c"
	cp "$bench_dir/shell" "$new/bench/"
	flags=0
	if [[ $form = *-* ]]; then
		kernel_decompresses || return 0
		flags=MODULE_INIT_COMPRESSED_FILE
	fi
	sed "s|.*|\t\"/lib/modules/$kver/&\",|" "$place/modules" >"$place/modules.inc"
	"${CC:-cc}" -O2 -s -static -I "$place" -D FLAGS="$flags" -o "$new/bench/floor" "$bench_dir/floor.c"
}

mkdir -p "$place"
lock "$place/.lock"
out=$place/initrd.cpio
stamp=$(<"$system/stamp")-$(hash_tree "$bench_dir"/{initrd.sh,init.c,floor.c,shell})
if [[ $(cat "$place/stamp" 2>/dev/null) != "$stamp" ]]; then
	fill_tree
	(cd "$new" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$out.new"
	remove_root "$new"
	mv "$out.new" "$out"
	echo "$stamp" >"$place/stamp"
fi
echo "$place"
