#!/bin/sh
# Build a small tree of /sys, /proc, /etc and /lib/modules for "gvt-early --root", from a few lines on standard input.
#
# usage: make-root.sh DIRECTORY <LINES
#        make-root.sh --change DIRECTORY <LINES     changes one that was made
#
# Without any line it is a host on which everything is fine, before the modules are loaded: a UHD 630 (8086:3e92) with
# an aperture of 512 MiB, the IOMMU on, three wanted vGPUs, the programs of Proxmox VE. Each line, a shell command, changes something:
#
#   host RELEASE NAME LINE    the running kernel, the host's name and the whole kernel command line
#   cmdline WORD...           added to the kernel command line
#   gpu ADDRESS ID [K=V]...   a display function; K is vendor, class, aperture, ggtt (MiB), driver or override
#   no_gpu                    takes all of them away
#   iommu off|absent          off: the firmware has a DMAR table; absent: it has none
#   bind ADDRESS DRIVER       which driver has a function
#   loaded [K=V]...           i915, with these parameters (enable_gvt=Y without any), and kvmgt are live
#   types ADDRESS TYPE...     what the GPU offers; none without a TYPE
#   free ADDRESS TYPE N TEXT  what the driver says of a type: available_instances, and "..." of its description
#   running PID NAME TICKS [GUEST [GROUP]]
#                             a process started at TICKS/100 s; of a guest, "" for none; with a VFIO group open
#   instance UUID TYPE ADDR   an instance that is there
#   made UUID...              instances that are there, and that gvt-early has made in this boot
#   group UUID N              an instance's VFIO group, with its device
#   process PID NAME FILE...  a process that has these files open
#   modules PATH...           the modules of this kernel, instead of the usual ones
#   kernel_modules RELEASE PATH...  the modules of another kernel
#   module PATH [PARAMETER]... one more of this kernel, with these parameters
#   tools NAME...             programs that this host has instead of all others; "proxmox" are those of Proxmox VE
#   modprobe LINE             into /etc/modprobe.d/local.conf
#   config FILE               a file in /etc/gvt-early from standard input (<<X)
#   guest VMID LINE...        a guest of Proxmox VE on this node, "pve"
#   package NAME VERSION      a package that is installed
#   subsystem ADDRESS V D     a function's subsystem: vendor and device
#   iommu_group ADDRESS N     a function's IOMMU group
#   pf ADDRESS [K=V]...       a function with the capability of SR-IOV; K is total, autoprobe, offset, stride, or bars: no for VFs without room
#   vfs ADDRESS N [DRIVER [GROUP]]
#                             the first N VFs of a function, bound to DRIVER, "" for none; the IOMMU groups from GROUP on, 20 if not said
#   live MODULE [K=V]...      a module that is loaded, with these parameters
#   firmware NAME...          files in /lib/firmware
#   machine NAME              a whole host of SR-IOV instead of the usual one, see below: n100, rpl, tgl, mtl, bmg, arc
#   put PATH TEXT             any file
#   file PATH                 the same, from standard input (<<'END')
#   remove PATH...            any file or directory
#
# Needs cc for an empty module, unless $EMPTY_MODULE names one, and depmod.
set -eu
umask 022 # as root has it: what others may write to is not trusted

change=
[ "${1-}" != --change ] || { change=yes && shift; }
[ $# -eq 1 ] || { echo "usage: make-root.sh DIRECTORY <LINES" >&2; exit 2; }
mkdir -p "$1"
cd "$1"
PATH=$PATH:/usr/sbin:/sbin
release=6.1.0-56-amd64
usual_modules="kernel/drivers/vfio/vfio.ko kernel/drivers/vfio/vfio_iommu_type1.ko kernel/drivers/vfio/pci/vfio-pci.ko
	kernel/drivers/gpu/drm/i915/i915.ko kernel/drivers/gpu/drm/i915/kvmgt.ko"
proxmox_tools='update-initramfs update-grub grub-mkconfig proxmox-boot-tool apt dkms qm pvesh'

# directory_of PATH: is there afterwards. A test makes thousands of files: nothing is started for a directory that is there.
directory_of() {
	case $1 in
	*/*) [ -d "${1%/*}" ] || mkdir -p "${1%/*}" ;;
	esac
}

put() {
	directory_of "$1"
	printf '%s\n' "$2" >"$1"
}

file() {
	directory_of "$1"
	cat >"$1"
}

remove() { rm -rf "$@"; }

host() {
	release=$1
	put proc/sys/kernel/osrelease "$1"
	put proc/sys/kernel/random/boot_id 1b4e28ba-2fa1-41d2-883f-0016d3cca427
	put etc/hostname "$2"
	put proc/cmdline "$3"
	mkdir -p run
}

cmdline() { put proc/cmdline "$(cat proc/cmdline) $*"; }

# Where a function's directory is: ADDRESS -> sys/devices/pciDOMAIN:BUS/ADDRESS
device_dir() { echo "sys/devices/pci${1%:*}/$1"; }

zeros() { head -c "$1" /dev/zero; }

gpu() {
	gpu_address=$1 gpu_id=$2
	vendor=8086 class=0300 aperture=512 ggtt=4096 driver='' override=''
	shift 2
	for pair in "$@"; do
		eval "${pair%%=*}=\${pair#*=}"
	done
	dir=$(device_dir "$gpu_address")
	put "$dir/vendor" "0x$vendor"
	put "$dir/device" "0x$gpu_id"
	put "$dir/class" "0x${class}00"
	put "$dir/irq" 16
	put "$dir/driver_override" "${override:-(null)}"
	{
		echo '0x0000006000000000 0x0000006000ffffff 0x0000000000140204'
		echo '0x0000000000000000 0x0000000000000000 0x0000000000000000'
		printf '0x0000004000000000 0x%016x 0x000000000014220c\n' $((0x4000000000 + aperture * 1048576 - 1))
	} >"$dir/resource"
	case $ggtt in
	4096) gmch='\301' ;;
	2048) gmch='\201' ;;
	1024) gmch='\101' ;;
	*) gmch='\001' ;;
	esac
	# The word at 0x50 of the configuration space is GMCH_CTRL.
	{
		zeros 80
		# shellcheck disable=SC2059 # the octal escape is meant
		printf "$gmch"
		zeros 175
	} >"$dir/config"
	mkdir -p sys/bus/pci/devices
	ln -s "../../../devices/pci${gpu_address%:*}/$gpu_address" "sys/bus/pci/devices/$gpu_address"
	bind "$gpu_address" "$driver"
}

bind() {
	[ -n "$2" ] || return 0
	mkdir -p "sys/bus/pci/drivers/$2"
	ln -sfn "../../../bus/pci/drivers/$2" "$(device_dir "$1")/driver"
}

no_gpu() { rm -rf sys/bus/pci/devices/* sys/devices/pci*; }

iommu() {
	rm -rf sys/class/iommu/*
	case $1 in
	off) ;;
	absent) rm sys/firmware/acpi/tables/DMAR ;;
	*) echo "iommu off|absent" >&2 && exit 2 ;;
	esac
}

loaded() {
	[ $# -gt 0 ] || set -- enable_gvt=Y
	for pair in "$@"; do
		[ -z "$pair" ] || put "sys/module/i915/parameters/${pair%%=*}" "${pair#*=}"
	done
	put sys/module/i915/initstate live
	put sys/module/kvmgt/initstate live
	bind 0000:00:02.0 i915
}

types() {
	dir=$(device_dir "$1")/mdev_supported_types
	mkdir -p "$dir"
	shift
	for type in "$@"; do
		mkdir "$dir/$type"
	done
}

instance() {
	dir=$(device_dir "$3")/$1
	mkdir -p "$dir" sys/bus/mdev/devices
	ln -s "../mdev_supported_types/$2" "$dir/mdev_type"
	ln -s ../../../../bus/mdev/drivers/intel_vgpu_mdev "$dir/driver"
	ln -s "../../../${dir#sys/}" "sys/bus/mdev/devices/$1"
}

free() {
	dir=$(device_dir "$1")/mdev_supported_types/$2
	put "$dir/available_instances" "$3"
	put "$dir/description" "$4"
}

running() {
	put "proc/$1/comm" "$2"
	put "proc/$1/stat" "$1 ($2) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 5 0 $3 1000 100"
	if [ -n "${4-}" ]; then
		printf '/usr/bin/kvm\0-id\0%s\0-name\0secret-name,debug-threads=on\0-netdev\0mac=BC:24:11:0A:0B:0C\0' "$4" >"proc/$1/cmdline"
	else
		printf '%s\0--daemon\0' "$2" >"proc/$1/cmdline"
	fi
	mkdir -p "proc/$1/fd"
	ln -sfn /dev/null "proc/$1/fd/0"
	[ -z "${5-}" ] || ln -sfn "/dev/vfio/$5" "proc/$1/fd/27"
}

made() {
	mkdir -p run/gvt-early
	{
		echo "# gvt-early made 1, written by the program, in boot $(cat proc/sys/kernel/random/boot_id)"
		for uuid in "$@"; do
			echo "$uuid $(stat -L -c %i "sys/bus/mdev/devices/$uuid")"
		done
	} >run/gvt-early/made
}

group() {
	mkdir -p "sys/kernel/iommu_groups/$2"
	ln -s "../../../../kernel/iommu_groups/$2" "sys/bus/mdev/devices/$1/iommu_group"
	put "dev/vfio/$2" ''
}

process() {
	process=proc/$1
	put "$process/comm" "$2"
	put "$process/stat" "$1 ($2) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 5 0 4000 1000 100"
	mkdir -p "$process/fd"
	shift 2
	while [ $# -gt 0 ]; do
		ln -s "$1" "$process/fd/$#"
		shift
	done
}

modules() {
	rm -rf lib/modules
	kernel_modules "$release" "$@"
}

kernel_modules() {
	modules_of=$1
	shift
	for module in "$@"; do
		directory_of "lib/modules/$modules_of/$module"
		cp "$EMPTY_MODULE" "lib/modules/$modules_of/$module"
	done
	[ "$modules_of" = "$release" ] || depmod -b . "$modules_of" 2>/dev/null
}

module() {
	module_file=lib/modules/$release/$1 module_info=license=GPL
	shift
	for parameter in "$@"; do
		module_info="$module_info\\0parmtype=$parameter:bool"
	done
	directory_of "$module_file"
	printf '%s' "const char info[] __attribute__((section(\".modinfo\"))) = \"$module_info\";" |
		${CC:-cc} -c -x c -o "$module_file" -
}

modprobe() {
	mkdir -p etc/modprobe.d
	echo "$*" >>etc/modprobe.d/local.conf
}

tools() {
	rm -rf usr/sbin usr/bin sbin bin run/current-system/sw
	mkdir -p usr/sbin
	for tool in "$@"; do
		# shellcheck disable=SC2046,SC2086 # one word each
		case $tool in
		proxmox) touch $(printf 'usr/sbin/%s ' $proxmox_tools) ;;
		*) touch "usr/sbin/$tool" ;;
		esac
	done
}

config() { file "etc/gvt-early/$1"; }

guest() {
	guest_file=etc/pve/nodes/pve/qemu-server/$1.conf
	directory_of "$guest_file"
	shift
	printf '%s\n' "$@" >"$guest_file"
}

package() {
	mkdir -p var/lib/dpkg
	printf 'Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: %s\n\n' "$1" "$2" >>var/lib/dpkg/status
}

subsystem() {
	put "$(device_dir "$1")/subsystem_vendor" "0x$2"
	put "$(device_dir "$1")/subsystem_device" "0x$3"
}

iommu_group() {
	mkdir -p "sys/kernel/iommu_groups/$2"
	ln -sfn "../../../kernel/iommu_groups/$2" "$(device_dir "$1")/iommu_group"
}

# The lines of resource behind the first three are the ROM, and from the eighth on the VFs' BARs.
pf() {
	dir=$(device_dir "$1") total=7 autoprobe=1 offset=1 stride=1 bars=yes
	shift
	for pair in "$@"; do
		eval "${pair%%=*}=\${pair#*=}"
	done
	put "$dir/sriov_totalvfs" "$total"
	put "$dir/sriov_drivers_autoprobe" "$autoprobe"
	put "$dir/sriov_offset" "$offset"
	put "$dir/sriov_stride" "$stride"
	none='0x0000000000000000 0x0000000000000000 0x0000000000000000'
	first=$none second=$none
	if [ "$bars" = yes ]; then
		first='0x0000004010000000 0x0000004016ffffff 0x0000000000140204'
		second='0x0000004020000000 0x00000040ffffffff 0x000000000014220c'
	fi
	printf '%s\n' "$none" "$none" "$none" "$none" "$first" "$none" "$second" "$none" "$none" "$none" >>"$dir/resource"
}

# vf_address PF NUMBER, for an offset and a stride of 1 on the PF's bus
vf_address() {
	vf_device=${1%.*} vf_function=${1##*.}
	vf_function=$((0x${vf_device##*:} * 8 + vf_function + $2))
	printf '%s:%02x.%d' "${vf_device%:*}" $((vf_function / 8)) $((vf_function % 8))
}

vfs() {
	vf_pf=$1 vf_number=1 vf_count=$2 vf_driver=${3-} vf_group=${4:-20}
	vf_id=$(cat "$(device_dir "$vf_pf")/device")
	while [ "$vf_number" -le "$vf_count" ]; do
		vf=$(vf_address "$vf_pf" "$vf_number")
		case $vf_driver in
		vfio-pci | xe-vfio-pci) gpu "$vf" "${vf_id#0x}" aperture=0 "driver=$vf_driver" "override=$vf_driver" ;;
		*) gpu "$vf" "${vf_id#0x}" aperture=0 "driver=$vf_driver" ;;
		esac
		ln -s "../$vf_pf" "$(device_dir "$vf")/physfn"
		ln -s "../$vf" "$(device_dir "$vf_pf")/virtfn$((vf_number - 1))"
		iommu_group "$vf" "$vf_group"
		put "sys/kernel/iommu_groups/$vf_group/devices/$vf" ''
		vf_number=$((vf_number + 1)) vf_group=$((vf_group + 1))
	done
}

live() {
	live_module=$1
	put "sys/module/$live_module/initstate" live
	shift
	for pair in "$@"; do
		put "sys/module/$live_module/parameters/${pair%%=*}" "${pair#*=}"
	done
}

firmware() {
	for name in "$@"; do
		put "lib/firmware/$name" ''
	done
}

# sriov_machine RELEASE: nothing of the usual host's GPU and configuration; the kernel has xe and i915, as Debian's and Proxmox VE's have.
sriov_machine() {
	host "$1" pve "BOOT_IMAGE=/boot/vmlinuz-$1 root=/dev/mapper/pve-root ro quiet intel_iommu=on"
	no_gpu
	remove etc/gvt-early lib/modules
	# shellcheck disable=SC2086 # one word each
	modules $usual_modules
	module kernel/drivers/gpu/drm/xe/xe.ko max_vfs force_probe
	module kernel/drivers/gpu/drm/i915/i915.ko enable_guc force_probe enable_gvt
}

sriov_guests() {
	guest 101 'name: desktop' 'onboot: 1' 'hostpci0: 0000:00:02.1'
	guest 102 'name: media' 'onboot: 1' 'machine: q35' 'hostpci0: 0000:00:02.2,pcie=1'
}

machine() {
	case $1 in
	n100) # Alder Lake-N; xe of Linux 6.18 has it by force_probe, three VFs are there for two guests
		sriov_machine 6.18.9-1-pve
		cmdline xe.force_probe=46d1 i915.force_probe=!46d1
		gpu 0000:00:02.0 46d1 driver=xe
		pf 0000:00:02.0
		iommu_group 0000:00:02.0 0
		live xe max_vfs=4294967295 force_probe=46d1
		firmware i915/tgl_guc_70.bin
		vfs 0000:00:02.0 3 vfio-pci
		sriov_guests
		;;
	rpl) # Raptor Lake-S before anything is loaded; i915-sriov-dkms on Linux 6.12
		sriov_machine 6.12.48-1-pve
		gpu 0000:00:02.0 a780
		pf 0000:00:02.0
		iommu_group 0000:00:02.0 0
		module updates/dkms/i915.ko max_vfs enable_guc
		firmware i915/tgl_guc_70.bin
		sriov_guests
		;;
	tgl) # Tiger Lake: the kernel's own i915 has it, told of max_vfs for nothing
		sriov_machine 6.14.11-2-pve
		cmdline i915.enable_guc=3 i915.max_vfs=7
		gpu 0000:00:02.0 9a49 driver=i915
		pf 0000:00:02.0
		iommu_group 0000:00:02.0 0
		live i915 enable_guc=3
		firmware i915/tgl_guc_70.bin i915/tgl_guc_70.1.1.bin
		put dev/kmsg "4,300,1500000,-;i915: unknown parameter 'max_vfs' ignored"
		sriov_guests
		;;
	mtl) # Meteor Lake, which no released xe splits, and hangs if it is forced to
		sriov_machine 6.18.9-1-pve
		cmdline xe.force_probe=7d55
		gpu 0000:00:02.0 7d55 driver=i915
		pf 0000:00:02.0
		iommu_group 0000:00:02.0 0
		live i915 enable_guc=3
		firmware i915/mtl_guc_70.bin
		sriov_guests
		;;
	bmg) # Battlemage, which xe has without being forced to, beside an integrated GPU that i915 has
		sriov_machine 7.0.14-14-pve
		gpu 0000:00:02.0 a780 driver=i915
		pf 0000:00:02.0
		iommu_group 0000:00:02.0 0
		gpu 0000:03:00.0 e20b driver=xe aperture=256 ggtt=0
		pf 0000:03:00.0 total=24
		iommu_group 0000:03:00.0 15
		live i915 enable_guc=3
		live xe max_vfs=4294967295 force_probe=
		firmware xe/bmg_guc_70.bin xe/bmg_huc.bin i915/tgl_guc_70.bin
		guest 101 'onboot: 1' 'hostpci0: 0000:03:00.1'
		guest 102 'onboot: 1' 'hostpci0: 0000:03:00.2'
		;;
	arc) # a host of GVT-g, as it was, with a discrete Arc that xe has
		cmdline intel_iommu=on
		gpu 0000:03:00.0 56a5 driver=xe aperture=256 ggtt=0
		loaded
		types 0000:00:02.0 i915-GVTg_V5_8 i915-GVTg_V5_4 i915-GVTg_V5_2
		live xe max_vfs=4294967295 force_probe=56a5
		module kernel/drivers/gpu/drm/xe/xe.ko max_vfs force_probe
		;;
	*) echo "machine n100|rpl|tgl|mtl|bmg|arc" >&2 && exit 2 ;;
	esac
}

if [ -z "${EMPTY_MODULE-}" ]; then
	EMPTY_MODULE=$PWD/empty.ko
	${CC:-cc} -c -x c -o "$EMPTY_MODULE" /dev/null
fi

if [ -z "$change" ]; then
	mkdir -p etc run dev sys/class/iommu/dmar0 sys/module
	put proc/cmdline "BOOT_IMAGE=/boot/vmlinuz-$release root=/dev/mapper/pve-root ro quiet"
	put proc/sys/kernel/osrelease "$release"
	put proc/sys/kernel/random/boot_id 1b4e28ba-2fa1-41d2-883f-0016d3cca427
	put sys/firmware/acpi/tables/DMAR DMAR
	put dev/kvm ''
	put etc/hostname pve.example.org
	gpu 0000:00:02.0 3e92
	tools proxmox
	# shellcheck disable=SC2086 # one word each
	modules $usual_modules
	config gvt-early.conf <<'END'
# The backup server's token is CANARY.
[settings]
deadline = 20

[instance 5e1f0b52-6b0c-4c55-9d3e-1f6a7c2b9a01]
type = i915-GVTg_V5_4

[guest 8006]
hostpci0 = i915-GVTg_V5_8
hostpci1 = i915-GVTg_V5_8
END
fi

index_modules() { [ ! -d "lib/modules/$release" ] || depmod -b . "$release" 2>/dev/null; }

# shellcheck source=/dev/null
. /dev/stdin

index_modules
