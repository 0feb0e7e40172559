# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lib.sh, and boots with a fault in the machine: does it come up, how soon, and is the reason told?
#
#   use ROOT GENERATOR           for what follows: initramfs-tools, dracut, dracut-plain
#   usual                        a boot with gvt-early and without a fault
#   bounded FAULT                a boot with gvt-early and the fault: comes up (1), the reason is in the kernel log (2), the guests
#                                start within the deadline and 5 s of the usual boot (3), no unit fails but gvt-early's own (4)
#   compare FAULT                the same (1, 2), and then by hand, as today's guides have it: with gvt-early the guests start no
#                                later (3), and no unit fails that does not by hand (4). Adds a line to $build/vm/TEST.table
#   compare_all ROOT GENERATOR FAULT...
#   prepare ROOT GENERATOR       builds what that boots: building beside it disturbs a measurement
#   hangs faults                 arrays of names: those that hang, and all that there are
#
# A machine that is not up after $limit seconds counts as up then; by hand it is not looked at for longer than $patience seconds more
# than with gvt-early. Two boots of the same differ by 1 to 3 s, and by more on a busy machine: 3 s or 15 %, whichever is more, is no
# difference. What is beyond is measured once more, and again, on both sides; of each side the soonest counts then, as a busy host
# only ever delays.

. "${BASH_SOURCE[0]%/*}/initrd.sh"

# Two tests run beside each other, with a processor for each.
export SMP=1
limit=240
patience=30
# shellcheck disable=SC2034 # for lib.sh
deadline= # the built-in one, 10 s
table=$build/vm/${test_name%.slow}.table
rm -f "$table"
hangs=('i915 hangs in init' 'i915 hangs in probe' 'kvmgt hangs in create')
# shellcheck disable=SC2034 # for the test
faults=("${hangs[@]}" 'i915.ko is cut' 'kvmgt.ko is cut' 'modules.dep is cut' 'modules.dep is garbage'
	'the snapshot is garbage' 'the snapshot is a directory' 'the snapshot is missing' '/run is full'
	'the binary is missing' 'the binary is not executable' 'the binary is cut' 'the clock is at 1970' '1 CPU, 512 MiB')

use() {
	root=$1
	maker=$2
	with=with by_hand=by-hand
	[[ $maker = initramfs-tools ]] || with=$maker by_hand=by-hand+$maker
}

# halve PATH: the initrd has only the first half of this file.
halve() {
	change "$1" < <(head -c "$(($(stat -c %s "$image$1") / 2))" "$image$1")
	chmod --reference="$image$1" "${changes[-1]%%=*}"
}

# The same each time.
garbage() { seq 1 99999 | gzip -n | head -c 20000; }

# disk_by_file: $disk are shell lines that load the root disk's modules without an index, udev or anything else of the initrd's.
disk_by_file() {
	local base=$build/vm/$root/base name file
	changes+=(--file "$base/usr/bin/kmod=/gvt-test/insmod")
	disk=$(for name in virtio_pci virtio_blk ext4; do
		modprobe --dirname "$base" --set-version "$kver" --show-depends "$name"
	done | while read -r name file _; do
		[[ $name != insmod ]] || echo "/gvt-test/insmod ${file#"$base"}"
	done)
}

# fault NAME: boot.sh's options for it in $changes, for the initrd of $root and $system; $reason is what the kernel log then has
# of gvt-early, $only_ours says that nothing of it is there without gvt-early.
fault() {
	local snapshot=/etc/gvt-early/snapshot.conf program=/usr/sbin/gvt-early index
	open_initrd
	index=/usr/lib/modules/$kver/modules.dep.bin
	reason='done: 3 of 3 instances present, ok' only_ours=no
	[[ $1 != 'the snapshot '* && $1 != 'the binary '* ]] || only_ours=yes
	case $1 in
	'no fault') ;;
	'i915 hangs in init' | 'i915 hangs in probe')
		changes=(--append "i915.fault_hang=${1##* }")
		reason='load i915: this step does not return; the boot continues without it after [0-9]+ ms'
		;;
	'kvmgt hangs in create')
		changes=(--append kvmgt.fault_create_hang=2)
		reason='create 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a02: this step does not return; the boot continues without it'
		;;
	'i915.ko is cut' | 'kvmgt.ko is cut')
		halve "$(image_file "${1%% *}")"
		reason="load ${1%%.*}: /[^ ]*/${1%%.*}\.ko[.a-z]* is damaged \("
		;;
	'modules.dep is '*)
		# Nobody finds a module then; the disk has to be found all the same.
		disk_by_file
		around boot "$disk"
		case $1 in
		*cut) halve "$index" ;;
		*) change "$index" < <(garbage) ;;
		esac
		reason="modules-missing: .*/modules.dep.bin is damaged"
		;;
	'/run is full')
		# As long as the initrd runs: udev cannot work then, nor could systemd.
		disk_by_file
		around boot "$disk
cat /dev/zero >/run/gvt-test.fill 2>/dev/null"
		around wait : 'rm -f /run/gvt-test.fill'
		reason='worker: /run/gvt-early/worker cannot be written \(No space left on device\): .gvt-early wait. cannot wait for it'
		;;
	'the clock is at 1970') changes=(--rtc 1970-01-01T00:00:00 --append gvt_early.deadline=30) ;;
	'1 CPU, 512 MiB') changes=(--smp 1 --mem 512 --append gvt_early.deadline=30) ;;

	'the snapshot is garbage')
		change $snapshot < <(garbage)
		reason='nothing-wanted: no usable instance is wanted: the configuration has mistakes, the first is'
		;;
	'the snapshot is a directory')
		change $snapshot/file <<<''
		reason="config: $snapshot: cannot be read: Is a directory"
		;;
	'the snapshot is missing')
		changes=(--remove "$snapshot")
		reason="config: $snapshot: is missing"
		;;
	'the binary is '*)
		case $1 in
		*missing) changes=(--remove "$program") ;;
		*executable) change $program <"$image$program" ;;
		*cut) halve $program ;;
		esac
		reason="$program cannot be run \(status [0-9]+\): no vGPUs are created"
		;;
	*) cannot_run "unknown fault '$1'" ;;
	esac
}

# boot_with FAULT: with gvt-early; $at is when the guests start.
boot_with() {
	system=$with
	fault "$1"
	try_boot full --timeout $((limit + 30)) "${changes[@]}"
	at=${guests_at:-$limit} units=$(sed '/^gvt-early.service /d' <<<"$failed_units") log=$dmesg told=$reason verdict_with=$verdict results_with=$results
}

# boot_by_hand FAULT: the same without; $at_by_hand (and $more when it was not up by then), $units_by_hand.
boot_by_hand() {
	local until=$((${at%.*} + patience))
	system=$by_hand
	fault "$1"
	try_boot full --timeout "$until" "${changes[@]}"
	at_by_hand=${guests_at:-$until} units_by_hand=$failed_units more=
	[[ $guests_at ]] || more='>'
}

# is_told WHAT: of the boot with gvt-early.
is_told() {
	verdict=$verdict_with results=$results_with
	ok "$1: the machine comes up"
	like "$1: the reason is in the kernel log" "$log" "gvt-early: $told"
}

# Only where times are held to limits (in_time).
usual() {
	usual=0
	[[ ${TIMED-} ]] || return 0
	boot_with 'no fault'
	usual=$at
	diag "$root, $maker: without a fault the guests start at $usual s"
}

bounded() {
	local what="$root, $maker, $1"
	boot_with "$1"
	diag "$what: the guests start at $at s"
	is_told "$what"
	in_time "$what: they do within the deadline and 5 s" "$at" "$(awk -v usual="$usual" 'BEGIN { print usual + 10 + 5 }')"
	is "$what: no unit has failed" "$units" ''
}

# both FAULT: with gvt-early and by hand, as often on the one side as on the other: the soonest of many would not be a fair measure
# for the soonest of few. A fault of gvt-early's own files is none by hand.
both() {
	boot_with "$1"
	if [[ $only_ours = no ]]; then
		boot_by_hand "$1"
	else
		boot_by_hand 'no fault'
	fi
}

# What is no later than by hand.
allowed() { awk -v at="$at_by_hand" 'BEGIN { print at + (at * 0.15 > 3 ? at * 0.15 : 3) }'; }
late() { awk -v at="$at" -v allowed="$(allowed)" 'BEGIN { exit !(at > allowed) }'; }

# again FAULT: measures both once more; the soonest of each counts.
again() {
	local at_before=$at by_hand_before=$at_by_hand more_before=$more
	both "$1"
	! sooner "$at_before" "$at" || at=$at_before
	! sooner "$by_hand_before" "$at_by_hand" || at_by_hand=$by_hand_before more=$more_before
}
sooner() { awk -v one="$1" -v other="$2" 'BEGIN { exit !(one < other) }'; }

compare() {
	local what="$root, $maker, $1" word=ok
	both "$1"
	for _ in 1 2; do
		late || break
		diag "$what: $at s, by hand $at_by_hand s; once more"
		again "$1"
	done
	! late || word=LATER
	diag "$what: the guests start at $at s, by hand at $more$at_by_hand s"
	table_line "$1" "$root" "$maker" "${at/#$limit/>$limit}" "$more$at_by_hand" "$word"
	is_told "$what"
	at_most "$what: the guests start no later than by hand" "$at" "$(allowed)"
	is "$what: no unit fails that does not by hand" "$(comm -23 <(names "$units") <(names "$units_by_hand"))" ''
}

names() { awk 'NF { print $1 }' <<<"$1" | sort; }

table_line() { printf '%-28s %-10s %-16s %8s %8s  %s\n' "$@" >>"$table"; }

prepare() {
	local variant
	use "$1" "$2"
	for variant in "$with" "$by_hand"; do
		"$vm_dir/system.sh" "$root" "$variant" >/dev/null || cannot_run "the system '$variant' of $root does not build"
	done
}

compare_all() {
	local name
	use "$1" "$2"
	shift 2
	[[ -e $table ]] || table_line fault root generator with 'by hand' ''
	for name; do
		compare "$name"
	done
}
