// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a host, and its admin, let vGPUs be made.
#include "tell/words.h"

#define BY_CHECK   "run 'gvt-early check', which names the cause and the fix"
#define GPU        "{address} [8086:{device}]{model? {model}}"
#define DKMS_KIND  "i915 is {dkms?a DKMS build (such as i915-sriov-dkms)|not the kernel's own}"
#define DKMS_FIX   "{dkms?remove the DKMS package of i915|remove what installed that i915}"
#define CONF       "/etc/gvt-early/gvt-early.conf"
#define HAVE_VGPUS "{count:guest|guests} {guests}{more? and others} {count:has a vGPU|have vGPUs}"

static const struct words rows[] = {
	{ CAUSE_PROC_MISSING, "proc-not-mounted",
	  "/proc/cmdline cannot be read: /proc is not mounted (gvt-early mounts nothing itself)",
	  "run 'mount -t proc proc /proc'" },
	{ CAUSE_SWITCHED_OFF, "switched-off-by-word", "switched off by '{word}' on the kernel command line", NULL },
	{ CAUSE_BOOT_KDUMP, "boot-kdump", "this boot saves a crash dump (kdump): gvt-early changes nothing", NULL },
	{ CAUSE_BOOT_RESCUE, "boot-rescue",
	  "this is a rescue boot ('{word}' on the kernel command line): gvt-early changes nothing", "reboot normally" },
	{ CAUSE_BOOT_NOMODESET, "nomodeset",
	  "'nomodeset' on the kernel command line keeps i915 from the GPU: gvt-early changes nothing", BY_CHECK },
	{ CAUSE_BOOT_RESUME, "boot-resume",
	  "this boot resumes from hibernation (image on {file}): gvt-early changes nothing", NULL },
	{ CAUSE_XEN, "below-xen",
	  "this kernel runs under Xen, which keeps VT-x and VT-d for itself: kvmgt needs KVM, and a Xen host has none "
	  "(Xen's own GVT-g, xengt, is not in Linux)",
	  "boot without Xen: choose the entry without 'Xen' in the bootloader's menu" },

	{ CAUSE_GPU_ABLE, "gpu-able", GPU " supports GVT-g, aperture {aperture} MiB", NULL },
	{ CAUSE_GPU_TOO_NEW, "gpu-too-new",
	  GPU
	  " is too new for GVT-g, which ended with the 10th generation (Comet Lake){other?|, and no driver that has been "
	  "released splits it by SR-IOV}",
	  "{other?use SR-IOV virtual functions (12th generation and later)}" },
	{ CAUSE_GPU_TOO_OLD, "gpu-too-old",
	  GPU " is too old for GVT-g, which began with the 5th generation (Broadwell)", NULL },
	{ CAUSE_GPU_ATOM, "gpu-atom", GPU " is an Atom GPU, and of these i915 supports GVT-g on Apollo Lake only",
	  NULL },
	{ CAUSE_GPU_DISCRETE, "gpu-discrete", GPU " is a discrete GPU; GVT-g supports integrated GPUs only",
	  "use the integrated GPU of the CPU, if it has one" },
	{ CAUSE_GPU_UNKNOWN, "gpu-unknown", GPU " is not among the GPUs that GVT-g supports (5th to 10th generation)",
	  NULL },
	{ CAUSE_GPU_ABSENT, "gpu-absent", "this host has no Intel display device",
	  "if the CPU has integrated graphics, enable them in the firmware setup" },
	{ CAUSE_PCI_UNREADABLE, "pci-unreadable", "PCI cannot be read: {reason}",
	  "{unmounted?run 'mount -t sysfs sysfs /sys'}" },
	{ CAUSE_GPU_BOUND, "gpu-bound",
	  "{address} is bound to {driver}{giver? (by {giver})}, so {module?{module}|i915} cannot split it",
	  "{giver?" BY_CHECK "|unbind the GPU from that driver}" },
	{ CAUSE_GPU_OVERRIDDEN, "gpu-overridden", "driver_override assigns {address} to {driver}",
	  "remove the driver_override of {address}" },
	{ CAUSE_GPU_GIVEN, "gpu-given", "{giver} assigns {address} [8086:{device}] to vfio-pci", BY_CHECK },
	{ CAUSE_GPU_WHOLE, "gpu-passed-whole", "a guest gets the whole GPU {address} ({source})",
	  "add mdev= in {source} to give that guest a vGPU" },
	{ PART_BY_OVERRIDE, "driver-override", "driver_override", NULL },
	{ PART_BY_WORD, "kernel-command-line", "'vfio-pci.ids=' on the kernel command line", NULL },
	{ PART_BY_MODPROBE, "modprobe", "'options vfio-pci ids=' in modprobe.d", NULL },

	{ CAUSE_GUESTS_UNREADABLE, "guests-unreadable",
	  "the guests of Proxmox VE cannot be read ({reason}): {known?using their last known state "
	  "(/var/lib/gvt-early/guests)|all of them are ignored}",
	  "{denied?run this command as root|see 'systemctl status pve-cluster', and whether /etc/pve shows this "
	  "node}" },
	{ CAUSE_CONFIG_WRONG, "config-wrong",
	  "no usable instance is wanted: the configuration has mistakes, the first is {problem}", "{problem-fix}" },
	{ CAUSE_GUESTS_NONE, "guests-none", "no vGPU is wanted: " HAVE_VGPUS ", but the setting is 'guests = none'",
	  "remove 'guests = none' from /etc/gvt-early, or write 'guests = all' under [settings] in " CONF },
	{ CAUSE_GUESTS_UNLISTED, "guests-unlisted",
	  "no vGPU is wanted: " HAVE_VGPUS ", but the setting 'guests' lists none of them",
	  "add {first} to 'guests' in /etc/gvt-early, or write 'guests = all'" },
	{ CAUSE_GUESTS_NOT_AT_BOOT, "guests-not-at-boot",
	  "no vGPU is wanted at boot: " HAVE_VGPUS " and {count:does|do} not start at boot (Proxmox VE creates a vGPU "
	  "when its guest starts)",
	  "{qm?'qm set {first} --onboot 1'|switch on 'Start at boot' of guest {first}}, or write 'guests = all' under "
	  "[settings] in " CONF },
	{ CAUSE_NOTHING_WANTED_YET, "nothing-wanted-of-able", "no vGPU is wanted",
	  "give a guest one, with its VM ID for VMID: 'qm set VMID --hostpci0 {address},mdev={type}'; or name "
	  "instances in " CONF },
	{ CAUSE_NOTHING_WANTED, "nothing-wanted", "no vGPU is wanted",
	  "{qm?give a guest a PCI device with an MDev type, or name instances|name instances} in " CONF },

	{ CAUSE_I915_FOREIGN, "i915-foreign",
	  DKMS_KIND " and has no GVT-g ({file?{file}|the loaded module} has no "
		    "parameter enable_gvt): gvt-early skips it",
	  DKMS_FIX },
	{ CAUSE_I915_FOREIGN_ALONE, "i915-foreign-alone",
	  DKMS_KIND ", and no kvmgt was built with it; the kernel's own does not fit it: gvt-early skips it",
	  DKMS_FIX },
	{ CAUSE_I915_FOREIGN_UNREAD, "i915-foreign-unread",
	  DKMS_KIND ", and whether it has GVT-g is unknown ({file}: {no-info?the file has no module "
		    "information|{error}}): gvt-early skips it",
	  "build or install that module again, or " DKMS_FIX },
	{ CAUSE_MODULE_LISTED, "module-listed", "'{list}=' on the kernel command line {forbids?forbids|names} {module}",
	  NULL },
	{ CAUSE_MODULE_FORBIDDEN, "module-forbidden", "'blacklist {module}' in modprobe.d forbids it", NULL },
	{ CAUSE_MODULE_REPLACED, "module-replaced", "'install {module}' in modprobe.d replaces the module", NULL },
	{ CAUSE_GVT_OFF_BY_WORD, "gvt-off-by-word",
	  "'i915.enable_gvt={value}' on the kernel command line switches GVT-g off", NULL },
	{ CAUSE_GVT_OFF_BY_OPTION, "gvt-off-by-option",
	  "'options i915 enable_gvt={value}' in modprobe.d switches GVT-g off", NULL },
	{ CAUSE_I915_OFF_BY_WORD, "i915-off-by-word", "'i915.modeset=0' on the kernel command line switches i915 off",
	  NULL },
	{ CAUSE_I915_OFF_BY_OPTION, "i915-off-by-option", "'options i915 modeset=0' in modprobe.d switches i915 off",
	  NULL },
	{ CAUSE_PARAMETER_OFF, "parameter-off", "i915 was loaded with enable_gvt=N, but not by gvt-early", BY_CHECK },
	{ CAUSE_PARAMETER_ABSENT, "parameter-absent",
	  "the loaded i915 has no parameter enable_gvt: it was built without GVT-g",
	  "{foreign?reboot: the i915 that is installed now has it|boot a kernel that has it}" },
	{ CAUSE_DRIVER_COMING, "driver-coming",
	  "{module} is still being inserted: it hangs, and only a reboot ends that",
	  "the kernel log may say why: dmesg | grep i915" },
	{ CAUSE_DRIVER_SILENT, "driver-silent",
	  "the driver of {address?{address}|the GPU} does not answer: it hangs, and only a reboot ends that",
	  "the kernel log may say why: dmesg | grep i915" },
	{ CAUSE_MODULES_UNFOUND, "modules-unfound",
	  "the modules of kernel {release} cannot be found: /lib/modules/{release}/{reason}", NULL },
	{ CAUSE_KVMGT_ABSENT, "kvmgt-absent",
	  "kernel {release} has no module kvmgt here: it was built without GVT-g, or the initrd lacks it", NULL },
	{ CAUSE_I915_ABSENT, "i915-absent", "kernel {release} has no module i915 here", NULL },
	{ CAUSE_I915_NOT_LOADED, "i915-not-loaded", "i915 is not loaded", NULL },
	{ CAUSE_KVMGT_NOT_LOADED, "kvmgt-not-loaded", "kvmgt is not loaded", NULL },
	{ CAUSE_GPU_NOT_TAKEN, "gpu-not-taken",
	  "i915 is loaded but did not bind {address} (its probe failed, or this kernel's i915 does not support the "
	  "GPU), so there are no types",
	  "the kernel log may say why: dmesg | grep i915" },
	{ CAUSE_GVT_NOT_STARTED, "gvt-not-started",
	  "i915 is loaded with enable_gvt=Y, yet it did not start GVT-g on {address}, so kvmgt refuses to load",
	  "the kernel log may say why: dmesg | grep -iE 'i915|gvt'" },
	{ CAUSE_TYPES_OFFERED, "types-offered",
	  "i915 {parameter?has enable_gvt=Y|is live}, kvmgt is live, {address} offers {count} types", NULL },
	{ CAUSE_TYPES_NO_ROOM, "types-no-room",
	  "{address} offers no types: its aperture of {aperture} MiB leaves no room beside the host's 128 MiB",
	  "set the aperture to 512 or 1024 MiB in the firmware setup" },
	{ CAUSE_TYPES_NONE, "types-none",
	  "i915 and kvmgt are loaded{parameter? with enable_gvt=Y| (only root can read enable_gvt)}, yet {address} "
	  "offers no types",
	  "the kernel log may say why: dmesg | grep -i gvt" },

	{ CAUSE_BUSY, "busy", "another gvt-early is still running", NULL },
	{ CAUSE_BUSY_AT, "busy-at", "{run} (process {process}) is still running: '{step}' for {seconds} s", NULL },
	{ CAUSE_BUSY_HUNG, "busy-hung",
	  "{run} (process {process}) has not returned from '{step}' for {seconds} s: a driver hangs; nothing can be "
	  "created until it returns or the host reboots",
	  NULL },
	{ PART_RUN_GUEST, "run-guest", "'gvt-early apply --guest {guest}'", NULL },
	{ PART_RUN_EARLY, "run-early", "this boot's early stage", NULL },
	{ PART_RUN_APPLY, "run-apply", "'gvt-early apply'", NULL },
};

const struct word_table words_host = { rows, ARRAY_SIZE(rows) };
