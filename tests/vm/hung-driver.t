#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A driver that hangs for ever on the running host, while it makes an instance: every command ends, whoever reads its output
# through a pipe does too, and tells it; so does a guest's start, as Proxmox VE runs hookscripts (proxmox.c). Other guests start.
# Also: update-initramfs ends, and two runs at once keep their reports apart.
. "$(dirname "$0")/lib.sh"
plan 47

"${CC:-cc}" -O2 -static -o "$work/proxmox" "$vm_dir/proxmox.c" || exit 1
printf '[snapshot]\nversion = 1\n' >"$work/empty.conf"
config <<'END'
# nothing but the guests
END
deadline=10

guest <<'END'
hostname gvt-test
parent=0000:00:02.0
dir=/etc/pve/nodes/gvt-test/qemu-server
mkdir -p $dir /run/lock/qemu-server
cd /run
for id in 100 101 102; do
	printf 'onboot: 1\nhostpci0: %s,mdev=i915-GVTg_V5_8\n' $parent >$dir/$id.conf
done
# piped NAME COMMAND...: reads to the end of what it prints; the machine is given up if that never comes.
piped() {
	name=$1
	shift
	read -r begun rest </proc/uptime
	{ "$@" 2>&1; echo "exit code $?"; } | cat >"$name.out"
	read -r ended rest </proc/uptime
	echo "$name: $(tail -n 1 $name.out) after $(echo "$begun $ended" | awk '{ print int($2 - $1) }') s"
	sed "s/^/$name| /" $name.out
}

# The first is made, the second hangs. The drivers are there before: what emulation makes of their load is not the matter here.
modprobe -a vfio_iommu_type1 vfio_pci i915 kvmgt
piped first gvt-early apply --guest 100
/proxmox 101 0 $parent $dir/101.conf 1 /usr/share/gvt-early/hookscript i915-GVTg_V5_8 >start.out 2>&1
echo "start: $?"
sed 's/^/start| /' start.out
flock -n /run/lock/qemu-server/lock-101.conf echo 'the lock of 101 is free'
jq -r '"report of 101: " + .state + " in " + .steps[-1].name' /run/gvt-early/guest-101.json
piped other-has-it gvt-early apply --guest 100
piped other-has-none gvt-early apply --guest 102
piped apply gvt-early apply
[ -e gvt-early/apply.json ] && echo 'a run that had no turn has written a report'
jq -r '"report of 101 later: " + .state' /run/gvt-early/guest-101.json
piped json gvt-early apply --json
for command in check types plan status contents snapshot; do
	piped $command gvt-early $command
done
piped capture gvt-early capture /run/gvt-test/guest.hung.tar
export DESTDIR=/run/initrd CONFDIR=/etc/initramfs-tools version=$(uname -r) MODULESDIR=/lib/modules/$(uname -r)
mkdir -p $DESTDIR/conf
piped hook /usr/share/initramfs-tools/hooks/gvt-early
(cd $DESTDIR && find . -name '*.ko*' -o -name snapshot.conf) | sed 's/^/initrd: /'
for lock in /run/gvt-early/reports.lock /run/lock/qemu-server/lock-*; do
	flock -n $lock true || echo "$lock is held"
done
END
boot quick --append kvmgt.fault_create_hang=2 --script-timeout 200 --timeout 600 --file "$work/empty.conf=/etc/gvt-early/snapshot.conf" \
	--root-file "$work/proxmox=/proxmox"

# took COMMAND: seconds, whole ones.
took() { sed -n "s/^$1: exit code .* after \([0-9]*\) s\$/\1/p" <<<"$output"; }

like 'the first guest has its instance' "$output" '^first: exit code 0 after'
like "the second one's start ends, and fails" "$output" '^start: 1$'
like 'its log says at which step' "$output" '^start\| gvt-early: create 0.*101: this step does not return; timed out'
like 'and nobody keeps its lock' "$output" '^the lock of 101 is free$'
like 'its report says it too' "$output" '^report of 101: gave-up in create 0.*101$'
like 'a guest that has its instance starts' "$output" '^other-has-it: exit code 0 after'
like 'a guest that has none does not' "$output" '^other-has-none: exit code 1 after'
like 'the true cause is told' "$output" \
	"^other-has-none\\| gvt-early: busy: 'gvt-early apply --guest 101' \\(process [0-9]+\\) has not returned from 'create 0.*101' for [0-9]+ s: a driver hangs"
like 'apply ends' "$output" '^apply: exit code 1 after'
in_time 'at once' "$(took apply)" 4
like 'with the true cause' "$output" "^apply\\| gvt-early: busy: 'gvt-early apply --guest 101' .* has not returned from 'create 0.*101'"
unlike 'and writes no report' "$output" '^a run that had no turn'
like 'that of the guest stays' "$output" '^report of 101 later: gave-up$'
like 'JSON is of the run itself' "$output" '^json\|  "command": "apply",$'
for command in check types plan status; do
	like "$command ends" "$output" "^$command: exit code 1 after"
	in_time "$command ends soon" "$(took $command)" 9
	like "$command tells it" "$output" "^$command\\| .*(does not answer|hangs)"
done
like 'types tells the rest' "$output" '^types\| i915-GVTg_V5_4 '
like 'plan tells the rest' "$output" '^plan\| .*existing'
unlike 'plan promises nothing' "$output" '^plan\| .*there is room'
like 'status tells the rest' "$output" '^status\| .*100'
like 'contents ends' "$output" '^contents: exit code 0 after'
like 'contents names the drivers' "$output" '^contents\| file .*kvmgt'
like 'snapshot ends' "$output" '^snapshot: exit code 0 after'
like 'snapshot knows the guests' "$output" '^snapshot\| \[instance 0.*102\]'
like 'capture ends' "$output" '^capture: exit code 0 after'
like 'the hook of an initrd ends' "$output" '^hook: exit code 0 after'
like 'with the drivers' "$output" '^initrd: .*/kvmgt\.ko'
like 'and the snapshot' "$output" '^initrd: \./etc/gvt-early/snapshot\.conf'
unlike 'no lock is held' "$output" 'is held$'

copy=$work/copy
mkdir "$copy"
tar -C "$copy" -xf "$results/guest.hung.tar"
said() { "$(installed_program)" "$@" --root "$copy" 2>&1; }
for command in check plan types status; do
	output=$(said $command)
	code=$?
	is "$command of the capture: exit code" $code 1
	like "$command of the capture tells it" "$output" '(does not answer|hangs)'
done
