#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Proxmox VE's start and stop of guests, 200 cycles of three guests at the same time, as its code does them (proxmox.c), while
# "apply" and "apply --guest" run one after the other: no start fails.
. "$(dirname "$0")/lib.sh"
plan 13

"${CC:-cc}" -O2 -static -o "$work/proxmox" "$vm_dir/proxmox.c" || exit 1
config <<'END'
# nothing but the guests
END

# 100 changes its type at each start, which needs the hookscript; 101 has none, nor 102, which has two places in the order.
guest <<'END'
hostname gvt-test
parent=0000:00:02.0
dir=/etc/pve/nodes/gvt-test/qemu-server
mkdir -p $dir /run/lock/qemu-server
gvt-early apply
echo "apply of nothing: $?"
for id in 100 101 102; do
	printf 'onboot: 1\nhostpci0: %s,mdev=i915-GVTg_V5_8\n' $parent >$dir/$id.conf
done
gvt-early apply
echo "apply of three: $?"
/usr/lib/gvt-test/mdevs | sed 's/^/before: /'

: >/run/going
(while [ -e /run/going ]; do gvt-early apply >>/run/apply.log 2>&1; echo $? >>/run/apply.codes; done) &
(while [ -e /run/going ]; do for id in 100 101 102; do gvt-early apply --guest $id >>/run/by-hand.log 2>&1; echo $? >>/run/by-hand.codes; done; done) &
/proxmox 100 0 $parent $dir/100.conf 60 /usr/share/gvt-early/hookscript i915-GVTg_V5_8 i915-GVTg_V5_4 >/run/100.log 2>&1 &
one=$!
/proxmox 101 0 $parent $dir/101.conf 70 - i915-GVTg_V5_8 >/run/101.log 2>&1 &
two=$!
/proxmox 102 0 $parent $dir/102.conf 70 - i915-GVTg_V5_8 >/run/102.log 2>&1 &
wait $one $two $!
rm /run/going
wait
cat /run/100.log /run/101.log /run/102.log
sort /run/apply.codes | uniq -c | sed 's/^/apply: /'
sort /run/by-hand.codes | uniq -c | sed 's/^/by hand: /'
echo "apply made $(grep -c 'create .* on .*, for' /run/apply.log), left to Proxmox VE $(grep -c 'handles its instances itself' /run/apply.log)"
grep -h -B 1 'degraded$' /run/apply.log /run/by-hand.log | sed 's/^/degraded: /'
gvt-early apply
echo "apply at the end: $?"
for id in 100 101 102; do
	flock -n /run/lock/qemu-server/lock-$id.conf true || echo "the lock of $id is held"
done
/usr/lib/gvt-test/mdevs | sed 's/^/after: /'

# In use, and wanted otherwise: it stays; and nothing that hangs has been begun.
group=$(basename "$(readlink /sys/bus/mdev/devices/00000000-0000-0000-0000-000000000100/iommu_group)")
exec 9<>/dev/vfio/$group
printf 'onboot: 1\nhostpci0: %s,mdev=i915-GVTg_V5_2\n' $parent >$dir/100.conf
gvt-early apply 2>&1 | grep 000000000100
exec 9>&-
gvt-early apply
echo "apply when it is closed: $?"
/usr/lib/gvt-test/mdevs | sed 's/^/at last: /'
END
boot quick --smp 2 --aperture 1024 --timeout 420 --script-timeout 360 --root-file "$work/proxmox=/proxmox"

is '200 cycles' "$(printf '%s\n' "$output" | awk '/ starts, / { n += $2 } END { print n }')" 200
is 'no start has failed' "$(printf '%s\n' "$output" | grep -c ' starts, 0 failed')" 3
unlike 'and Proxmox VE said nothing' "$output" '^10[0-2]: [^0-9]'
like 'a guest has found its instance' "$output" '^101: .* [1-9][0-9]* found'
like 'and has made it itself' "$output" '^101: .* [1-9][0-9]* made'
like 'the guest with the hookscript has always found it' "$output" '^100: 60 starts, 0 failed, 60 found, 0 made'
like 'apply has made instances between' "$output" '^apply made [1-9]'
like 'and has kept out of starts and stops' "$output" 'left to Proxmox VE [1-9]'
unlike 'no lock is left behind' "$output" '^the lock of'
like 'all is well at the end' "$output" '^apply at the end: 0$'
like 'what is open stays' "$output" '000000000100 .*process [0-9]+ \(sh\) has it open'
like 'when it is closed it is made anew' "$output" '^at last: 00000000-0000-0000-0000-000000000100 i915-GVTg_V5_2 '
unlike 'nothing hangs in the kernel' "$dmesg" 'blocked for more than|Device is currently in use'
diag "$(printf '%s\n' "$output" | grep -E 'starts|apply|by hand' | head -n 20)"
