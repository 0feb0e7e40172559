#!/bin/bash
# "check", "plan", "status" and "types" on hosts whose GPU is split by SR-IOV, or might be: all that a person sees, JSON against
# its schema, and that a capture of each host gives the same answers.
. "$(dirname "$0")/lib.sh"

# answers DIRECTORY: what a person sees, with the exit codes.
answers() {
	for command in check plan status types; do
		echo "# gvt-early $command"
		"$program" "$command" --root "$1" 2>&1
		echo "# exit code $?"
	done | sed "s|$1|ROOT|g"
}

# keep_json COMMAND CODE: what it says as JSON, for "valid".
keep_json() {
	"$program" "$1" --json --root "$root" >"$work/$1.$host.json" 2>/dev/null
	[ $? -eq "$2" ]
}

# valid COMMAND SCHEMA: whether all that was kept is as its schema wants it.
valid() {
	for json in "$work/$1".*.json; do
		jq -c . "$json"
	done | jq -s . >"$work/json.$1"
	jq '{"$schema": .["$schema"], definitions: (.definitions // {}), "type": "array", "items": del(.["$schema"], .definitions)}' "$2" >"$work/schema.$1"
	python3 "$cli/json-valid.py" "$work/schema.$1" <"$work/json.$1" >"$work/invalid" 2>&1
}

same() {
	rm -rf "$work/copy"
	mkdir "$work/copy"
	"$program" capture "$work/host.tar" --root "$root" >/dev/null 2>&1 && tar -C "$work/copy" -xf "$work/host.tar" &&
		answers "$work/copy" | cmp -s - "$work/$host.got"
}

# host_is NAME WHAT CODES <LINES: CODES are the exit codes of check, plan, status and types.
host_is() {
	host=sriov-$1 about=$2 codes=$3
	fixture "$host"
	answers "$root" >"$work/$host.got"
	[ -z "${UPDATE-}" ] || cp "$work/$host.got" "$cli/expect/$host.out"
	ok "$about" cmp -s "$work/$host.got" "$cli/expect/$host.out" || note "$(diff -u "$cli/expect/$host.out" "$work/$host.got" 2>&1)"
	is "$about: exit codes" "$(sed -n 's/^# exit code //p' "$work/$host.got" | tr '\n' ' ')" "$codes "
	ok "$about: 80 columns" [ "$(grep -v '^# ' "$work/$host.got" | LC_ALL=C.UTF-8 wc -L)" -le 80 ]
	# shellcheck disable=SC2086 # words
	set -- $codes
	for command in check plan status types; do
		ok "$about: $command --json has the same exit code" keep_json "$command" "$1"
		shift
	done
	ok "$about: its capture answers the same" same
}

# An N100 whose next driver is xe, before the boot has loaded it; two guests want a VF each.
n100='sriov_machine 6.18.9-1-pve
gpu 0000:00:02.0 46d1
pf 0000:00:02.0
iommu_group 0000:00:02.0 0
firmware i915/tgl_guc_70.bin
sriov_guests'
xe='bind 0000:00:02.0 xe
live xe max_vfs=4294967295 force_probe=46d1'

host_is n100-before 'N100, before the boot' '1 0 1 0' <<END
$n100
END
host_is n100 'N100, its VFs are there and one is used' '0 0 0 0' <<END
machine n100
running 4711 kvm 5000 101 20
dir=\$(device_dir 0000:00:02.0)/sriov_admin
for n in 1 2 3; do
	put \$dir/vf\$n/profile/exec_quantum_ms 25
	put \$dir/vf\$n/profile/preempt_timeout_us 500000
done
END
host_is unwanted 'N100, nothing is wanted' '0 0 0 0' <<END
$n100
remove etc/pve/nodes/pve/qemu-server
mkdir -p etc/pve/nodes/pve/qemu-server
END
host_is pool 'N100, a mapping of three VFs, and one VF for a container' '1 0 1 0' <<END
$n100
remove etc/pve/nodes/pve/qemu-server
file etc/pve/mapping/pci.cfg <<X
igpu
	map id=8086:46d1,iommugroup=20,node=pve,path=0000:00:02.1
	map id=8086:46d1,iommugroup=21,node=pve,path=0000:00:02.2
	map id=8086:46d1,iommugroup=22,node=pve,path=0000:00:02.3
X
guest 101 'hostpci0: mapping=igpu'
guest 102 'machine: q35' 'hostpci1: mapping=igpu,pcie=1'
config gvt-early.conf <<X
[sriov]
host = 4
X
END
host_is fewer 'fewer VFs are there than are wanted' '1 1 1 0' <<END
machine n100
guest 103 'hostpci0: 0000:00:02.5'
END
host_is too-many 'more VFs are wanted than there can be' '1 1 1 0' <<END
$n100
$xe
put \$(device_dir 0000:00:02.0)/sriov_totalvfs 3
guest 103 'hostpci0: 0000:00:02.5'
END
host_is unbound 'VFs without a driver, and one that shares its group' '1 0 1 0' <<END
machine n100
rm \$(device_dir 0000:00:02.1)/driver
put sys/kernel/iommu_groups/21/devices/0000:00:1f.3 ''
END
host_is prefix 'a guest takes the GPU with all its functions' '1 1 1 0' <<END
machine n100
guest 103 'hostpci0: 0000:00:02'
END
host_is taken 'such a guest has been started: vfio-pci has the GPU' '1 1 1 1' <<END
$n100
bind 0000:00:02.0 vfio-pci
live xe max_vfs=4294967295 force_probe=46d1
guest 103 'hostpci0: 0000:00:02.0'
END
host_is ids 'vfio-pci.ids= takes the GPU' '1 1 1 1' <<END
$n100
cmdline vfio-pci.ids=8086:46d1
END
host_is blocked 'xe is blacklisted' '1 1 1 1' <<END
$n100
modprobe blacklist xe
END
host_is max-vfs 'xe.max_vfs=0' '1 1 1 1' <<END
$n100
cmdline xe.max_vfs=0
END
host_is i915-blocked 'i915 is blacklisted, as it is on a host of xe' '1 0 1 0' <<END
$n100
cmdline module_blacklist=i915
END
host_is total 'xe has the GPU and offers no VFs' '1 1 1 1' <<END
$n100
$xe
put \$(device_dir 0000:00:02.0)/sriov_totalvfs 0
END
host_is silent 'xe is loaded and did not take the GPU' '1 1 1 1' <<END
$n100
live xe max_vfs=4294967295 force_probe=46d1
put dev/kmsg '3,300,1500000,-;xe 0000:00:02.0: [drm] *ERROR* GuC firmware i915/tgl_guc_70.bin: fetch failed with error -ENOENT'
END
host_is guc 'the firmware of the GuC is missing' '1 1 1 1' <<END
$n100
remove lib/firmware
END
host_is huc 'the firmware of the HuC is missing, which xe asks for but on Alder Lake-N' '1 1 1 1' <<END
sriov_machine 6.18.9-1-pve
gpu 0000:00:02.0 46a6
pf 0000:00:02.0
iommu_group 0000:00:02.0 0
firmware i915/adlp_guc_70.bin
sriov_guests
END
host_is refused 'a guest with a VF cannot start for another line' '1 1 1 0' <<END
machine n100
guest 101 'onboot: 1' 'hostpci0: 0000:00:02.1' 'hostpci1: mapping=nothing'
END
host_is absent 'the firmware has SR-IOV switched off' '1 1 1 1' <<END
$n100
remove \$(device_dir 0000:00:02.0)/sriov_totalvfs
END
host_is no-iommu 'the IOMMU is off' '1 1 1 1' <<END
$n100
remove \$(device_dir 0000:00:02.0)/iommu_group
iommu off
put proc/cmdline 'BOOT_IMAGE=/boot/vmlinuz-6.18.9-1-pve root=/dev/mapper/pve-root ro'
END
host_is no-gpu-iommu 'the IOMMU is on, but not for the GPU' '1 1 1 1' <<END
$n100
remove \$(device_dir 0000:00:02.0)/iommu_group
put proc/cmdline 'BOOT_IMAGE=/boot/vmlinuz-6.18.9-1-pve root=/dev/mapper/pve-root ro'
END
host_is old-kernel 'a kernel whose xe cannot yet' '1 1 1 1' <<END
$n100
host 6.8.12-15-pve pve 'BOOT_IMAGE=/boot/vmlinuz-6.8.12-15-pve root=/dev/mapper/pve-root ro intel_iommu=on'
mv lib/modules/6.18.9-1-pve lib/modules/6.8.12-15-pve
END
host_is rpl 'Raptor Lake, i915-sriov-dkms' '1 0 1 0' <<END
machine rpl
END
host_is rpl-stock "Raptor Lake, the kernel's own i915 was loaded" '1 1 1 1' <<END
machine rpl
bind 0000:00:02.0 i915
live i915 enable_guc=3
put dev/kmsg "4,300,1500000,-;i915: unknown parameter 'max_vfs' ignored"
END
host_is rpl-default 'Raptor Lake, i915-sriov-dkms was loaded without max_vfs' '1 1 1 1' <<END
machine rpl
bind 0000:00:02.0 i915
live i915 enable_guc=3 max_vfs=0
put \$(device_dir 0000:00:02.0)/sriov_totalvfs 0
END
host_is tgl "Tiger Lake, the kernel's own i915 and a parameter for nothing" '1 1 1 1' <<END
machine tgl
END
host_is mtl 'Meteor Lake, xe is forced' '1 1 1 1' <<END
machine mtl
END
host_is bmg 'Battlemage beside an integrated GPU' '1 0 1 0' <<END
machine bmg
END
host_is bmg-gvt 'Battlemage beside an integrated GPU that GVT-g splits' '1 0 1 0' <<END
host 7.0.14-14-pve pve 'BOOT_IMAGE=/vmlinuz root=/dev/mapper/pve-root ro intel_iommu=on'
modules kernel/drivers/vfio/vfio.ko kernel/drivers/gpu/drm/i915/i915.ko kernel/drivers/gpu/drm/i915/kvmgt.ko
module kernel/drivers/gpu/drm/xe/xe.ko max_vfs force_probe
gpu 0000:03:00.0 e20b driver=xe aperture=256 ggtt=0
pf 0000:03:00.0 total=24
iommu_group 0000:03:00.0 15
loaded
live xe max_vfs=4294967295 force_probe=
firmware xe/bmg_guc_70.bin xe/bmg_huc.bin
types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4 0000:00:02.0
remove etc/gvt-early/gvt-early.conf
config gvt-early.conf <<X
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_4
X
guest 101 'onboot: 1' 'hostpci0: 0000:03:00.1'
END
host_is mdev 'mdev= on a 12th generation' '1 1 1 0' <<END
$n100
remove etc/pve/nodes/pve/qemu-server
guest 101 'onboot: 1' 'hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5_4'
END
host_is section-of-gvt 'a section [sriov], and a guest with a VF, on a host of GVT-g' '1 1 1 0' <<END
config conf.d/10.conf <<X
[sriov]
vfs = 2
X
guest 101 'onboot: 1' 'hostpci0: 0000:00:02.1'
END

for command in check plan status types; do
	schema=$cli/schema/$command.json
	[ "$command" != check ] || schema=$cli/check.schema.json
	ok "$command --json is as its schema wants it" valid "$command" "$schema" || note "$(cat "$work/invalid")"
done
done_testing
