// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements that the host meets or does not, whatever its driver does.
#include "tell/words.h"

#define OBSOLETE ", which kernel {release} does not have: systemd-modules-load fails"
#define CROWDED                                                                                                       \
	"{place} lists '{line}' in one line: systemd-modules-load reads the whole line as one module name and loads " \
	"nothing"
#define MACHINE       "this host is a virtual machine{machine? ({machine})}"
#define FOR_PROXMOX   " (Proxmox VE starts no guest with a vGPU without it)"
#define NO_KVM        "/dev/kvm is missing"
#define SWITCH_VTX_ON "enable VT-x (Intel Virtualization Technology) in the firmware setup"

static const struct words rows[] = {
	{ CAUSE_PROBLEM, "problem", "{problem}", "{problem-fix}" },
	{ CAUSE_MODULES_LACKING, "modules-lacking",
	  "{place}: 'modules' lists {names/ }, which kernel {release} does not have: it is skipped",
	  "remove {names/ } from 'modules' in {place}" },
	{ CAUSE_WANTED_TROUBLED, "wanted-troubled", "none: see guests", NULL },
	{ CAUSE_WANTED_COUNTED, "wanted-counted", "{count} {count:vGPU|vGPUs}", NULL },

	{ CAUSE_BOOT_NORMAL, "boot-normal", "a normal boot", NULL },
	{ CAUSE_SEE_I915, "see-i915", "see i915", NULL },

	{ CAUSE_MODULE_OBSOLETE, "module-obsolete", "{file}:{line} lists {names}" OBSOLETE, NULL },
	{ CAUSE_MODULES_OBSOLETE, "modules-obsolete",
	  "{file} lists {more?{names}, and {more} more|{names/, / and }}" OBSOLETE, NULL },
	{ PART_NAME_AT_LINE, "name-at-line", "{name} (line {line})", NULL },
	{ FIX_COMMENT_OUT, "comment-out",
	  "comment out the {count:name|names}: sed -i --follow-symlinks -E 's/^\\s*{words}(\\s|$)/#&/' {path}", NULL },
	{ FIX_COMMENT_BY_HAND, "comment-by-hand", "comment these names out in {file}", NULL },
	{ CAUSE_LINE_COMMENT, "line-comment", CROWDED,
	  "in {place}, move the text after the name to a line of its own" },
	{ CAUSE_LINE_OPTION, "line-option", CROWDED,
	  "in {place}, keep only the name, and put the option into a file in /etc/modprobe.d" },
	{ CAUSE_LINE_NAMES, "line-names", CROWDED, "in {place}, write each name on a line of its own" },
	{ CAUSE_MODULES_GONE, "modules-gone", "{because}",
	  "reboot, if that kernel was removed or upgraded; else {fix}" },
	{ CAUSE_MODULES_LOADED_YET, "modules-loaded-yet",
	  "{because}: the drivers that are loaded work, but the next boot of this kernel cannot load them",
	  "before that boot, {fix}" },
	{ CAUSE_KERNEL_BAD, "kernel-bad",
	  "Linux {version} has a broken GVT-g (its table of registers; Coffee and Comet Lake get no types)",
	  "boot Linux 5.19.2 or later, such as 6.1" },
	{ CAUSE_KERNEL_RUNS, "kernel-runs", "{release}", NULL },
	{ CAUSE_KERNEL_UNKNOWN, "kernel-unknown", "not checked: /proc does not say which kernel runs", NULL },

	{ FIX_REMOVE_OVERRIDE, "remove-override",
	  "remove what sets driver_override (driverctl, a udev rule or a script) and reboot", NULL },
	{ CAUSE_MODPROBE_UNREAD, "modprobe-unread", "not checked: {reason}{denied?; run this command as root}", NULL },
	{ CAUSE_GPU_OF_I915, "gpu-of-i915", "{address} is bound to i915", NULL },
	{ CAUSE_GPU_UNBOUND, "gpu-unbound", "{address} is bound to no driver", NULL },

	{ CAUSE_VTD_VIRTUAL, "vtd-virtual", MACHINE " whose hypervisor provides no VT-d (no DMAR table)",
	  "give it a virtual IOMMU (Proxmox VE: machine: q35,viommu=intel): Proxmox VE starts no guest with a vGPU "
	  "without" },
	{ CAUSE_VTD_UNNEEDED, "vtd-unneeded", "the firmware has no DMAR table, and nothing here needs one", NULL },
	{ CAUSE_VTD_IN_FIRMWARE, "vtd-in-firmware", "the firmware has it (DMAR table)", NULL },
	{ CAUSE_AMD_IN_FIRMWARE, "amd-in-firmware", "the firmware has it (AMD's IOMMU, IVRS table)", NULL },
	{ CAUSE_IOMMU_REFUSED_AS_LOGGED, "iommu-refused-as-logged", "{because} (kernel log: {said})",
	  "update the firmware, disable and enable VT-d in its setup, and reboot" },
	{ CAUSE_IOMMU_REFUSED_UNLOGGED, "iommu-refused-unlogged", "{because}",
	  "'dmesg | grep -e DMAR -e IOMMU' may say why; disable and enable VT-d in the firmware setup, or boot "
	  "another kernel: this one may have no driver for VT-d" },
	{ CAUSE_IOMMU_WORD_MISSED, "iommu-word-missed",
	  "the firmware supports VT-d, but this kernel did not enable it: {because}", NULL },
	{ CAUSE_IOMMU_FOR_GUESTS, "iommu-for-guests", "{because}" FOR_PROXMOX, NULL },

	{ CAUSE_KVM_THERE, "kvm-there", "/dev/kvm exists", NULL },
	{ CAUSE_KVM_LOCKED, "kvm-locked", NO_KVM " (kernel log: {said}): no guest can use a vGPU", SWITCH_VTX_ON },
	{ CAUSE_KVM_NOT_LOADED, "kvm-not-loaded", NO_KVM ", though the CPU has VT-x: no guest can use a vGPU",
	  "modprobe kvm_intel" },
	{ CAUSE_KVM_VIRTUAL, "kvm-virtual",
	  NO_KVM ": " MACHINE ", whose hypervisor hides VT-x from it; no guest can use a vGPU",
	  "enable nested virtualization for it (Proxmox VE: cpu: host)" },
	{ CAUSE_KVM_ABSENT, "kvm-absent",
	  "VT-x is off: " NO_KVM "; instances can be created, but no guest can use them", SWITCH_VTX_ON },
};

const struct word_table words_host_check = { rows, ARRAY_SIZE(rows) };
