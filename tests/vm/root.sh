#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# root.sh [--made] NAME: a Debian root with a kernel of the distribution, as a directory tree, made once. --made: only tells by its
# exit status whether it is there.
#
# NAME is SUITE or SUITE-KERNEL: the suite's own kernel, that of linux-image-KERNEL-amd64, or the newest that SUITE-backports
# has. Kernels are found by metapackages, so this moves on with Debian.
#
# Result: $BUILD/vm/NAME/base/ and base.stamp. The compiler and the kernel's headers are in it too, so that the stand-in
# modules are built by the very compiler of that release; the packages that dracut would bring lie beside it, in dracut/.
# Nothing is fetched while the stamp fits.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/common.sh"

ask=no
[[ ${1-} != --made ]] || { ask=yes && shift; }
name=${1:?usage: root.sh SUITE[-KERNEL]}
suite=${name%%-*}
kernel=${name#"$suite"}
kernel=${kernel#-}
out=$build/vm/$name
root=$out/base
packages=systemd,systemd-sysv,udev,kmod,e2fsprogs,initramfs-tools,zstd,busybox,pciutils,jq
packages+=,linux-image-amd64,linux-headers-amd64,gcc,libc6-dev,make

stamp=$name-$(hash_tree "${BASH_SOURCE[0]}")
if [[ -n $kernel ]]; then
	if [[ $ask = yes ]]; then
		"$vm_dir/root.sh" --made "$suite"
	else
		"$vm_dir/root.sh" "$suite"
	fi
	stamp+=-$(<"$build/vm/$suite/base.stamp")
fi
if [[ $ask = yes ]]; then
	[[ $(cat "$out/base.stamp" 2>/dev/null) = "$stamp" ]] && exit || exit 1
fi
lock "$out/.root.lock"
[[ $(cat "$out/base.stamp" 2>/dev/null) != "$stamp" ]] || exit 0
[[ $(id -u) = 0 ]] || die "making a root needs root"
need mmdebstrap:mmdebstrap unshare:util-linux

# alone COMMAND...: what it mounts vanishes with it, and it ends with this script, however that ends.
alone() { setpriv --pdeathsig KILL unshare --mount --propagation private --pid --fork --kill-child --mount-proc "$@"; }

# dracut excludes initramfs-tools, so it is only fetched. No initrd is made, nobody would boot it: INITRD is for the kernel's
# package, the link for the trigger.
from_mirror() {
	# shellcheck disable=SC2016 # "$1" is mmdebstrap's: the root
	INITRD=No alone mmdebstrap --mode=root --variant=minbase --include="$packages" \
		--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--essential-hook='ln -s /bin/true "$1/usr/local/sbin/update-initramfs"' \
		--customize-hook='rm "$1/usr/local/sbin/update-initramfs"' \
		--customize-hook='chroot "$1" apt-get clean && chroot "$1" apt-get -y --download-only install dracut' \
		--customize-hook='mv "$1"/var/cache/apt/archives/*.deb "$1/../dracut/"' \
		"$suite" "$root"
}

from_suite() {
	local proxy
	copy_root "$build/vm/$suite/base" "$root"
	cp "$build/vm/$suite/dracut/"*.deb "$out/dracut/"
	# As mmdebstrap does: name servers and proxy are those of the machine that builds.
	cp -L /etc/resolv.conf "$root/etc/"
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	[[ -z ${proxy:-} ]] || export http_proxy=$proxy
	if [[ $kernel = backports ]]; then
		sed -n "s/ $suite main\$/ $suite-backports main/p" "$root/etc/apt/sources.list" \
			>"$root/etc/apt/sources.list.d/backports.list"
	fi
	# shellcheck disable=SC2016 # expanded in the root
	in_root "$root" sh -euc '
		export DEBIAN_FRONTEND=noninteractive INITRD=No
		old=$(linux-version list)
		apt-get update
		case $2 in
		backports) apt-get -y -t "$1-$2" install linux-image-amd64 linux-headers-amd64 ;;
		*) apt-get -y install "linux-image-$2-amd64" "linux-headers-$2-amd64" ;;
		esac
		new=$(linux-version list | linux-version sort | tail -n 1)
		for version in $old; do
			[ "$version" = "$new" ] || apt-get -y purge "linux-image-$version*" "linux-headers-$version*"
		done
		apt-get clean
		rm -rf /var/lib/apt/lists/* /etc/resolv.conf
	' sh "$suite" "$kernel"
}

# What every root has besides packages.
settle() {
	local unit
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
}

say "making the root $name (about a minute, and about 200 MB to fetch)"
rm -f "$out/base.stamp"
remove_root "$root" "$out/dracut"
mkdir -p "$out/dracut"
make=from_mirror
[[ -z $kernel ]] || make=from_suite
set +e # in a condition it would not hold inside either
(set -e; "$make") >"$out/root.log" 2>&1
status=$?
set -e
if [[ $status != 0 ]]; then
	tail -n 20 "$out/root.log" >&2
	die "the root $name could not be made; all of it is in $out/root.log"
fi
[[ -n $kernel ]] || settle
echo "$stamp" >"$out/base.stamp"
