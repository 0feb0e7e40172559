#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# No types once kvmgt is in: that is the verdict, at once; and nothing is made before kvmgt is live.
. "$(dirname "$0")/lib.sh"
if all_boots; then plan 19; else plan 12; fi

guest <<'END'
cat /sys/module/kvmgt/initstate 2>/dev/null
END

# at_once NAME: the verdict came within 200 ms of kvmgt's insertion.
at_once() {
	gap=$(printf '%s' "$report" | jq '(.steps[] | select(.name == "load kvmgt") | .at_us + .duration_us) as $in |
		(.steps[] | select(.name | test("^(gvt|gvt-silent|aperture-small)$")) | .at_us - $in) / 1000')
	in_time "$1" "$gap" 200
}

boot quick --append kvmgt.fault_no_types=1
like 'kvmgt is live' "$output" '^live$'
json 'yet there are no types: told as such' '[.result, .steps[-1].name] | join(" ")' 'degraded gvt-silent'
at_once 'within 200 ms'
like 'on the quiet console, with where to look' "$console" 'gvt-early: gvt-silent: .*0000:00:02.0 offers no types; the kernel log may say why'
json 'and not at the deadline' '.state' 'done'

if all_boots; then
	boot quick --aperture 128
	json 'an aperture without room for any type' '[.result, .steps[-1].name] | join(" ")' 'degraded aperture-small'
	like 'with the cure' "$dmesg" 'gvt-early: aperture-small: .* aperture of 128 MiB .*set the aperture to 512 or 1024 MiB'
	at_once 'within 200 ms'

	boot quick --append i915.fault_probe_errno=5
	json 'i915 that does not take the GPU' '[.result, .steps[-1].name] | join(" ")' 'degraded gvt-silent'
	like 'is told as such' "$dmesg" 'gvt-early: gvt-silent: i915 is loaded but did not bind 0000:00:02.0'
fi

# The kernel announces the types before kvmgt's driver is registered; a create in between is an oops.
boot quick --append kvmgt.fault_window_ms=1500
json 'in a widened window' '.result' ok
instance 'the instances are made' 00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4
live=$(printf '%s' "$report" | jq '.steps[] | select(.name == "load kvmgt") | .at_us + .duration_us')
json 'none before kvmgt is live' "[.steps[] | select(.name | startswith(\"create\")) | .at_us] | min >= $live" true
json 'which took the window' '.steps[] | select(.name == "load kvmgt") | .duration_us >= 1500000' true
unlike 'no oops' "$dmesg" 'BUG:|Oops|NULL pointer'

if all_boots; then
	boot quick --append kvmgt.fault_fragmented=1
	json 'ENOSPC although there is room' '[.result, (.instances[].result)] | unique | join(" ")' 'degraded failed'
	like 'is told as such' "$dmesg" 'No space left on device.*it should fit, so the free memory is fragmented'
fi

boot quick --append 'kvmgt.fault_create_errno=5 kvmgt.fault_create_nth=2'
json 'an error of one costs that one' '[.instances[].result] | join(" ")' 'created failed created'
like 'and has its sentence' "$dmesg" 'create .*: the driver failed to set up.*\(I/O error\)'
