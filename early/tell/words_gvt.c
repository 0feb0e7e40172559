// SPDX-License-Identifier: GPL-2.0-or-later
// The drivers as "check" finds them: i915 with GVT-g, kvmgt, and the types that come of them.
#include "tell/words.h"

#define OFF	"i915 was loaded with enable_gvt=N"
#define LOADER	"{loader?by {loader}|but not by gvt-early}"
#define GAVE_UP "{gave-up?; gvt-early gave up at: {step}}"

static const struct words rows[] = {
	{ CAUSE_OFF_AT, "off-at", "{because}{place? ({place})}", NULL },
	{ CAUSE_OFF_OVERRIDES, "off-overrides", OFF ": {by} is overridden, {because}{place? ({place})}", NULL },
	{ PART_WORD_ON, "word-on", "i915.enable_gvt=1 on the kernel command line", NULL },
	{ PART_OPTION_ON, "option-on", "enable_gvt=1 in {place}", NULL },
	{ CAUSE_ODD_FILE, "odd-file", OFF ": {place} sets it, but modprobe reads only files whose names end in "
	  ".conf", NULL },
	{ CAUSE_ODD_LINE, "odd-line", OFF ": '{line}' in {place} does not set enable_gvt of i915",
	  "write 'options i915 enable_gvt=1' in {place}, {fix}" },
	{ CAUSE_FORBIDDEN_NEXT, "forbidden-next",
	  OFF ", " LOADER ": no option enables it, and gvt-early will not load i915 at the next boot: "
	  "{because}", NULL },
	{ CAUSE_FORBIDDEN_OTHERWISE, "forbidden-otherwise",
	  OFF ", " LOADER ": no option enables it, and gvt-early will not load i915 at the next boot: {because}",
	  "{fix?{fix}, }{because-fix}" },
	{ CAUSE_OFF_LEFT_ALONE, "off-left-alone", "loaded with enable_gvt=N: gvt-early does nothing in this boot "
	  "({name})", NULL },
	{ CAUSE_UNSET_UNREAD, "unset-unread", OFF ", " LOADER ": no option that can be read enables it "
	  "({reason})", "run this command as root" },
	{ CAUSE_UNSET, "unset", OFF ", " LOADER ": no option{unsure? {unsure}} enables it", NULL },
	{ FIX_ONCE_WANTED, "once-wanted", "once a vGPU is wanted gvt-early sets enable_gvt from the initrd", NULL },
	{ FIX_SETS_ENABLE, "sets-enable", "gvt-early sets enable_gvt from the initrd", NULL },
	{ CAUSE_WORD_OVERRULED, "word-overruled",
	  OFF ": i915.enable_gvt=1 is on the kernel command line, but the program that loaded i915 "
	  "({loader?{loader}|unknown}) overrode it",
	  "find what loads i915 by itself (insmod, modprobe with options) and {fix}" },
	{ CAUSE_LINE_TOO_LATE, "line-too-late", OFF ": {place} sets it, but that file was changed after this "
	  "boot", NULL },
	{ CAUSE_LINE_NOT_IN_INITRD, "line-not-in-initrd",
	  OFF ": {place} sets it, but the initrd from which i915 was loaded lacks that line", NULL },
	{ CAUSE_OFF_MISSED, "off-missed", OFF ": {because}", NULL },

	{ CAUSE_BLOCKED_AT, "blocked-at", "{because} ({place})", NULL },
	{ CAUSE_BLOCKED_BY_FOREIGN, "blocked-by-foreign", "{because}", "{because-fix}{dkms-tool? ('dkms status' names "
	  "it)}, {fix}" },
	{ FIX_REMOVE_FROM_MODPROBE, "remove-from-modprobe", "remove what says so from modprobe.d", NULL },
	{ FIX_BOOT_ONE, "boot-one", "boot a kernel that has it", NULL },
	{ CAUSE_GUC_SAID, "guc-said", "i915 uses GuC submission, which excludes GVT-g (kernel log: {said})", NULL },
	{ CAUSE_GUC_ASKED, "guc-asked", "enable_guc={value} enables GuC submission, which excludes GVT-g on Linux "
	  "{version}", NULL },
	{ FIX_WRITE_GUC, "write-guc", "write enable_guc=0 in {place}", NULL },
	{ CAUSE_I915_DKMS, "i915-dkms", "i915{both? and kvmgt are| is} a DKMS build, with GVT-g: {file}", NULL },
	{ CAUSE_I915_LOADED, "i915-loaded", "loaded{parameter? with enable_gvt=Y| (only root can read "
	  "enable_gvt)}", NULL },
	{ CAUSE_I915_UNCHECKED, "i915-unchecked", "not checked: the modules of this kernel cannot be found", NULL },
	{ CAUSE_I915_NOT_YET, "i915-not-yet", "not loaded yet; gvt-early loads it with enable_gvt=1", NULL },

	{ CAUSE_LOAD_FAILED, "load-failed", "{module} could not be loaded: {detail}{lockdown? (lockdown: "
	  "{lockdown})}", NULL },
	{ CAUSE_LOAD_DAMAGED, "load-damaged", "{module} could not be loaded: {detail}", NULL },
	{ CAUSE_MODULE_NOT_TAKEN, "module-not-taken", "the kernel refused {module}: {said}", NULL },
	{ CAUSE_MODULES_LOCKED, "modules-locked", "{module} is not loaded, and kernel.modules_disabled=1 forbids the "
	  "loading of modules",
	  "let gvt-early load it from the initrd, or remove that sysctl, and {fix}" },
	{ FIX_TAKE_SIGNED, "take-signed", "use the distribution's signed module", NULL },
	{ FIX_SECURE_BOOT_OFF, "secure-boot-off", "disable Secure Boot in the firmware setup", NULL },
	{ FIX_BEFORE_5_19, "before-5-19",
	  "before Linux 5.19 that means that i915 did not start GVT-g: 'dmesg | grep -iE \"i915|gvt\"' may say "
	  "why", NULL },
	{ FIX_DMESG_OF_MODULE, "dmesg-of-module", "'dmesg | grep {module}' may say more", NULL },
	{ FIX_MAKES_INITRD, "makes-initrd", "which also makes a new initrd", NULL },
	{ FIX_OTHER_BUILD, "other-build", "the module and what it needs are from different builds", NULL },
	{ FIX_OTHER_KERNEL, "other-kernel", "the module is from another kernel", NULL },
	{ FIX_REMOVE_DKMS, "remove-dkms", "remove a DKMS i915", NULL },

	{ CAUSE_DRIVER_UNANSWERED, "driver-unanswered", "the driver of {address} does not answer when asked for "
	  "{asked}" GAVE_UP,
	  "reboot; if it happens again, send 'dmesg' to the makers of this kernel, or boot another one" },
	{ CAUSE_DRIVER_INSERTING, "driver-inserting", "{module} is still being inserted" GAVE_UP,
	  "if that does not end, reboot, or boot another kernel" },
	{ CAUSE_DRIVER_ANSWERS, "driver-answers", "it answers", NULL },
	{ CAUSE_DRIVER_NONE, "driver-none", "driver not loaded yet", NULL },

	{ CAUSE_KVMGT_LOADED, "kvmgt-loaded", "loaded", NULL },
	{ CAUSE_KVMGT_LEFT_ALONE, "kvmgt-left-alone", "not loaded: gvt-early does nothing in this boot "
	  "({name})", NULL },
	{ CAUSE_KVMGT_NOT_BUILT, "kvmgt-not-built",
	  "kernel {release} has no module kvmgt: it was built without GVT-g, or its package is incomplete",
	  "boot a kernel that has it, such as Proxmox VE's or Debian's own" },
	{ CAUSE_KVMGT_NOT_IN_INITRD, "kvmgt-not-in-initrd", "kernel {release} has the module kvmgt, but this boot's "
	  "initrd lacks it",
	  "{fix} ('gvt-early apply' loads it now)" },
	{ CAUSE_KVMGT_WANTED, "kvmgt-wanted", "kvmgt is not loaded, though vGPUs are wanted", "run 'gvt-early apply'" },
	{ CAUSE_KVMGT_NOT_YET, "kvmgt-not-yet", "not loaded yet; gvt-early loads it once a vGPU is wanted", NULL },

	{ CAUSE_SILENT_AS_LOGGED, "silent-as-logged", "{because}: {means} (kernel log: {said})", NULL },
	{ PART_GPU_UNSUPPORTED, "gpu-unsupported", "this kernel's i915 has no GVT-g for this GPU", NULL },
	{ PART_HOST_IS_GUEST, "host-is-guest", "this host is itself a guest with a vGPU", NULL },
	{ PART_TABLE_BROKEN, "table-broken", "this kernel's table of the GPU's registers is broken", NULL },
	{ PART_NO_THREAD, "no-thread", "kvmgt could not start its thread", NULL },
	{ PART_NO_IDLE_VGPU, "no-idle-vgpu", "kvmgt could not create its idle vGPU", NULL },
	{ PART_NO_PAGE_TABLES, "no-page-tables", "kvmgt could not set up its page tables", NULL },
	{ PART_NO_PAGE, "no-page", "kvmgt could not map a page", NULL },
	{ PART_NO_START, "no-start", "i915 could not start the GPU", NULL },
	{ FIX_BOOT_ANOTHER, "boot-another", "boot another kernel; 'gvt-early check' there says whether it can", NULL },
	{ FIX_REAL_HARDWARE, "real-hardware", "GVT-g works on real hardware only", NULL },
	{ FIX_BOOT_NEWER, "boot-newer", "boot another kernel, such as 6.1 or later", NULL },
	{ FIX_LOOK_FOR_MEMORY, "look-for-memory", "reboot; check whether the host is out of memory", NULL },
	{ FIX_DMESG_OF_I915, "dmesg-of-i915", "see 'dmesg | grep i915'; boot another kernel", NULL },
};

const struct word_table words_gvt = { rows, ARRAY_SIZE(rows) };
