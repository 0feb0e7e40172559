#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the real update-initramfs has built: looked at unpacked, not booted. And the hook by itself, when things are wrong.
# takes 60 s
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/common.sh"
plan 36

system=$("$vm_dir/system.sh" bookworm with) || cannot_run 'the system does not build'
base=$build/vm/bookworm/base
kver=$(<"$system/kver")
BIND="$system:/mnt $work:/srv" in_root "$base" sh -ec 'unmkinitramfs /mnt/initrd.img /srv/image'
image=$work/image
[[ ! -d $image/main ]] || image=$image/main

# order SCRIPTS: who comes first in this stage, gvt-early or udev.
order() { grep -oE '/(gvt-early|udev) ' "$image/scripts/$1/ORDER" | tr -d '/\n'; }
is 'the worker is started before udev' "$(order init-top)" 'gvt-early udev '
is 'and waited for when udev is stopped' "$(order init-bottom)" 'udev gvt-early '

dpkg-deb -x "$build"/deb/gvt-early_*_amd64.deb "$work/package"
ok 'the binary is the one that the package has' cmp "$work/package/usr/sbin/gvt-early" "$image/usr/sbin/gvt-early"
ok 'and can be executed' test -x "$image/usr/sbin/gvt-early"
is 'update-initramfs says how many go in, and by how much the initrd grows' \
	"$(sed -E '/Generating/d; s/kernel [^ ]+:/kernel K:/; s/(at most )?[0-9.]+ [MG]iB/N/g' "$system/initramfs.log")" \
	'gvt-early: 3 vGPUs go into the initrd
gvt-early: kernel K: its initrd grows by N; /boot has N free'

is 'the snapshot has what is needed, and no more' "$(<"$image/etc/gvt-early/snapshot.conf")" '[snapshot]
version = 1
[settings]
deadline = 10
debug = no
modules=vfio vfio_iommu_type1 vfio_pci
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_4
source = /etc/gvt-early/gvt-early.conf:4
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02]
type = i915-GVTg_V5_8
source = /etc/gvt-early/gvt-early.conf:7
[instance 00000000-0000-0000-0000-000000000100]
type = i915-GVTg_V5_4
source = /etc/gvt-early/gvt-early.conf:10'
is 'no other file of the configuration is in it' "$(ls "$image/etc/gvt-early")" snapshot.conf
ok 'a comment of the configuration is there to be looked for' grep -q canary-53c7e1 "$vm_dir/gvt-early.conf"
is 'and is nowhere in the image' "$(grep -rl canary-53c7e1 "$image")" ''

for module in vfio vfio_iommu_type1 vfio-pci mdev i915 kvmgt kvm drm; do
	ok "module $module" test -n "$(find "$image/usr/lib/modules/$kver" -name "$module.ko*")"
done
is "of i915's firmware, what this GPU asks for" "$(ls "$image/usr/lib/firmware/i915")" kbl_dmc_ver1_04.bin
is 'others do not load i915 unasked' "$(<"$image/etc/modprobe.d/00-gvt-early-initrd.conf")" 'blacklist i915
options i915 enable_gvt=1'

# hook SETUP: the hook by itself in the base root, after SETUP; what it says, its exit status and what it made stand in $work.
# The program is looked for in /srv, because the base has none.
hook() {
	rm -rf "$work/tree" "$work/conf"
	mkdir -p "$work/tree" "$work/conf"
	sed 's#^program=.*#program=/srv/gvt-early#' "$repo/initramfs-tools/hook" >"$work/hook"
	cp "$build/gvt-early" "$work/gvt-early"
	# shellcheck disable=SC2016 # expanded by the inner shell
	BIND="$work:/srv" in_root "$base" sh -c '
		export DESTDIR=/srv/tree CONFDIR=/srv/conf version=$1 verbose=n MODULES=most
		mkdir -p /etc/gvt-early
		mount -t tmpfs -o mode=755 none /etc/gvt-early
		printf "[guest 100]\nhostpci0 = i915-GVTg_V5_4\n" >/etc/gvt-early/gvt-early.conf
		eval "$2"
		sh /srv/hook >/srv/said 2>&1
		echo $? >/srv/status
		umount /etc/gvt-early
		rm -rf /etc/gvt-early /var/lib/gvt-early # the root is the base of others
	' sh "$kver" "$1"
}

hook 'echo KDUMP=y >/srv/conf/initramfs.conf'
is "a crash dump's initrd gets nothing" "$(<"$work/status") $(find "$work/tree" -type f)" '0 '
hook ': >/etc/gvt-early/gvt-early.conf'
is 'with nothing wanted nothing goes in' "$(<"$work/status") $(find "$work/tree" -type f)" '0 '
hook 'printf "[settings]\nearly = no\n" >>/etc/gvt-early/gvt-early.conf'
is 'nor when the early stage is not wanted' "$(<"$work/status") $(find "$work/tree" -type f)$(<"$work/said")" \
	"0 gvt-early: no vGPU goes into the initrd: 'early = no' leaves them to gvt-early.service"
hook 'rm /srv/gvt-early'
like 'a missing binary is a warning' "$(<"$work/said")" '^W: gvt-early: no snapshot'
is 'and no failure' "$(<"$work/status")" 0
hook 'printf "#!/bin/sh\nexit 3\n" >/srv/gvt-early'
is 'nor is a program that fails' "$(<"$work/status")" 0
hook 'export version=1.2.3'
like 'a kernel whose modules are not there is a warning' "$(<"$work/said")" '^gvt-early: the modules of kernel 1\.2\.3 cannot be found'
is 'and no failure' "$(<"$work/status")" 0
hook 'echo nonsense >>/etc/gvt-early/gvt-early.conf'
like 'a mistake is told with its place, the rest goes in' \
	"$(<"$work/said")$(cat "$work/tree/etc/gvt-early/snapshot.conf")" \
	"gvt-early.conf:3: 'nonsense' is neither"

# Virtual functions: what the program prints goes in, and nothing of GVT-g. SR-IOV's own initrds are sriov.t's.
# shellcheck disable=SC2016 # expanded by the program that it writes
stub_vfs='cat >/srv/gvt-early <<"END"
#!/bin/sh
case $1 in
snapshot) printf "[snapshot]\nversion = 1\n[claim 0000:00:02.1]\nsource = /x:1\n" >"$3" ;;
contents) [ "$2 $3" = "--snapshot $DESTDIR/etc/gvt-early/snapshot.conf" ] && cat /srv/contents ;;
esac
END
mkdir -p /lib/firmware
mount -t tmpfs none /lib/firmware
mkdir -p /lib/firmware/xe "/lib/firmware/updates/$version/xe"
echo x >/lib/firmware/xe/one.bin
echo x >/lib/firmware/xe/two.bin.zst
echo x >"/lib/firmware/updates/$version/xe/three.bin.xz"
'
cat >"$work/contents" <<END
modprobe blacklist xe
modprobe options xe force_probe=46d1
module drm_kms_helper
file $(BIND='' in_root "$base" modinfo -k "$kver" -n i915)
firmware xe/one.bin
firmware xe/two.bin
firmware xe/three.bin
firmware xe/none.bin
module vfio-pci
END
hook "$stub_vfs"
is 'virtual functions: no failure, no word' "$(<"$work/status")$(<"$work/said")" 0
is 'the driver is not loaded unasked, nor without its options' "$(<"$work/tree/etc/modprobe.d/00-gvt-early-initrd.conf")" \
	'blacklist xe
options xe force_probe=46d1'
is 'the snapshot goes in' "$(grep -c '^\[claim ' "$work/tree/etc/gvt-early/snapshot.conf")" 1
is 'the firmware, compressed or not' "$(find "$work/tree" -path '*/firmware/*' -type f -printf '%f\n' | sort | tr '\n' ' ')" \
	'one.bin three.bin.xz two.bin.zst '
is 'the modules' "$(find "$work/tree" -name 'i915.ko*' -o -name 'vfio-pci.ko*' -o -name 'drm_kms_helper.ko*' | wc -l)" 3
: >"$work/contents"
hook "$stub_vfs
sed -i 's/claim 0000:00:02.1/instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01/' /srv/gvt-early
echo nothing >/srv/contents"
is 'if there is no room, nothing goes in' "$(<"$work/status") $(find "$work/tree" -type f)" '0 '
: >"$work/contents"
hook "$stub_vfs"
is 'if the program names no driver for them, nothing goes in' "$(<"$work/status") $(find "$work/tree" -type f)" '0 '
hook "$stub_vfs
sed -i 's/claim 0000:00:02.1/settings/' /srv/gvt-early
echo modprobe x >/srv/contents"
is 'and it is not asked if no virtual function can be wanted' "$(<"$work/status") $(find "$work/tree" -type f)" '0 '
