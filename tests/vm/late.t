#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A driver that comes back after the deadline: what it did is told, nothing further is begun, nothing is blocked any more.
. "$(dirname "$0")/lib.sh"
plan 6

guest <<'END'
for i in $(seq 1 30); do
	[ "$(jq -r .state /run/gvt-early/report.json)" = late ] && break
	sleep 1
done
[ -e /run/modprobe.d/gvt-early.conf ] && echo 'others are kept from i915'
cat /sys/module/i915/initstate
modprobe kvmgt # what emulation makes of its load is not the matter here, and the deadline is short
gvt-early apply
echo "apply: $?"
END
deadline=3
boot full --append 'i915.fault_hang=init i915.fault_hang_ms=12000'
json 'a driver that comes back is told as late' '.state' late
json 'and nothing further was begun' '[.steps[].name] | any(startswith("create"))' false
unlike 'i915 is not blocked any more' "$output" '^others are kept'
json 'the deadline of the kernel command line counts' '.deadline_us - .started_us | . > 2000000 and . <= 3000000' true
like 'apply makes good for it' "$output" '^apply: 0$'
like 'with all instances' "$mdevs" '00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4'
