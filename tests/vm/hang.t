#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A driver that hangs for ever, in full boots by initramfs-tools: it is given up at the deadline, the guests start within 5 s of
# it, the report and the kernel log say where it hangs. (held-up.t does it with dracut.)
. "$(dirname "$0")/held-up.sh"
plan 34

guest <<'END'
[ -e /run/modprobe.d/gvt-early.conf ] && echo 'others are kept from i915'
[ -e /run/systemd/journald.conf.d/gvt-early.conf ] && echo 'journald is kept from the kernel log'
END

# hang WHERE STEP: STEP is the one that does not return.
hang() {
	bounded "$1"
	json 'given up' '[.state, .result]' '["gave-up","degraded"]'
	at_most 'at the deadline' "$(jq '(.finished_us - .started_us) / 1000000' <<<"$report")" 12
	json 'told at which step' '.steps[-1].name' "$2"
}

use bookworm initramfs-tools
usual

hang 'i915 hangs in init' 'load i915'
like 'on the quiet console' "$console" "gvt-early: $told"
like 'i915 stays blocked for others' "$output" '^others are kept from i915$'
unlike 'journald is not touched' "$output" '^journald is kept'
json 'the instances are not made' '[.instances[].result] | unique | join(" ")' not-made

hang 'i915 hangs in probe' 'load i915'
like 'told that it holds the GPU' "$dmesg" 'gvt-early: guard: i915 hangs in its probe and holds 0000:00:02.0'
like 'journald is kept from reading kernel messages' "$output" '^journald is kept'

hang 'kvmgt hangs in create' 'create 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02'
json 'the first is made, the others are not' '[.instances[].result] | join(" ")' 'created not-made not-made'

# The driver comes back after the deadline: what it did is told, nothing further is begun, nothing is blocked any more.
guest <<'END'
for i in $(seq 1 30); do
	[ "$(jq -r .state /run/gvt-early/report.json)" = late ] && break
	sleep 1
done
[ -e /run/modprobe.d/gvt-early.conf ] && echo 'others are kept from i915'
cat /sys/module/i915/initstate
gvt-early apply
echo "apply: $?"
END
deadline=3
boot full --append 'i915.fault_hang=init i915.fault_hang_ms=12000'
json 'a driver that comes back is told as late' '.state' late
json 'and nothing further was begun' '[.steps[].name] | any(startswith("create"))' false
unlike 'i915 is not blocked any more' "$output" '^others are kept'
json 'the deadline of the kernel command line counts' '.deadline_us - .started_us | . > 2900000 and . <= 3000000' true
like 'apply makes good for it' "$output" '^apply: 0$'
like 'with all instances' "$mdevs" '00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4'
