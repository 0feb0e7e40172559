// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a GPU can be split by SR-IOV into virtual functions (VFs), and what is wrong with those that are wanted.
#include "tell/words.h"

#define GPU "{address} [8086:{device}]{model? {model}}"

#define ANOTHER_VF                                                                                                     \
	"{free?{mapping?add {free} to the mapping '{mapping}' under Datacenter > Resource Mappings|give guest {vmid} " \
	"another virtual function: {qm?'qm set {vmid} --hostpci{slot} {free}'|write 'hostpci{slot}: {free}' at "       \
	"{source}}}{next?; it will be there after the next boot}|no other virtual function is free: let guest {vmid} " \
	"not start at boot, or without its hostpci{slot}}"

static const struct words rows[] = {
	{ CAUSE_SRIOV_GPU, "sriov-gpu", GPU " is of a generation that SR-IOV splits", NULL },
	{ CAUSE_SRIOV_ABLE, "sriov-able",
	  GPU " supports SR-IOV{count?: up to {count} virtual {count:function|functions},} by {dkms?the {driver} of "
	      "i915-sriov-dkms|{driver}}",
	  NULL },
	{ CAUSE_SRIOV_NO_CAPABILITY, "sriov-no-capability",
	  GPU " shows no SR-IOV capability: the firmware has switched it off, or this kernel was built without it "
	      "(CONFIG_PCI_IOV)",
	  "enable SR-IOV and VT-d in the firmware setup" },
	{ CAUSE_SRIOV_KERNEL_OLD, "sriov-kernel-old",
	  GPU
	  " can be split by SR-IOV, but not by a driver of kernel {release}{known? (its i915 cannot{said?: {said}})}",
	  "{needed?boot a kernel of version {needed} or later, whose xe can}{dkms?{needed?, or |}install "
	  "i915-sriov-dkms for this kernel}" },
	{ CAUSE_XE_ABSENT, "xe-absent",
	  GPU " can be split by the xe of Linux {needed} or later, but kernel {release} has no module xe here", NULL },
	{ CAUSE_VFS_OFF_BY_WORD, "vfs-off-by-word",
	  "'{module}.max_vfs=0' on the kernel command line switches virtual functions off", NULL },
	{ CAUSE_VFS_OFF_BY_OPTION, "vfs-off-by-option",
	  "'options {module} max_vfs=0' in modprobe.d switches virtual functions off", NULL },
	{ CAUSE_PROBE_OFF_BY_WORD, "probe-off-by-word",
	  "'{module}.force_probe={value}' on the kernel command line keeps {module} from the GPU", NULL },
	{ CAUSE_PROBE_OFF_BY_OPTION, "probe-off-by-option",
	  "'options {module} force_probe={value}' in modprobe.d keeps {module} from the GPU", NULL },

	{ CAUSE_I915_STOCK, "i915-stock",
	  "{address} is bound to an i915 that cannot split it (it has no parameter max_vfs{said?: {said}}), not to that "
	  "of i915-sriov-dkms",
	  "rebuild the initrd, so that it has the i915 of i915-sriov-dkms, and reboot" },
	{ CAUSE_DRIVER_OTHER, "driver-other", "{address} is bound to {driver}, and only {module} can split it here",
	  NULL },
	{ CAUSE_TOTAL_BY_PARAMETER, "total-by-parameter",
	  "{driver} was loaded with max_vfs=0{dkms?, its default}: it enables no virtual functions on {address}",
	  NULL },
	{ CAUSE_TOTAL_REFUSED, "total-refused",
	  "{driver} has {address} but offers no virtual functions (sriov_totalvfs is 0): it does not enable them on "
	  "this GPU, or could not start them",
	  "the kernel log may say why: dmesg | grep -iE 'sriov|sr-iov|guc'" },
	{ CAUSE_IOMMU_NONE, "iommu-none",
	  "the IOMMU is off, and without it no guest can have a virtual function of {address}",
	  "enable VT-d in the firmware setup, and add intel_iommu=on to the kernel command line" },
	{ CAUSE_IOMMU_NOT_OF_GPU, "iommu-not-of-gpu",
	  "the IOMMU is on, but not for {address}: no guest can have a virtual function of it",
	  "add intel_iommu=on to the kernel command line" },
	{ CAUSE_FIRMWARE_ABSENT, "firmware-absent",
	  "{module} needs the firmware {file}, and it is not here: without it the GPU would have no driver at all",
	  "install the package with that firmware, and rebuild the initrd" },

	{ CAUSE_FIRMWARE_PACKED, "firmware-packed",
	  "{module} needs the firmware {file}, and it is here only compressed in a way that this kernel does not support "
	  "(CONFIG_FW_LOADER_COMPRESS_ZSTD or _XZ): without it the GPU would have no driver at all",
	  "decompress that file in its folder (unzstd or unxz), and rebuild the initrd" },
	{ CAUSE_VF_GROUP_SHARED, "vf-group-shared",
	  "{parent} shares its IOMMU group {item} with other devices: Proxmox VE takes them all from the host at the "
	  "guest's start",
	  NULL },
	{ CAUSE_VFS_MOST, "vfs-most",
	  "{source?{source} wants {parent}|{parent} is wanted}, but {address} has {most} virtual "
	  "{most:function|functions} at most",
	  "{vmid?name one of the first {most} virtual functions at {source}|ask for no more than {most}{source? at "
	  "{source}}}" },
	{ CAUSE_VFS_FEWER, "vfs-fewer",
	  "{source?{source} wants {parent}|{parent} is wanted}, but {address} has {count} virtual "
	  "{count:function|functions} now, and more cannot be added while these exist",
	  "rebuild the initrd, and reboot: then there will be {needed}" },

	{ CAUSE_DRIVER_UNTOLD, "driver-untold",
	  "with 'early = no' udev loads the drivers, and {module} cannot split {address} without {words/ and } on the kernel "
	  "command line{driver?: {driver} has the GPU now}",
	  NULL },
	{ CAUSE_NEXT_DRIVER_UNTOLD, "next-driver-untold",
	  "{from} lacks {words/ and }: gvt-early is not in the initrd to load {module}, which cannot split {address} without",
	  NULL },
	{ CAUSE_SRIOV_SILENT, "sriov-silent",
	  "{module} is loaded but did not bind {address}{said?: {said}| (its probe failed, or it does not support the GPU)}",
	  "{said?|the kernel log may say why: dmesg | grep -E 'i915|xe'}" },
	{ CAUSE_MDEV_OF_SRIOV, "mdev-of-sriov",
	  GPU " is split by SR-IOV, not by GVT-g: it has virtual functions and no types for mdev=",
	  "{vmid?give guest {vmid} a virtual function instead: {qm?'qm set {vmid} --hostpci{slot} {parent}'|write "
	  "'hostpci{slot}: {parent}' at {source}}|give the guest a virtual function instead, such as {parent}, and remove "
	  "{source}}" },
	{ CAUSE_VF_PREFIX, "vf-prefix",
	  "{source} takes {path}, the GPU itself: when that guest starts Proxmox VE takes {address} from its driver, "
	  "and all virtual functions of it vanish, those of running guests too",
	  "name one virtual function in {source}, such as {parent}" },
	{ CAUSE_VFS_MISSING, "vfs-missing",
	  "{count} of {total} virtual functions of {address} {count:is|are} not there (wanted by {source})", NULL },
	{ CAUSE_VFS_REFUSED, "vfs-refused",
	  "{driver?{driver}|the driver} of {address} did not enable its virtual functions: {detail}",
	  "the kernel log may say why: dmesg | grep -E 'i915|xe'; 'gvt-early apply' tries again" },
	{ CAUSE_VFS_NO_ROOM, "vfs-no-room",
	  "the firmware left no room for the memory (BARs) of virtual functions of {address}",
	  "enable 'Above 4G Decoding' and SR-IOV in the firmware setup; where that does not help, add pci=realloc to the "
	  "kernel command line" },
	{ CAUSE_VFS_WEDGED, "vfs-wedged",
	  "{driver?{driver}|the driver} has given up on {address} (it calls it wedged), and enables no virtual functions",
	  "reboot; the kernel log may say why: dmesg | grep -E 'i915|xe'" },
	{ CAUSE_VFS_UNBOUND, "vfs-unbound",
	  "{count} of {total} virtual functions of {address} {count:has|have} no driver", NULL },
	{ CAUSE_VFS_THERE, "vfs-there", "{there} of {count} present", NULL },
	{ CAUSE_VFS_NONE, "vfs-none", "none wanted", NULL },
	{ CAUSE_NO_VF_WANTED_YET, "nothing-wanted-of-sriov", "no vGPU is wanted",
	  "{qm?give a guest a virtual function, with its VM ID for VMID: 'qm set VMID --hostpci0 {parent}'; or }ask for a "
	  "number of them in /etc/gvt-early/gvt-early.conf: 'vfs = 1' under [sriov]" },
	{ CAUSE_DRIVER_FORBIDDEN, "driver-forbidden", "{module} is the driver that splits this GPU, but {because}",
	  "{because-fix}" },
	{ CAUSE_XE_FORCED, "xe-forced",
	  "force_probe ({word?on the kernel command line|in modprobe.d}) makes xe take " GPU
	  ": no released xe splits it, and "
	  "hosts have frozen at boot by this",
	  "{fix?{fix}|remove that line from /etc/modprobe.d}" },
	{ FIX_DMESG_OF_IOMMU, "dmesg-of-iommu", "the kernel log may say why: dmesg | grep -i dmar", NULL },
	{ FIX_DMESG_OF_AMD, "dmesg-of-amd", "the kernel log may say why: dmesg | grep AMD-Vi", NULL },
	{ FIX_ENABLE_AMD, "enable-amd", "enable the IOMMU (AMD-Vi) in the firmware setup", NULL },
	{ FIX_INSTALL_FIRMWARE, "install-firmware",
	  "install firmware-intel-graphics (firmware-misc-nonfree before Debian 13)", NULL },
	{ FIX_UNPACK_FIRMWARE, "unpack-firmware",
	  "decompress {file} in its folder below /lib/firmware (unzstd or unxz)", NULL },
	{ CAUSE_SECTION_UNUSED, "section-unused",
	  "{source}: the section [sriov{address? {address}}] is ignored: "
	  "{address?{found?{address} is not split by SR-IOV|there is no Intel GPU at {address}}|no GPU of this host is "
	  "split by SR-IOV}",
	  "{other?correct the address: the GPU that SR-IOV splits is {other}|remove that section: vGPUs of GVT-g are "
	  "requested by their type}" },
	{ CAUSE_VF_OF_GVT, "vf-of-gvt",
	  "{source} takes {path}, but " GPU
	  " is split by GVT-g and has no virtual functions{vmid?: guest {vmid} cannot "
	  "start}",
	  "give the guest a vGPU instead: {qm?'qm set {vmid?{vmid}|VMID} --hostpci{slot} {address},mdev={type}'|write "
	  "'hostpci{slot}: {address},mdev={type}' at {source}}" },
	{ CAUSE_VFS_COUNTED, "vfs-counted", "{total} virtual {total:function|functions}", NULL },
	{ CAUSE_BOTH_COUNTED, "both-counted",
	  "{count} {count:vGPU|vGPUs} by GVT-g, {total} virtual {total:function|functions}", NULL },

	{ CAUSE_VFS_HUNG, "vfs-hung",
	  "{driver?{driver}|the driver} of {address} hangs while it makes virtual functions: only a reboot ends that",
	  "reboot; the kernel log may say why: dmesg | grep -E 'i915|xe'" },
	{ CAUSE_VF_TWICE, "vf-twice",
	  "{source}: guest {vmid} cannot start at boot: {both?it takes {parent} twice (see {from})|{parent} belongs to guest "
	  "{other} by then, which starts before it ({from})}",
	  ANOTHER_VF },
	{ CAUSE_VF_POOL_EMPTY, "vf-pool-empty",
	  "{source}: guest {vmid} cannot start at boot: all {count} entries of the mapping '{mapping}' belong to other "
	  "guests by then, which start before it",
	  ANOTHER_VF },
	{ CAUSE_SRIOV_COMING, "sriov-coming", "{module} is still being inserted: it hangs, and only a reboot ends that",
	  "the kernel log may say why: dmesg | grep {module}" },
	{ CAUSE_SRIOV_UNANSWERED, "sriov-unanswered",
	  "the driver of {address} does not answer: it hangs, and only a reboot ends that",
	  "the kernel log may say why: dmesg | grep -E 'i915|xe'" },
	{ CAUSE_LEFT_TO_SERVICE, "left-to-service",
	  "gvt-early.service makes the virtual functions later in this boot, as this initrd lacks what that takes: "
	  "{because}",
	  "" },
	{ CAUSE_NEXT_NO_SRIOV, "next-no-sriov", "kernel {release} will boot next ({by}): {because}", NULL },
	{ CAUSE_NEXT_INITRD_NO_FIRMWARE, "next-initrd-no-firmware",
	  "{initrd} has {module} without its firmware {file}: the GPU would have no driver, and the host no display",
	  NULL },
	{ CAUSE_NEXT_INITRD_I915_STOCK, "next-initrd-i915-stock",
	  "{initrd} has the kernel's own i915 in it, which enables no virtual functions; i915-sriov-dkms was installed for {release} "
	  "after the initrd was made",
	  NULL },
	{ PART_VF_ADDED, "vf-added", "{source} now wants the virtual function {address}", NULL },
	{ PART_OTHER_SRIOV, "other-sriov", "[sriov] in the configuration has changed", NULL },
};

const struct word_table words_sriov = { rows, ARRAY_SIZE(rows) };
