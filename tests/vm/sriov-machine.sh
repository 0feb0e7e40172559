# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The machine's GPU with virtual functions, by shell alone: gvt-early is not installed. What the stand-ins for the drivers answer
# is what a host's report or the driver's source says that the real ones do.
#
#   on ROOT SYSTEM PART...   boots it, and does these: "xe", "i915" (of the DKMS package): the driver splits the GPU, and with the first
#                            of them a QEMU opens a VF; "xe-faults", "i915-faults": it fails in each of its ways; "stock-i915", "stock-xe": the
#                            kernel's own beside a DKMS package, and "card": xe on the second GPU
#   said DRIVER REGEX        asserts that this line is in the output, which is printed if it is not

. "${BASH_SOURCE[0]%/*}/qemu-inside.sh"

# What runs inside; each line of its output begins with the driver, and the fault if any.
cat >"$work/inside" <<'END'
P=/sys/bus/pci/devices/0000:00:02.0
C=/sys/bus/pci/devices/0000:03:00.0
firmware=/lib/firmware/i915

say() { echo "$driver${fault:+ $fault}: $*"; }
name() { [ -e "$1" ] && basename "$(readlink -f "$1")"; }
mark() { dmesg | wc -l >/run/mark; }
each() { while read -r line; do say "$1$line"; done; }
kernel_says() { dmesg | sed "1,$(cat /run/mark)d" | grep -E "$1" | sed 's/^\[ *[0-9.]*\] //' | each ""; }
kernel_file() { find /lib/modules/*/kernel -name "$1.ko*"; }

# put VALUE FILE: "ok", or the error by its name.
put() { /bin/echo "$1" 2>/run/said >"$2" && echo ok || sed 's/.*: //' /run/said; }

# load PARAMETER...: that driver alone.
load() {
	rmmod i915 xe 2>/dev/null
	mark
	case $driver in
	xe) modprobe xe force_probe=46d1 max_vfs=7 "$@" ;;
	i915) modprobe i915 max_vfs=7 enable_guc=3 "$@" ;;
	stock-i915) insmod "$(kernel_file i915)" max_vfs=7 "$@" ;;
	stock-xe) insmod "$(kernel_file xe)" force_probe=46d1 "$@" ;;
	esac
	say "driver $(name $P/driver), total $(cat $P/sriov_totalvfs)"
	kernel_says 'SR-IOV|VFs could|uC|GUC|dkms|unknown parameter|not officially|wedged|probe with|probe of'
}

# enable N
enable() {
	mark
	say "enable $1: $(put "$1" $P/sriov_numvfs)"
	kernel_says 'VF|SR-IOV'
}

split() {
	echo 0 >$P/sriov_drivers_autoprobe
	enable 3
	vf=$(name $P/virtfn0)
	say "bind without autoprobe: $(put "$vf" /sys/bus/pci/drivers/vfio-pci/bind)"
	echo 1 >$P/sriov_drivers_autoprobe
	for n in 0 1 2; do
		vf=$(name $P/virtfn$n)
		echo vfio-pci >"$P/virtfn$n/driver_override"
		echo "$vf" >/sys/bus/pci/drivers_probe
		say "VF $vf, $(cat "$P/virtfn$n/class") $(cat "$P/virtfn$n/device")," \
			"PF $(name "$P/virtfn$n/physfn"), driver $(name "$P/virtfn$n/driver")," \
			"reset $(cat "$P/virtfn$n/reset_method"), in its group $(ls "$P/virtfn$n/iommu_group/devices/")"
	done
	enable 3
	enable 5
	enable 8
	[ -e /run/opened ] || /qemu/open 0000:00:02.2 2>&1 | tr -d '\r' | each 'QEMU: '
	: >/run/opened
}

# with FAULT [TIMES]: VFs are enabled under it. A fault with "=" is a parameter.
with() {
	fault=$1
	case $fault in
	*=*) load "$fault" ;;
	*) load ;;
	esac
	for _ in $(seq "${2:-1}"); do
		enable 2
	done
	say "autoprobe $(cat $P/sriov_drivers_autoprobe)"
	fault=
}

# hangs_in STEP PARAMETER...: whether loading, or enabling, lasts as long as the driver hangs.
hangs_in() {
	step=$1
	shift
	fault=$1
	from=$(date +%s)
	load "$@" fault_hang_ms=2000 fault_configure_hang_ms=2000
	[ "$step" = enabling ] && from=$(date +%s)
	enable 2
	[ $(($(date +%s) - from)) -ge 2 ] && say "$step hangs"
	fault=
}

faults() {
	with fault_busy=2 3
	with fault_configure_errno=12
	with fault_wedged=1
	with fault_probe_errno=5
	hangs_in loading fault_hang=probe
	hangs_in enabling fault_configure_hang=before
	hangs_in enabling fault_configure_hang=after
	mv $firmware /run/away
	with no-firmware
	mv /run/away $firmware
}

with_xe() {
	mark
	modprobe xe
	say "unforced: driver $(name $P/driver)"
	kernel_says 'not officially|force_probe'
	load
	split
	A=$P/sriov_admin
	V=$A/vf1/profile
	say "attributes $(ls -A $A | tr '\n' ' ')VF 1 $(cat $V/exec_quantum_ms) ms $(cat $V/preempt_timeout_us) us"
	say "quantum: $(put 25 $V/exec_quantum_ms) $(cat $V/exec_quantum_ms), VF $(name $A/vf1/device)"
	was=$(cat $V/sched_priority)
	all=$(put normal $A/.bulk_profile/sched_priority)
	say "priority: $was, all: $all $(cat $A/pf/profile/sched_priority)"
	gone xe
}

with_i915() {
	load
	split
	A=$(echo $P/drm/card*/prelim_iov)
	say "attributes $(ls $A | tr '\n' ' ')mode $(cat $A/mode)"
	V=$A/vf1/gt0/exec_quantum_ms
	say "quantum: $(put 25 $V) $(cat $V), VF $(name $A/vf1/device)"
	enable 0
	enable 1
	say "a VF with autoprobe: driver $(name $P/virtfn0/driver)"
	gone i915
}

gone() {
	mark
	rmmod "$1"
	kernel_says 'Disabled'
	say "without the driver: VFs $(ls -d $P/virtfn* 2>/dev/null), total $(cat $P/sriov_totalvfs)"
}

xe_faults() {
	faults
	with fault_leftovers=1
	with has_sriov=0
	with max_vfs=0
	fault=fault_unclean=1
	load $fault
	say "read: $(cat $P/sriov_admin/vf1/profile/exec_quantum_ms 2>&1 | sed 's/.*: //')"
	fault=
	rmmod xe
}

with_card() {
	load
	say "the card: driver $(name $C/driver), total $(cat $C/sriov_totalvfs)"
	mark
	say "enable 2 of the card: $(put 2 $C/sriov_numvfs)"
	kernel_says 'VF|SR-IOV'
	rmmod xe
}

modprobe -a vfio-pci vfio_iommu_type1
driver=none
say "total $(cat $P/sriov_totalvfs)"
enable 1
for part in $(cat /parts); do
	driver=${part%-faults}
	case $part in
	xe) with_xe ;;
	i915) with_i915 ;;
	xe-faults) xe_faults ;;
	i915-faults) faults; with max_vfs=0; rmmod i915 ;;
	card) driver=xe; with_card ;;
	stock-*) load; enable 1; rmmod "${part#stock-}" ;;
	esac
done
END

on() {
	local root=$1 system=$2
	shift 2
	echo "$*" >"$work/parts"
	guest <"$work/inside"
	boot quick --gpu 0x46d1 --vfs 7 --card 0xe20b --append 'gvtplant.card_vfs=7' --cmdline 'quiet intel_iommu=on' \
		--timeout 1200 --script-timeout 900 "${inside[@]}" --root-file "$work/parts=/parts"
}

said() { like "$1: $2" "$output" "^$1: $2"; }

# qemu_is_right DRIVER: of the first driver of a boot: 2 assertions.
qemu_is_right() {
	said "$1" 'QEMU: VM status: paused'
	said "$1" 'QEMU: VGA controller: PCI device 8086:46d1'
}

# split_is_right DRIVER: the driver's answers, and the kernel's own: 13 assertions.
split_is_right() {
	local driver=$1 n
	said none 'total 7'
	said none 'enable 1: No such file or directory'
	said "$driver" "driver $driver, total 7"
	said "$driver" '.*Running in SR-IOV PF mode'
	said "$driver" 'enable 3: ok'
	said "$driver" 'bind without autoprobe: No such device'
	for n in 1 2 3; do
		said "$driver" "VF 0000:00:02.$n, 0x030000 0x46d1, PF 0000:00:02.0, driver vfio-pci, reset flr, in its group 0000:00:02.$n\$"
	done
	said "$driver" 'enable 5: Device or resource busy'
	said "$driver" 'enable 8: Numerical result out of range'
	said "$driver" 'quantum: ok 25, VF 0000:00:02.1'
	said "$driver" 'without the driver: VFs , total 7'
}

# faults_are_right DRIVER: 12 assertions.
faults_are_right() {
	local driver=$1 failed='Failed to enable 2 VFs'
	said "$driver fault_busy=2" 'enable 2: Device or resource busy'
	said "$driver fault_busy=2" 'enable 2: ok'
	said "$driver fault_busy=2" 'autoprobe 1'
	said "$driver fault_configure_errno=12" 'enable 2: Cannot allocate memory'
	said "$driver fault_configure_errno=12" ".*$failed \\(-ENOMEM\\)"
	said "$driver fault_probe_errno=5" 'driver ,'
	said "$driver fault_probe_errno=5" 'enable 2: No such file or directory'
	said "$driver fault_hang=probe" 'loading hangs'
	said "$driver fault_configure_hang=before" 'enabling hangs'
	said "$driver fault_configure_hang=after" 'enabling hangs'
	said "$driver max_vfs=0" "driver $driver, total 0"
	said "$driver max_vfs=0" 'enable 2: Numerical result out of range'
}
