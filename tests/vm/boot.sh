#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# boot.sh [OPTION...]: boots a system of system.sh in the emulated machine, runs a script inside, tells what came out.
# The usage text below lists the options, and README.md the files that a run leaves.
set -eu -o pipefail
. "${BASH_SOURCE[0]%/*}/common.sh"

usage() {
	cat <<'END'
usage: boot.sh [OPTION...]
which system
  --root NAME          the Debian release, or that and a kernel (bookworm): see root.sh
  --system VARIANT     with, plain, late, dracut, without-MODULE ... joined by "+" (with): see system.sh
  --mode full|quick    systemd and all, or only a script in the real root after the real initrd (full)
  --config FILE        this gvt-early.conf instead of the one installed, in the initrd (as a snapshot) and in the root
  --initrd FILE        this initrd instead of the system's
  --file LOCAL=PATH    put a file into the initrd; may be repeated
  --root-file LOCAL=PATH   put a file into the root, before anything but systemd itself; may be repeated
  --remove PATH        take a file out of the initrd; may be repeated
which machine
  --gpu ID|none        PCI device ID planted at 00:02.0 (0x3e92)
  --aperture MIB       size of BAR 2 (512)
  --ggtt MIB           size of the graphics address space, as GMCH_CTRL tells it (4096)
  --class HEX          PCI class (0x030000)
  --vfs N              virtual functions that its SR-IOV capability offers, at most 7 (0: it has no such capability)
  --card ID            a second GPU, at 03:00.0, with this PCI device ID
  --iommu yes|no|not-gpu   a VT-d unit (yes); one that a GPU with VFs is not behind: others never are
  --disk FILE         one more disk, the last one: vdd
  --smp N, --mem MIB   2 processors (or what SMP in the environment says), 1024 MiB
  --cpu MODEL          QEMU's name of them (Nehalem); EPYC has SVM, with which QEMU's emulation lets KVM start
  --rtc TIME           what the clock says when the machine starts: 1970-01-01T00:00:00 (utc: what it is)
  --icount             one processor, whose time is counted in instructions, one a nanosecond: waits cost nothing,
                       and a busy host changes no time seen inside
kernel command line ("root=/dev/vda ro quiet intel_iommu=on i915.enable_gvt=1" and the console)
  --append WORDS       add these
  --cmdline WORDS      these instead of "quiet intel_iommu=on i915.enable_gvt=1"
what to do
  --script FILE        run by sh when the guests would have been started; "-" is standard input
  --script-timeout S   for it, in the machine's time (60)
  --timeout S          for all of it (120)
  --unpacked           the initrd is unpacked before, as in quick mode: saves what an emulated processor takes for it, 3 s
  --poweroff           end by a normal poweroff instead of at once
  --out DIR            where to leave the results ($BUILD/vm/run/last)
  --quiet              do not print the script's output and the verdict
Exit status: the script's own; 124 when the machine did not come up or did not end in time; 125 when the bench failed.
END
}

root=bookworm variant=with mode=full config="" gpu=0x3e92 aperture=512 ggtt=4096 class=0x030000 vfs=0 card="" iommu=yes smp=${SMP:-2} mem=1024 cpu=Nehalem
rtc=utc icount=no append="" words='quiet intel_iommu=on i915.enable_gvt=1' script="" script_timeout=60 timeout=120 poweroff=no
disk="" out=$build/vm/run/last print=yes unpacked=no initrd=""
files=() root_files=() removed=()
while [[ $# -gt 0 ]]; do
	option=$1
	shift
	case $option in
	-h | --help) usage; exit ;;
	--icount) icount=yes; continue ;;
	--poweroff) poweroff=yes; continue ;;
	--unpacked) unpacked=yes; continue ;;
	--quiet) print=no; continue ;;
	esac
	[[ $# -gt 0 ]] || die "$option wants a value; see --help"
	case $option in
	--root) root=$1 ;;
	--system) variant=$1 ;;
	--mode) mode=$1 ;;
	--config) config=$1 ;;
	--initrd) initrd=$1 ;;
	--file) files+=("$1") ;;
	--root-file) root_files+=("$1") ;;
	--remove) removed+=("${1#/}") ;;
	--gpu) gpu=$1 ;;
	--aperture) aperture=$1 ;;
	--ggtt) ggtt=$1 ;;
	--class) class=$1 ;;
	--vfs) vfs=$1 ;;
	--card) card=$1 ;;
	--iommu) iommu=$1 ;;
	--disk) disk=$1 ;;
	--smp) smp=$1 ;;
	--mem) mem=$1 ;;
	--cpu) cpu=$1 ;;
	--rtc) rtc=$1 ;;
	--append) append+=" $1" ;;
	--cmdline) words=$1 ;;
	--script) script=$1 ;;
	--script-timeout) script_timeout=$1 ;;
	--timeout) timeout=$1 ;;
	--out) out=$1 ;;
	*) die "unknown option '$option'; see --help" ;;
	esac
	shift
done
[[ $icount = no ]] || smp=1 # counting instructions, QEMU hangs when it starts a second processor
need qemu-system-x86_64:qemu-system-x86 cpio:cpio

system=$("$vm_dir/system.sh" "$root" "$variant")
machine=$build/vm/$root/machine
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)
scratch=$(mktemp -d "$out/.scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# put LOCAL=PATH TREE: a copy below TREE. The directories that usr-merge made links stay links.
put() {
	local from=${1%%=*} to=${1#*=}
	to=/${to#/}
	[[ $1 = *=* && -f $from ]] || die "'$1' is not FILE=PATH"
	case $to in
	/lib/* | /lib64/* | /bin/* | /sbin/*) to=/usr$to ;;
	esac
	mkdir -p "$2${to%/*}"
	cp --preserve=mode "$from" "$2$to"
}

# The planter, and everything that this boot has other than the initrd built, come in a second archive behind it.
mkdir "$scratch/initrd" "$scratch/disk"
cp "$machine/plant" "$machine/gvtplant.ko" "$scratch/initrd/"
if [[ -n $config ]]; then
	mkdir -p "$scratch/etc-root/etc/gvt-early"
	cp "$config" "$scratch/etc-root/etc/gvt-early/gvt-early.conf"
	"$build/gvt-early" snapshot --root "$scratch/etc-root" >"$scratch/snapshot.conf" 2>"$out/snapshot.log" ||
		say "gvt-early snapshot: exit status $?"
	[[ ! -s $scratch/snapshot.conf ]] || files+=("$scratch/snapshot.conf=/etc/gvt-early/snapshot.conf")
	root_files+=("$config=/etc/gvt-early/gvt-early.conf")
fi
for pair in "${files[@]}"; do
	put "$pair" "$scratch/initrd"
done
[[ ${#removed[@]} = 0 ]] || printf '/%s\n' "${removed[@]}" >"$scratch/initrd/plant.remove"
(cd "$scratch/initrd" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >"$scratch/second.cpio"
if [[ -z $initrd ]]; then
	initrd=$system/initrd.img
	[[ $mode != quick && $unpacked = no || $mem -lt 1024 || ! -f $system/initrd.cpio ]] || initrd=$system/initrd.cpio
fi
cp "$initrd" "$scratch/initrd.img"
truncate -s %4 "$scratch/initrd.img"
cat "$scratch/second.cpio" >>"$scratch/initrd.img"

# What goes to the script's side: read there by tests/vm/guest/usr/lib/gvt-test/unpack.
case $script in
'') : >"$scratch/disk/script" ;;
-) cat >"$scratch/disk/script" ;;
*) cp "$script" "$scratch/disk/script" ;;
esac
printf '%s\n' "script_timeout=$script_timeout" "poweroff=$poweroff" >"$scratch/disk/settings"
for pair in "${root_files[@]}"; do
	put "$pair" "$scratch/disk/root"
done
tar -C "$scratch/disk" --owner=0 --group=0 -cf "$scratch/in.img" .
truncate -s 32M "$scratch/out.img"

# no_timer_check: on a busy host the kernel sees too few ticks of the emulated timer in time, and panics.
cmdline="root=/dev/vda ro $words console=ttyS0 panic=-1 no_timer_check rdinit=/plant"
case $gpu in
none) cmdline+=" gvtplant.none" ;;
*) cmdline+=" gvtplant.device_id=$gpu gvtplant.aperture_mib=$aperture gvtplant.ggtt_mib=$ggtt gvtplant.class=$class" ;;
esac
[[ $vfs = 0 ]] || cmdline+=" gvtplant.vfs=$vfs"
[[ $vfs = 0 || $iommu = not-gpu ]] || cmdline+=" gvtplant.replace"
[[ -z $card ]] || cmdline+=" gvtplant.card_id=$card"
case $mode in
full) ;;
quick) cmdline+=" init=/usr/lib/gvt-test/init" ;;
*) die "unknown mode '$mode'" ;;
esac
# Emulated, each system call would pay dearly for what keeps the kernel's memory from its processes.
[[ $icount = yes ]] || cmdline+=" mitigations=off"
cmdline+=$append
echo "$cmdline" >"$out/cmdline"

kernel=$system/vmlinux
[[ -f $kernel ]] || kernel=$system/vmlinuz

# Slot 2 of bus 0 belongs to the GPU: everything else has its slot named.
# shellcheck disable=SC2054 # the commas are QEMU's
qemu=(qemu-system-x86_64 -cpu "$cpu" -smp "$smp" -m "$mem" -rtc "base=$rtc" -M "q35,kernel-irqchip=off"
	-nodefaults -display none -vga none -no-reboot
	-kernel "$kernel" -initrd "$scratch/initrd.img" -append "$cmdline"
	-drive "file=$system/root.img,format=raw,if=none,id=root,snapshot=on"
	-device virtio-blk-pci,drive=root,addr=04.0
	-drive "file=$scratch/in.img,format=raw,if=none,id=in,read-only=on"
	-device virtio-blk-pci,drive=in,addr=05.0,serial=gvt-in
	-drive "file=$scratch/out.img,format=raw,if=none,id=out"
	-device virtio-blk-pci,drive=out,addr=06.0,serial=gvt-out
	-chardev "file,id=console,path=$out/console.log" -serial chardev:console)
# shellcheck disable=SC2054 # the commas are QEMU's
[[ -z $disk ]] || qemu+=(-drive "file=$disk,format=raw,if=none,id=more,snapshot=on"
	-device virtio-blk-pci,drive=more,addr=07.0)
[[ $iommu = no ]] || qemu+=(-device "intel-iommu,intremap=on")
# What the GPU takes the place of, and its entry in the DMAR table: a device of QEMU's.
# shellcheck disable=SC2054 # the comma is QEMU's
[[ $vfs = 0 || $iommu = not-gpu ]] || qemu+=(-device pci-testdev,addr=02.0)
# Three ports, so that the card's bus has number 3, with room for its BARs behind it.
# shellcheck disable=SC2054 # the commas are QEMU's
[[ -z $card ]] || qemu+=(-device pcie-root-port,id=port1,chassis=1,addr=0a.0 -device pcie-root-port,id=port2,chassis=2,addr=0b.0
	-device pcie-root-port,id=port3,chassis=3,addr=0c.0,mem-reserve=64M,pref64-reserve=1G)
if [[ $icount = yes ]]; then
	qemu+=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")
else
	qemu+=(-accel "tcg,thread=multi")
fi

# run_machine: QEMU, until it ends or the time is over. Rarely (about one start in 50) an emulated processor stands still
# before the kernel has said anything; that is no result: it is killed, and started once more, with all the time that there is.
run_machine() {
	local pid second
	: >"$out/console.log"
	TMPDIR=$scratch timeout -k 5 "$timeout" "${qemu[@]}" </dev/null >"$out/qemu.log" 2>&1 &
	pid=$!
	for ((second = 0; second < silence; second++)); do
		sleep 1
		if [[ -s $out/console.log ]] || ! kill -0 "$pid" 2>/dev/null; then
			break
		fi
	done
	if [[ ! -s $out/console.log ]] && kill "$pid" 2>/dev/null; then
		wait "$pid" || true
		say "the machine said nothing in $silence s; once more"
		return 1
	fi
	code=0
	wait "$pid" || code=$?
}

silence=40 # a kernel is up in 5 to 10 s, in 20 on a machine with much else to do
[[ $icount = no ]] || silence=$timeout # there is but one processor, which never stood still yet, and is slow
begun=$(date +%s%N)
run_machine || { silence=$timeout && run_machine; } || code=124
# Rarer still, of several processors one runs the breakpoint under which the kernel replaces an instruction when that is gone already,
# which no real one does: the kernel dies of it.
if grep -q ' int3: 0000 ' "$out/console.log"; then
	say 'an emulated processor ran into code that was being replaced; once more'
	run_machine || code=124
fi
ms=$((($(date +%s%N) - begun) / 1000000))
printf '%d.%03d\n' $((ms / 1000)) $((ms % 1000)) >"$out/seconds"

tar -C "$out" -xf "$scratch/out.img" 2>/dev/null || true
if [[ ! -f $out/guest.rc ]]; then
	status=124
	if [[ $code = 124 || $code = 137 ]]; then
		verdict="not up in $timeout s"
	elif [[ $code != 0 ]]; then
		status=125
		verdict="QEMU failed: $(tail -n 1 "$out/qemu.log")"
	else
		verdict="ended before the script had run"
	fi
elif [[ $code = 124 || $code = 137 ]]; then
	status=124
	verdict="up, but not off in $timeout s"
else
	status=$(<"$out/guest.rc")
	verdict=up
	[[ $status != 124 ]] || verdict="up, but the script did not end in $script_timeout s"
fi
echo "$verdict" >"$out/verdict"
if [[ $print = yes ]]; then
	[[ ! -f $out/guest.out ]] || cat "$out/guest.out"
	say "$verdict after $(<"$out/seconds") s, guests at $(cat "$out/guests.at" 2>/dev/null || echo -) s; results in $out"
fi
exit "$status"
