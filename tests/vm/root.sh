#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# root.sh SUITE: a Debian root with the distribution's kernel, as a directory tree, made once by mmdebstrap.
#
# Result: $BUILD/vm/SUITE/base/ and base.stamp. The compiler and the kernel's headers are in it too, so that the
# stand-in modules are built by the very compiler of that release. Nothing is fetched while the stamp fits.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/common.sh"

suite=${1:?usage: root.sh SUITE}
out=$build/vm/$suite
packages=systemd,systemd-sysv,udev,kmod,initramfs-tools,zstd,busybox,pciutils,jq
packages+=,linux-image-amd64,linux-headers-amd64,gcc,libc6-dev,make
stamp=$suite-$(hash_tree "${BASH_SOURCE[0]}")

lock "$out/.root.lock"
[[ $(cat "$out/base.stamp" 2>/dev/null) != "$stamp" ]] || exit 0
[[ $(id -u) = 0 ]] || die "making a root needs root"
need mmdebstrap:mmdebstrap unshare:util-linux

say "making a $suite root (about 90 s, and about 200 MB to fetch)"
rm -rf "$out/base" "$out/base.stamp"
if ! mmdebstrap --mode=root --variant=minbase --include="$packages" \
	--aptopt='APT::Install-Recommends "false"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' \
	"$suite" "$out/base" >"$out/root.log" 2>&1; then
	tail -n 20 "$out/root.log" >&2
	die "mmdebstrap failed; all of it is in $out/root.log"
fi

root=$out/base
echo gvt-test >"$root/etc/hostname"
echo '/dev/vda / ext4 defaults 0 0' >"$root/etc/fstab"
echo 0123456789abcdef0123456789abcdef >"$root/etc/machine-id"

# What costs time under emulation and decides nothing here: timers and logins.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
	fstrim.timer systemd-tmpfiles-clean.timer getty.target; do
	ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
mkdir -p "$root/etc/systemd/system-generators"
ln -sf /dev/null "$root/etc/systemd/system-generators/systemd-getty-generator"
touch "$root/etc/.updated" "$root/var/.updated"

echo "$stamp" >"$out/base.stamp"
