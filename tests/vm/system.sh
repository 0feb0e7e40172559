#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# system.sh SUITE [VARIANT]: the root of root.sh with gvt-early installed as an admin would, its initrd built by the
# real update-initramfs, and all of it as a disk image. Prints the directory: root.img vmlinuz initrd.img kver machine/
#
# VARIANT is "with" (the default) or words joined by "+":
#   plain            gvt-early is not installed
#   by-hand          plain, set up as today's guides have it: modules in /etc/modules and in the initrd, and a unit that
#                    makes the same instances before the guests
#   no-stand-ins     the distribution's own i915 and kvmgt instead of the stand-ins
#   without-MODULE   a kernel that lacks this module: without-kvmgt
# Everything is kept until something that went in changes.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/common.sh"

suite=${1:?usage: system.sh SUITE [VARIANT]}
variant=${2:-with}
place=$build/vm/$suite
out=$place/system
[[ $variant = with ]] || out=$place/system-$variant
base=$place/base

plain=no by_hand=no stand_ins=yes
without=()
for word in ${variant//+/ }; do
	case $word in
	with) ;;
	plain) plain=yes ;;
	by-hand) plain=yes by_hand=yes ;;
	no-stand-ins) stand_ins=no ;;
	without-*) without+=("${word#without-}") ;;
	*) die "unknown variant '$word'" ;;
	esac
done

"$vm_dir/root.sh" "$suite"
need mke2fs:e2fsprogs make:make
kver=$(kernel_of "$base")

# The stand-in modules: built in the root, by its compiler, against its kernel.
machine() {
	local stamp
	lock "$place/.machine.lock"
	stamp=$(cat "$place/base.stamp")-$(hash_tree "$vm_dir/machine")
	if [[ $(cat "$place/machine/stamp" 2>/dev/null) != "$stamp" ]]; then
		rm -rf "$place/machine" "$place/machine.new"
		mkdir -p "$place/machine.new"
		# shellcheck disable=SC2016 # expanded in the root
		if ! BIND="$vm_dir/machine:/mnt/src $place/machine.new:/mnt/out" in_root "$base" sh -euc '
			sh /mnt/src/build.sh "$1" /mnt/out
			sh /mnt/src/build.sh plant /mnt/out/plant
			' build "/lib/modules/$kver/build" >"$place/machine.log" 2>&1; then
			tail -n 20 "$place/machine.log" >&2
			die "the stand-in modules do not build; all of it is in $place/machine.log"
		fi
		echo "$stamp" >"$place/machine.new/stamp"
		mv "$place/machine.new" "$place/machine"
	fi
	flock -u "$lock_fd"
}

# What `make install` puts into a root. One at a time: it may compile.
installed() {
	lock "$build/vm/.make.lock"
	if ! env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$repo" install DESTDIR="$1" >"$1.log" 2>&1; then
		tail -n 20 "$1.log" >&2
		die "make install failed"
	fi
	flock -u "$lock_fd"
}

# fake_sys DIR: just enough of /sys to show the machine's GPU to the hook, which runs on the machine that builds the image.
fake_sys() {
	local dev=$1/devices/pci0000:00/0000:00:02.0
	mkdir -p "$dev" "$1/bus/pci/devices"
	ln -s ../../../devices/pci0000:00/0000:00:02.0 "$1/bus/pci/devices/0000:00:02.0"
	echo 0x8086 >"$dev/vendor"
	echo 0x3e92 >"$dev/device"
	echo 0x030000 >"$dev/class"
	echo 0x8086 >"$dev/subsystem_vendor"
	echo 0x0000 >"$dev/subsystem_device"
	echo 0x00 >"$dev/revision"
	echo pci:v00008086d00003E92sv00008086sd00000000bc03sc00i00 >"$dev/modalias"
	printf '0x0000000000000000 0x0000000000000000 0x0000000000000000\n%.0s' {1..13} >"$dev/resource"
	head -c 256 /dev/zero >"$dev/config"
}

# set_up_by_hand ROOT: the way without gvt-early.
set_up_by_hand() {
	printf '%s\n' vfio vfio_iommu_type1 vfio_pci vfio_virqfd kvmgt >>"$1/etc/modules"
	echo kvmgt >>"$1/etc/initramfs-tools/modules"
	cat >"$1/usr/lib/gvt-test/by-hand" <<-'END'
		#!/bin/sh
		types=/sys/bus/pci/devices/0000:00:02.0/mdev_supported_types
		echo 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 >$types/i915-GVTg_V5_4/create
		echo 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02 >$types/i915-GVTg_V5_8/create
		echo 00000000-0000-0000-0000-000000000100 >$types/i915-GVTg_V5_4/create
	END
	chmod +x "$1/usr/lib/gvt-test/by-hand"
	cat >"$1/etc/systemd/system/by-hand.service" <<-'END'
		[Unit]
		Description=vGPUs made by hand
		Wants=systemd-udev-settle.service
		After=systemd-udev-settle.service systemd-modules-load.service
		Before=pve-guests.service

		[Service]
		Type=oneshot
		TimeoutStartSec=90
		ExecStart=/usr/lib/gvt-test/by-hand
	END
	ln -s ../by-hand.service "$1/etc/systemd/system/multi-user.target.wants/"
}

# some_firmware ROOT: files of i915's by name, of this GPU and of others; the real ones are not free.
some_firmware() {
	local name
	mkdir -p "$1/lib/firmware/i915"
	for name in kbl_dmc_ver1_04 kbl_guc_70.1.1 kbl_huc_4.0.0 skl_dmc_ver1_27 bxt_dmc_ver1_07 glk_dmc_ver1_04 icl_dmc_ver1_09 \
		tgl_dmc_ver2_12 adlp_dmc_ver2_16 dg2_dmc_ver2_08; do
		echo "stands in for $name.bin" >"$1/lib/firmware/i915/$name.bin"
	done
}

machine
scratch=$(mktemp -d "$place/.scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/installed"
[[ $plain = yes ]] || installed "$scratch/installed"

stamp=$(cat "$place/machine/stamp")-$variant-$(hash_tree "$scratch/installed" "$vm_dir/guest" "$vm_dir/gvt-early.conf" \
	"${BASH_SOURCE[0]}" "$vm_dir/common.sh")
lock "$place/.${out##*/}.lock"
if [[ $(cat "$out/stamp" 2>/dev/null) = "$stamp" ]]; then
	echo "$out"
	exit
fi

say "building the $suite system '$variant' (about a minute)"
root=$scratch/root
new=$scratch/new
mkdir "$new"
cp -a --reflink=auto "$base" "$root"
cp -r --no-dereference --no-target-directory "$vm_dir/guest" "$root"
if [[ $stand_ins = yes ]]; then
	mkdir -p "$root/lib/modules/$kver/updates"
	cp "$place/machine/i915.ko" "$place/machine/kvmgt.ko" "$root/lib/modules/$kver/updates/"
fi
for module in "${without[@]}"; do
	find "$root/lib/modules/$kver/" -name "$module.ko*" -delete
done
in_root "$root" depmod "$kver"
some_firmware "$root"
[[ $by_hand = no ]] || set_up_by_hand "$root"
if [[ $plain = no ]]; then
	tar -C "$scratch/installed" -cf - . | tar -C "$root" -xf - --keep-directory-symlink --no-overwrite-dir
	mkdir -p "$root/etc/gvt-early"
	cp "$vm_dir/gvt-early.conf" "$root/etc/gvt-early/"
fi
fake_sys "$scratch/sys"
if ! SYS=$scratch/sys in_root "$root" update-initramfs -u -k "$kver" >"$scratch/initramfs.log" 2>&1; then
	cat "$scratch/initramfs.log" >&2
	die "update-initramfs failed"
fi
grep -v ': Generating ' "$scratch/initramfs.log" >&2 || true

cp "$root/boot/vmlinuz-$kver" "$new/vmlinuz"
cp "$root/boot/initrd.img-$kver" "$new/initrd.img"
cp "$scratch/initramfs.log" "$new/initramfs.log"
echo "$kver" >"$new/kver"
size=$(du -sm "$root")
mke2fs -q -t ext4 -E lazy_itable_init=0,nodiscard -d "$root" "$new/root.img" "$((${size%%[!0-9]*} + 300))M" >/dev/null
echo "$stamp" >"$new/stamp"
rm -rf "$out"
mv "$new" "$out"
echo "$out"
