#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# "check" where a real kernel has the say: its log, its locks, its module loader, KVM, and the generator's own initrd.
. "$(dirname "$0")/lib.sh"
if all_boots; then plan 40; else plan 31; fi

# Scripts print JSON: what "check" says, and {"ms": N} for how long something took.

# found N: the names of all findings of the Nth.
found() { printf '%s' "$output" | jq -rs ".[$1] | [.requirements[].findings[].name] | unique | join(\" \")" 2>&1; }
# told N NAME: what is said of one of them, cure included.
told() { printf '%s' "$output" | jq -rs --arg n "$2" ".[$1] | .requirements[].findings[] | select(.name == \$n) | .seen + \"; \" + .cure" 2>&1; }
# result N REQUIREMENT
result() { printf '%s' "$output" | jq -rs --arg n "$2" ".[$1].requirements[] | select(.name == \$n).result" 2>&1; }

# Healthy; then without one instance; after the cure; with another wish; and the next boot.
guest <<'END'
exec 2>&1
modprobe kvm_amd
gvt-early check --json
echo 1 >/sys/bus/mdev/devices/5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01/remove
gvt-early check --json
gvt-early apply >/dev/null 2>&1
gvt-early check --json
mount -o remount,rw /

# As proxmox-boot-tool lays out the ESP that systemd-boot starts from.
release=$(uname -r)
echo 1111-AAAA >/etc/kernel/proxmox-boot-uuids
echo 'root=/dev/vda intel_iommu=on' >/etc/kernel/cmdline
mkdir /tmp/esp
mount -t vfat /dev/disk/by-uuid/1111-AAAA /tmp/esp
mkdir -p /tmp/esp/EFI/proxmox/$release /tmp/esp/loader/entries
cp /boot/vmlinuz-$release /boot/initrd.img-$release /tmp/esp/EFI/proxmox/$release
echo 'default proxmox-*' >/tmp/esp/loader/loader.conf
entry() { printf 'version %s\noptions %s\nlinux /EFI/proxmox/%s/vmlinuz-%s\ninitrd /EFI/proxmox/%s/initrd.img-%s\n' $release "$1" $release $release $release $release >/tmp/esp/loader/entries/proxmox-$release.conf; }
entry "$(cat /etc/kernel/cmdline)"
gvt-early check --next-boot --json
printf '[guest 101]\nhostpci0 = i915-GVTg_V5_8\n' >/etc/gvt-early/conf.d/10.conf
gvt-early apply >/dev/null 2>&1
gvt-early check --json
gvt-early check --next-boot --json

rm /etc/gvt-early/conf.d/10.conf
gvt-early check --next-boot --json
umount /tmp/esp
gvt-early check --next-boot --json
mount -t vfat /dev/disk/by-uuid/1111-AAAA /tmp/esp
truncate -s -1 /tmp/esp/EFI/proxmox/$release/initrd.img-$release
entry 'root=/dev/vda intel_iommu=off'
umount /tmp/esp
gvt-early check --next-boot --json
grep -E 'vfat|/mnt' /proc/mounts
cd /run/gvt-test
gvt-early check --next-boot >guest.next
gvt-early capture guest.next.tar >/dev/null 2>&1
END
mkfs.vfat -C -i 1111AAAA "$work/esp.img" $((128 * 1024)) >/dev/null
boot quick --cpu EPYC --disk "$work/esp.img" --script-timeout 120 --timeout 200 \
	--cmdline 'quiet intel_iommu=on i915.enable_gvt=1 initrd=\EFI\proxmox\x\initrd.img-x'
is 'a healthy host: nothing but ok' "$(found 0)$(printf '%s' "$output" | jq -rs '.[0] | [.requirements[].result] | unique | join(" ")')" ok
is 'an instance that somebody has removed' "$(found 1)" instance-missing
like 'is told with its cure' "$(told 1 instance-missing)" "it was created in this boot: somebody removed it; run 'gvt-early apply'"
is 'which cures' "$(found 2)" ''
is 'the next boot: the initrd that the generator made is as it should be' "$(found 3)" ''
is 'and was looked into' "$(result 3 initrd)" ok
is 'one more is wanted since' "$(found 4)" initrd-stale
like 'told with the entry' "$(told 4 initrd-stale)" '00000000-0000-0000-0000-000000000101 \(/etc/gvt-early/conf\.d/10\.conf:2\) is not in it'
is 'which the next boot will lack too' "$(found 5)" next-initrd
like 'told likewise' "$(told 5 next-initrd)" 'the snapshot in /boot/initrd\.img-.* is old: 00000000-0000-0000-0000-000000000101'
is 'an ESP as it should be, mounted' "$(found 6)" ''
is 'its copy of the initrd was looked at' "$(result 6 esp)" ok
is 'one that is not mounted' "$(found 7)" ''
is 'was looked at too' "$(result 7 esp)" ok
is 'a copy that lacks its last byte, and a command line that switches VT-d off' "$(found 8)" 'next-cmdline next-esp'
like 'told with its cure' "$(told 8 next-esp)" "initrd\.img-.* on the ESP 1111-AAAA is not the one in /boot.*update the bootloader's entries, and make sure that the ESP is not full"
unlike 'nothing stays mounted' "$output" '^/dev'
mkdir "$work/copy"
tar -C "$work/copy" -xf "$results/guest.next.tar"
is 'a capture has that too' "$(LC_ALL=C "$(installed_program)" check --next-boot --root "$work/copy" 2>&1)" "$(content guest.next)"

# Nobody has switched GVT-g on, and gvt-early was told to stay out. No VT-x either.
guest <<'END'
exec 2>&1
modprobe i915
modprobe kvmgt
gvt-early check --json
END
boot quick --cmdline 'quiet intel_iommu=on gvt_early.enable=0'
is 'i915 without the parameter, loaded by hand: what keeps gvt-early from it' "$(found 0)" 'kvm-absent switched-off'
is 'and no cure that it would not carry out' "$(result 0 i915)" skipped
like 'no KVM, as the CPU has none' "$(told 0 kvm-absent)" 'whose hypervisor hides VT-x from it'
is 'a kvmgt that is loaded proves nothing' "$(result 0 kvmgt)" skipped

# The IOMMU off; then a kernel that forbids the loading of modules.
guest <<'END'
exec 2>&1
modprobe kvm_amd
gvt-early check --json
rmmod kvmgt
echo 1 >/proc/sys/kernel/modules_disabled
gvt-early check --json
END
boot quick --cpu EPYC --cmdline 'quiet intel_iommu=off i915.enable_gvt=1'
is 'the IOMMU is off' "$(found 0)" iommu-off
like 'by the parameter' "$(told 0 iommu-off)" "'intel_iommu=off' on the kernel command line"
is 'and kvmgt cannot be loaded any more' "$(found 1)" 'iommu-off kvmgt-refused'
like 'for that reason' "$(told 1 kvmgt-refused)" 'modules_disabled=1'

if all_boots; then

boot quick --cpu EPYC --iommu no
is 'no VT-d in the firmware' "$(found 0)" vtd-firmware

# vfio-pci takes it, as it does on hosts that passed it through before.
guest <<'END'
exec 2>&1
modprobe kvm_amd
modprobe vfio-pci ids=8086:3e92
gvt-early check --json
END
boot quick --cpu EPYC --append vfio-pci.ids=8086:3e92
is 'vfio-pci has the GPU' "$(found 0)" gpu-taken
like 'by whom' "$(told 0 gpu-taken)" "'vfio-pci\.ids=' on the kernel command line assigns 0000:00:02\.0 \[8086:3e92\] to vfio-pci"

# The kernel's own log.
guest <<'END'
exec 2>&1
modprobe kvm_amd
gvt-early check --json
END
boot quick --cpu EPYC --append i915.fault_guc=1
is 'GuC submission' "$(found 0)" guc-submission
like 'by what the kernel says' "$(told 0 guc-submission)" 'kernel log: i915 0000:00:02\.0: .*not yet supported with GuC submission'
boot quick --cpu EPYC --append i915.fault_probe_errno=5
is "i915's probe fails" "$(found 0)" gvt-silent
like 'by what the kernel says of it' "$(told 0 gvt-silent)" 'i915 could not start the GPU.*failed with error -5'
boot quick --cpu EPYC --append kvmgt.fault_fragmented=1
is 'memory in pieces' "$(found 0)" gvt-fragmented
like 'though the driver counts' "$(told 0 gvt-fragmented)" 'the driver counts [1-9].*No space left on device'

fi

# A create that never returns holds the driver's lock.
guest <<'END'
modprobe kvm_amd
read -r before rest </proc/uptime
gvt-early check --json 2>/run/gvt-test/guest.err
read -r after rest </proc/uptime
echo "{\"ms\": $(awk "BEGIN { print int(($after - $before) * 1000) }")}"
END
deadline=20
boot quick --cpu EPYC --append kvmgt.fault_create_hang=2
like 'a driver that hangs' "$(found 0)" '(^| )gvt-hung'
like 'told with where gvt-early gave up' "$(told 0 gvt-hung)" 'does not answer when asked for how many instances are available; gvt-early gave up at: create'
is 'all else is told' "$(result 0 iommu) $(result 0 initrd) $(result 0 types)" 'ok ok skipped'
like 'what hangs is said on standard error' "$(cat "$results/guest.err")" \
	'^gvt-early: /sys/bus/pci/devices/0000:00:02.0/mdev_supported_types/.*/available_instances does not answer; going on without it$'
in_time 'within 5 s' "$(printf '%s' "$output" | jq -rs '.[1].ms')" 5000
