# shellcheck shell=sh
# shellcheck disable=SC2016 # what is written is for GRUB and jq
# What the lines of a case may use beside make-root.sh's commands: check.t puts this in front of them. It runs in the tree's directory, with
# $PROGRAM, $BUILD_ID (its own) and $EMPTY_MODULE of the environment, and make-root.sh's functions. $KEPT is a directory for what
# many cases have, and $STRIPPED the program as the package has it, without symbols; both are optional.
no_types() { remove sys/bus/mdev sys/devices/pci*/*/mdev_supported_types sys/devices/pci*/*/*-*-*-*-*; }
no_kvmgt() { no_types && remove sys/module/kvmgt; }
unloaded() { no_kvmgt && remove sys/module/i915; }
no_instance() { remove "sys/bus/mdev/devices/$1" sys/devices/pci*/*/"$1"; }
mapping() {
	mkdir -p etc/pve/mapping
	{ echo igpu && printf '\t%s\n' "$@"; } >etc/pve/mapping/pci.cfg
	guest 100 'hostpci0: mapping=igpu,mdev=i915-GVTg_V5_8'
}
# What the early stage of the boot leaves in /run: of the program under test, with the snapshot of this moment. The name of a content is as
# booted_initrd.c makes it: a UUID of the SHA-1 kind.
content_id() {
	{ printf '\057\014\132\036\213\015\116\135\232\121\167\026\056\113\220\074' && cat; } | sha1sum |
		sed -E 's/^(.{8})(.{4}).(.{3})(.)(.{3})(.{12}).*/\1-\2-5\3-<\4>\5-\6/
			s/<[048c]>/8/; s/<[159d]>/9/; s/<[26ae]>/a/; s/<[37bf]>/b/'
}
early_stage() {
	mkdir -p run/gvt-early
	"$PROGRAM" snapshot --root . >run/gvt-early/snapshot.conf 2>/dev/null || true
	cat >run/gvt-early/report.json <<-END
		{"version": 1, "command": "boot", "boot_id": "1b4e28ba-2fa1-41d2-883f-0016d3cca427", "build_id": "$BUILD_ID",
		"snapshot": "$(content_id <run/gvt-early/snapshot.conf)", "state": "done", "result": "ok", "i915_loaded_by": "",
		"finished_us": 3140000, "steps": [], "instances": []}
	END
}
report() { jq "$@" run/gvt-early/report.json >report.new && mv report.new run/gvt-early/report.json; }
step() { report --arg n "$1" --arg r "$2" --arg d "$3" '.steps += [{name: $n, result: $r, detail: $d}]'; }
outcome() { report --arg u "$1" --arg r "$2" --arg d "$3" '.instances += [{uuid: $u, result: $r, detail: $d}]'; }
other_build() { report '.build_id = "0123456789abcdef"'; }
# Of the next boot. kernel RELEASE MODULE...; initrd RELEASE COMPRESSOR [PATH-TO-LEAVE-OUT]...; esp UUID RELEASE [OPTION...]
kernel() {
	put "boot/vmlinuz-$1" kernel
	put "boot/config-$1" '# a kernel
CONFIG_INTEL_IOMMU_DEFAULT_ON=y'
	kernel_release=$1
	shift
	for module in "$@"; do
		mkdir -p "lib/modules/$kernel_release/kernel"
		cp "$EMPTY_MODULE" "lib/modules/$kernel_release/kernel/$module"
	done
	depmod -b . "$kernel_release" 2>/dev/null
}
# The same again is a copy: to make one takes longer than everything else of a case.
initrd() {
	mkdir -p boot
	"$PROGRAM" snapshot --root . >boot/snapshot
	initrd_kept=${KEPT:+$KEPT/$1.$2}
	[ $# -eq 2 ] && [ -z "${PROGRAM_IN-}" ] || initrd_kept=
	if [ -z "$initrd_kept" ] || ! cmp -s boot/snapshot "$initrd_kept.snapshot"; then
		make_initrd "$@"
		if [ -n "$initrd_kept" ]; then
			cp "boot/initrd.img-$1" "$initrd_kept"
			cp boot/snapshot "$initrd_kept.snapshot"
		fi
	else
		cp "$initrd_kept" "boot/initrd.img-$1"
	fi
	rm boot/snapshot
}
make_initrd() {
	initrd_release=$1 compressor=$2
	shift 2
	rm -rf initrd.tree
	mkdir -p "initrd.tree/usr/lib/modules/$initrd_release/kernel" initrd.tree/usr/sbin initrd.tree/etc/gvt-early
	cp "${PROGRAM_IN:-${STRIPPED:-$PROGRAM}}" initrd.tree/usr/sbin/gvt-early
	cp boot/snapshot initrd.tree/etc/gvt-early/snapshot.conf
	for module in ${INITRD_MODULES:-i915.ko kvmgt.ko.xz}; do
		echo module >"initrd.tree/usr/lib/modules/$initrd_release/kernel/$module"
	done
	for file in ${INITRD_FIRMWARE-}; do
		mkdir -p "initrd.tree/usr/lib/firmware/${file%/*}"
		echo firmware >"initrd.tree/usr/lib/firmware/$file"
	done
	for left_out in "$@"; do
		rm -rf "initrd.tree/$left_out"
	done
	# As generators do: the processor's microcode in an archive of its own before the rest.
	{
		(mkdir -p early.tree/kernel && cd early.tree && echo microcode >kernel/microcode && find . | cpio --quiet -o -H newc)
		(cd initrd.tree && find . | LC_ALL=C sort | cpio --quiet -o -H newc) | $compressor
	} >"boot/initrd.img-$initrd_release"
	rm -rf initrd.tree early.tree
}
grub_entry() { printf "menuentry '%s' --class os \$menuentry_id_option '%s' {\n\tsavedefault\n\tlinux\t/boot/vmlinuz-%s root=/dev/sda1 ro quiet intel_iommu=on\n\tinitrd\t/boot/initrd.img-%s\n}\n" "$1" "$2" "$3" "$3"; }
submenus() {
	{
		[ "$1" = saved_entry ] && set -- "\${saved_entry}"
		printf 'if [ "${next_entry}" ] ; then\n   set default="${next_entry}"\nelse\n   set default="%s"\nfi\nfunction savedefault {\n  true\n}\n' "$1"
		grub_entry 'Debian GNU/Linux' gnulinux-simple-1 6.1.0-56-amd64
		echo "submenu 'Advanced options' \$menuentry_id_option 'gnulinux-advanced-1' {"
		grub_entry 'Debian, 6.1' gnulinux-6.1.0-56-amd64-advanced-1 6.1.0-56-amd64
		grub_entry 'Debian, other' gnulinux-6.14.8-2-other-advanced-1 6.14.8-2-other
		echo '}'
	} >boot/grub/grub.cfg
}
next_host() {
	kernel 6.1.0-56-amd64 i915.ko kvmgt.ko
	initrd 6.1.0-56-amd64 zstd
	mkdir -p boot/grub
	grub_entry 'Debian GNU/Linux' gnulinux-simple-1 6.1.0-56-amd64 >boot/grub/grub.cfg
}
systemd_boot() {
	remove boot/grub
	mkdir -p sys/firmware/efi
	put proc/cmdline 'initrd=\EFI\proxmox\6.1.0-56-amd64\initrd.img-6.1.0-56-amd64 root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on'
	put etc/kernel/cmdline 'root=ZFS=rpool/ROOT/pve-1 boot=zfs intel_iommu=on'
}
proxmox() { mkdir -p var/lib/pve-cluster etc/pve/nodes/pve/qemu-server; }
# ESPs as proxmox-boot-tool fills them. esp UUID RELEASE [WORD...] for systemd-boot, esp_grub for GRUB; esp_gone UUID is not there.
esp_listed() { grep -qs "^$1" etc/kernel/proxmox-boot-uuids || { mkdir -p etc/kernel && echo "$1" >>etc/kernel/proxmox-boot-uuids; }; }
esp_gone() { esp_listed "$1" && remove "var/tmp/espmounts/$1"; }
esp() {
	esp_uuid=$1 esp_release=$2 esp_dir=var/tmp/espmounts/$1/EFI/proxmox/$2
	shift 2
	[ $# -gt 0 ] || set -- "$(head -n 1 etc/kernel/cmdline)"
	esp_listed "$esp_uuid"
	mkdir -p "$esp_dir"
	cp "boot/vmlinuz-$esp_release" "boot/initrd.img-$esp_release" "$esp_dir"
	put "var/tmp/espmounts/$esp_uuid/loader/loader.conf" 'timeout 3
default proxmox-*'
	put "var/tmp/espmounts/$esp_uuid/loader/entries/proxmox-$esp_release.conf" "title    Proxmox Virtual Environment
version  $esp_release
options   $*
linux    /EFI/proxmox/$esp_release/vmlinuz-$esp_release
initrd   /EFI/proxmox/$esp_release/initrd.img-$esp_release"
}
esp_grub() {
	esp_uuid=$1 esp_release=$2 esp_dir=var/tmp/espmounts/$1
	shift 2
	[ $# -gt 0 ] || set -- intel_iommu=on
	esp_listed "$esp_uuid"
	mkdir -p "$esp_dir/grub" "$esp_dir/EFI/proxmox"
	cp "boot/vmlinuz-$esp_release" "boot/initrd.img-$esp_release" "$esp_dir"
	put "$esp_dir/grub/grub.cfg" "set default=\"0\"
menuentry 'Proxmox VE GNU/Linux' --class proxmox \$menuentry_id_option 'gnulinux-simple-1' {
	linux	/vmlinuz-$esp_release root=ZFS=/ROOT/pve-1 ro root=ZFS=rpool/ROOT/pve-1 boot=zfs $*
	initrd	/initrd.img-$esp_release
}
submenu 'Advanced options' \$menuentry_id_option 'gnulinux-advanced-1' {
	menuentry 'Proxmox VE GNU/Linux, with Linux 6.14.8-2-pve' \$menuentry_id_option 'gnulinux-6.14.8-2-pve-advanced-1' {
		linux	/vmlinuz-6.14.8-2-pve root=ZFS=rpool/ROOT/pve-1 ro
		initrd	/initrd.img-6.14.8-2-pve
	}
}"
}
no_vtd_by_default() {
	put boot/config-6.1.0-56-amd64 '# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set'
	put boot/grub/grub.cfg "menuentry 'Debian' {
	linux /boot/vmlinuz-6.1.0-56-amd64 root=/dev/sda1 ro quiet
	initrd /boot/initrd.img-6.1.0-56-amd64
}"
}
efi_variable() {
	mkdir -p sys/firmware/efi/efivars
	{
		printf '\007\000\000\000'
		printf '%s\0' "$2" | sed 's/./&\x00/g'
	} >"sys/firmware/efi/efivars/$1-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
}
# The room for the initrd of the kernel that boots next, as a capture has it: room GROWTH PLACE...
# in bytes; a PLACE is NAME KNOWN FREE INITRD PENDING INITRDS [REASON].
room() {
	put gvt-early-capture 'gvt-early capture 1'
	{
		printf 'gvt-early room 1\nkernel 6.1.0-56-amd64\ngrowth 1 %s 0\ninitrd 0 1 0 1\n' "$1"
		shift
		printf 'place %s\n' "$@"
	} >boot/gvt-early-room-6.1.0-56-amd64
}
# A host whose GPU xe splits, in place of the healthy one: with three VFs for two guests, with none, or before xe has the GPU.
sriov_host() {
	remove sys/module sys/bus/mdev
	machine n100
}
sriov_empty() {
	sriov_host
	remove sys/bus/pci/devices/0000:00:02.[1-7] sys/devices/pci0000:00/0000:00:02.[1-7] \
		sys/devices/pci0000:00/0000:00:02.0/virtfn*
}
sriov_before() {
	sriov_empty
	remove sys/module sys/devices/pci0000:00/0000:00:02.0/driver
	put proc/cmdline 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet intel_iommu=on'
}
# Such a host as the next boot finds it: Debian's kernel, which has the IOMMU on but for the GPU, and GRUB.
next_sriov() {
	sriov_before
	depmod -b . 6.18.9-1-pve 2>/dev/null
	remove boot
	put boot/vmlinuz-6.18.9-1-pve kernel
	put boot/config-6.18.9-1-pve 'CONFIG_INTEL_IOMMU=y
CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y'
	mkdir -p boot/grub
	grub_entry 'Debian GNU/Linux' gnulinux-simple-1 6.18.9-1-pve >boot/grub/grub.cfg
	sriov_initrd nothing
}
# sriov_initrd PATH-TO-LEAVE-OUT...
sriov_initrd() {
	INITRD_MODULES='xe.ko vfio-pci.ko' INITRD_FIRMWARE=i915/tgl_guc_70.bin initrd 6.18.9-1-pve cat "$@"
}
# vf_pool NUMBER...: the mapping 'igpu' has these VFs of such a host.
vf_pool() {
	mkdir -p etc/pve/mapping
	{
		echo igpu
		for number in "$@"; do
			printf '\tmap id=8086:46d1,iommugroup=%s,node=pve,path=0000:00:02.%s\n' $((19 + number)) "$number"
		done
	} >etc/pve/mapping/pci.cfg
}
# gvt-early is in no initrd: gvt-early.service does the job.
early_no() {
	config conf.d/early.conf <<X
[settings]
early = no
X
	[ ! -e boot/initrd.img-6.18.9-1-pve ] || sriov_initrd usr/sbin/gvt-early
}
# The same with i915-sriov-dkms.
next_rpl() {
	next_sriov
	machine rpl
	module updates/dkms/i915.ko max_vfs enable_guc
	depmod -b . 6.12.48-1-pve 2>/dev/null
	for file in boot/*6.18.9-1*; do
		mv "$file" "${file%6.18.9-1-pve}6.12.48-1-pve"
	done
	sed -i s/6.18.9-1/6.12.48-1/ boot/grub/grub.cfg
	rm boot/initrd.img-6.12.48-1-pve
	INITRD_MODULES='i915.ko vfio-pci.ko' INITRD_FIRMWARE=i915/tgl_guc_70.bin initrd 6.12.48-1-pve cat nothing
}
# A card that xe splits beside the integrated GPU of GVT-g; vGPUs of both are wanted.
next_mixed() {
	remove lib/modules boot
	host 6.18.9-1-pve pve 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet intel_iommu=on'
	modules kernel/drivers/vfio/vfio.ko kernel/drivers/gpu/drm/i915/i915.ko kernel/drivers/gpu/drm/i915/kvmgt.ko
	module kernel/drivers/gpu/drm/xe/xe.ko max_vfs force_probe
	depmod -b . 6.18.9-1-pve 2>/dev/null
	gpu 0000:03:00.0 e20b driver=xe aperture=256 ggtt=0
	pf 0000:03:00.0 total=24
	iommu_group 0000:03:00.0 15
	live xe max_vfs=4294967295 force_probe=
	firmware xe/bmg_guc_70.bin xe/bmg_huc.bin
	guest 101 'onboot: 1' 'hostpci0: 0000:03:00.1'
	put boot/vmlinuz-6.18.9-1-pve kernel
	put boot/config-6.18.9-1-pve 'CONFIG_INTEL_IOMMU_DEFAULT_ON=y'
	mkdir -p boot/grub
	grub_entry 'Debian GNU/Linux' gnulinux-simple-1 6.18.9-1-pve >boot/grub/grub.cfg
	INITRD_MODULES='i915.ko kvmgt.ko xe.ko vfio-pci.ko' INITRD_FIRMWARE='xe/bmg_guc_70.bin xe/bmg_huc.bin' initrd 6.18.9-1-pve cat nothing
}
# The processor is AMD's, and so is the IOMMU.
amd() {
	remove sys/firmware/acpi/tables/DMAR
	put sys/firmware/acpi/tables/IVRS IVRS
	put proc/cpuinfo 'processor	: 0
vendor_id	: AuthenticAMD'
	rm -rf sys/class/iommu/dmar0
	mkdir -p sys/class/iommu/ivhd0
}
# Its firmware has left the VFs' BARs no room.
sriov_no_room() {
	sed -i '8,13s/.*/0x0000000000000000 0x0000000000000000 0x0000000000000000/' sys/devices/pci0000:00/0000:00:02.0/resource
}
# enable_failed ERRNO WORDS: the last run of this boot could not have the driver make three VFs.
enable_failed() {
	put run/gvt-early/apply.json "{\"version\": 2, \"boot_id\": \"1b4e28ba-2fa1-41d2-883f-0016d3cca427\", \"state\": \"done\",
		\"steps\": [{\"name\": \"enable VFs of 0000:00:02.0\", \"result\": \"failed\", \"cause\": \"vf-enable-failed\", \"errno\": \"$1\",
		\"detail\": \"3 virtual functions: $2\"}]}"
}
