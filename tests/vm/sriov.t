#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Virtual functions (VFs) by the i915 of i915-sriov-dkms, made from the initrd; a second run; a driver that hangs while it makes them.
# (sriov.slow has xe, the other faults, the other kernels and generators, and the service alone.)
# takes 200 s
. "$(dirname "$0")/sriov.sh"
plan 18
root=trixie system=dkms

mode=full
more='
gvt-early apply; echo "apply $?"
jq -r ".steps[].name" /run/gvt-early/apply.json | grep -cE "^(enable|bind)"
gvt-early status
gvt-early check --json | jq -r ".requirements[] | select(.name == \"vfs\" or .name == \"sr-iov\") | .name + \" \" + .result"
'
vfs
json 'by the package' '[.steps[] | select(.name == "load i915")] | .[0].detail' 'loaded with enable_guc=3 max_vfs=7'
json 'before the guests' "[.steps[] | select(.name == \"bind 0000:00:02.3\")] | .[0] | (.at_us + .duration_us) / 1000000 < ${guests_at:-0}" true
json 'the report' '[.state, .result, (.vfs | map(.result + " " + .driver) | unique[])] | join(" ")' 'done ok created vfio-pci'
there 'from the initrd'
healed 'from the initrd'
like 'the GPU itself is of i915' "$output" '^gpu i915$'
like 'a second run finds all of them' "$output" '^apply 0$'
like 'and changes nothing' "$output" '^0$'
like 'status is content' "$output" 'All 3 wanted virtual functions are present|All wanted'
like 'check: the driver' "$output" '^sr-iov ok$'
like 'check: the functions' "$output" '^vfs ok$'
is 'no unit has failed' "$failed_units" ''

deadline=5
more='gvt-early check | sed "s/^/check| /"'
vfs --append 'i915.fault_configure_hang=before'
json 'it hangs while it makes them: the report' '[.state, .steps[-1].name] | join(" ")' "gave-up enable VFs of $pf"
in_time_for_guests 'it hangs while it makes them'
like 'and other programs do not load the drivers meanwhile' "$output" '^gvt-early.conf$'
like 'check says so' "$output" '^check\| .*(hangs|does not answer|has not returned)'
unlike 'it left no function' "$output" '^vf '
like 'the boot log has it' "$dmesg" 'gvt-early: .*this step does not return'
