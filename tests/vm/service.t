#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests' vGPUs are there before anything starts guests: from the snapshot alone, from gvt-early.service alone, and after a change
# without a new initrd; with an /etc/pve that never answers; and a service that fails holds up nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/initrd.sh"
if all_boots; then plan 48; else plan 29; fi

"${CC:-cc}" -O2 -static -o "$work/hung-mount" "$vm_dir/../cli/hung-mount.c" || exit 1
node=etc/pve/nodes/gvt-test/qemu-server
umask 022
mkdir -p "$work/before/$node" "$work/before/etc/pve/ha" "$work/after/$node" "$work/after/etc/pve/ha"
echo gvt-test >"$work/before/etc/hostname"

# of DIRECTORY VMID LINE...: a guest's configuration.
of() {
	local file=$work/$1/$node/$2.conf
	shift 2
	printf '%s\n' "$@" >"$file"
}
mdev='hostpci0: 0000:00:02.0,mdev=i915-GVTg_V5'
uuid() { printf '00000000-0000-0000-0000-%012d' "$1"; }

# When the initrd was made: 100 and 102 start at boot, 103 by high availability, 104 not.
for when in before after; do
	printf 'vm: 103\n\tstate started\n\nvm: 104\n\tstate stopped\n' >"$work/$when/etc/pve/ha/resources.cfg"
	of $when 103 "${mdev}_8"
	of $when 104 'onboot: 1' "${mdev}_8"
done
of before 100 'onboot: 1' "${mdev}_4"
of before 102 'onboot: 1' "${mdev}_8"
# Since then 100 has another type, 101 is new, 102 has moved to another node.
of after 100 'onboot: 1' "${mdev}_8"
of after 101 'onboot: 1' "${mdev}_4"
mkdir -p "$work/after/etc/pve/nodes/other/qemu-server"
mv "$work/before/$node/102.conf" "$work/102.conf"
cp "$work/102.conf" "$work/before/$node/102.conf"
cp "$work/102.conf" "$work/after/etc/pve/nodes/other/qemu-server/102.conf"

"$build/gvt-early" snapshot --root "$work/before" >"$work/snapshot.conf" || exit 1
echo '# nothing but the guests' >"$work/empty.conf"
base=(--file "$work/snapshot.conf=/etc/gvt-early/snapshot.conf" --root-file "$work/empty.conf=/etc/gvt-early/gvt-early.conf")

# files WHEN: boot's options for all of /etc/pve.
files() {
	(cd "$work/$1" && find etc/pve -type f) | while read -r file; do
		printf '%s\n' --root-file "$work/$1/$file=/$file"
	done
}

guest <<'END'
for file in /run/gvt-test/at-start/*; do
	echo "at ${file##*/}: $(sed 1d "$file" | cut -d' ' -f1,2 | tr '\n' ' ')"
	echo "time of ${file##*/}: $(sed -n 's/^at //p' "$file")"
done
systemctl show gvt-early -p ActiveState -p Result -p SubState -p NRestarts -p ExecMainStartTimestampMonotonic \
	-p StateChangeTimestampMonotonic
cat /run/gvt-test/alert 2>/dev/null
[ -e /run/gvt-early/report.json ] || echo 'there was no early stage'
[ -s /run/lock/qemu-server/lock-100.conf ] && flock -n /run/lock/qemu-server/lock-100.conf echo 'the lock of 100 is free'
lsmod | grep -q '^fuse' && echo 'there is a FUSE'
jq -c '"apply: " + .state + " " + .result + " " + ([.instances[] | .uuid[-3:] + "=" + .result] | join(" "))' /run/gvt-early/apply.json
jq -r '.steps[] | "step: " + .name + ": " + .detail' /run/gvt-early/apply.json
END

# was WHAT UNIT UUID TYPE, was_not WHAT UNIT UUID: when the stand-in of a unit was started.
was() { like "$1" "$output" "^at $2: .*$3 $4 "; }
was_not() { unlike "$1" "$output" "^at $2: .*$3 "; }

# took: seconds from the service's start to its end, as who is ordered behind it sees it.
took() {
	awk -F = '$1 ~ /^ExecMainStart/ { begun = $2 } $1 ~ /^StateChange/ { ended = $2 } END { print (ended - begun) / 1e6 }' <<<"$output"
}

#
# The snapshot alone: no service, only a script in the real root
#

mapfile -t pve < <(files before)
boot quick "${base[@]}" "${pve[@]}"
instance 'snapshot alone: a guest that starts at boot' "$(uuid 100)" i915-GVTg_V5_4
instance 'snapshot alone: another' "$(uuid 102)" i915-GVTg_V5_8
instance 'snapshot alone: one that high availability starts' "$(uuid 103)" i915-GVTg_V5_8
no_instance 'snapshot alone: not one that it keeps stopped' "$(uuid 104)"
json 'snapshot alone: told where they come from' '.instances[0].source' "/$node/100.conf:2"

#
# After a change without a new initrd
#

mapfile -t pve < <(files after)
boot full "${base[@]}" "${pve[@]}"
json 'changed: the early stage knows the old ones' '[.instances[].result] | join(" ")' 'created created created'
instance 'changed: another type' "$(uuid 100)" i915-GVTg_V5_8
instance 'changed: a guest that is new' "$(uuid 101)" i915-GVTg_V5_4
no_instance 'changed: one that has moved away' "$(uuid 102)"
instance 'changed: what has not changed' "$(uuid 103)" i915-GVTg_V5_8
like 'changed: made anew' "$output" '^step: remove 0.*100: i915-GVTg_V5_4 on 0000:00:02.0, created in this boot, now wanted with another type or parent'
like 'changed: removed' "$output" '^step: remove 0.*102: .* no longer wanted'
like 'changed: all is well' "$output" '"apply: done ok 100=created 101=created 103=existing"'
for unit in pvedaemon pve-ha-lrm libvirtd; do
	was "changed: right before $unit" $unit "$(uuid 100)" i915-GVTg_V5_8
	was_not "changed: nor the old one before $unit" $unit "$(uuid 102)"
done
like 'changed: the service has done it once' "$output" '^SubState=exited'
is 'changed: no unit has failed' "$failed_units" ''
unlike 'changed: nobody is alarmed' "$output" 'has failed'

#
# /etc/pve never answers: what was known counts
#

if all_boots; then
mkdir -p "$work/known"
printf '%s\n' '# gvt-early guests 1, written by the program' \
	"vgpu 100 0 1 boot i915-GVTg_V5_4 0000:00:02.0 /$node/100.conf:2" \
	"vgpu 105 0 2 boot i915-GVTg_V5_8 0000:00:02.0 /$node/105.conf:2" >"$work/known/guests"
boot full "${base[@]}" --root-file "$work/hung-mount=/hung-mount" --root-file "$work/known/guests=/var/lib/gvt-early/guests" \
	--root-file "$work/empty.conf=/etc/pve/.keep"
like 'hung: there was a file system that hangs' "$output" 'there is a FUSE'
like 'hung: told' "$output" '^step: sources: the guests of Proxmox VE cannot be read \(/etc/pve does not answer\)'
instance 'hung: from the snapshot' "$(uuid 100)" i915-GVTg_V5_4
instance 'hung: what was known besides' "$(uuid 105)" i915-GVTg_V5_8
instance 'hung: nothing is removed' "$(uuid 102)" i915-GVTg_V5_8
was 'hung: before pvedaemon' pvedaemon "$(uuid 105)" i915-GVTg_V5_8
like 'hung: it is no failure' "$output" '^Result=success'
is 'hung: no unit has failed' "$failed_units" ''
in_time 'hung: the guests wait for little more than 5 s' "$(took)" 15
fi

#
# The service alone
#

system=late
if all_boots; then
boot full
like 'alone: nothing of us was in the initrd' "$output" 'there was no early stage'
like 'alone: the service has made them' "$output" '"apply: done ok a01=created a02=created 100=created"'
instance 'alone: the first' 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4
instance 'alone: the last' "$(uuid 100)" i915-GVTg_V5_4
was 'alone: before pvedaemon' pvedaemon "$(uuid 100)" i915-GVTg_V5_4
was 'alone: before pve-ha-lrm' pve-ha-lrm "$(uuid 100)" i915-GVTg_V5_4
is 'alone: no unit has failed' "$failed_units" ''
open_initrd
names=$(find "$image" -printf '/%P\n')
like 'alone: the initrd can be read' "$names" 'virtio_blk'
unlike 'alone: it has neither program nor snapshot' "$names" 'sbin/gvt-early|snapshot\.conf|00-gvt-early'
unlike 'alone: nor the drivers' "$names" '/(i915|kvmgt)\.ko'
fi

# It hangs: given up at its deadline, and nobody waits for the process that is left.
deadline=20
boot full --append kvmgt.fault_create_hang=3 --root-file "$work/empty.conf=/run/lock/qemu-server/lock-100.conf"
like 'hangs: given up' "$output" '"apply: gave-up degraded a01=created a02=created 100=not-made"'
like "hangs: it does not keep Proxmox VE's lock of the guest" "$output" '^the lock of 100 is free'
in_time 'hangs: the guests wait for its deadline' "$(took)" 30
is 'hangs: the service has failed, nothing else' "$(printf '%s\n' "$failed_units" | awk '{ print $1 }')" gvt-early.service
like 'hangs: the admin is told' "$output" '^gvt-early.service has failed$'
instance 'hangs: what was made before is there' 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4
like 'hangs: pvedaemon is up' "$output" '^time of pvedaemon: [0-9]'
