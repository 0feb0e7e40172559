#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Boots that are not ours to touch, and the admin's word: nothing is loaded, nothing is made, and the report says why.
# takes 150 s
. "$(dirname "$0")/lib.sh"

guest <<'END'
for module in i915 kvmgt vfio; do
	[ -e /sys/module/$module ] && echo "loaded: $module"
done
ls -R /run/modprobe.d /run/systemd/journald.conf.d 2>/dev/null | sed -n 's/^gvt-early/left: gvt-early/p'
END

# left NAME FINDING RESULT OPTION...: a boot with these options is left alone, because of FINDING.
left() {
	what=$1 finding=$2 result=$3
	shift 3
	try_boot quick "$@"
	ok "$what: the machine came up"
	unlike "$what: nothing was loaded, no file is left" "$output" '^(loaded|left):'
	json "$what: told" '[.state, .result, .steps[-1].name] | join(" ")' "left $result $finding"
}
if all_boots; then plan 45; else plan 24; fi

left 'switched off' switched-off left --append gvt_early.enable=0

if all_boots; then
	left 'a GPU too new' gpu-too-new degraded --gpu 0x9a49
	left 'modprobe.blacklist' i915-blocked degraded --append modprobe.blacklist=nouveau,i915
	left 'emergency' boot-rescue left --append emergency
	left 'nomodeset' i915-blocked degraded --append nomodeset
	left 'enable_gvt=0' gvt-switched-off degraded --cmdline 'quiet intel_iommu=on i915.enable_gvt=0'
	printf 'blacklist i915\n' >"$work/blacklist.conf"
	left 'blacklist in modprobe.d' i915-blocked degraded --file "$work/blacklist.conf=/etc/modprobe.d/admin.conf"
	printf '[instance 00000000-0000-4000-8000-000000000001]\ntype = i915-GVTg_V5_8\n' >"$work/one"
	printf '[claim 0000:00:02.0]\nsource = /etc/pve/qemu-server/101.conf:7\n' | cat "$work/one" - >"$work/claim.conf"
	left 'a guest has the whole GPU' gpu-passed-through degraded --file "$work/claim.conf=/etc/gvt-early/snapshot.conf"
fi

# A swap device with a hibernation image: what the kernel leaves there when it hibernates is its first page.
guest <<'END'
for module in i915 kvmgt vfio; do
	[ -e /sys/module/$module ] && echo "loaded: $module"
done
ls /run/modprobe.d 2>/dev/null
END
truncate -s 8M "$work/swap"
mkswap "$work/swap" >/dev/null 2>&1
printf 'S1SUSPEND\0' | dd of="$work/swap" bs=1 seek=4086 conv=notrunc status=none
try_boot quick --disk "$work/swap" --append resume=/dev/vdd
ok 'resume: the machine came up'
unlike 'resume: nothing was loaded, no file is left' "$output" .
json 'resume: told' '[.state, .result, .steps[-1].name] | join(" ")' 'left left boot-resume'

# The rest on one running host, whose early stage had nothing to do. What apply sees of the kernel command line is what
# is in /proc/cmdline.
printf '[snapshot]\nversion = 1\n' >"$work/empty.conf"
guest <<'END'
try() {
	sed "s/\$/ $2/" /proc/cmdline >/tmp/cmdline
	mount --bind /tmp/cmdline /proc/cmdline
	gvt-early apply 2>&1 | sed "s/^/$1: /"
	umount /proc/cmdline
	for module in i915 kvmgt; do
		[ -e /sys/module/$module ] && echo "$1: loaded $module"
	done
}
gvt-early plan
try vmcore elfcorehdr=0x1000000
try single single
try unit systemd.unit=rescue.target
try kernel module_blacklist=i915
try ids vfio-pci.ids=8086:3e92
try modeset i915.modeset=0

mkdir -p /etc/pve/qemu-server
printf 'hostpci0: 00:02,pcie=1\n' >/etc/pve/qemu-server/101.conf
try guest quiet
rm /etc/pve/qemu-server/101.conf

printf 'install i915 /bin/true\n' >/etc/modprobe.d/admin.conf
try install quiet
rm /etc/modprobe.d/admin.conf

echo vfio-pci >/sys/bus/pci/devices/0000:00:02.0/driver_override
try override quiet
echo >/sys/bus/pci/devices/0000:00:02.0/driver_override

modprobe pci-stub
echo 8086 3e92 >/sys/bus/pci/drivers/pci-stub/new_id
try bound quiet
END
boot quick --file "$work/empty.conf=/etc/gvt-early/snapshot.conf"
json 'nothing wanted in the initrd: told' '[.state, .result, .steps[-1].name] | join(" ")' 'left left nothing-wanted'
unlike 'no module was loaded in any case' "$output" ': loaded '
for case in vmcore:boot-kdump single:boot-rescue unit:boot-rescue kernel:i915-blocked ids:gpu-taken modeset:i915-blocked \
	guest:gpu-passed-through install:i915-blocked override:gpu-taken bound:gpu-taken; do
	like "${case%:*}: told as ${case#*:}" "$output" "^${case%:*}: gvt-early: ${case#*:}: "
done
like 'the bound driver is named' "$output" '^bound: .*0000:00:02.0 is bound to pci-stub'

# The distribution's own kvmgt loads without a GPU that it could use: that proves nothing, and is told as such.
guest <<'END'
rm /lib/modules/$(uname -r)/updates/*.ko
depmod
modprobe kvmgt
modinfo -F filename kvmgt
echo "kvmgt: $(cat /sys/module/kvmgt/initstate)"
gvt-early apply
echo "apply: $?"
END
boot quick --gpu none --script-timeout 120 --timeout 240
json 'no GPU: told' '[.state, .result, .steps[-1].name] | join(" ")' 'left degraded gpu-absent'
like 'no GPU: the real kvmgt' "$output" '/kernel/drivers/gpu/drm/i915/kvmgt.ko'
like 'no GPU: it loads' "$output" '^kvmgt: live$'
like 'no GPU: told as such' "$output" '^gvt-early: gpu-absent: this host has no Intel display device'
like 'no GPU: degraded' "$output" '^apply: 1$'
