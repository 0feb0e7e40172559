#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What gvt-early costs on the boot's critical path: its scripts from start to end, in instructions, 1000 to a microsecond (a
# CPU that GVT-g knows does three times as many). Another process's instructions count too: that is how the boot sees it.
. "$(dirname "$0")/initrd.sh"
systems=(with)
! all_boots || systems+=(dracut dracut-plain)
plan $((5 * ${#systems[@]}))

mark() { echo "echo 'mark: $1' >/dev/kmsg"; }

# took STAGE: microseconds between the marks around its script.
took() {
	awk -v stage="$1" -F '[][ ]+' '
		$0 ~ "mark: " stage " begins" { begun = $2 }
		$0 ~ "mark: " stage " has ended" { printf "%d\n", ($2 - begun) * 1e6 + 0.5 }
	' <<<"$dmesg"
}

# measure: in both boots there is a pause before the wait, so that the worker has come as far as it can. In the first no instance can
# be made, and it is done then; in the second it makes them when the wait tells it to.
measure() {
	open_initrd
	around boot "$(mark 'boot begins')" "$(mark 'boot has ended')"
	around wait "sleep 5; $(mark 'wait begins')" "$(mark 'wait has ended')"
	boot quick --icount --timeout 300 --config "$work/hopeless.conf" "${changes[@]}"
	diag "$generator: boot $(took boot) us, wait $(took wait) us"
	at_most "$generator: boot" "$(took boot)" 5000
	at_most "$generator: wait, when the worker is done" "$(took wait)" 5000
	json "$generator: it was done" '[.state, .steps[-1].name]' '["done","create 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01"]'

	open_initrd
	around wait "sleep 5; $(mark 'wait begins')" "$(mark 'wait has ended')"
	boot quick --icount --timeout 300 "${changes[@]}"
	diag "$generator: wait, with three instances to make: $(took wait) us"
	at_most "$generator: wait, with three instances to make" "$(took wait)" 100000
	json "$generator: they were made in it" '[.state, .result]' '["done","ok"]'
}

cat >"$work/hopeless.conf" <<'END'
[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_16
END
for system in "${systems[@]}"; do
	measure
done
