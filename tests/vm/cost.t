#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What gvt-early costs on the boot's critical path: its scripts from start to end, in instructions, 1000 to a microsecond (a
# CPU that GVT-g knows does three times as many). Another process's instructions count too: that is how the boot sees it.
. "$(dirname "$0")/initrd.sh"
plan 15

mark() { echo "echo 'mark: $1' >/dev/kmsg"; }

# took STAGE: microseconds between the marks around its script.
took() {
	awk -v stage="$1" -F '[][ ]+' '
		$0 ~ "mark: " stage " begins" { begun = $2 }
		$0 ~ "mark: " stage " has ended" { printf "%d\n", ($2 - begun) * 1e6 + 0.5 }
	' <<<"$dmesg"
}

# measure: the usual boot has a pause before the wait, so that the worker is done. In the second nobody tells it that the root is
# mounted before the wait does, which so waits for all instances.
measure() {
	open_initrd
	around boot "$(mark 'boot begins')" "$(mark 'boot has ended')"
	around settled "$(mark 'settled begins')" "$(mark 'settled has ended')"
	around wait "sleep 5; $(mark 'wait begins')" "$(mark 'wait has ended')"
	boot quick --icount --timeout 300 "${changes[@]}"
	diag "$generator: boot $(took boot) us, settled $(took settled) us, wait $(took wait) us"
	at_most "$generator: boot" "$(took boot)" 5000
	at_most "$generator: wait, when the worker is done" "$(took wait)" 5000
	json "$generator: it was done, with all instances" '[.state, .result]' '["done","ok"]'

	open_initrd
	around wait "sleep 5; $(mark 'wait begins')" "$(mark 'wait has ended')"
	boot quick --icount --timeout 300 "${changes[@]}" --remove "$(stage_script settled)"
	diag "$generator: wait, with three instances to make: $(took wait) us"
	at_most "$generator: wait, with three instances to make" "$(took wait)" 100000
	json "$generator: they were made in it" '[.state, .result]' '["done","ok"]'
}

for system in ${SYSTEMS:-with dracut dracut-plain}; do
	measure
done
