#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job in a full boot: three instances of two types, there before the guests; and a second run changes nothing.
. "$(dirname "$0")/lib.sh"
plan 24

guest <<'END'
before=$(/usr/lib/gvt-test/mdevs)
gvt-early apply
echo "apply: $?"
[ "$(/usr/lib/gvt-test/mdevs)" = "$before" ] && echo "nothing changed"
gvt-early apply --json >/tmp/apply.json 2>/dev/null
jq -r '"json: " + .result + " " + ([.instances[].result] | unique | join(","))' /tmp/apply.json
echo "boot id: $(cat /proc/sys/kernel/random/boot_id)"
echo "build id: $(gvt-early -V | sed -n 's/^build ID: //p')"
ls /run/modprobe.d 2>/dev/null | sed 's/^/left in \/run\/modprobe.d: /'
cat /sys/module/i915/parameters/enable_gvt
mknod /dev/kvm c 10 232 # the emulated CPU has none, and no guest could use them without
gvt-early plan
echo "plan: $?"
END
boot full --aperture 1024

instance 'the first instance'          5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01 i915-GVTg_V5_4
instance 'one of another type'         5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02 i915-GVTg_V5_8
instance 'one wanted by guest number'  00000000-0000-0000-0000-000000000100 i915-GVTg_V5_4
json 'the report says so' '[.instances[].result] | join(" ")' 'created created created'
json 'and that all is well' '[.version, .command, .state, .result]' '[2,"boot","done","ok"]'
json 'each has the place that wants it' '.instances[0].source' '/etc/gvt-early/gvt-early.conf:4'
made=$(printf '%s' "$report" | jq '[.instances[].made_at_us] | max / 1000000')
at_most 'all made before the guests' "$made" "$guests_at"
at_most 'and before systemd in the real root' "$made" \
	"$(printf '%s\n' "$dmesg" | sed -n 's/^\[ *\([0-9.]*\)\] systemd\[1\]: Hostname set.*/\1/p' | head -n 1)"
# Nothing in the early stage may wait for entropy, which takes a second here.
json 'the worker is at work in much less than a second' '.steps[0].at_us - (.deadline_us - 30000000) < 800000' true
json 'every step has its duration' '[.steps[] | select(.duration_us == null)] | length' 0
is 'the report is of this boot' "$(printf '%s' "$report" | jq -r .boot_id)" "$(printf '%s\n' "$output" | sed -n 's/^boot id: //p')"
is 'and of this build' "$(printf '%s' "$report" | jq -r .build_id)" "$(printf '%s\n' "$output" | sed -n 's/^build id: //p')"

# i915 first, and before udev had a chance: the worker has loaded it.
steps=$(printf '%s' "$report" | jq -r '.steps[].name' | tr '\n' ' ')
like 'the steps are in order' "$steps" "^iommu gpu load vfio load vfio_iommu_type1 load vfio_pci wait for udev load i915 \
load kvmgt gvt wait for initrd udev create .* create .* create "

json 'so was what it needs' '[.steps[] | select(.name | startswith("load vfio")).detail] | unique | join(" ")' loaded
json 'i915 was loaded by us' '.steps[] | select(.name == "load i915").detail' 'loaded with enable_gvt=1'
json 'after udev had finished with the GPU' '.steps[] | select(.name == "wait for udev").result' ok
like 'i915 has the parameter' "$output" '^Y$'
unlike 'the deny list is gone' "$output" '^left in'
unlike 'nothing of us on a quiet console' "$console" 'gvt-early'
is 'no unit has failed' "$failed_units" ''

like 'a second run succeeds' "$output" '^apply: 0$'
like 'and changes nothing' "$output" '^nothing changed$'
like 'its report has them as existing' "$output" '^json: ok existing$'
like 'the plan has nothing left to do' "$output" '^plan: 0$'
