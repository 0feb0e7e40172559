#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# system.sh ROOT [VARIANT]: the root of root.sh with gvt-early's package installed as an admin would, its initrd built by
# the real generator, and all of it as a disk image. Prints the directory: root.img vmlinuz vmlinux (the kernel unpacked)
# initrd.img initrd.cpio (unpacked) kver, and generator and modules, which tell what made the initrd and how the kernel's modules end.
#
# VARIANT is "with" (the default) or words joined by "+":
#   plain            gvt-early is not installed
#   by-hand          plain, set up as today's guides have it: modules in /etc/modules and in the initrd, and a unit that
#                    makes the same instances before the guests
#   dracut           Debian's dracut takes the place of initramfs-tools
#   dracut-plain     the same, without systemd in the initrd
#   hostonly         dracut's initrd is for this machine only
#   zst              all modules of the kernel are .ko.zst
#   late             gvt-early.conf has "early = no"
#   no-stand-ins     the distribution's own i915 and kvmgt instead of the stand-ins
#   sriov            for a GPU with virtual functions: the stand-ins are those for i915 and, where the kernel has it, xe, in the
#                    very place of the kernel's own, and there is the firmware of both
#   dkms             the same, and the stand-ins for the modules of the DKMS package i915-sriov-dkms, built for this kernel
#   without-MODULE   a kernel that lacks this module: without-kvmgt
# Everything is kept until something that went in changes.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/common.sh"

name=${1:?usage: system.sh ROOT [VARIANT]}
variant=${2:-with}
place=$build/vm/$name
out=$place/system
[[ $variant = with ]] || out=$place/system-$variant
base=$place/base

plain=no by_hand=no late=no stand_ins=yes sriov=no dkms=no zst=no hostonly=no generator=initramfs-tools
without=()
dracut_conf=('compress="zstd -q -1"') # Debian's choice, gzip -9, takes most of the time and decides nothing here
for word in ${variant//+/ }; do
	case $word in
	with) ;;
	plain) plain=yes ;;
	by-hand) plain=yes by_hand=yes ;;
	dracut) generator=dracut ;;
	dracut-plain)
		generator=dracut
		dracut_conf+=('omit_dracutmodules+=" systemd systemd-initrd systemd-battery-check systemd-pcrphase dracut-systemd crypt "')
		;;
	# It is built elsewhere than it runs, so it is told of the disk and the file system.
	hostonly)
		hostonly=yes
		dracut_conf+=('hostonly="yes"' 'add_drivers+=" virtio_blk ext4 "')
		;;
	zst) zst=yes ;;
	late) late=yes ;;
	no-stand-ins) stand_ins=no ;;
	sriov) sriov=yes ;;
	dkms) sriov=yes dkms=yes ;;
	without-*) without+=("${word#without-}") ;;
	*) die "unknown variant '$word'" ;;
	esac
done

"$vm_dir/root.sh" "$name"
need mke2fs:e2fsprogs make:make xz:xz-utils zstd:zstd
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

# The package as users get it; made when something that goes in has changed.
package() {
	local log
	log=$(mktemp)
	if ! env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$repo" --no-print-directory deb >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		rm "$log"
		die "make deb failed"
	fi
	rm "$log"
	deb=$(echo "$build"/deb/gvt-early_*_amd64.deb)
	[[ -f $deb ]] || die "make deb left no package"
}

# fake_proc DIR: the /proc of the machine that builds, but for the loaded modules: an initrd for this host only has no others
# unless somebody asks for them.
fake_proc() {
	local entry
	mkdir -p "$1/proc"
	for entry in /proc/*; do
		case ${entry#/proc/} in
		[0-9]* | modules) ;;
		*) ln -s ".$entry" "$1/" ;;
		esac
	done
	printf '%s 16384 1 - Live 0x0000000000000000\n' ext4 jbd2 mbcache crc16 crc32c_generic virtio_blk virtio_pci \
		virtio_pci_modern_dev virtio_pci_legacy_dev virtio_ring virtio i915 >"$1/modules"
	# The first process has the same root: it is no chroot, whose GPU would not be the machine's.
	mkdir "$1/1"
	ln -s / "$1/1/root"
}

# set_up_by_hand ROOT: the way without gvt-early.
set_up_by_hand() {
	printf '%s\n' vfio vfio_iommu_type1 vfio_pci vfio_virqfd kvmgt >>"$1/etc/modules"
	if [[ $generator = dracut ]]; then
		dracut_conf+=('force_drivers+=" kvmgt "')
	else
		echo kvmgt >>"$1/etc/initramfs-tools/modules"
	fi
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
	[[ $sriov = yes ]] || return 0
	mkdir -p "$1/lib/firmware/xe"
	for name in i915/tgl_guc_70 i915/adlp_guc_70 i915/dg2_guc_70 i915/mtl_guc_70 i915/tgl_huc i915/mtl_huc_gsc i915/adlp_dmc \
		i915/tgl_guc_70.1.1 i915/tgl_huc_7.9.3 xe/bmg_guc_70 xe/bmg_huc xe/ptl_guc_70 xe/ptl_huc; do
		echo "stands in for $name.bin" >"$1/lib/firmware/$name.bin"
	done
}

# compress OWN FILE: as the kernel's own module is. Its decompression is content with these options only.
compress() {
	case $1 in
	*.xz) xz --check=crc32 --lzma2=dict=1MiB "$2" ;;
	*.zst) zstd -q --rm "$2" ;;
	esac
}

# set_up_modules TREE: the stand-ins come before the kernel's own ones, and look like them. TREE is /lib/modules/KVER.
# dracut takes all that lies in updates/, and so would have i915 and its firmware without anybody asking for it: there the
# stand-ins take the very place of the kernel's.
set_up_modules() {
	local module own to stand_in_modules=(i915 kvmgt)
	[[ $sriov = no ]] || stand_in_modules+=(xe)
	if [[ $zst = yes ]]; then
		find "$1/kernel" -name '*.ko.xz' -print0 | xargs -0r -P 2 -n 100 xz -d
		find "$1/kernel" -name '*.ko' -print0 | xargs -0r -P 2 -n 100 zstd -q -1 --rm
	fi
	[[ $stand_ins = no ]] || for module in "${stand_in_modules[@]}"; do
		own=$(find "$1/kernel" -name "$module.ko*")
		[[ $own ]] || continue
		to=$1/updates
		if [[ $generator = dracut || $sriov = yes ]]; then
			to=${own%/*}
			rm "$own"
		fi
		mkdir -p "$to"
		cp "$place/machine/$module.ko" "$to/"
		compress "$own" "$to/$module.ko"
	done
	[[ $dkms = no ]] || for module in "$place"/machine/dkms/*.ko; do
		mkdir -p "$1/updates/dkms"
		cp "$module" "$1/updates/dkms/"
		compress "$(find "$1/kernel" -name 'vfio.ko*')" "$1/updates/dkms/${module##*/}"
	done
	for module in "${without[@]}"; do
		find "$1/" -name "$module.ko*" -delete
	done
}

# set_up_dkms ROOT: what DKMS itself keeps of a package that is built for the kernel.
set_up_dkms() {
	local tree=$1/var/lib/dkms/i915-sriov-dkms version=2026.05.06
	mkdir -p "$1/usr/src/i915-sriov-dkms-$version" "$tree/$version/$kver/x86_64/module"
	printf '%s\n' 'PACKAGE_NAME="i915-sriov-dkms"' "PACKAGE_VERSION=\"$version\"" AUTOINSTALL=yes \
		>"$1/usr/src/i915-sriov-dkms-$version/dkms.conf"
	ln -s "/usr/src/i915-sriov-dkms-$version" "$tree/$version/source"
	ln -s "$version/$kver/x86_64" "$tree/kernel-$kver-x86_64"
	cp "$1/lib/modules/$kver/updates/dkms/"* "$tree/$version/$kver/x86_64/module/"
}

# set_up_dracut ROOT: what apt does for "apt install dracut"; initramfs-tools-core stays as it does there.
set_up_dracut() {
	BIND="$place/dracut:/mnt" in_root "$1" sh -euc '
		dpkg --remove --force-depends initramfs-tools
		dpkg --install --no-triggers /mnt/*.deb
	' || return
	printf '%s\n' "${dracut_conf[@]}" >"$1/etc/dracut.conf.d/gvt-test.conf"
}

# build_initrd ROOT: by what the package's installation triggers. Without a package the trigger alone; it only renews an
# initrd that is there.
build_initrd() {
	local -x SYS=$scratch/sys PROC=$scratch/proc
	: >"$1/boot/initrd.img-$kver"
	if [[ $plain = no ]]; then
		cp "$deb" "$1/tmp/gvt-early.deb"
		in_root "$1" dpkg --install --force-confold /tmp/gvt-early.deb || return
		rm "$1/tmp/gvt-early.deb"
	else
		in_root "$1" sh -ec 'dpkg-trigger --no-await update-initramfs; dpkg --triggers-only --pending' || return
	fi
	[[ -s $1/boot/initrd.img-$kver ]]
}

# generator_of ROOT: name, version, and for dracut which kind of initrd it has made.
generator_of() {
	# shellcheck disable=SC2016 # expanded in the root, and by dpkg-query
	in_root "$1" sh -euc '
		version=$(dpkg-query -W -f "\${Version}" "$1")
		kind=
		if [ "$1" = dracut ]; then
			kind=plain
			! lsinitrd "$2" | grep -q " init -> .*systemd" || kind=systemd
			[ "$3" = no ] || kind="$kind, hostonly"
		fi
		echo "$1 ${version%%[-+]*}${kind:+ ($kind)}"
	' sh "$generator" "/boot/initrd.img-$kver" "$hostonly"
}

# unpack_kernel FILE TO: the kernel as an ELF file, which QEMU starts directly (PVH): to unpack it itself takes an emulated
# processor 4 s in each boot. No file where that is not to be had. (Documentation/arch/x86/boot.rst: setup_sects, payload_offset)
unpack_kernel() {
	local sectors offset tool
	sectors=$(od -An -t u1 -j $((0x1f1)) -N 1 "$1")
	offset=$(od -An -t u4 -j $((0x248)) -N 4 "$1")
	for tool in xz zstd gzip; do
		tail -c +$((offset + (sectors + 1) * 512 + 1)) "$1" | "$tool" -dc >"$2" 2>/dev/null || true # what follows is no part of it
		# XEN_ELFNOTE_PHYS32_ENTRY
		if readelf -n "$2" 2>/dev/null | grep -q 0x00000012; then
			return
		fi
	done
	rm "$2"
}

# unpack_initrd FILE TO: that takes an emulated processor 3 s in each boot. No file where it is not zstd alone.
unpack_initrd() { zstd -q -dc "$1" >"$2" 2>/dev/null || rm -f "$2"; }

machine
deb=
[[ $plain = yes ]] || package
stamp=$(cat "$place/machine/stamp")-$variant-$(hash_tree ${deb:+"$deb"} "$vm_dir/guest" "$vm_dir/gvt-early.conf" "$vm_dir/sriov.conf" \
	"${BASH_SOURCE[0]}" "$vm_dir/common.sh")
lock "$place/.${out##*/}.lock"
# What a run that was killed has left there.
scratch=$place/.scratch.$variant
remove_root "$scratch"
if [[ $(cat "$out/stamp" 2>/dev/null) = "$stamp" ]]; then
	echo "$out"
	exit
fi

say "building the $name system '$variant' (about a minute)"
mkdir "$scratch"
trap 'remove_root "$scratch"' EXIT
root=$scratch/root
new=$scratch/new
mkdir "$new"
copy_root "$base" "$root"
cp -r --no-dereference --no-target-directory "$vm_dir/guest" "$root"
set_up_modules "$root/lib/modules/$kver"
[[ $dkms = no ]] || set_up_dkms "$root"
in_root "$root" depmod "$kver"
some_firmware "$root"
[[ $by_hand = no ]] || set_up_by_hand "$root"
if [[ $plain = no ]]; then
	mkdir -p "$root/etc/gvt-early"
	wanted=$vm_dir/gvt-early.conf
	[[ $sriov = no ]] || wanted=$vm_dir/sriov.conf
	cp "$wanted" "$root/etc/gvt-early/gvt-early.conf"
	[[ $late = no ]] || printf '[settings]\nearly = no\n' >>"$root/etc/gvt-early/gvt-early.conf"
fi
if [[ $sriov = yes ]]; then
	fake_sys "$scratch/sys" 46d1 7
else
	fake_sys "$scratch/sys"
fi
fake_proc "$scratch/proc"
[[ $generator != dracut ]] || set_up_dracut "$root" >"$scratch/dracut.log" 2>&1 || {
	cat "$scratch/dracut.log" >&2
	die "dracut could not be installed"
}
if ! build_initrd "$root" >"$scratch/dpkg.log" 2>&1; then
	cat "$scratch/dpkg.log" >&2
	die "no initrd was built"
fi
# Only what the generator said, which is in the end.
sed '1,/^Processing triggers for /d' "$scratch/dpkg.log" >"$new/initramfs.log"
grep -Ev ': Generating |^Creating (user|group) ' "$new/initramfs.log" >&2 || true

cp "$root/boot/vmlinuz-$kver" "$new/vmlinuz"
unpack_kernel "$new/vmlinuz" "$new/vmlinux"
cp "$root/boot/initrd.img-$kver" "$new/initrd.img"
unpack_initrd "$new/initrd.img" "$new/initrd.cpio"
echo "$kver" >"$new/kver"
generator_of "$root" >"$new/generator"
own=$(find "$root/lib/modules/$kver/kernel" -name 'vfio.ko*')
echo ".ko${own##*.ko}" >"$new/modules"
[[ -z $(mounts_in "$root") ]] || die "something is mounted in $root"
size=$(du -smx "$root")
mke2fs -q -t ext4 -E lazy_itable_init=0,nodiscard -d "$root" "$new/root.img" "$((${size%%[!0-9]*} + 300))M" >/dev/null
echo "$stamp" >"$new/stamp"
remove_root "$out"
mv "$new" "$out"
echo "$out"
