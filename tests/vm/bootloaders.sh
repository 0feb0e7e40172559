# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# common.sh, and what tests with real bootloaders' programs share. Sourced in a program that has $work and cannot_run. proxmox-boot-tool,
# in this directory, plays Proxmox VE's.
# shellcheck disable=SC2154 # $work

. "${BASH_SOURCE[0]%/*}/common.sh"
. "${BASH_SOURCE[0]%/*}/packages.sh"

# grub_packages ROOT: the files of Debian's grub-common and grub2-common, and of what they need, of that root's release, as a tar, $grub.
grub_packages() {
	# shellcheck disable=SC2034 # for the test
	grub=$(package_files "$1" grub grub2-common 2>"$work/grub.log") ||
		cannot_run "Debian's grub packages cannot be fetched: $(tail -n 1 "$work/grub.log")"
}

# next_release RELEASE: one that sorts behind it, of the same kind: 6.1.0-56-amd64 -> 6.1.98-56-amd64.
next_release() { sed -E 's/^([0-9]+\.[0-9]+)[^-+]*/\1.998/' <<<"$1"; }

# kernel_package ROOT TO RELEASE VERSION [MODULE-LEFT-OUT...]: linux-image-RELEASE.deb in TO: what counts here of the kernel in ROOT, under
# another name, with the maintainer scripts of that one's package. $padding is by how many MiB its image is larger.
kernel_package() {
	local base=$1 to=$2 release=$3 version=$4 kver tree=$work/kernel modules=lib/modules script module
	shift 4
	kver=$(kernel_of "$base")
	! grep -q '^/usr/lib/modules/' "$base/var/lib/dpkg/info/linux-image-$kver.list" || modules=usr/lib/modules
	modules=$tree/$modules/$release
	rm -rf "$tree"
	mkdir -p "$tree/DEBIAN" "$tree/boot" "$modules"
	for script in preinst postinst prerm postrm; do
		sed "s/${kver//./\\.}/$release/g" "$base/var/lib/dpkg/info/linux-image-$kver.$script" >"$tree/DEBIAN/$script"
		chmod 755 "$tree/DEBIAN/$script"
	done
	printf '%s\n' "Package: linux-image-$release" "Version: $version" 'Architecture: amd64' 'Maintainer: nobody <nobody@example.org>' \
		'Description: a kernel' >"$tree/DEBIAN/control"
	cp "$base/boot/vmlinuz-$kver" "$tree/boot/vmlinuz-$release"
	head -c "$((${padding:-0} * 1048576))" /dev/urandom >>"$tree/boot/vmlinuz-$release"
	cp "$base/boot/config-$kver" "$tree/boot/config-$release"
	cp "$base/lib/modules/$kver"/modules.builtin* "$base/lib/modules/$kver/modules.order" "$modules/"
	for module in i915 kvmgt vfio-pci vfio_iommu_type1 vfat nls_ascii nls_cp437 ext4 virtio_blk virtio_pci; do
		/usr/sbin/modprobe -d "$base" -S "$kver" --show-depends "$module"
	done | sed -n "s:^insmod .*/lib/modules/$kver/::p" | awk '{ print $1 }' | sort -u |
		tar -C "$base/lib/modules/$kver" -c --files-from=- | tar -x -C "$modules"
	for module; do
		find "$modules" -name "$module.ko*" -delete
	done
	: >"$modules/.fresh-install"
	dpkg-deb --root-owner-group -Znone --build "$tree" "$to/linux-image-$release.deb" >/dev/null
	rm -rf "$tree"
}
