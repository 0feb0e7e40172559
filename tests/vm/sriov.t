#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Virtual functions (VFs) by the kernel's own xe, made from the initrd; a second run; a driver that hangs while it makes them.
# (sriov.slow has the other faults, the DKMS package, the other kernels and generators, and the service alone.)
. "$(dirname "$0")/sriov.sh"
plan 18

mode=full
more='
gvt-early apply; echo "apply $?"
gvt-early status | tail -n 3; gvt-early check --json | jq -r ".requirements[] | select(.name == \"vfs\" or .name == \"sr-iov\") | .name + \" \" + .status"
cat /sys/bus/pci/devices/0000:00:02.0/sriov_admin/vf1/profile/exec_quantum_ms
jq -r ".steps[].name" /run/gvt-early/apply.json | grep -cE "^(enable|bind)"
'
vfs
json 'by xe, forced' '[.steps[] | select(.name == "load xe")] | .[0].detail' 'loaded with force_probe=46d1'
json 'before the guests' "[.steps[] | select(.name == \"bind 0000:00:02.3\")] | .[0] | (.at_us + .duration_us) / 1000000 < ${guests_at:-0}" true
json 'the report' '[.state, .result, (.vfs | map(.result + " " + .driver) | unique[])] | join(" ")' 'done ok created vfio-pci'
there 'from the initrd'
healed 'from the initrd'
like 'the GPU itself is xe'"'"'s' "$output" '^gpu xe$'
like 'each has its share of time' "$output" '^25$'
like 'a second run finds all of them' "$output" '^apply 0$'
like 'and changes nothing' "$output" '^0$'
like 'status is content' "$output" 'All wanted|3 virtual functions|present'
like 'and check' "$output" '^vfs ok$'
is 'no unit has failed' "$failed_units" ''

deadline=5
more='gvt-early check | sed "s/^/check| /"'
vfs --append 'xe.fault_configure_hang=before'
json 'it hangs while it makes them: the report' '[.state, .steps[-1].name] | join(" ")' "gave-up enable VFs of $pf"
in_time_for_guests 'it hangs while it makes them'
like 'and other programs do not load the drivers meanwhile' "$output" '^gvt-early.conf$'
like 'check says so' "$output" '^check\| .*(hangs|does not answer|has not returned)'
unlike 'it left no function' "$output" '^vf '
like 'the boot log has it' "$dmesg" 'gvt-early: .*this step does not return'
