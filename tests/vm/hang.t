#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A driver that hangs for ever, in full boots by initramfs-tools: it is given up at the deadline, the guests start within 5 s of
# it, the report and the kernel log say where it hangs. (held-up.t does it with dracut.)
# takes 170 s
. "$(dirname "$0")/held-up.sh"
plan 28

guest <<'END'
[ -e /run/modprobe.d/gvt-early.conf ] && echo 'others are kept from i915'
[ -e /run/systemd/journald.conf.d/gvt-early.conf ] && echo 'journald is kept from the kernel log'
END

# hang WHERE STEP: STEP is the one that does not return.
hang() {
	bounded "$1"
	json 'given up' '[.state, .result]' '["gave-up","degraded"]'
	in_time 'at the deadline' "$(jq '(.finished_us - .started_us) / 1000000' <<<"$report")" 12
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
